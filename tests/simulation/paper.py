"""A paper register of Korea's, line by line, as its registry in Seoul would save it."""

from collections.abc import Mapping

from gsomia.flows.day_zero import DayZero, import_register, try_import
from gsomia.ids import HexDigest, PartyCode, sha256_hex
from gsomia.registry import CopyLine, PaperRegister, read_register
from simulation.world import KR_JP, PURPOSE, REGISTRY, TOPIC, SimNode

HEADINGS = (
    *("관리번호", "비밀등급", "자국등급", "형태", "제목", "사본번호", "취급자", "보관장소"),
    *("제공국", "협정", "목적", "주제", "취급제한", "쪽수", "접수일"),
)
TITLE = "북부 기지 배치 계획"
RECEIVED = (
    *("국방-103", "特定秘密", "군사Ⅱ급비밀", "문서", TITLE, "1/2", "registrar", ""),
    *("JPN", KR_JP, PURPOSE, TOPIC, "", "12"),
)
OWN = (
    *("국방-104", "KOR-3", "", "문서", TITLE, "1/1", "registrar", ""),
    *("KOR", "", PURPOSE, TOPIC, "NO-COPY", "3"),
)
DAY = "2026.11.20"
NAMES = (
    *("number", "level", "own", "form", "title", "copy", "holder", "place"),
    *("originator", "instrument", "purpose", "topic", "caveats", "pages", "day"),
)


def line(like: tuple[str, ...], **changed: str) -> list[str]:
    """A line with some cells changed, by the English name of its column."""
    cells = dict(zip(NAMES, (*like, DAY), strict=True))
    return [{**cells, **changed}[name] for name in NAMES]


def sheet(*rows: list[str], names: Mapping[str, str] | None = None) -> PaperRegister:
    """What a file of these lines says."""
    return read_register([list(HEADINGS), *rows], names=names or {})


def usual() -> PaperRegister:
    """Two copies of an item of Japan's, and one of our own."""
    return sheet(line(RECEIVED), line(RECEIVED, copy="2/2"), line(OWN))


def digest(name: str = "file") -> HexDigest:
    """The digest of a file of that name."""
    return sha256_hex(name.encode())


def bring_in(
    node: SimNode, paper: PaperRegister, *, by: str = "registrar", file: str = "file", leave: bool = False
) -> DayZero:
    """Import a register at a node."""
    return import_register(node.desk, node.actor(by), paper, file=digest(file), facility=None, leave_unmatched=leave)


def look_at(node: SimNode, paper: PaperRegister) -> DayZero:
    """A dry run."""
    return try_import(node.desk, paper, facility=REGISTRY, officer=None)


def copies(node: SimNode, *, of: PartyCode) -> list[CopyLine]:
    """The lines of an originator's copies."""
    return node.memory.run(lambda tx: tx.lines(CopyLine, limit=99, originator=of))
