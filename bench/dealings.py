"""Dealings between the two sides: each figure is measured in a module of its own, and gathered here.

The register of `bench.registry`, a hundred thousand items and a million custody events, is filled once: a tenth first,
so that what costs what it shows can be told from what costs the register.
"""

import tempfile
from pathlib import Path

from bench import inventory
from bench.blast import measure_blast, name_subjects
from bench.measure import Result
from bench.pair import Sender, prepare
from bench.registry import ITEMS, Filled
from bench.worklist import bring_duties, measure_worklist
from gsomia.node import LocalNode


def run() -> Result:
    """Every figure."""
    result = inventory.run()
    with tempfile.TemporaryDirectory(prefix="gsomia-bench-") as directory:
        stage = prepare(Path(directory))
        try:
            kor = stage.nodes["KOR"]
            with LocalNode(kor.directory, passphrase=kor.passphrase.encode()) as node:
                _fill_and_measure(node, Filled(node, Sender(node, persons=kor.persons)), result)
        finally:
            stage.stop_all()
    return result


def _fill_and_measure(node: LocalNode, filled: Filled, result: Result) -> None:
    filled.to(ITEMS // 10)
    name_subjects(node)
    bring_duties(node, filled)
    for items, suffix in ((ITEMS // 10, "_tenth"), (ITEMS, "")):
        filled.to(items)
        measure_blast(node, filled.items, result, suffix)
        measure_worklist(node, result, suffix)
