"""`package`: what goes to the other side in covers, from the list to the receipt; `registry reconcile`."""

from pathlib import Path

from gsomia import canon
from gsomia.admin.command import Call, Command, Document, Param
from gsomia.admin.shipped import shipped_level_words
from gsomia.errors import LocalError
from gsomia.flows import packages, parcels, reconcile
from gsomia.flows.covers import Covers, covers_of
from gsomia.flows.ports import Tx
from gsomia.ids import CopyId, ItemId
from gsomia.instants import read_instant
from gsomia.parties import Office
from gsomia.registry import (
    MOST_PACKED,
    MOST_SEALS,
    Difference,
    Package,
    PackageEvent,
    Reconciliation,
    Route,
    Traced,
    Transmittal,
)

NUMBER = Param(name="package", help="the package's number, as on its outer cover", positional=True, required=True)
SENDER = Param(name="partner", help="whose package it is", required=True)
SEALS = Param(name="seal", help="a seal's number as found; repeatable", many=True)


def _representative(call: Call) -> Document:
    done = parcels.name_representative(
        call.desk,
        call.actor(Office.SECURITY_OFFICER),
        call.text("person"),
        to=call.text("partner"),
        until=read_instant(call.text("until")),
    )
    return {"person": done.person, "partner": done.to, "until": str(done.valid.until)}


def _make(call: Call) -> Document:
    covers = packages.make_package(
        call.desk,
        call.actor(Office.CONTROL_OFFICER),
        to=call.text("to"),
        copies=tuple(_copy(call, text) for text in call.few("copies", most=MOST_PACKED)),
        sender=call.text("from_address"),
        addressee=call.text("to_address"),
        route=_route(call.text("route")),
        outer_seals=call.few("outer_seal", most=MOST_SEALS),
        inner_seals=call.few("inner_seal", most=MOST_SEALS),
        level_words=shipped_level_words(call.desk.policies),
    )
    return {**_made(covers), "state": "made"}


def _label(call: Call) -> Document:
    from gsomia.admin.cover_pdf import print_inner, print_outer  # noqa: PLC0415  every command would pay for it

    party = call.desk.party
    package = call.desk.store.run(lambda tx: packages.get_package(tx, call.text("package"), party=party))
    covers = covers_of(call.desk, package, shipped_level_words(call.desk.policies))
    folder = Path(call.text("out"))
    files = {"outer": print_outer(covers.outer), "inner": print_inner(covers.inner)}
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        for name, data in files.items():
            with (folder / f"{package.number}-{name}.pdf").open("xb") as file:
                file.write(data)
    except OSError as cause:
        raise LocalError(
            "admin/file-not-written", f"`{folder}` cannot be written: {cause.strerror}", remedy="choose another place"
        ) from cause
    return {**_made(covers), "files": [str(folder / f"{package.number}-{name}.pdf") for name in files]}


def _send(call: Call) -> Document:
    listed = packages.send_package(call.desk, call.actor(Office.CONTROL_OFFICER), call.text("package"))
    return {**_listed(listed), "state": "sent"}


def _receive(call: Call) -> Document:
    step = parcels.receive_package(
        call.desk,
        call.actor(Office.DESIGNATED_REPRESENTATIVE),
        call.text("package"),
        sender=call.text("partner"),
        seals=call.few("seal", most=MOST_SEALS),
    )
    return _step(step)


def _open(call: Call) -> Document:
    counted = {}
    for text in call.few("found", most=MOST_PACKED):
        copy, sign, count = text.rpartition("=")
        if not sign or not count.isdigit():
            raise LocalError(
                "admin/not-a-count", f"`{text[:60]}` is no count", remedy="for example itm_…:1=12, twelve pages"
            )
        counted[_copy(call, copy)] = int(count)
    items = parcels.open_package(
        call.desk,
        call.actor(Office.CONTROL_OFFICER),
        call.text("package"),
        sender=call.text("partner"),
        seals=call.few("seal", most=MOST_SEALS),
        found=counted,
    )
    return {"package": call.text("package"), "state": "opened", "to_book": list(items)}


def _receipt(call: Call) -> Document:
    receipt = parcels.receipt_package(
        call.desk, call.actor(Office.DESIGNATED_REPRESENTATIVE), call.text("package"), sender=call.text("partner")
    )
    return {**canon.plain(receipt), "state": "receipted"}


def _trace(call: Call) -> Document:
    return {"dispatches": [_traced(one) for one in packages.trace_dispatches(call.desk)], "rule": "house rule A-12"}


def _list(call: Call) -> Document:
    every = packages.list_packages(call.desk)
    return {"packages": [_package(package, step) for package, step in every], "count": len(every)}


def _show(call: Call) -> Document:
    number, party = call.text("package"), call.maybe("partner") or call.desk.party

    def steps(tx: Tx) -> list[PackageEvent]:
        return tx.every(PackageEvent, number=number)

    package = call.desk.store.run(lambda tx: packages.get_package(tx, number, party=party))
    return {**_listed(package.list), "steps": [_step(step) for step in call.desk.store.run(steps)]}


def _reconcile(call: Call) -> Document:
    days = call.maybe("days")
    done = reconcile.reconcile(
        call.desk,
        call.actor(Office.CONTROL_OFFICER),
        other=call.text("partner"),
        days=reconcile.DAYS if days is None else days,
    )
    return {
        "partner": call.text("partner"),
        "said": len(done.said.lines) if done.said else 0,
        **_differences(done.theirs, done.differences),
    }


def _compare(call: Call) -> Document:
    return {
        "partner": call.text("partner"),
        **_differences(*reconcile.differences_with(call.desk, call.text("partner"))),
    }


def _differences(theirs: Reconciliation | None, found: tuple[Difference, ...]) -> Document:
    return {
        "their_list": str(theirs.at) if theirs else None,
        "agree": theirs is not None and not found,
        "differences": [
            {
                "number": one.number,
                "sender": one.sender,
                "ours": one.ours,
                "theirs": one.theirs,
                "since": str(one.since),
                "age_days": one.age_days,
            }
            for one in found
        ],
    }


def _copy(call: Call, text: str) -> tuple[ItemId, CopyId]:
    item, sign, copy = text.partition(":")
    return call.word("item", item), call.word("copy", copy if sign else "1")


def _route(text: str) -> Route:
    try:
        return Route(text)
    except ValueError as cause:
        raise LocalError(
            "admin/not-a-route",
            f"`{text[:40]}` is no way between governments",
            remedy="one of: " + ", ".join(Route),
            clauses=("G9-1",),
        ) from cause


def _made(covers: Covers) -> Document:
    return {
        "package": covers.package.number,
        "to": covers.package.to,
        "outer": list(covers.outer.lines),
        "inner": [covers.inner.mark, covers.inner.addressee],
    }


def _listed(listed: Transmittal) -> Document:
    return {
        "package": listed.number,
        "from": listed.party,
        "to": listed.to,
        "route": listed.route,
        "instrument": listed.instrument,
        "outer_seals": list(listed.outer_seals),
        "copies": [
            {"item": one.item, "copy": one.copy, "of": one.of, "form": one.form, "count": one.count}
            for one in listed.packed
        ],
        "at": str(listed.at),
    }


def _package(package: Package, step: PackageEvent) -> Document:
    return {
        "package": package.number,
        "from": package.party,
        "to": package.to,
        "route": package.list.route,
        "copies": len(package.list.packed),
        "state": step.leg,
        "intact": step.intact,
        "at": str(step.at),
    }


def _step(step: PackageEvent) -> Document:
    return {
        "package": step.number,
        "state": step.leg,
        "by": step.by,
        "intact": step.intact,
        "evidence": step.evidence,
        "at": str(step.at),
    }


def _traced(one: Traced) -> Document:
    return {"number": one.number, "to": one.to, "sent": str(one.sent), "age_days": one.age_days, "due": one.due}


COMMANDS = (
    Command(
        name="package representative",
        help="name a person to whom a partner's packages are handed over, and tell the partner the key",
        run=_representative,
        params=(
            Param(name="person", help="short name of the person", positional=True, required=True),
            Param(name="partner", help="towards whom", required=True),
            Param(name="until", help="until when", required=True),
        ),
        acts=True,
    ),
    Command(
        name="package make",
        help="pack copies in hand in two covers, under seals and a number",
        run=_make,
        params=(
            Param(name="to", help="the recipient's code", required=True),
            Param(name="copies", help="ITEM:COPY, the first copy if only ITEM; repeatable", many=True, required=True),
            Param(name="from_address", help="our organisational address", required=True),
            Param(name="to_address", help="the addressee's organisational address", required=True),
            Param(
                name="route",
                help="diplomatic-pouch, government-courier, hand-carriage or government-freight",
                required=True,
            ),
            Param(name="outer_seal", help="a seal on the outer cover; repeatable", many=True),
            Param(name="inner_seal", help="a seal on the inner cover; repeatable", many=True),
        ),
        acts=True,
    ),
    Command(
        name="package label",
        help="write the labels of both covers as PDF, into a folder",
        run=_label,
        params=(NUMBER, Param(name="out", kind="path", help="folder", required=True)),
        keys=False,
    ),
    Command(
        name="package send",
        help="dispatch a package: the signed list goes to the partner, the copies are in transit",
        run=_send,
        params=(NUMBER,),
        acts=True,
    ),
    Command(
        name="package receive",
        help="take a partner's package over and compare its outer seals, before it is opened",
        run=_receive,
        params=(NUMBER, SENDER, SEALS),
        acts=True,
    ),
    Command(
        name="package open",
        help="open a package: compare inner seals and contents with the list, and enter what is in it",
        run=_open,
        params=(
            NUMBER,
            SENDER,
            SEALS,
            Param(
                name="found", help="ITEM:COPY=COUNT, pages or pieces as counted; repeatable", many=True, required=True
            ),
        ),
        acts=True,
    ),
    Command(
        name="package receipt",
        help="sign the receipt for a package whose items are booked; custody passes",
        run=_receipt,
        params=(NUMBER, SENDER),
        acts=True,
    ),
    Command(
        name="package trace",
        help="dispatches without a receipt: a tracer after 10 days, an incident after 30 (house rules)",
        run=_trace,
        keys=False,
    ),
    Command(name="package list", help="every package, ours and partners'", run=_list, keys=False),
    Command(
        name="package show",
        help="a package's list and its steps",
        run=_show,
        params=(NUMBER, Param(name="partner", help="whose package it is; ours if left out")),
        keys=False,
    ),
    Command(
        name="registry reconcile",
        help="say our transmittals with a partner by number and state, and list where the registers differ",
        run=_reconcile,
        params=(
            Param(name="partner", help="with whom", required=True),
            Param(name="days", kind="number", help=f"how far back; {reconcile.DAYS} if left out"),
        ),
        acts=True,
    ),
    Command(
        name="registry differences",
        help="where our register differs from the partner's last list, and for how long",
        run=_compare,
        params=(Param(name="partner", help="with whom", required=True),),
        keys=False,
    ),
)
