"""How a node is: whether its record holds, and what its operator should do."""

import base64
import ssl
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import apsw

from gsomia.audit import (
    AuditError,
    Cosigner,
    Event,
    LogReport,
    check_log,
    choose_key,
    epoch_number,
    parse_leaf,
    verify_checkpoint,
)
from gsomia.errors import IntegrityError, PartnerError
from gsomia.flows.clock import MAX_STEP_S, clock_step_s
from gsomia.flows.contradictions import convicted
from gsomia.flows.cosign import witness_name
from gsomia.flows.desk import private_log, shared_log
from gsomia.flows.logs import closed_logs, current_log, epochs_of, first_epoch, is_closed, partner_log
from gsomia.flows.parties import every_key_set, partners
from gsomia.flows.ports import Tx
from gsomia.flows.register import SPARE_BYTES
from gsomia.flows.soundness import broken_logs, mark_broken
from gsomia.ids import PartyCode
from gsomia.node.anchors import anchored_heads, anchors_of, check_anchors
from gsomia.node.entries import BATCH, read_entries
from gsomia.parties import Descriptor, read_own
from gsomia.storage import KINDS

if TYPE_CHECKING:
    from gsomia.node.bench import LocalNode

LAG_ENTRIES = 256
"""So many entries without an outside witness are reported."""


def verify(node: "LocalNode") -> dict[str, Any]:
    """Prove every log from its entries, every record against its bytes, and the private log against what partners saw.

    Source: design 5, G6-7.
    """
    anchors = anchors_of(node)
    heads = anchored_heads(anchors)
    reports = [_check(node, origin, anchored=heads) for origin in node.store.run(lambda tx: tx.origins())]
    problems = [
        *node.store.check_records(),
        *_unnamed(node),
        *_witnessed(node),
        *check_anchors(node, anchors),
    ]
    current = node.store.run(lambda tx: {current_log(tx, first_epoch(origin)) for origin in tx.origins()})
    broken = next((report for report in reports if not report.holds), None)
    first_bad = None
    if broken is not None:
        first_bad = {"origin": broken.origin, "index": broken.first_bad if broken.first_bad is not None else 0}
    return {
        "ok": broken is None and not problems,
        "logs": [
            {
                "origin": report.origin,
                "size": report.size,
                "root": base64.b64encode(report.root).decode(),
                "covered": report.covered,
                "cosigned": report.cosigned,
                "closed": report.origin not in current,
                "problems": list(report.problems),
            }
            for report in reports
        ],
        "first_bad": first_bad,
        "records": problems,
    }


def doctor(node: "LocalNode") -> dict[str, Any]:
    """The checks an operator would make, each with what to do about it."""
    desk = node.desk
    free = desk.payloads.free_bytes()
    held = verify(node)
    broken = sorted(node.store.run(broken_logs))
    against = sorted(node.store.run(lambda tx: {one.log for one in convicted(tx)}))
    late = len(desk.custody.spare.entries()) if desk.custody is not None else 0
    ahead = node.store.run(lambda tx: clock_step_s(tx, node.desk))
    waiting = node.store.run(closed_logs)
    mode = node.layout.directory.stat().st_mode & 0o077
    checks = [
        _check_row("record", held["ok"], "logs and records hold", "audit verify; two persons open a new log epoch"),
        _check_row(
            "spare-journal",
            not late,
            f"{late} acts are UNRECORDED" if late else "no act is unrecorded",
            "let the log take entries again (free the disk, let the node link up): they are entered by themselves",
        ),
        _check_row(
            "logs-sound",
            not broken,
            f"stopped release and reading: {', '.join(broken)}" if broken else "no log is marked as broken",
            "audit verify; then two officers: audit new-epoch LOG",
        ),
        _check_row(
            "partners-logs",
            not against,
            f"convicted by two heads of its own: {', '.join(against)}" if against else "none contradicts itself",
            "audit evidence LOG --out FILE: show it to the partner; two officers release again by audit lift LOG",
        ),
        _check_row(
            "clock",
            ahead <= MAX_STEP_S,
            f"the clock is off by {ahead} s: release, reading and acts wait" if ahead > MAX_STEP_S else "steady",
            "set the clock; if it is right now and was wrong before, start the node again",
        ),
        _check_row(
            "logs-open",
            not waiting,
            f"waits for link-up: {', '.join(waiting)}" if waiting else "every log takes entries",
            "serve the node: it fetches what it missed from each partner, then goes on under a new log epoch",
        ),
        _check_row("directory", mode == 0, "only the owner can enter", f"chmod 700 {node.layout.directory}"),
        _check_row("disk", free > SPARE_BYTES, f"{free >> 20} MiB free", "free disk space"),
        _check_row(
            "recovery-key",
            not (node.layout.recovery.exists() and node.served),
            "recovery identity is off line",
            f"move {node.layout.recovery} to a safe, away from this machine",
            warn=True,
        ),
    ]
    links = [_link(node, pinned.code) for pinned in partners(desk)]
    return {
        "ok": all(check["ok"] or check["warning"] for check in checks),
        "party": desk.party,
        "served": node.served,
        "unlocked": desk.custody is not None,
        "checks": checks,
        "links": links,
        "strangers_refused": node.strangers(),
        "versions": {
            "sqlite": apsw.sqlite_lib_version(),
            "tls": ssl.OPENSSL_VERSION,
            "key_exchange": "X25519 (hybrid group not offered by this library; content is sealed hybrid)",
        },
    }


def scrub(node: "LocalNode") -> dict[str, int]:
    """Check every log of ours from its first entry on, and mark what does not hold.

    Source: design 2 (a scrub checks the rest).
    """
    bad, heads = {}, anchored_heads(anchors_of(node))
    for origin in node.store.run(lambda tx: sorted({current_log(tx, first_epoch(name)) for name in tx.origins()})):
        report = _check(node, origin, anchored=heads)
        if not report.holds:
            bad[origin] = report.first_bad or 0
            mark_broken(node.desk, origin, first_bad=bad[origin])
    return bad


def _check(node: "LocalNode", origin: str, *, anchored: Mapping[str, tuple[int, bytes]]) -> LogReport:
    cosigners: list[Cosigner] = []
    for code, known in every_key_set(node.desk).items():
        if epoch_number(origin, shared_log(node.desk.party, code)) is not None:
            cosigners = [Cosigner(name=witness_name(code), key=one.descriptor.cosigner) for one in known.sets]
    own = _own_descriptors(node)

    def read(tx: Tx) -> tuple[int, list[bytes], tuple[int, bytes] | None]:
        # In one unit: a checkpoint made meanwhile would cover entries that are not looked at.
        return tx.head(origin).frontier.size, tx.checkpoints(origin), tx.last_cosignature(origin)

    size, checkpoints, last = node.store.run(read)
    cosignatures = [last] if last and cosigners else []
    return check_log(
        origin=origin,
        key=own[-1].log,
        earlier=[descriptor.log for descriptor in own[:-1]],
        entries=(entry.leaf for entry in read_entries(node, origin, size)),
        checkpoints=checkpoints,
        leaf_hashes=(entry.leaf_hash for entry in read_entries(node, origin, size)),
        node=_Nodes(node, origin),
        cosigner=cosigners[-1] if cosigners else None,
        earlier_cosigners=cosigners[:-1],
        cosignatures=cosignatures,
        anchors=anchored if epoch_number(origin, private_log(node.desk.party)) is not None else {},
    )


def _own_descriptors(node: "LocalNode") -> tuple[Descriptor, ...]:
    try:
        return node.own_descriptors()
    except IntegrityError:  # a damaged record is named by the check of records; the logs are checked all the same
        return (read_own(node.first.descriptor, Descriptor),)


class _Nodes:
    """Stored subtree hashes of a log, read together for as many entries as are read together."""

    def __init__(self, node: "LocalNode", origin: str) -> None:
        self._store, self._origin = node.store, origin
        self._block = -1
        self._held: dict[tuple[int, int], bytes] = {}

    def __call__(self, level: int, index: int) -> bytes:
        block = ((index + 1 << level) - 1) // BATCH  # by the entry that completes the subtree
        if block != self._block:
            self._block, self._held = block, self._store.run(lambda tx: self._read(tx, block))
        return self._held[level, index]

    def _read(self, tx: Tx, block: int) -> dict[tuple[int, int], bytes]:
        start, end = block * BATCH, min((block + 1) * BATCH, tx.head(self._origin).frontier.size)
        held = {}
        for level in range(end.bit_length()):
            for index in range(start >> level, end >> level):
                with suppress(KeyError):
                    held[level, index] = tx.node(self._origin, level, index)
        return held


def _unnamed(node: "LocalNode") -> Iterator[str]:
    """Records that no entry names, and entries whose record is gone: law 2, read backwards.

    What was entered twice within a second may be equal, byte for byte: then as many entries name it.

    The logs are read first and the records then; what was written meanwhile is looked for in what the logs have since.
    """
    sizes: dict[str, int] = {}
    named = _named_since(node, sizes)
    found: Counter[str] = Counter()
    unnamed = []
    for kind, table in KINDS.items():
        for record in node.store.iterate_records(kind):
            found[record.digest] += 1
            if found[record.digest] > len(named.get(record.digest, ())):
                unnamed.append((record.digest, f"{table.name} {record.seq}: no log entry names it"))
    late = _named_since(node, sizes) if unnamed else {}
    yield from (problem for digest, problem in unnamed if digest not in late)
    for gone in sorted(named.keys() - found.keys(), key=named.__getitem__):
        yield f"entry {named[gone][0]}: the record `{gone[:16]}` that it names is gone"


def _named_since(node: "LocalNode", sizes: dict[str, int]) -> dict[str, list[int]]:
    """By which entries the private log names records from `sizes` on, which is brought up to where it was read to."""
    named: dict[str, list[int]] = {}
    for origin in node.store.run(lambda tx: epochs_of(tx, private_log(node.desk.party))):
        size = node.store.run(lambda tx, origin=origin: tx.head(origin).frontier.size)  # type: ignore[misc]
        for entry in read_entries(node, origin, size, start=sizes.get(origin, 0)):
            with suppress(AuditError):
                leaf = parse_leaf(entry.leaf)
                opens = leaf.event is Event.LOG_EPOCH_OPENED and entry.index == 0  # names the statement, not a record
                if leaf.digest is not None and not opens:
                    named.setdefault(leaf.digest, []).append(entry.index)
        sizes[origin] = size
    return named


def _witnessed(node: "LocalNode") -> Iterator[str]:
    """Checkpoints of partners' logs that we cosigned, and that are not what we kept."""
    for code, known in every_key_set(node.desk).items():
        origin, keys = partner_log(node.desk, code), tuple(one.descriptor.log for one in known.sets)
        seen = node.store.run(lambda tx, origin=origin: tx.witnessed(origin))  # type: ignore[misc]
        if seen is None:
            continue
        try:
            key = choose_key(seen[1], origin=origin, keys=keys)
            held = verify_checkpoint(seen[1], origin=origin, key=key).checkpoint.size == seen[0]
        except PartnerError:
            held = False
        if not held:
            yield f"witness {origin}: not the signed checkpoint that was seen"


def _link(node: "LocalNode", code: PartyCode) -> dict[str, Any]:
    def read(tx: Tx) -> dict[str, Any]:
        log = shared_log(node.desk.party, code)
        origin = current_log(tx, log)
        size = tx.head(origin).frontier.size
        cosigned = tx.last_cosignature(origin)
        lag = size - (cosigned[0] if cosigned else 0)
        return {
            "partner": code,
            "closed": is_closed(tx, log),
            "epoch": epoch_number(origin, log),
            "queued": tx.queued(code),
            "log": size,
            "cosigned": size - lag,
            "witness_late": lag > LAG_ENTRIES,
        }

    return node.store.run(read)


def _check_row(name: str, ok: bool, detail: str, remedy: str, *, warn: bool = False) -> dict[str, Any]:  # noqa: FBT001  a row's fact
    return {"name": name, "ok": ok, "warning": warn and not ok, "detail": detail, "remedy": "" if ok else remedy}
