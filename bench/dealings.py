"""Dealings between two sides at full size: a hundred thousand items, a million custody events.

Each figure is measured by a module of its own over one filled register.
"""

import tempfile
from pathlib import Path

from bench.blast import measure_blast
from bench.measure import Result
from bench.pair import Sender, prepare
from bench.registry import ITEMS, Filled
from gsomia.node import LocalNode


def run() -> Result:
    result = Result()
    with tempfile.TemporaryDirectory(prefix="gsomia-bench-") as directory:
        stage = prepare(Path(directory))
        try:
            kor = stage.nodes["KOR"]
            with LocalNode(kor.directory, passphrase=kor.passphrase.encode()) as node:
                filled = Filled(node, Sender(node, persons=kor.persons))
                filled.to(ITEMS // 10)
                measure_blast(node, filled.items, result, "_tenth")
                filled.to(ITEMS)
                measure_blast(node, filled.items, result, "")
        finally:
            stage.stop_all()
    return result
