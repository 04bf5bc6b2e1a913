"""`warn downgrade` and `warn cap`: a warning of ours made public by decision, and CAP 1.2 of the decision."""

from importlib.resources import files
from pathlib import Path

from gsomia import canon
from gsomia.admin.command import Call, Command, Document, Param
from gsomia.admin.commands.agreements import write_new
from gsomia.agreements import AuthorityId
from gsomia.errors import LocalError
from gsomia.flows.alert import Wording, decide_public_alert, print_public_alert
from gsomia.ids import HexDigest, sha256_hex
from gsomia.instants import read_instant
from gsomia.parties import Office
from gsomia.warning import MAX_MESSAGE_BYTES, PublicText


def _downgrade(call: Call) -> Document:
    replaces = call.maybe("replaces")
    digest = decide_public_alert(
        call.desk,
        call.actor(Office.RELEASING_AUTHORITY),
        _message(call.text("file")),
        authority=canon.check(call.text("authority"), AuthorityId),
        wording=Wording(
            area_name=call.text("area"),
            texts=_texts(call),
            until=read_instant(call.text("until")),
            replaces=canon.check(replaces, HexDigest) if replaces else None,
        ),
    )
    return {"decision": digest, "authority": call.text("authority"), "next": f"gsomia warn cap {digest} --out FILE"}


def _cap(call: Call) -> Document:
    schema = files("gsomia.warning").joinpath("cap-v1.2.xsd").read_bytes()
    xml = print_public_alert(call.desk, call.text("alert"), schema=schema)
    write_new(call.text("out"), xml)
    return {"decision": call.text("alert"), "file": call.text("out"), "sha256": sha256_hex(xml), "bytes": len(xml)}


def _message(path: str) -> bytes:
    try:
        with Path(path).open("rb") as file:
            return file.read(MAX_MESSAGE_BYTES + 1)
    except OSError as cause:
        raise LocalError(
            "admin/message-not-readable",
            f"`{path}` cannot be read: {cause.strerror}",
            remedy="name a message as its source wrote it, or as `warn watch --save DIR` kept it",
        ) from cause


def _texts(call: Call) -> tuple[PublicText, ...]:
    headlines, instructions = (_by_language(call.many(name), name) for name in ("headline", "instruction"))
    if set(headlines) != set(instructions):
        raise LocalError(
            "admin/texts-misfit",
            "each language has one headline and one instruction",
            remedy="give both for each: `--headline en=… --instruction en=…`",
        )
    return tuple(
        canon.check(
            {"language": language, "headline": headlines[language], "instruction": instructions[language]}, PublicText
        )
        for language in sorted(headlines)
    )


def _by_language(given: tuple[str, ...], name: str) -> dict[str, str]:
    parted = [one.partition("=") for one in given]
    found = {language: words for language, _, words in parted}
    if not given or len(found) != len(given) or not all(found.values()):
        raise LocalError(
            "admin/texts-misfit",
            f"`--{name}` names a language and its words, once for each",
            remedy=f"for example `--{name} en=…`",
        )
    return found


COMMANDS = (
    Command(
        name="warn downgrade",
        help="decide that a warning of ours is public, in these words; on record, before anything goes out",
        run=_downgrade,
        params=(
            Param(name="file", kind="path", help="the message, as its source said it", positional=True, required=True),
            Param(name="authority", help="the releasing authority that decides", required=True),
            Param(name="area", help="the place, in words for people", required=True),
            Param(name="headline", help="LANGUAGE=WORDS, once for each language", required=True, many=True),
            Param(name="instruction", help="LANGUAGE=WORDS, once for each language", required=True, many=True),
            Param(name="until", help="date or time from which the alert no longer holds", required=True),
            Param(name="replaces", help="the decision whose alert this one updates or takes back"),
        ),
        acts=True,
    ),
    Command(
        name="warn cap",
        help="write the public alert of a recorded decision as CAP 1.2",
        run=_cap,
        params=(
            Param(name="alert", help="digest of the decision", positional=True, required=True),
            Param(name="out", kind="path", help="file to write", required=True),
        ),
        keys=False,
    ),
)
