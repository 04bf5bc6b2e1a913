"""`audit`, `link` and `doctor`: what the record says, whether it holds, whether the partner is there."""

from pathlib import Path

from gsomia import canon
from gsomia.admin.command import Call, Command, Document, Param
from gsomia.admin.commands.agreements import read_small, write_new
from gsomia.audit import print_tlog_proof
from gsomia.errors import LocalError
from gsomia.exchange import Delivery
from gsomia.flows.consign import begin_consignment
from gsomia.flows.contradictions import (
    LIFTERS,
    contradictions,
    find_contradiction,
    judge_contradiction,
    lift_conviction,
)
from gsomia.flows.prove import prove_subject
from gsomia.flows.soundness import propose_epoch
from gsomia.instants import read_instant
from gsomia.parties import Office

PARTNER = Param(name="partner", help="the partner's code", positional=True, required=True)


def _verify(call: Call) -> Document:
    document = call.bench.verify()
    return {**document, "_exit": 0 if document["ok"] else 1}


def _prove(call: Call) -> Document:
    proof = prove_subject(call.desk, call.text("id"))
    out = call.maybe("out")
    if out:
        write_new(out, print_tlog_proof(proof.receipt))
    return {
        "index": proof.index,
        "size": proof.size,
        "root": canon.plain(proof.root),
        "origin": proof.origin,
        "file": out,
    }


def _contradictions(call: Call) -> Document:
    kept = call.desk.store.run(contradictions)
    return {
        "contradictions": [
            {"log": one.log, "party": one.party, "convicts": one.convicts, "lifted": lifted, "at": str(one.at)}
            for one, lifted in kept
        ]
    }


def _evidence(call: Call) -> Document:
    found = find_contradiction(call.desk, call.text("log"))
    write_new(call.text("out"), canon.encode(found.shown))
    return {"log": found.log, "party": found.party, "convicts": found.convicts, "file": call.text("out")}


def _judge(call: Call) -> Document:
    judgement = judge_contradiction(call.desk, read_small(call.text("file")))
    heads = (judgement.judged.older.checkpoint, judgement.judged.newer.checkpoint)
    return {
        "log": judgement.log,
        "party": judgement.party,
        "convicts": judgement.judged.convicts,
        "heads": [{"size": head.size, "root": canon.plain(head.root)} for head in heads],
        "key_revoked": judgement.revoked,
        "_exit": 0 if judgement.judged.convicts else 1,
    }


def _lift(call: Call) -> Document:
    actor = call.actor(*LIFTERS)
    lift_conviction(call.desk, actor, call.text("log"), basis=call.text("basis"))
    return {"log": call.text("log"), "lifted": True}


def _doctor(call: Call) -> Document:
    document = call.bench.doctor()
    return {**document, "_exit": 0 if document["ok"] else 1}


def _test(call: Call) -> Document:
    hello = call.bench.link_test(call.text("partner"))
    return {"partner": hello.party, "reached": True, "protocol": hello.protocol, "descriptor": hello.descriptor}


def _offer(call: Call) -> Document:
    return call.bench.link_offer(call.text("partner"), read_small(call.text("file")))


def _take(call: Call) -> Document:
    consignment = call.text("consignment")
    if call.desk.store.run(lambda tx: tx.latest(Delivery, consignment=consignment)) is None:
        raise LocalError(
            "admin/unknown-delivery", f"there is no delivery `{consignment}`", remedy="see `gsomia item show ITEM`"
        )
    sending = begin_consignment(call.desk, consignment)
    write_new(call.text("out"), sending.offer + sending.inline)
    return {
        "consignment": sending.delivery.consignment,
        "to": sending.delivery.to,
        "file": call.text("out"),
        "bytes": len(sending.offer) + len(sending.inline),
        "segments": sending.header.segments,
    }


def _backup(call: Call) -> Document:
    until = read_instant(call.text("keep_until"))
    passphrase = bytes.fromhex(call.text("backup_passphrase"))
    return call.bench.back_up(Path(call.text("out")), passphrase=passphrase, until=until)


def _new_epoch(call: Call) -> Document:
    actor = call.actor(Office.SECURITY_OFFICER, Office.CONTROL_OFFICER)
    log = call.text("log")
    origin = propose_epoch(call.desk, actor, log)
    return {"log": log, "origin": origin, "opened": origin != log}


COMMANDS = (
    Command(
        name="audit new-epoch",
        help="two officers: let a log that does not hold go on under a new epoch, which names the break",
        run=_new_epoch,
        params=(Param(name="log", help="the log, for example gsomia/kor/private", positional=True, required=True),),
        acts=True,
    ),
    Command(
        name="backup",
        help="write a sealed backup, also while the node serves; storage keys are never in it",
        run=_backup,
        params=(
            Param(name="out", kind="path", help="new file for the backup", required=True),
            Param(name="keep_until", help="the day on which this backup is destroyed", required=True),
            Param(name="backup_passphrase", kind="secret", help="descriptor with the backup's passphrase"),
        ),
        keys=False,
    ),
    Command(name="audit verify", help="prove that every log and record still holds", run=_verify, keys=False),
    Command(
        name="audit prove",
        help="the proof that an item, statement or decision stands in the record",
        run=_prove,
        params=(
            Param(name="id", help="item, consignment, statement or decision", positional=True, required=True),
            Param(name="out", kind="path", help="file for the C2SP tlog-proof"),
        ),
    ),
    Command(
        name="audit contradictions",
        help="heads of partners' logs that do not go together",
        run=_contradictions,
        keys=False,
    ),
    Command(
        name="audit evidence",
        help="write two such heads to a file, for the partner or for a third",
        run=_evidence,
        params=(
            Param(name="log", help="the log, for example gsomia/jpn/shared/kor", positional=True, required=True),
            Param(name="out", kind="path", help="a new file", required=True),
        ),
        keys=False,
    ),
    Command(
        name="audit judge",
        help="whether two heads that somebody shows convict a log, by the keys of its party that are pinned here",
        run=_judge,
        params=(Param(name="file", kind="path", help="the two heads", positional=True, required=True),),
    ),
    Command(
        name="audit lift",
        help="two officers: release again to the party of a convicted log",
        run=_lift,
        params=(
            Param(name="log", help="the log, for example gsomia/jpn/shared/kor", positional=True, required=True),
            Param(name="basis", help="the document in which the party explained itself", required=True),
        ),
        acts=True,
    ),
    Command(name="doctor", help="how the node is, and what to do", run=_doctor, keys=False),
    Command(name="link test", help="call a partner's door", run=_test, params=(PARTNER,)),
    Command(
        name="link take",
        help="write the offer of a delivery to a file, sealed and signed as it goes over the line",
        run=_take,
        params=(
            Param(name="consignment", help="the delivery", positional=True, required=True),
            Param(name="out", kind="path", help="a new file", required=True),
        ),
    ),
    Command(
        name="link offer",
        help="offer the bytes of a file at a partner's door and show its answer",
        run=_offer,
        params=(PARTNER, Param(name="file", kind="path", help="the bytes", positional=True, required=True)),
    ),
)
