"""What the commands about contractors print, and which words they take."""

from typing import Any

import pytest

from gsomia.policy import Measure
from simulation.world import JPN, PURPOSE, SimNode, world_in_force
from unit.admin.test_people_documents import run

LEVEL = "JPN-2-TOKUTEI"
END, SOON = "2034-01-01", "2027-01-01"


@pytest.fixture
def node() -> SimNode:
    return world_in_force()[JPN]


def done(node: SimNode, name: str, by: str = "security", **args: Any) -> Any:
    code, told = run(node, name, by, **args)
    assert code == 0, told
    return told


def bring(node: SimNode, firm: str, **words: str) -> None:
    """A contractor whose file is in order, by commands alone."""
    done(node, "contractor add", contractor=firm, document="C-1", **words)
    done(node, "contractor clear", contractor=firm, document="FSC-1", level=LEVEL, until=END)
    facts: dict[str, Any] = {"level": LEVEL, "basis": "PSC-1", "until": END, "duty": [PURPOSE]}
    done(node, "contractor person", contractor=firm, person="sato", **facts)
    done(node, "contractor brief", contractor=firm, person="sato", document="N-1")
    finding = f"sato,{SOON},a lock is broken"
    done(
        node,
        "contractor inspect",
        contractor=firm,
        document="I-1",
        kind="initial",
        next="2028-01-01",
        finding=[finding],
    )
    done(node, "contractor appoint", contractor=firm, person="sato", document="A-1", until=END)
    for measure in Measure:
        done(
            node,
            "contractor measure",
            contractor=firm,
            document="M-1",
            measure=str(measure),
            level=LEVEL,
            review=END,
        )


@pytest.mark.source("G16-16", "G16-7", "F-19")
def test_a_contractors_file_is_kept_and_an_item_opened_by_commands(node: SimNode) -> None:
    item = node.register(b"drawing").id
    bring(node, "melco")
    bring(node, "kamakura", above="melco")
    words = {"item": item, "to": "kamakura", "purpose": PURPOSE}
    assert done(node, "decide contractor", **words)["decision"] == "permit"
    released = done(node, "contractor release", by="releaser", **words)
    assert released["persons"] == ["sato"]
    known = done(node, "contractor list")["contractors"]
    assert [(one["contractor"], one["depth"], one["open_findings"][0]["finding"]) for one in known] == [
        ("melco", 1, "1.1"),
        ("kamakura", 2, "1.1"),
    ]
    assert [one["decision"] for one in known[1]["released"]] == [released["decision"]]
    done(node, "contractor close", contractor="melco", finding="1.1", document="R-1")
    assert done(node, "contractor list")["contractors"][0]["open_findings"] == []
    done(node, "contractor person", contractor="melco", person="sato", end=True)
    assert done(node, "decide replay", decision=released["decision"])["same"]


@pytest.mark.source("G16-2", "G16-3", "F-19")
@pytest.mark.parametrize(
    ("name", "args", "code"),
    [
        ("clear", {"document": "F-1", "level": LEVEL}, "admin/no-expiry"),
        ("clear", {"document": "F-1", "level": LEVEL, "until": END, "status": "asleep"}, "admin/unknown-word"),
        ("person", {"person": "sato", "until": END}, "admin/no-clearance"),
        (
            "inspect",
            {"document": "I-1", "kind": "initial", "next": END, "finding": [f"Sato San,{END},x"]},
            "admin/not-a-finding",
        ),
        ("close", {"document": "R-1", "finding": "one"}, "admin/not-a-place"),
    ],
)
def test_half_a_line_is_refused(node: SimNode, name: str, args: dict[str, Any], code: str) -> None:
    done(node, "contractor add", contractor="melco", document="C-1")
    exit_code, told = run(node, f"contractor {name}", contractor="melco", **args)
    assert (exit_code, told["error"]["code"]) == (2, code)
