"""`agreement` and `party`: who takes part, under which instruments, in which state."""

from pathlib import Path

from gsomia import canon
from gsomia.admin.command import Call, Command, Document, Param
from gsomia.agreements import NoteSubject, Position, parse_document
from gsomia.errors import LocalError
from gsomia.flows import agree
from gsomia.flows.notes import NoteText, give_note
from gsomia.flows.parties import partners, pin_partner
from gsomia.flows.ports import Tx
from gsomia.flows.records import AgreementRecord
from gsomia.parties import Office

MAX_FILE_BYTES = 1 << 20
INSTRUMENT = Param(
    name="instrument", help="id of the instrument, for example GSOMIA-KR-JP", positional=True, required=True
)


def read_small(path: str) -> bytes:
    """A file a person names, if it can be read and is not absurdly large.

    Raises:
        LocalError: it cannot.
    """
    try:
        with Path(path).open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError as cause:
        raise LocalError(
            "admin/file-not-read",
            f"`{path}` cannot be read: {cause.strerror}",
            remedy="check the path and its permissions",
        ) from cause
    if len(data) > MAX_FILE_BYTES:
        raise LocalError("admin/file-too-large", f"`{path}` has more than `{MAX_FILE_BYTES}` bytes", remedy="")
    return data


def write_new(path: str, data: bytes) -> None:
    """Write a file that must not exist yet.

    Raises:
        LocalError: it exists, or cannot be written.
    """
    try:
        with Path(path).open("xb") as file:
            file.write(data)
    except OSError as cause:
        raise LocalError(
            "admin/file-not-written", f"`{path}` cannot be written: {cause.strerror}", remedy="choose a new file name"
        ) from cause


def _export(call: Call) -> Document:
    pin_file = call.bench.pin_file
    data = canon.encode(pin_file)
    out = call.maybe("out")
    if out:
        write_new(out, data)
    return {
        "party": pin_file.record.code,
        "name": pin_file.record.name,
        "fingerprint": pin_file.record.fingerprint,
        "working": pin_file.record.working.fingerprint,
        "recovery": pin_file.record.recovery.fingerprint,
        "file": out,
    }


def _pin(call: Call) -> Document:
    pinned = pin_partner(
        call.desk, read_small(call.text("file")), fingerprint=call.text("fingerprint"), by=call.person or "operator"
    )
    call.desk.said(pinned.code)
    return {
        "party": pinned.code,
        "fingerprint": pinned.record.fingerprint,
        "descriptor": pinned.descriptor.number,
        "address": pinned.descriptor.address,
    }


def _parties(call: Call) -> Document:
    return {
        "parties": [
            {
                "party": pinned.code,
                "name": pinned.record.name,
                "fingerprint": pinned.record.fingerprint,
                "descriptor": pinned.descriptor.number,
                "address": pinned.descriptor.address,
                "pinned_at": str(pinned.at),
            }
            for pinned in partners(call.desk)
        ]
    }


def _propose(call: Call) -> Document:
    agreement = parse_document(read_small(call.text("file")))
    others = agree.propose(
        call.desk,
        call.actor(Office.LIAISON_OFFICER),
        agreement,
        our_fingerprint=call.bench.pin_file.record.fingerprint,
    )
    return {"instrument": agreement.id, "digest": agreement.digest, "to": list(others)}


def _sign(call: Call) -> Document:
    digest = agree.sign(
        call.desk,
        call.actor(Office.LIAISON_OFFICER),
        call.text("instrument"),
        digest=call.maybe("digest"),
        our_fingerprint=call.bench.pin_file.record.fingerprint,
    )
    return {"instrument": call.text("instrument"), "digest": digest, "signed_by": call.desk.party}


def _note(call: Call) -> Document:
    subjects = {subject.value: subject for subject in NoteSubject}
    subject = subjects.get(call.text("subject"))
    if subject is None:
        raise LocalError(
            "admin/unknown-subject", "a note has one of the known subjects", remedy="one of: " + ", ".join(subjects)
        )
    to = give_note(
        call.desk,
        call.actor(Office.LIAISON_OFFICER),
        instrument=call.text("instrument"),
        number=call.text("number"),
        subject=subject,
        says=NoteText(
            authority=call.maybe("authority"),
            names=call.many("names"),
            words=call.maybe("words"),
            position=_position(call.maybe("position")),
            levels=bool(call.maybe("levels")),
        ),
    )
    return {"instrument": call.text("instrument"), "note": call.text("number"), "subject": subject, "to": list(to)}


def _position(given: str | None) -> Position | None:
    positions = {position.value: position for position in Position}
    if given is not None and given not in positions:
        raise LocalError(
            "admin/unknown-position", "a position is one of three", remedy="one of: " + ", ".join(positions)
        )
    return positions[given] if given else None


def _list(call: Call) -> Document:
    now = call.desk.clock()

    def read(tx: Tx) -> list[Document]:
        return [
            {
                "instrument": record.instrument,
                "title": record.text.title,
                "version": record.text.version,
                "digest": record.agreement,
                "parties": [party.code for party in record.text.parties],
                "state": agree.standing(tx, record.text, at=now, desk=call.desk).state,
            }
            for record in tx.every(AgreementRecord)
        ]

    return {"agreements": call.desk.store.run(read)}


COMMANDS = (
    Command(
        name="party export",
        help="write this node's pin file, for a partner to pin",
        run=_export,
        params=(Param(name="out", kind="path", help="file to write"),),
        keys=False,
    ),
    Command(
        name="party pin",
        help="believe a partner's identities, after comparing its fingerprint over another channel",
        run=_pin,
        params=(
            Param(name="file", kind="path", help="the partner's pin file", positional=True, required=True),
            Param(name="fingerprint", help="as the partner read it out", required=True),
        ),
        keys=False,
    ),
    Command(name="party list", help="pinned partners", run=_parties, keys=False),
    Command(
        name="agreement propose",
        help="put the text of an agreement file to its other parties",
        run=_propose,
        params=(Param(name="file", kind="path", help="agreement file (TOML)", positional=True, required=True),),
        acts=True,
    ),
    Command(
        name="agreement sign",
        help="sign the proposed text",
        run=_sign,
        params=(INSTRUMENT, Param(name="digest", help="the exact version; the last known one if left out")),
        acts=True,
    ),
    Command(
        name="agreement note",
        help="send a diplomatic note: authority, completion, termination and what follows it, law, differences",
        run=_note,
        params=(
            INSTRUMENT,
            Param(name="number", help="the note's number", required=True),
            Param(
                name="subject",
                help="ca-named, completion, termination, suspension, position, revival, withdrawal, law-change, "
                "dispute-opened, dispute-closed",
                required=True,
            ),
            Param(name="authority", help="which authority is named"),
            Param(name="names", help="number of an earlier note it is about; a withdrawal names each", many=True),
            Param(name="words", help="condition, law or difference in words"),
            Param(name="position", help="on the other side's suspension: accepts, understands or contests"),
            Param(name="levels", kind="flag", help="the change of law renames levels"),
        ),
        acts=True,
    ),
    Command(name="agreement list", help="the instruments this node knows", run=_list, keys=False),
)
