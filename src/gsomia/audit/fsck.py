"""Checking a log from nothing but its bytes: does every entry, node, checkpoint and cosignature agree?

Everything is computed again from the entries. What is stored beside them only helps to say *where* a log is broken:
a stored leaf hash points at one entry, a stored node at a few, a signed checkpoint at those since the one before.

    >>> from gsomia.parties import HybridSigner, Strength
    >>> log = HybridSigner.from_seed(bytes(64), Strength.LOG).public
    >>> report = check_log(origin="gsomia/kor/private", key=log, entries=[b"nothing"], checkpoints=[])
    >>> report.size, report.holds, report.first_bad
    (1, False, 0)
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType

from gsomia.audit.checkpoint import SignedCheckpoint, choose_key, verify_checkpoint
from gsomia.audit.entry import Leaf, parse_leaf
from gsomia.audit.errors import AuditError
from gsomia.audit.merkle import Frontier, Node, NodeReader, leaf_hash
from gsomia.audit.note import parse_lines
from gsomia.audit.witness import Cosigner, verify_cosignature
from gsomia.errors import PartnerError
from gsomia.instants import Instant
from gsomia.parties import HybridKey

MAX_PROBLEMS = 100
"""A report names so many; a log that is broken further is broken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogReport:
    """What a check found.

    Args:
        origin: the log.
        size: how many entries there are.
        root: the root over all of them, as computed.
        covered: entries below this index stand under a checkpoint that verified and whose root is theirs.
        cosigned: the same, for the largest such checkpoint with a cosignature that verified.
        first_bad: the first entry that can be blamed, or None; `size` if entries are missing at the end.
        problems: one line for each, at most `MAX_PROBLEMS`; what an earlier one explains is not repeated.
    """

    origin: str
    size: int
    root: bytes
    covered: int
    cosigned: int
    first_bad: int | None
    problems: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


def check_log(
    *,
    origin: str,
    key: HybridKey,
    entries: Iterable[bytes],
    checkpoints: Iterable[bytes],
    leaf_hashes: Iterable[bytes] | None = None,
    node: NodeReader | None = None,
    cosigner: Cosigner | None = None,
    cosignatures: Iterable[tuple[int, bytes]] = (),
    earlier: Sequence[HybridKey] = (),
    earlier_cosigners: Sequence[Cosigner] = (),
    anchors: Mapping[str, tuple[int, bytes]] = MappingProxyType({}),
) -> LogReport:
    """Compute the whole log again and report every disagreement; never raises for a broken log.

    1. Every stored checkpoint carries both of the log's signatures, of one key it had; none of a key goes beyond the
       first of a later one.
    2. Every entry hashes to its stored leaf hash and is a leaf, and its time is not before the one before it.
    3. Every subtree hashes to its stored node.
    4. Every checkpoint's root is the computed one at its size, and no checkpoint is larger than the log. The same for
       every head that was committed to in another log, at the entry that names the commitment.
    5. Every cosignature is the cosigner's, over a checkpoint that holds.

    Args:
        origin: the log's name.
        key: the log's pinned key.
        entries: all leaf bytes, in order; read once, never kept.
        checkpoints: all stored checkpoints, in any order.
        leaf_hashes: what is stored beside the entries, in order.
        node: reads stored nodes, level 0 included; raises `KeyError` for one that is missing.
        cosigner: whose cosignatures are stored.
        cosignatures: size and lines of each stored cosignature.
        earlier: keys that signed the log before `key`, oldest first.
        earlier_cosigners: who cosigned before `cosigner`, oldest first.
        anchors: size and root of heads of this log that were committed to, by the digest that their entries name.

    Source: RFC 9162 section 2.1; design 2 (a log that does not verify stops release), design 5.
    """
    findings = _Findings()
    # (1) signatures first: what they do not hold is not compared below
    signed = _verify_all(checkpoints, origin=origin, keys=(*earlier, key), findings=findings)
    # (2), (3) and (4) in one pass
    frontier = _walk(entries, findings=findings, leaf_hashes=leaf_hashes, node=node, signed=signed, anchors=anchors)
    for size in sorted(size for size in signed if size > frontier.size):
        findings.add(f"checkpoint `{size}` covers entries that are missing", start=frontier.size, end=size)
    if findings.is_signature_bad and findings.covered < frontier.size:
        # A false signature alone blames no entry, but those that no checkpoint covers any more can be blamed.
        findings.blame(findings.covered)
    # (5) and what others have seen
    cosigners = (*earlier_cosigners, cosigner) if cosigner is not None else ()
    cosigned = _verify_cosignatures(cosignatures, cosigners=cosigners, signed=signed, findings=findings)
    return LogReport(
        origin=origin,
        size=frontier.size,
        root=frontier.root(),
        covered=findings.covered,
        cosigned=cosigned,
        first_bad=findings.first_bad,
        problems=tuple(findings.problems),
    )


class _Findings:
    """What was found so far, and which entries are already blamed for it."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.first_bad: int | None = None
        self.covered = 0
        self.is_signature_bad = False
        self._last_bad = -1

    def add(self, problem: str, *, start: int, end: int) -> None:
        """Note a problem among entries `start` to `end`, unless one of these is blamed already."""
        if start <= self._last_bad < end:
            return
        self.note(problem)
        self.blame(start)

    def note(self, problem: str) -> None:
        """Note a problem that blames no entry."""
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(problem)

    def blame(self, index: int) -> None:
        """Say that entry `index` is bad."""
        self.first_bad = index if self.first_bad is None else min(self.first_bad, index)
        self._last_bad = max(self._last_bad, index)


def _verify_all(
    checkpoints: Iterable[bytes], *, origin: str, keys: Sequence[HybridKey], findings: _Findings
) -> dict[int, list[SignedCheckpoint]]:
    signed: dict[int, list[SignedCheckpoint]] = {}
    sizes: list[list[int]] = [[] for _ in keys]
    for number, body in enumerate(checkpoints):
        key = choose_key(body, origin=origin, keys=keys[::-1])
        try:
            checkpoint = verify_checkpoint(body, origin=origin, key=key)
        except PartnerError as error:
            findings.note(f"stored checkpoint number `{number}`: {error.message}")
            findings.is_signature_bad = True
        else:
            signed.setdefault(checkpoint.checkpoint.size, []).append(checkpoint)
            sizes[keys.index(key)].append(checkpoint.checkpoint.size)
    for older, newer in pairwise(held for held in sizes if held):
        if max(older) >= min(newer):
            findings.note(f"checkpoint `{max(older)}` was signed with a key that had been replaced at `{min(newer)}`")
    return signed


def _walk(
    entries: Iterable[bytes],
    *,
    findings: _Findings,
    leaf_hashes: Iterable[bytes] | None,
    node: NodeReader | None,
    signed: dict[int, list[SignedCheckpoint]],
    anchors: Mapping[str, tuple[int, bytes]],
) -> Frontier:
    frontier, last = Frontier(), None
    stored = None if leaf_hashes is None else iter(leaf_hashes)
    _compare_root(frontier, signed=signed, findings=findings)
    for index, entry in enumerate(entries):
        hashed = leaf_hash(entry)
        if stored is not None and next(stored, None) != hashed:
            findings.add(f"entry `{index}` does not hash to its stored leaf hash", start=index, end=index + 1)
        leaf = _read_leaf(entry, index=index, findings=findings)
        if leaf is not None:
            last = _check_time(leaf, index=index, last=last, findings=findings)
            anchored = anchors.get(leaf.digest) if leaf.digest is not None else None
            if anchored is not None and anchored != (frontier.size, frontier.root()):
                findings.add(
                    f"entry `{index}` commits to another head than that of the entries before it",
                    start=findings.covered,
                    end=index + 1,
                )
        frontier, completed = frontier.append(hashed)
        if node is not None:
            _compare_nodes(completed, node=node, findings=findings)
        if frontier.size in signed:
            _compare_root(frontier, signed=signed, findings=findings)
    if stored is not None and next(stored, None) is not None:
        findings.add("leaf hashes are stored for entries that are missing", start=frontier.size, end=frontier.size + 1)
    return frontier


def _read_leaf(entry: bytes, *, index: int, findings: _Findings) -> Leaf | None:
    try:
        return parse_leaf(entry)
    except AuditError as error:
        findings.add(f"entry `{index}` is no leaf: {error.message}", start=index, end=index + 1)
        return None


def _check_time(leaf: Leaf, *, index: int, last: Instant | None, findings: _Findings) -> Instant:
    if last is not None and leaf.at < last:
        findings.add(f"entry `{index}` is dated before the one before it", start=index, end=index + 1)
        return last
    return leaf.at


def _compare_nodes(completed: Iterable[Node], *, node: NodeReader, findings: _Findings) -> None:
    for subtree in completed:
        try:
            same = node(subtree.level, subtree.index) == subtree.hash
        except KeyError:
            same = False
        if not same:
            start, width = subtree.index << subtree.level, 1 << subtree.level
            findings.add(
                f"node `{subtree.level}/{subtree.index}` is missing or another", start=start, end=start + width
            )


def _compare_root(frontier: Frontier, *, signed: dict[int, list[SignedCheckpoint]], findings: _Findings) -> None:
    here = signed.get(frontier.size, [])
    if any(checkpoint.checkpoint.root != frontier.root() for checkpoint in here):
        findings.add(f"checkpoint `{frontier.size}` has another root", start=findings.covered, end=frontier.size)
    elif here:
        findings.covered = frontier.size


def _verify_cosignatures(
    cosignatures: Iterable[tuple[int, bytes]],
    *,
    cosigners: Sequence[Cosigner],
    signed: dict[int, list[SignedCheckpoint]],
    findings: _Findings,
) -> int:
    cosigned = 0
    for size, lines in cosignatures:
        if not cosigners or size not in signed:
            findings.note(f"the cosignature at `{size}` has no cosigner or no checkpoint")
            continue
        cosigner = _who_cosigned(lines, cosigners)
        try:
            verify_cosignature(lines, signed=signed[size][0], name=cosigner.name, key=cosigner.key)
        except PartnerError as error:
            findings.note(f"the cosignature at `{size}`: {error.message}")
        else:
            cosigned = max(cosigned, size if size <= findings.covered else 0)
    return cosigned


def _who_cosigned(lines: bytes, cosigners: Sequence[Cosigner]) -> Cosigner:
    """The cosigner whose lines these are; the last one if nobody's."""
    try:
        read = parse_lines(lines)
    except AuditError:
        return cosigners[-1]
    for cosigner in reversed(cosigners):
        if all(any(line.is_of(key) for line in read) for key in cosigner.note_keys):
            return cosigner
    return cosigners[-1]
