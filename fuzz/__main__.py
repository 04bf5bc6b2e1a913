"""Run the harnesses one after another, each for a bounded time; exits with 1 if one found something.

`python -m fuzz [--room ROOM] [--target NAME] [--seconds N] [--seed]`; what is found lies in `fuzz/found`, and belongs
into `fuzz/corpus/NAME` together with its fix. `--seed` writes the seeds of the corpus anew from the vectors.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from fuzz.seeds import write_seeds
from fuzz.targets import TARGETS

HERE = Path(__file__).parent
CORPUS, FOUND = HERE / "corpus", HERE / "found"
MAX_BYTES = 1 << 16


def run(name: str, *, seconds: int) -> bool:
    """Whether the harness went through its time without a find."""
    FOUND.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as fresh:
        limits = [f"-max_total_time={seconds}", f"-max_len={MAX_BYTES}", "-timeout=20", "-rss_limit_mb=2048"]
        where = [f"-artifact_prefix={FOUND / name}-", fresh, str(CORPUS / name)]
        command = [sys.executable, "-m", "fuzz.harness", name, *limits, "-verbosity=0", "-print_final_stats=1", *where]
        ended = subprocess.run(command, capture_output=True, text=True, check=False, cwd=HERE.parent)
    if ended.returncode:
        print(f"FOUND {name}\n{ended.stdout}{ended.stderr}")
        return False
    counted = [line.split()[-1] for line in ended.stderr.splitlines() if "number_of_executed_units" in line]
    print(f"ok    {name:<16} {' '.join(counted) or '?'} inputs in {seconds} s", flush=True)
    return True


def main() -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("--room", choices=sorted({target.room for target in TARGETS.values()}))
    parser.add_argument("--target", choices=sorted(TARGETS))
    parser.add_argument("--seconds", type=int, default=10, help="for each harness")
    parser.add_argument("--seed", action="store_true", help="write the seeds of the corpus and end")
    asked = parser.parse_args()
    if asked.seed:
        write_seeds(CORPUS)
        return 0
    chosen = [
        name for name, target in TARGETS.items() if asked.target in {None, name} and asked.room in {None, target.room}
    ]
    went_through = [run(name, seconds=asked.seconds) for name in chosen]  # all of them, whatever the first ones find
    return 0 if all(went_through) else 1


if __name__ == "__main__":
    sys.exit(main())
