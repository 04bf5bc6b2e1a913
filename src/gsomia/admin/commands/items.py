"""`item`: register, release, book, read, show."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from gsomia import canon
from gsomia.admin.awaited import Awaited
from gsomia.admin.command import Call, Command, Document, Param
from gsomia.admin.commands.custody import COPY, copy_of
from gsomia.admin.commands.decisions import ITEM
from gsomia.admin.commands.deliveries import WAIT, await_proof
from gsomia.admin.commands.derived import show_descent, show_level
from gsomia.admin.commands.endings import certificate
from gsomia.envelope import SEGMENT_BYTES
from gsomia.errors import LocalError
from gsomia.exchange import Delivery
from gsomia.flows.covers import approve_covers
from gsomia.flows.desk import Desk
from gsomia.flows.facts import get_item, is_held
from gsomia.flows.levels import MAX_COPIES, level_of
from gsomia.flows.ports import Tx
from gsomia.flows.read import fill_slip, read_item
from gsomia.flows.records import ReceiptRecord
from gsomia.flows.register import book_item, register_item, register_matter
from gsomia.flows.release import release_item
from gsomia.flows.stages import stages_of
from gsomia.ids import ItemId
from gsomia.labels import side_by_side
from gsomia.parties import Office
from gsomia.registry import (
    Booking,
    CopyLine,
    CustodyEvent,
    CustodyKind,
    Derivation,
    Form,
    ItemDestroyed,
    ItemRecord,
    Matter,
    OnHold,
    ReadingSlip,
    ReadingStopped,
    parse_form,
)

A = TypeVar("A")
R = TypeVar("R")

TOPIC = "UNSPECIFIED"
_OF_OTHER_COPIES = (CustodyKind.FORWARDED, CustodyKind.RECEIPTED)
"""What a hub passed on; its own copy stays where it is."""


def _register(call: Call) -> Document:
    form = parse_form(call.maybe("form") or Form.ELECTRONIC)
    if form is Form.ELECTRONIC:
        return _register_file(call)
    if call.maybe("file"):
        raise LocalError(
            "admin/no-file-of-that-form",
            f"an item of form `{form}` has no file",
            remedy="give its particulars: --pages, --media, --serial or --about",
        )
    done = register_matter(
        call.desk,
        call.actor(Office.CONTROL_OFFICER),
        form=form,
        matter=Matter(
            pages=call.maybe("pages"),
            media=call.maybe("media"),
            serials=call.few("serial", most=64),
            reference=call.maybe("about"),
        ),
        level=call.text("level"),
        purpose=call.text("purpose"),
        topic=call.maybe("topic") or TOPIC,
        caveats=call.many("caveat"),
        releasable_to=call.many("releasable_to") or None,
    )
    return {
        "item": done.item.id,
        "digest": done.item.content_digest,
        "mark": done.item.label.classification,
        "control_no": done.booking.control_no,
        "form": form,
    }


def _register_file(call: Call) -> Document:
    if call.maybe("file") is None:
        raise LocalError("admin/no-file", "an electronic item is a file", remedy="name it, or give another `--form`")
    path = Path(call.text("file"))
    purpose = call.text("purpose")
    actor = call.actor(Office.CONTROL_OFFICER)
    try:
        with path.open("rb") as file:
            size = path.stat().st_size

            def pieces() -> Iterator[bytes]:
                while piece := file.read(SEGMENT_BYTES):
                    yield piece
                    call.progress(min(file.tell(), size), size)

            done = register_item(
                call.desk,
                actor,
                pieces(),
                content_bytes=size,
                level=call.text("level"),
                purpose=purpose,
                topic=call.maybe("topic") or TOPIC,
                caveats=call.many("caveat"),
                releasable_to=call.many("releasable_to") or None,
            )
    except OSError as cause:
        raise LocalError(
            "admin/file-not-read", f"`{path}` cannot be read: {cause.strerror}", remedy="check the path and permissions"
        ) from cause
    return {
        "item": done.item.id,
        "digest": done.item.content_digest,
        "mark": done.item.label.classification,
        "control_no": done.booking.control_no,
        "bytes": size,
    }


def _release(call: Call) -> Document | Awaited:
    item = call.text("item")
    known = call.desk.store.run(lambda tx: get_item(tx, item))
    if known.holding is None:
        return _approve(call, item)
    released = release_item(
        _watched(call, item),
        call.actor(Office.RELEASING_AUTHORITY),
        item,
        to=call.text("to"),
        authority=call.maybe("authority"),
    )
    return await_proof(call, released)


def _approve(call: Call, item: ItemId) -> Document:
    """What has no sealed content is decided here and packed later."""
    approval = approve_covers(
        call.desk,
        call.actor(Office.RELEASING_AUTHORITY),
        item,
        to=call.text("to"),
        authority=call.maybe("authority"),
    )
    return {"item": item, "delivery": None, "state": "to-be-packed", "to": approval.to, "decision": approval.id}


def _watched(call: Call, item: ItemId) -> Desk:
    """The desk, with progress told of each segment of an item that is worked on."""
    known = call.desk.store.run(lambda tx: tx.latest(ItemRecord, id=item))
    total = known.holding.content_bytes if known and known.holding else 0

    def ordered(act: Callable[[A], R], inputs: Iterable[A], /) -> Iterator[R]:
        for done, result in enumerate(call.desk.ordered(act, inputs), start=1):
            call.progress(min(done * SEGMENT_BYTES, total), total)
            yield result

    return replace(call.desk, ordered=ordered)


def _book(call: Call) -> Document:
    item = call.text("item")
    booking = book_item(
        call.desk, call.actor(Office.CONTROL_OFFICER), item, mark=call.text("mark"), basis=call.text("basis")
    )
    return {
        "item": item,
        "own_mark": booking.own_mark,
        "control_no": booking.control_no,
        "receipt": canon.digest(booking),
        "facility": booking.facility,
    }


def _read(call: Call) -> Document:
    if call.maybe("out") is None:
        item, copy = call.text("item"), copy_of(call)
        slip = fill_slip(call.desk, call.actor(Office.READER), item, copy=copy, purpose=call.text("purpose"))
        return {"item": item, "copy": copy, "slip": slip}
    out = Path(call.text("out"))
    if out.exists():
        raise LocalError("admin/file-exists", f"`{out}` exists already", remedy="choose a new file name")
    purpose = call.text("purpose")
    actor = call.actor(Office.READER)
    partial = out.with_name(out.name + ".part")
    count = 0
    try:
        with partial.open("xb") as file:  # a place that cannot be written is no reason for a slip
            partial.chmod(0o600)
            reading = read_item(call.desk, actor, call.text("item"), purpose=purpose)
            for piece in reading.content:
                count += file.write(piece)
                call.progress(count, reading.content_bytes)
        partial.rename(out)
    except OSError as cause:
        raise LocalError(
            "admin/file-not-written", f"`{out}` cannot be written: {cause.strerror}", remedy="choose another place"
        ) from cause
    finally:
        partial.unlink(missing_ok=True)
    return {
        "item": reading.item.id,
        "digest": reading.item.content_digest,
        "bytes": count,
        "slip": reading.slip,
        "file": str(out),
    }


def _show(call: Call) -> Document:
    item = call.text("item")

    def read(tx: Tx) -> Document:
        record = get_item(tx, item)
        return {
            **_summary(tx, call, record),
            "level": show_level(tx, call, item),
            **show_descent(tx, item),
            "content_digest": record.content_digest,
            "bytes": record.holding.content_bytes if record.holding else None,
            "form": record.form,
            "matter": canon.plain(record.matter) if record.matter else None,
            "topic": record.topic,
            "origin": canon.plain(record.origin) if record.origin else None,
            "booking": canon.plain(booking) if (booking := tx.latest(Booking, item=item)) else None,
            "custody": [canon.plain(event) for event in tx.every(CustodyEvent, item=item)],
            "deliveries": [_delivery(tx, delivery) for delivery in tx.every(Delivery, item=item)],
            "copies": [canon.plain(line) for line in tx.lines(CopyLine, limit=MAX_COPIES, item=item)],
            "destroyed": [certificate(one) for one in tx.every(ItemDestroyed, item=item)],
            "slips": [canon.plain(slip.slip.body) for slip in tx.every(ReadingSlip, item=item)],
            "stopped": [canon.plain(stop) for stop in tx.every(ReadingStopped, item=item)],
        }

    return call.desk.store.run(read)


def _list(call: Call) -> Document:
    def read(tx: Tx) -> Document:
        lines = {record.id: record for record in tx.every(ItemRecord)}  # the last line about an item counts
        return {"items": [_summary(tx, call, record) for record in lines.values()], "count": len(lines)}

    return call.desk.store.run(read)


def _hold(call: Call) -> Document:
    def read(tx: Tx) -> Document:
        return {
            "items": [
                {
                    "item": one.id,
                    "sender": one.sender,
                    "instrument": one.instrument,
                    "delivery": one.consignment,
                    "manifest": one.origin.manifest,
                    "bytes": one.holding.content_bytes,
                    "at": str(one.at),
                    "state": _hold_state(tx, call, one),
                }
                for one in tx.every(OnHold)
            ]
        }

    return call.desk.store.run(read)


def _hold_state(tx: Tx, call: Call, item: OnHold) -> str:
    if tx.latest(ItemDestroyed, item=item.id, party=call.desk.party) is not None:
        return "destroyed"
    return "sealed" if is_held(tx, call.desk.party, item) else "being destroyed"


def _summary(tx: Tx, call: Call, record: ItemRecord) -> Document:
    booking, level = tx.latest(Booking, item=record.id), level_of(tx, record)
    marks = side_by_side(
        record.label,
        originator_policy=call.desk.policies[record.originator],
        own_policy=call.desk.policy,
        own_mark=level.own_mark,
        language="en",
    )
    return {
        "item": record.id,
        "originator": record.originator,
        "originator_mark": {
            "id": record.label.classification,
            "mark": marks.originator_mark,
            "name": marks.originator_name,
            "line": marks.originator_marking,
        },
        "own_mark": {"id": level.own_mark, "mark": marks.own_mark, "rank": level.rank} if level.own_mark else None,
        "control_no": booking.control_no if booking else None,
        "purpose": record.purpose,
        "custodian": _custodian(tx, record),
        "held": is_held(tx, call.desk.party, record),
    }


def _custodian(tx: Tx, record: ItemRecord) -> str:
    if record.origin is None and tx.latest(Derivation, item=record.id) is not None:
        return tx.every(CustodyEvent, item=record.id)[-1].custodian
    # A-04: ours once we have booked what arrived; an item of our own stays ours, its copies abroad are the partners'.
    if record.origin is None or tx.latest(Booking, item=record.id) is not None:
        moves = [one for one in tx.every(CustodyEvent, item=record.id) if one.kind not in _OF_OTHER_COPIES]
        return record.originator if record.origin is None else moves[-1].custodian
    return record.origin.sender


def _delivery(tx: Tx, delivery: Delivery) -> Document:
    stages = stages_of(tx, delivery)
    receipt = tx.latest(ReceiptRecord, reference=delivery.consignment)
    return {
        "delivery": delivery.consignment,
        "to": delivery.to,
        "state": stages[-1].stage,
        "code": stages[-1].code,
        "manifest": delivery.manifest,
        "decision": delivery.decision,
        "stages": [{"stage": stage.stage, "at": str(stage.at), "evidence": stage.evidence} for stage in stages],
        "receipt": {"index": receipt.receipt.index, "at": str(receipt.at)} if receipt else None,
    }


COMMANDS = (
    Command(
        name="item register",
        help="enter an item of our own: a file, sealed at rest, or one of the six other forms",
        run=_register,
        params=(
            Param(name="file", kind="path", help="the content of an electronic item", positional=True),
            Param(name="level", help="our level, id or mark, for example KOR-2", required=True),
            Param(name="purpose", help="purpose code", required=True),
            Param(name="topic", help="topic code; never a title"),
            Param(
                name="releasable_to",
                help="only to these parties; the release decides if left out; repeatable",
                many=True,
            ),
            Param(name="form", help="one of the seven; electronic if left out"),
            Param(name="pages", kind="number", help="of a documentary item"),
            Param(name="media", help="the carrier's number, of a magnetic item"),
            Param(name="serial", help="serial number of equipment; repeatable", many=True),
            Param(name="about", help="of the note about an oral or visual item, or of a technology"),
            Param(name="caveat", help="originator's caveat such as NO-COPY; repeatable", many=True),
        ),
        acts=True,
    ),
    Command(
        name="item release",
        help="release an item of ours to a partner; what is carried is decided here and goes by `package`",
        run=_release,
        params=(
            ITEM,
            Param(name="to", help="the recipient's code", required=True),
            Param(name="authority", help="on behalf of which competent authority; the lead one if left out"),
            WAIT,
        ),
        acts=True,
    ),
    Command(
        name="item book",
        help="the registrar's act on arrival: own mark, category and its basis; sends the receipt",
        run=_book,
        params=(
            ITEM,
            Param(name="mark", help="our own level, id or mark", required=True),
            Param(name="basis", help="legal basis of the category", required=True),
        ),
        acts=True,
    ),
    Command(
        name="item read",
        help="open an item for a named reader, or fill the slip of a copy on paper; the slip is written first",
        run=_read,
        params=(
            ITEM,
            Param(name="out", kind="path", help="new file for the content; none for what has no sealed content"),
            COPY,
            Param(name="purpose", help="purpose code", required=True),
        ),
        acts=True,
    ),
    Command(
        name="item show", help="marks, custody, deliveries, readers of an item", run=_show, params=(ITEM,), keys=False
    ),
    Command(
        name="item hold",
        help="what was dispatched after the end of its instrument: it lies sealed until two persons destroy it",
        run=_hold,
        keys=False,
    ),
    Command(name="item list", help="the register", run=_list, keys=False),
)
