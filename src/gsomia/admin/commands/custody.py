"""`item hand-over`, `item store`, `item take-out`, `container`: who has which copy, and where it is locked away."""

from gsomia import canon
from gsomia.admin.command import Call, Command, Document, Param
from gsomia.admin.commands.decisions import ITEM
from gsomia.flows import containers
from gsomia.flows.containers import ContainerState
from gsomia.flows.handover import hand_over
from gsomia.parties import Office
from gsomia.registry import FIRST_COPY, MOST_SEALS, ContainerLine, CopyLine

COPY = Param(name="copy", help="which copy; the first if left out")
CONTAINER = Param(name="container", help="the container's number, for example SAFE-1", positional=True, required=True)
SEALS = Param(name="seal", help="a seal's number; repeatable", many=True)
REMARKS = Param(name="remarks", help="unclassified; at most 200 characters")
HOLDERS = (Office.CONTROL_OFFICER, Office.SECURITY_OFFICER, Office.READER)


def copy_of(call: Call) -> str:
    """The `--copy` of a command."""
    return str(call.maybe("copy") or FIRST_COPY)


def copy_document(line: CopyLine) -> Document:
    """Where a copy stands, as people read it."""
    return {
        "item": line.item,
        "copy": line.copy,
        "place": line.place,
        "custodian": line.custodian,
        "holder": line.holder,
        "container": line.container,
        "at": str(line.at),
    }


def _hand_over(call: Call) -> Document:
    done = hand_over(call.desk, call.actor(*HOLDERS), call.text("item"), copy=copy_of(call), to=call.text("person"))
    return {
        "item": done.item,
        "copy": done.copy,
        "from": done.given.body.giver,
        "to": done.taker,
        "at": str(done.at),
        "line": canon.digest(done),
    }


def _store(call: Call) -> Document:
    line = containers.store_copy(
        call.desk, call.actor(*HOLDERS), call.text("item"), copy=copy_of(call), container=call.text("into")
    )
    return copy_document(line)


def _take_out(call: Call) -> Document:
    return copy_document(
        containers.take_out_copy(call.desk, call.actor(*HOLDERS), call.text("item"), copy=copy_of(call))
    )


def _add(call: Call) -> Document:
    state = containers.add_container(
        call.desk,
        call.actor(Office.SECURITY_OFFICER),
        container=call.text("container"),
        facility=call.text("facility"),
        ceiling=call.text("level"),
        openers=call.few("opener", most=64),
    )
    return _state(state)


def _open(call: Call) -> Document:
    line = containers.open_container(
        call.desk,
        call.actor(*HOLDERS),
        call.text("container"),
        seals=call.few("seal", most=MOST_SEALS),
        remarks=call.maybe("remarks") or "",
    )
    return _line(line)


def _close(call: Call) -> Document:
    line = containers.close_container(
        call.desk,
        call.actor(*HOLDERS),
        call.text("container"),
        seals=call.few("seal", most=MOST_SEALS),
        remarks=call.maybe("remarks") or "",
    )
    return _line(line)


def _list(call: Call) -> Document:
    return {"containers": [_state(state) for state in containers.list_containers(call.desk)]}


def _log(call: Call) -> Document:
    lines = call.desk.store.run(lambda tx: tx.every(ContainerLine, container=call.text("container")))
    return {"container": call.text("container"), "lines": [_line(line) for line in lines]}


def _line(line: ContainerLine) -> Document:
    return {
        "container": line.container,
        "turn": line.turn,
        "by": line.by,
        "second": line.second,
        "seals": list(line.entries[-1].body.seals),
        "intact": line.intact,
        "remarks": line.entries[-1].body.remarks,
        "at": str(line.at),
    }


def _state(state: ContainerState) -> Document:
    return {
        "container": state.container.id,
        "facility": state.container.facility,
        "level": state.container.ceiling,
        "openers": list(state.container.openers),
        "state": state.last.turn if state.last else "never opened",
        "copies": state.copies,
        "flagged": [{"person": person, "codes": list(codes)} for person, codes in state.flagged.items()],
    }


COMMANDS = (
    Command(
        name="item hand-over",
        help="hand a copy over to a person, or take over what was handed to you: both sign, the same words",
        run=_hand_over,
        params=(ITEM, COPY, Param(name="person", help="who takes it over", required=True)),
        acts=True,
    ),
    Command(
        name="item store",
        help="lock a copy away in an open container",
        run=_store,
        params=(ITEM, COPY, Param(name="into", help="the container's number", required=True)),
        acts=True,
    ),
    Command(
        name="item take-out",
        help="take a copy out of its container, which must be open",
        run=_take_out,
        params=(ITEM, COPY),
        acts=True,
    ),
    Command(
        name="container add",
        help="enter a container, or say anew who opens it",
        run=_add,
        params=(
            CONTAINER,
            Param(name="facility", help="where it stands", required=True),
            Param(name="level", help="the highest of our levels that may lie in it", required=True),
            Param(name="opener", help="who has the combination; repeatable", many=True, required=True),
        ),
        acts=True,
    ),
    Command(
        name="container open",
        help="open a container and say which seals were found; the top level takes two persons",
        run=_open,
        params=(CONTAINER, SEALS, REMARKS),
        acts=True,
    ),
    Command(
        name="container close",
        help="close a container under new seals",
        run=_close,
        params=(CONTAINER, SEALS, REMARKS),
        acts=True,
    ),
    Command(
        name="container list", help="containers, and who is listed without being authorised", run=_list, keys=False
    ),
    Command(name="container log", help="every opening and closing", run=_log, params=(CONTAINER,), keys=False),
)
