"""Run benchmarks and print one document for each: name, machine, versions, figures, spread, ratios."""

import argparse
import json
import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench import dealings, file, hotline, lifecycle, registry, relay, release, warning
from bench.measure import Result

BENCHES = {
    "dealings": dealings.run,
    "file": file.run,
    "hotline": hotline.run,
    "lifecycle": lifecycle.run,
    "registry": registry.run,
    "relay": relay.run,
    "release": release.run,
    "warning": warning.run,
}
LIBRARIES = ("aiohttp", "apsw", "cryptography", "msgspec", "uvloop")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("--only", choices=sorted(BENCHES), help="one benchmark")
    parser.add_argument("--json", action="store_true", help="print JSON only")
    parser.add_argument("--samples", type=Path, help="write every raw sample to this file")
    args = parser.parse_args()
    samples: dict[str, Any] = {}
    documents = []
    for name in [args.only] if args.only else sorted(BENCHES):
        result = BENCHES[name]()
        documents.append(document(name, result))
        samples[name] = result.samples
        if not args.json:
            show(documents[-1])
    if args.samples:
        args.samples.write_text(json.dumps(samples))
    if args.json:
        print(json.dumps(documents[0] if len(documents) == 1 else documents, indent=2))
    return 0


def document(name: str, result: Result) -> dict[str, Any]:
    return {
        "name": name,
        "machine": {"cores": os.cpu_count(), "processor": processor(), "system": platform.platform()},
        "versions": {"python": platform.python_version(), **{lib: version(lib) for lib in LIBRARIES}},
        "figures": result.figures,
        "spread": result.spread,
        "ratios": result.ratios,
    }


def processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()


def show(told: dict[str, Any]) -> None:
    print(f"{told['name']} on {told['machine']['cores']} cores, {told['machine']['processor']}")
    for key, value in told["figures"].items():
        low, high = told["spread"].get(key, (value, value))
        print(f"  {key:<24} {value:>10}   [{low} - {high}]")
    for key, value in told["ratios"].items():
        print(f"  {key:<24} {value:>10}")


sys.exit(main())
