"""`item copy, approve, copy-limit, translate, extract, regrade`, `facility accredit-system`: what is made of items."""

from collections.abc import Iterator
from pathlib import Path

from gsomia import canon
from gsomia.admin.command import Call, Command, Document, Param
from gsomia.admin.commands.decisions import ITEM
from gsomia.admin.commands.people import until
from gsomia.envelope import SEGMENT_BYTES
from gsomia.errors import LocalError
from gsomia.flows.copying import Copied, approve_copies, copy_item, set_copy_limit
from gsomia.flows.derive import Making, accredit_system, derive_item
from gsomia.flows.facts import get_item
from gsomia.flows.levels import level_of, open_copies
from gsomia.flows.ports import Tx
from gsomia.flows.regrade import regrade_item
from gsomia.flows.remark import choose_mark, list_orders, mark_done, standing_of
from gsomia.ids import ItemId
from gsomia.instants import Validity
from gsomia.parties import Office
from gsomia.registry import DECLASSIFIED, Derivation, DerivedFrom, DerivedKind, LevelNotice, Regraded

MACHINE = "NODE"
"""The machine of a copy whose content this program writes."""
ALL = "all"
COPIER = (Office.READER, Office.CONTROL_OFFICER, Office.SECURITY_OFFICER)


def _copy(call: Call) -> Document:
    item, out = call.text("item"), call.maybe("out")
    count = call.maybe("count") or 1
    actor = call.actor(*COPIER)

    def copy() -> Document:
        done = copy_item(
            call.desk,
            actor,
            item,
            count=count,
            reason=call.text("reason"),
            purpose=call.text("purpose"),
            machine=call.maybe("machine") or MACHINE,
            export=out is not None,
        )
        written = 0
        if done.content is not None:
            with partial.open("ab") as file:
                for piece in done.content:
                    written += file.write(piece)
            partial.rename(Path(out))
        return {
            "item": item,
            "order": done.record.order,
            "copies": [_numbered(done, copy) for copy in done.record.copies],
            "copier": actor.person,
            "approver": done.record.approver,
            "machine": done.record.act.body.machine,
            "mark": done.record.label.classification,
            "own_mark": done.record.own_mark,
            "caveats": [value for one in done.record.label.restrictive for value in canon.plain(one)["values"]],
            "file": out,
            "bytes": written if out else None,
        }

    if out is None:
        return copy()
    if Path(out).exists():
        raise LocalError("admin/file-exists", f"`{out}` exists already", remedy="choose a new file name")
    partial = Path(out).with_name(Path(out).name + ".part")
    try:
        with partial.open("xb"):  # a place that cannot be written is no reason for a slip
            partial.chmod(0o600)
        return copy()
    except OSError as cause:
        raise LocalError(
            "admin/file-not-written", f"`{out}` cannot be written: {cause.strerror}", remedy="choose another place"
        ) from cause
    finally:
        partial.unlink(missing_ok=True)


def _numbered(done: Copied, copy: str) -> Document:
    return {"copy": copy, "of": done.of, "number": f"{done.control_no}/{copy}"}


def _approve(call: Call) -> Document:
    approved = approve_copies(
        call.desk, call.actor(Office.CONTROL_OFFICER, Office.SECURITY_OFFICER), call.text("digest")
    )
    return {"order": approved.order, "item": approved.item, "approver": approved.act.body.approver}


def _copy_limit(call: Call) -> Document:
    record = set_copy_limit(call.desk, call.actor(Office.SECURITY_OFFICER), limit=call.text("copies"))
    return {"limit": record.limit, "by": record.by}


def _translate(call: Call) -> Document:
    system = call.maybe("system")
    kind = DerivedKind.TRANSLATION if system is None else DerivedKind.MACHINE_TRANSLATION
    return _derive(call, kind, language=call.text("language"), system=system)


def _extract(call: Call) -> Document:
    kind = DerivedKind.OWN_PORTIONS if call.maybe("own") else DerivedKind.EXTRACT
    return _derive(call, kind, language=None, system=None)


def _derive(call: Call, kind: DerivedKind, *, language: str | None, system: str | None) -> Document:
    path = Path(call.text("file"))
    making = Making(
        kind=kind,
        parents=(call.text("item"), *(_item(one) for one in call.many("parent"))),
        purpose=call.text("purpose"),
        level=call.maybe("level"),
        language=language,
        system=system,
    )
    actor = call.actor(Office.CONTROL_OFFICER if kind is DerivedKind.OWN_PORTIONS else Office.READER)
    try:
        with path.open("rb") as file:

            def pieces() -> Iterator[bytes]:
                while piece := file.read(SEGMENT_BYTES):
                    yield piece

            done = derive_item(call.desk, actor, pieces(), content_bytes=path.stat().st_size, making=making)
    except OSError as cause:
        raise LocalError(
            "admin/file-not-read", f"`{path}` cannot be read: {cause.strerror}", remedy="check the path and permissions"
        ) from cause
    return {
        "item": done.item.id,
        "kind": done.derivation.kind,
        "parents": list(done.derivation.parents),
        "originator": done.item.originator,
        "mark": done.item.label.classification,
        "own_mark": done.booking.own_mark,
        "control_no": done.booking.control_no,
        "digest": done.item.content_digest,
        "author": done.derivation.author,
        "language": done.derivation.language,
        "note": done.derivation.note,
    }


def _item(word: str) -> ItemId:
    try:
        return canon.check(word, ItemId)
    except canon.CanonError as cause:
        raise LocalError("admin/not-an-item", f"`{word[:60]}` is no item", remedy="see `item list`") from cause


def _regrade(call: Call) -> Document:
    item, level, number, mark = call.text("item"), call.maybe("to"), call.maybe("notice"), call.maybe("mark")
    done = call.many("done")
    if [level is not None, mark is not None, bool(done)].count(True) != 1 or (level is None) != (number is None):
        raise LocalError(
            "admin/one-of-three",
            "a notice changes the level, a mark is chosen, or copies are said to be marked",
            remedy="`--to LEVEL --notice NO`, `--mark M --basis TEXT`, or `--done COPY`",
        )
    if level is not None:
        regrade_item(call.desk, call.actor(Office.RELEASING_AUTHORITY), item, to=level, number=number)
    elif mark is not None:
        basis = call.maybe("basis") or "level change"
        choose_mark(call.desk, call.actor(Office.CONTROL_OFFICER), item, mark=mark, basis=basis)
    else:
        actor = call.actor(Office.CONTROL_OFFICER)
        copies = call.desk.store.run(lambda tx: _open_of(tx, item)) if ALL in done else done
        mark_done(call.desk, actor, item, copies)
    return call.desk.store.run(lambda tx: {"item": item, **show_level(tx, call, item)})


def _open_of(tx: Tx, item: ItemId) -> tuple[str, ...]:
    orders = {order.notice: order for order in tx.every(Regraded, item=item)}.values()
    return tuple(dict.fromkeys(copy for order in orders for copy in open_copies(tx, order)))


def show_level(tx: Tx, call: Call, item: ItemId) -> Document:
    """The level an item has now, the notices behind it, and how far each side is with them."""
    record = get_item(tx, item)
    level = level_of(tx, record)
    own = {notice.statement: notice for notice in tx.every(LevelNotice, item=item)}
    reached = [tx.latest(LevelNotice, statement=order.notice) for order in tx.every(Regraded, item=item)]
    notices = {**own, **{notice.statement: notice for notice in reached if notice is not None}}
    return {
        "level": level.classification or DECLASSIFIED,
        "own_mark": level.own_mark,
        "rank": level.rank,
        "open": len(_open_of(tx, item)),
        "open_copies": list(_open_of(tx, item)),
        "notices": [_notice(tx, call, notice) for notice in notices.values()],
    }


def _notice(tx: Tx, call: Call, notice: LevelNotice) -> Document:
    orders = list_orders(tx, notice.statement)
    return {
        "notice": notice.number,
        "about": notice.item,
        "statement": notice.statement,
        "old": notice.change.old or DECLASSIFIED,
        "new": notice.change.new or DECLASSIFIED,
        "effective": str(notice.change.effective),
        "affected": sum(len(order.copies) for order, _ in orders),
        "open": sum(len(copies) for _, copies in orders),
        "items": [{"item": order.item, "copies": list(order.copies), "open": list(copies)} for order, copies in orders],
        "parties": {
            party: {"affected": said.affected, "open": said.open, "at": str(said.at)} if said else None
            for party, said in standing_of(tx, call.desk, notice).items()
        },
    }


def show_descent(tx: Tx, item: ItemId) -> Document:
    """What an item was made from, and what was made from it."""
    derivation = tx.latest(Derivation, item=item)
    return {
        "derived": canon.plain(derivation) if derivation else None,
        "made_from_it": [link.item for link in tx.every(DerivedFrom, parent=item)],
    }


def _accredit(call: Call) -> Document:
    now = call.desk.clock()
    record = accredit_system(
        call.desk,
        call.actor(Office.SECURITY_OFFICER),
        system=call.text("system"),
        number=call.text("number"),
        level=call.text("level"),
        valid=Validity(start=now, until=until(call)),
    )
    return {"system": record.system, "level": record.level, "number": record.number}


PURPOSE = Param(name="purpose", help="purpose code", required=True)
FILE = Param(name="file", kind="path", help="the content of the derived item", required=True)
PARENT = Param(name="parent", help="another item it was made from; repeatable", many=True)
LEVEL = Param(name="level", help="the level of what is our own in it; never below a parent")

COMMANDS = (
    Command(
        name="item copy",
        help="make numbered copies, or one written to a file; the same rules as a reading",
        run=_copy,
        params=(
            ITEM,
            Param(name="reason", help="why", required=True),
            PURPOSE,
            Param(name="count", kind="number", help="how many; 1 if left out"),
            Param(name="machine", help=f"on which machine; {MACHINE} if left out"),
            Param(name="out", kind="path", help="new file for the content: a saved copy"),
        ),
        acts=True,
    ),
    Command(
        name="item approve",
        help="approve an order of copies beyond the limit",
        run=_approve,
        params=(Param(name="digest", help="the order", positional=True, required=True),),
        acts=True,
    ),
    Command(
        name="item copy-limit",
        help="set how many copies of an item are made without approval",
        run=_copy_limit,
        params=(Param(name="copies", kind="number", help="how many", required=True),),
        acts=True,
    ),
    Command(
        name="item translate",
        help="enter a translation of an item, with its note; the cleared person signs as translator",
        run=_translate,
        params=(
            ITEM,
            FILE,
            Param(name="language", help="into which it was translated: ko, ja, en", required=True),
            PURPOSE,
            PARENT,
            LEVEL,
            Param(name="system", help="the accredited system, if a machine translated"),
        ),
        acts=True,
    ),
    Command(
        name="item extract",
        help="enter an extract of an item or a work made from several; or what is our own in a mixed work",
        run=_extract,
        params=(
            ITEM,
            FILE,
            PURPOSE,
            PARENT,
            LEVEL,
            Param(name="own", kind="flag", help="only portions that hold nothing of another's"),
        ),
        acts=True,
    ),
    Command(
        name="item regrade",
        help="change the level of an item of ours by notice; choose an open mark; say that copies bear the new one",
        run=_regrade,
        params=(
            ITEM,
            Param(name="to", help=f"the new level, or {DECLASSIFIED}", free=True),
            Param(name="notice", help="number of the notice"),
            Param(name="mark", help="our own mark, where the table leaves a choice"),
            Param(name="basis", help="legal basis of the category"),
            Param(name="done", help=f"a copy that bears the new mark, or `{ALL}`; repeatable", many=True),
        ),
        acts=True,
    ),
    Command(
        name="facility accredit-system",
        help="let a system translate items up to a level",
        run=_accredit,
        params=(
            Param(name="system", help="its name", positional=True, required=True),
            Param(name="number", help="of the accreditation", required=True),
            Param(name="level", help="up to which of our levels", required=True),
            Param(name="until", help="date or time from which it no longer holds"),
        ),
        acts=True,
    ),
)
