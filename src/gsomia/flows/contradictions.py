"""A partner's log that signed two heads which do not go together: kept, shown to a third, and no ground for a release.

A log convicted by its own signatures proves nothing any more. Until it goes on under a new epoch, from the head that we
witnessed, nothing is released to the partner; receiving goes on, and so do warnings and statements.

Source: design 2 (a log that does not verify stops release), design 5 (two contradictory signed heads convict a log).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from gsomia import canon
from gsomia.audit import Contradiction, Event, Judged, choose_key, claimed_log, verify_contradiction
from gsomia.errors import IntegrityError, LocalError
from gsomia.flows.desk import Desk
from gsomia.flows.ledger import enter
from gsomia.flows.logs import partner_epoch
from gsomia.flows.parties import KeySets, every_key_set
from gsomia.flows.ports import Tx
from gsomia.flows.records import ContradictionRecord
from gsomia.ids import PartyCode
from gsomia.parties import HybridKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What two heads of a log come to.

    Args:
        log: whose heads they are, by the log's own name.
        party: who signed them.
        judged: the heads, proven, and whether the log is convicted.
        revoked: whether a key that signed one of them was revoked since: then a thief may have made it.
    """

    log: str
    party: PartyCode
    judged: Judged
    revoked: bool


def keep_contradiction(
    tx: Tx, desk: Desk, party: PartyCode, log: str, *, shown: Contradiction, keys: Sequence[HybridKey]
) -> None:
    """Keep two heads of a partner's log that do not go together.

    The first that convict the log, and the first that show nothing yet: a partner that sends more of them does not make
    our record grow.

    Args:
        tx: the unit in which the later head was refused.
        desk: ours.
        party: whose log.
        log: its name.
        shown: both heads, their signatures already verified.
        keys: every key the log ever had.
    """
    convicts = verify_contradiction(shown, origin=log, keys=keys).convicts
    if any(one.convicts is convicts for one in tx.every(ContradictionRecord, log=log)):
        return
    desk.memo.pop(_memo(party), None)
    record = ContradictionRecord(party=party, log=log, shown=shown, convicts=convicts, at=desk.clock())
    enter(tx, desk, record, event=Event.LOG_CONTRADICTED, subject=log, party=party)


def contradictions(tx: Tx) -> list[ContradictionRecord]:
    """Everything that was kept, oldest first."""
    return tx.every(ContradictionRecord)


def convicted(tx: Tx, desk: Desk) -> list[ContradictionRecord]:
    """What convicts logs of partners that count now."""
    return [one for one in contradictions(tx) if one.convicts and one.log == partner_epoch(tx, desk, one.party)]


def require_partner_log(tx: Tx, desk: Desk, to: PartyCode) -> None:
    """Stop what is released to a partner while its log is convicted.

    Raises:
        IntegrityError: it is.

    Source: design 2, design 5.
    """
    if _memo(to) in desk.memo:
        return
    against = next((one for one in convicted(tx, desk) if one.party == to), None)
    if against is not None:
        raise IntegrityError(
            "flows/partner-log-convicted",
            f"the log `{against.log}` signed two heads that contradict each other",
            remedy=f"gsomia audit evidence {against.log} --out FILE: show it to `{to}`, whose officers let the log go "
            "on under a new epoch, and to whom else it concerns",
            evidence={"log": against.log},
        )
    desk.memo[_memo(to)] = True


def find_contradiction(desk: Desk, log: str) -> ContradictionRecord:
    """The heads of a log that convict it; if there are none, those that show nothing yet.

    Raises:
        LocalError: none were kept.
    """
    kept = desk.store.run(lambda tx: tx.every(ContradictionRecord, log=log))
    if not kept:
        raise LocalError(
            "flows/no-contradiction",
            f"of `{log}` no contradictory heads are on record",
            remedy="see `gsomia audit contradictions`",
        )
    return max(kept, key=lambda one: one.convicts)


def judge_contradiction(desk: Desk, untrusted: bytes) -> Judgement:
    """Judge two heads that somebody shows, by the keys that are pinned here; our own log's by ours.

    Raises:
        CanonError, AuditError, CheckpointError: they are no two signed heads of that log.
        LocalError: nobody pinned the party whose log it is.

    Trust: `untrusted` may come from anybody. The judgement rests on the accused party's signatures alone.
    Source: design 5.
    """
    shown = canon.decode(untrusted, Contradiction)
    log = claimed_log(shown)
    for party, known in every_key_set(desk).items():
        if _is_of(party, log):
            judged = verify_contradiction(shown, origin=log, keys=_ever(known))
            return Judgement(log=log, party=party, judged=judged, revoked=_is_revoked(known, shown, log=log))
    if _is_of(desk.party, log):
        judged = verify_contradiction(shown, origin=log, keys=desk.unlocked.log_keys)
        return Judgement(log=log, party=desk.party, judged=judged, revoked=False)
    raise LocalError(
        "flows/log-of-a-stranger",
        f"nobody pinned the party that keeps `{log[:120]}`",
        remedy="get its pin file, compare the fingerprint with it, and type: gsomia party pin FILE --fingerprint …",
    )


def _ever(known: KeySets) -> tuple[HybridKey, ...]:
    """Every key that signed a partner's checkpoints; what a thief made counts as made in the log's name, too."""
    return tuple(one.descriptor.log for one in known.sets)


def _is_revoked(known: KeySets, shown: Contradiction, *, log: str) -> bool:
    used = [choose_key(note, origin=log, keys=_ever(known)) for note in (shown.older, shown.newer)]
    return any(key not in known.log_keys for key in used)


def _is_of(party: PartyCode, log: str) -> bool:
    return log.startswith(f"gsomia/{party.lower()}/")


def _memo(party: PartyCode) -> str:
    return f"unconvicted/{party}"
