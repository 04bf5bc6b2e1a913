"""Under which terms anything of a partner's may come, whichever way it comes: sealed, in covers or by word of mouth.

Source: G1-1, G4-4, G21-5, A-03.
"""

from gsomia.agreements import ActError, Agreement
from gsomia.errors import RefusedError
from gsomia.flows.desk import Desk
from gsomia.flows.ports import Tx
from gsomia.flows.records import AgreementRecord
from gsomia.flows.standing import require_ceiling, standing, wait_for_receipts
from gsomia.ids import HexDigest, InstrumentId, PartyCode
from gsomia.instants import Instant
from gsomia.labels import Label, LabelRefusal, translate


def check_receivable(
    tx: Tx,
    desk: Desk,
    sender: PartyCode,
    *,
    instrument: InstrumentId,
    agreement: HexDigest,
    label: Label,
    decided: Instant,
) -> Agreement:
    """The agreement an item may come under, if it may come at all.

    Args:
        tx: the unit.
        desk: ours.
        sender: whose item it is.
        instrument: that it names.
        agreement: the text of it, by digest.
        label: the originator's.
        decided: when its release was decided and signed.

    Raises:
        ActError: it names no agreement between us.
        RefusedError: the agreement does not allow receiving, or gives the label no level.
    """
    known = tx.latest(AgreementRecord, instrument=instrument, agreement=agreement)
    if known is None or not known.text.has_party(sender) or not known.text.has_party(desk.party):
        raise ActError("agreements/unknown-text", "the item names no agreement between us", clauses=("G1-1",))
    text = known.text
    stands = standing(tx, text, at=desk.clock(), desk=desk)
    if not stands.allowed.receive:
        wait_for_receipts(tx, desk, text)
        raise RefusedError("policy/instrument-state", f"`{text.id}` does not allow receiving", clauses=("G21-1",))
    # after the end only what was dispatched before it; the releasing authority's signed decision dates that.
    if not stands.allowed.release and not standing(tx, text, at=decided, desk=desk).allowed.release:
        raise RefusedError(
            "policy/dispatched-after-end",
            f"`{text.id}` ended before the item was dispatched",
            remedy="nothing was stored, and the sender is told: it keeps the item",
            clauses=("A-03", "G21-5"),
        )
    result = translate(
        label,
        table=text.table,
        from_policy=desk.policies[sender],
        to_policy=desk.policy,
        now=label.created_at,
    )
    if isinstance(result, LabelRefusal):
        raise RefusedError(f"policy/{result.code}", result.text, clauses=(result.clause,))
    rank = desk.policies[sender].classification(label.classification).rank
    require_ceiling(tx, desk, text, rank=rank, at=decided)
    return text
