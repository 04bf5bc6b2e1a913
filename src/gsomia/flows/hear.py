"""Hear a partner's statement: prove who said it, apply it in one unit with the record, answer with a proof of that.

Each kind of statement has one function that applies it; a kind without one is not heard at this door.
"""

from collections.abc import Callable
from types import MappingProxyType
from typing import Any

from gsomia.agreements import (
    ACKNOWLEDGEMENT,
    ASSURANCE,
    CONSENT,
    NOTE,
    PROPOSAL,
    SIGNATURE,
    AcknowledgementAct,
    AssuranceAct,
    ConsentAct,
    NoteAct,
    ProposalAct,
    SignatureAct,
)
from gsomia.audit import Event
from gsomia.exchange import Accepted, Reply
from gsomia.flows.agree import hear_note, hear_proposal, hear_signature
from gsomia.flows.assure import hear_acknowledgement, hear_assurance, hear_consent
from gsomia.flows.desk import Desk, shared_log
from gsomia.flows.dispatch import hear_registrar
from gsomia.flows.dispose import OFFICES, hear_destruction
from gsomia.flows.ledger import enter, share
from gsomia.flows.logs import current_log, locate_shared
from gsomia.flows.parties import partner
from gsomia.flows.ports import Tx
from gsomia.flows.prove import prove_entry
from gsomia.flows.records import StatementRecord
from gsomia.ids import PartyCode
from gsomia.instants import Instant
from gsomia.parties import Act, Office, SignatureError, Statement, read_kind, verify_act, verify_statement
from gsomia.registry import DESTRUCTION, RECEIPT, DestructionAct, RegistrarReceipt, RegistrarReceiptAct

Apply = Callable[[Tx, Desk, PartyCode, Statement[Any], Instant], None]


def _registrar(
    tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[Act[RegistrarReceipt]], _now: Instant
) -> None:
    hear_registrar(tx, desk, sender, statement.value.body, statement=statement.digest)


HEARD: MappingProxyType[str, tuple[Any, Apply, frozenset[Office]]] = MappingProxyType(
    {
        PROPOSAL: (ProposalAct, hear_proposal, frozenset({Office.LIAISON_OFFICER})),
        SIGNATURE: (SignatureAct, hear_signature, frozenset({Office.LIAISON_OFFICER})),
        NOTE: (NoteAct, hear_note, frozenset({Office.LIAISON_OFFICER})),
        ASSURANCE: (AssuranceAct, hear_assurance, frozenset({Office.SECURITY_OFFICER})),
        ACKNOWLEDGEMENT: (
            AcknowledgementAct,
            hear_acknowledgement,
            frozenset({Office.RELEASING_AUTHORITY, Office.SECURITY_OFFICER}),
        ),
        CONSENT: (ConsentAct, hear_consent, frozenset({Office.RELEASING_AUTHORITY})),
        DESTRUCTION: (DestructionAct, hear_destruction, frozenset(OFFICES)),
        RECEIPT: (RegistrarReceiptAct, _registrar, frozenset({Office.CONTROL_OFFICER})),
    }
)


def hear_statement(desk: Desk, sender: PartyCode, untrusted: bytes) -> Reply:
    """Take a statement of the connected partner.

    1. It is a kind this door takes.
    2. The partner's statement key signed it.
    3. A person signed its body, in an office for it (the party vouches for the office).
    4. Heard before? The old answer.
    5. Its rules allow it; it is recorded with what it changes.

    Raises:
        CanonError, SignatureError: step 1 to 3.
        ActError, LocalError, RefusedError: step 5; nothing changed.

    Source: design 4 (Statements), design 6 (Duplicates are normal).
    """
    # (1) a kind this door takes
    kind = read_kind(untrusted)
    if kind not in HEARD:
        raise SignatureError("parties/type-not-taken", "this door does not take that type of statement")
    shape, apply, offices = HEARD[kind]
    # (2) said by the party at the other end
    statement = verify_statement(untrusted, accepts={kind: shape}, key=partner(desk, sender).descriptor.statement)
    # (3) a person's act
    verify_act(statement.value, kind=kind)
    if statement.value.by.office not in offices:
        raise SignatureError("parties/office-not-for-this", f"a `{kind}` is not an act of that office")

    # (4) and (5) once only
    def unit(tx: Tx) -> tuple[str, int]:
        known = tx.latest(StatementRecord, digest=statement.digest, direction="heard", party=sender)
        place = locate_shared(tx, desk, sender, subject=statement.digest) if known else None
        if place is not None:
            return place
        now = desk.clock()
        record = StatementRecord(
            digest=statement.digest, kind=kind, party=sender, direction="heard", envelope=untrusted, at=now
        )
        if known is None:
            enter(tx, desk, record, event=Event.STATEMENT_RECEIVED, subject=statement.digest, sender=sender)
        index = share(
            tx,
            desk,
            sender,
            event=Event.STATEMENT_RECEIVED,
            subject=statement.digest,
            digest=statement.digest,
            kind=kind,
        )
        origin = current_log(tx, shared_log(desk.party, sender))
        heard_at = tx.head(origin).last_at or now
        if known is None:  # else it was recovered after a restore, and only this log does not name it yet
            apply(tx, desk, sender, statement, heard_at)
        return origin, index

    return Reply(progress=None, accepted=Accepted(receipt=prove_entry(desk, *desk.store.run(unit))))
