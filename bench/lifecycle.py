"""How fast a node says where an instrument stands: ten thousand acts on its record, any date, and the whole history.

Cold is the first question put to a node that was just opened: every act is read from the record, held against its
digest, and the whole course is derived. Warm are the questions after it, each for another instant. Both are asked
through the flow that `agreement status` uses, in a unit of work of the node's own store.
"""

import gc
import random
import tempfile
import time
from importlib.resources import files
from pathlib import Path

from bench.measure import Result
from gsomia.agreements import (
    NOTE,
    PROPOSAL,
    SIGNATURE,
    ActRecord,
    Agreement,
    AgreementSignature,
    Note,
    NoteSubject,
    Proposal,
    Standing,
    parse_document,
    parse_history,
    record_of,
    replay,
)
from gsomia.config import check_config
from gsomia.flows.ports import Tx
from gsomia.flows.records import AgreementRecord
from gsomia.flows.standing import current_agreement, standing
from gsomia.ids import PartyCode, sha256_hex
from gsomia.instants import Instant, read_instant
from gsomia.node import LocalNode, create_node
from gsomia.node.serve import ready_interpreter

ACTS = 10_000
ROUNDS = 5
WARM = 200
REPLAYS = 20
FORCE = read_instant("2016-11-23T12:00")
STEP_S = 30_000
"""Between two acts, so that ten thousand of them take nine years and a half."""


def run() -> Result:
    result = Result()
    text = files("gsomia.demo").joinpath("data", "gsomia-kr-jp-2016.toml").read_text()
    for party in ("KOR", "JPN"):
        text = text.replace(f"@{party}@", sha256_hex(party.encode()))
    agreement = parse_document(text.encode())
    with tempfile.TemporaryDirectory(prefix="gsomia-bench-") as directory:
        node = Path(directory) / "KOR"
        config = check_config(party="KOR", name="KOR", listen="127.0.0.1:7441")
        create_node(node, config, passphrase=b"of the bench")
        with LocalNode(node, passphrase=None) as opened:
            opened.desk.store.run(lambda tx: fill(tx, agreement))
        _status(node, agreement, result)
    _replay(result)
    return result


def fill(tx: Tx, agreement: Agreement) -> None:
    """An instrument that came into force, was left and taken up again, and had differences all the time."""
    kor, jpn = (party.code for party in sorted(agreement.parties, key=lambda one: one.code, reverse=True))
    tx.add(AgreementRecord(instrument=agreement.id, agreement=agreement.digest, text=agreement, at=FORCE))
    bodies: list[tuple[Proposal | AgreementSignature | Note, str, PartyCode, Instant]] = [
        (Proposal(agreement=agreement, to=jpn, at=FORCE), PROPOSAL, kor, FORCE.plus(days=-9)),
        *(
            (
                AgreementSignature(instrument=agreement.id, agreement=agreement.digest, party=party, at=FORCE),
                SIGNATURE,
                party,
                FORCE.plus(days=-8),
            )
            for party in (kor, jpn)
        ),
        *(
            (note(agreement, party, NoteSubject.COMPLETION, number=0), NOTE, party, FORCE.plus(days=-1))
            for party in (kor, jpn)
        ),
    ]
    cycle = (
        NoteSubject.DISPUTE_OPENED,
        NoteSubject.DISPUTE_CLOSED,
        NoteSubject.LAW_CHANGE,
        NoteSubject.TERMINATION,
        NoteSubject.SUSPENSION,
        NoteSubject.WITHDRAWAL,
    )
    for number in range(1, ACTS - len(bodies) + 1):
        subject = cycle[number % len(cycle)]
        said = note(agreement, kor, subject, number=number)
        bodies.append((said, NOTE, kor, FORCE.plus(seconds=number * STEP_S)))
    for index, (body, kind, party, received) in enumerate(bodies):
        statement = sha256_hex(str(index).encode())
        tx.add(record_of(body, statement=statement, kind=kind, party=party, received=received))


def note(agreement: Agreement, party: PartyCode, subject: NoteSubject, *, number: int) -> Note:
    back = {NoteSubject.WITHDRAWAL: (1, 2), NoteSubject.DISPUTE_CLOSED: (1,)}.get(subject, ())
    earlier = tuple(f"N-{number - one:05}" for one in back if number > one)
    return Note(
        number=f"N-{number:05}",
        instrument=agreement.id,
        agreement=agreement.digest,
        party=party,
        to=next(one.code for one in agreement.parties if one.code != party),
        subject=subject,
        authority=None,
        names=earlier,
        words=None,
        position=None,
        levels=False,
        previous=None,
        sent=FORCE,
    )


def _status(directory: Path, agreement: Agreement, result: Result) -> None:
    cold, warm = [], []
    draw = random.Random(4)
    for _ in range(ROUNDS):
        with LocalNode(directory, passphrase=None) as node:
            desk = node.desk

            def ask(at: Instant) -> Standing:
                def read(tx: Tx) -> Standing:
                    text = current_agreement(tx, agreement.id, at=at, desk=desk)  # noqa: B023  asked in this round
                    return standing(tx, text, at=at, desk=desk)  # noqa: B023  the same

                return desk.store.run(read)  # noqa: B023  the same

            gc.collect()
            ready_interpreter()  # as a node does when it starts to serve
            started = time.perf_counter()
            first = ask(FORCE.plus(days=3000))
            cold.append((time.perf_counter() - started) * 1000)
            if (
                first.in_force_from != FORCE.plus(days=-1)
                or node.desk.store.run(lambda tx: tx.count(ActRecord)) != ACTS
            ):
                msg = "the instrument is not what was written"
                raise RuntimeError(msg)
            started = time.perf_counter()
            for _ in range(WARM):
                ask(FORCE.plus(seconds=draw.randrange(ACTS * STEP_S)))
            warm.append((time.perf_counter() - started) * 1000 / WARM)
    result.rounds("status_cold_ms", cold)
    result.rounds("status_warm_ms", warm)


def _replay(result: Result) -> None:
    data = files("gsomia.demo").joinpath("data", "history.jsonl").read_bytes()
    taken = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        for _ in range(REPLAYS):
            if replay(parse_history(data)).refused:
                msg = "a line of the history was refused"
                raise RuntimeError(msg)
        taken.append((time.perf_counter() - started) * 1000 / REPLAYS)
    result.rounds("replay_history_ms", taken)
