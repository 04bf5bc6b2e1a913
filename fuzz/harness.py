"""One harness under atheris, in a process of its own: `python -m fuzz.harness NAME [libFuzzer options] [folders]`."""

import importlib
import sys
from typing import Any


def main() -> None:
    """Instrument the parsers, then feed them until libFuzzer ends the process."""
    atheris: Any = importlib.import_module("atheris")  # in the dependency group `fuzz` only
    name = sys.argv.pop(1)
    with atheris.instrument_imports(include=["gsomia"]):
        targets = importlib.import_module("fuzz.targets")
    target = targets.TARGETS[name]

    def one(data: bytes) -> None:
        target.accepts(data)

    atheris.Setup(sys.argv, one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
