"""A partner's log that signed two heads which do not go together: kept, shown to a third, and no ground for a release.

A log convicted by its own signatures proves nothing any more. Until two officers of ours say otherwise, on what the
partner explained, no item is released to it and no classified words are said; receiving goes on, and so do warnings and
statements. No epoch that the partner opens lifts it: an epoch is its own word.

Source: design 2 (a log that does not verify stops release), design 5 (two contradictory signed heads convict a log).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from gsomia import canon
from gsomia.audit import (
    Contradiction,
    Event,
    Judged,
    choose_key,
    claimed_checkpoint,
    contradicts,
    verify_contradiction,
)
from gsomia.errors import LocalError, RefusedError
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.ledger import enter
from gsomia.flows.parties import every_key_set
from gsomia.flows.people import require_office
from gsomia.flows.ports import Tx
from gsomia.flows.records import ContradictionRecord, ConvictionLifted, KeySetRecord
from gsomia.flows.second import require_another, wait_for_second
from gsomia.ids import HexDigest, PartyCode
from gsomia.instants import Instant
from gsomia.parties import REVOKING, HybridKey, Office, sign_act
from gsomia.policy import proposal_ends

MAX_UNPROVEN = 16
"""So many pairs of one log are kept in a day that show nothing yet."""
LIFT = "conviction-lifted"
LIFTERS = (Office.SECURITY_OFFICER, Office.CONTROL_OFFICER)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftOrder:
    """What each of the two persons signs."""

    log: str
    contradiction: HexDigest
    basis: str
    at: Instant


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


def keep_contradiction(tx: Tx, desk: Desk, party: PartyCode, log: str, *, shown: Contradiction) -> None:
    """Keep two heads of a partner's log that do not go together.

    One pair that convicts the log, until that is lifted, and of those that show nothing yet so many a day: what a
    partner can send again and again fills no disk.

    Args:
        tx: the unit in which the later head was judged.
        desk: ours.
        party: whose log.
        log: its name.
        shown: both heads, the smaller first, their signatures already verified.
    """
    newer = claimed_checkpoint(shown.newer)
    convicts = contradicts(old=claimed_checkpoint(shown.older), new=newer, proof=shown.proof)
    kept = [one for one in tx.every(ContradictionRecord, log=log) if one.convicts is convicts]
    if any(claimed_checkpoint(one.shown.newer) == newer for one in kept):
        return
    if convicts:
        is_enough = any(not _is_lifted(tx, one) for one in kept)
    else:
        is_enough = sum(desk.clock() < one.at.plus(days=1) for one in kept) >= MAX_UNPROVEN
    if is_enough:
        return
    desk.memo.pop(_memo(party), None)
    record = ContradictionRecord(party=party, log=log, shown=shown, convicts=convicts, at=desk.clock())
    enter(tx, desk, record, event=Event.LOG_CONTRADICTED, subject=log, party=party)


def against_kept(tx: Tx, log: str, body: bytes) -> Contradiction | None:
    """A head that showed nothing when it was refused, of the same size as one that was signed too, with another root.

    Args:
        tx: the unit.
        log: whose heads.
        body: the signed note of the head that came now, believed or refused; its signatures verified.
    """
    head = claimed_checkpoint(body)
    for one in tx.every(ContradictionRecord, log=log):
        refused = claimed_checkpoint(one.shown.newer)
        if not one.convicts and refused.size == head.size and refused.root != head.root:
            return Contradiction(older=one.shown.newer, newer=body)
    return None


def contradictions(tx: Tx) -> list[tuple[ContradictionRecord, bool]]:
    """Everything that was kept, oldest first, and whether two officers of ours release again in spite of it."""
    return [(one, _is_lifted(tx, one)) for one in tx.every(ContradictionRecord)]


def convicted(tx: Tx) -> list[ContradictionRecord]:
    """What stops release to whose log it convicts."""
    return [one for one, lifted in contradictions(tx) if one.convicts and not lifted]


def why_convicted(tx: Tx, desk: Desk, to: PartyCode) -> RefusedError | None:
    """Why nothing is released to a partner: its log is convicted.

    Source: design 2, design 5.
    """
    if _memo(to) in desk.memo:
        return None
    against = next((one for one in convicted(tx) if one.party == to), None)
    if against is not None:
        return RefusedError(
            "flows/partner-log-convicted",
            f"the log `{against.log}` signed two heads that contradict each other",
            remedy=f"show `{to}` what was kept: `gsomia audit evidence {against.log} --out FILE`; two officers release "
            f"again: `gsomia audit lift {against.log} --basis DOCUMENT`",
            clauses=("DESIGN-5",),
            evidence={"log": against.log},
        )
    desk.memo[_memo(to)] = True
    return None


def require_partner_log(tx: Tx, desk: Desk, to: PartyCode) -> None:
    """Stop what is released to a partner while its log is convicted.

    Raises:
        RefusedError: it is.

    Source: design 2, design 5.
    """
    wrong = why_convicted(tx, desk, to)
    if wrong is not None:
        raise wrong


def lift_conviction(desk: Desk, actor: Actor, log: str, *, basis: str) -> None:
    """Propose to release again to whose log was convicted, or confirm what another officer proposed.

    Args:
        desk: ours.
        actor: one of the two.
        log: the convicted one.
        basis: the document in which its party explained itself.

    Raises:
        WaitingError: it is proposed, and waits for a second person.
        LocalError: nothing convicts that log.
        RefusedError: no officer, or the same person twice.

    Source: design 2 (two persons), design 5.
    """
    require_office(desk, actor, *LIFTERS, clause="G6-7")
    now = desk.clock()

    def unit(tx: Tx) -> bool:
        against = next((one for one in convicted(tx) if one.log == log), None)
        if against is None:
            raise LocalError(
                "flows/not-convicted", f"nothing convicts `{log[:120]}`", remedy="see `gsomia audit contradictions`"
            )
        digest = canon.digest(against)
        proposal = tx.latest(ConvictionLifted, contradiction=digest)
        waits = proposal is None or now >= proposal_ends(proposal.at)
        if not waits and proposal is not None:
            require_another(actor, first=proposal.by, key=proposal.key, clause="G6-7")
            if basis != proposal.basis:
                raise RefusedError(
                    "flows/another-basis",
                    f"the first officer named `{proposal.basis}`",
                    remedy="both officers answer for the same document",
                    clauses=("G6-7",),
                )
        order = sign_act(LiftOrder(log=log, contradiction=digest, basis=basis, at=now), kind=LIFT, hand=actor.hand)
        made = ConvictionLifted(
            log=log,
            contradiction=digest,
            basis=basis,
            confirms=not waits,
            by=actor.person,
            key=order.by.key,
            signature=order.by.signature,
            at=now,
        )
        enter(tx, desk, made, event=Event.LOG_CONVICTION_LIFTED, subject=log, party=against.party)
        return waits

    if desk.store.run(unit):
        raise wait_for_second(f"to release again to the party of `{log}` is proposed", clause="G6-7")


def find_contradiction(desk: Desk, log: str) -> ContradictionRecord:
    """The last heads of a log that convict it; if there are none, the last that show nothing yet.

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
    return max(reversed(kept), key=lambda one: one.convicts)


def judge_contradiction(desk: Desk, untrusted: bytes) -> Judgement:
    """Judge two heads that somebody shows, by the keys that are pinned here; our own log's by ours.

    Raises:
        CanonError, AuditError, CheckpointError: they are no two signed heads of that log.
        LocalError: nobody pinned the party whose log it is.

    Trust: `untrusted` may come from anybody. The judgement rests on the accused party's signatures alone.
    Source: design 5.
    """
    shown = canon.decode(untrusted, Contradiction)
    log = claimed_checkpoint(shown.older).origin
    known = {
        code: {one.descriptor.number: one.descriptor.log for one in sets.sets}
        for code, sets in every_key_set(desk).items()
    }
    known[desk.party] = {keys.number: keys.log.public for keys in desk.unlocked.keyring.every()}
    party = next((code for code in known if _is_of(code, log)), None)
    if party is None:
        raise LocalError(
            "flows/log-of-a-stranger",
            f"nobody pinned the party that keeps `{log[:120]}`",
            remedy="get its pin file, compare the fingerprint with it, and type: gsomia party pin FILE --fingerprint …",
        )
    keys = tuple(known[party].values())
    judged = verify_contradiction(shown, origin=log, keys=keys)
    counting = _counting(desk, party, known[party])
    used = (choose_key(note, origin=log, keys=keys) for note in (shown.older, shown.newer))
    return Judgement(log=log, party=party, judged=judged, revoked=any(key not in counting for key in used))


def _counting(desk: Desk, party: PartyCode, keys: Mapping[int, HybridKey]) -> list[HybridKey]:
    """Which of a party's log keys were not revoked, ours or a partner's."""
    changes = desk.store.run(lambda tx: tx.every(KeySetRecord, party=party))
    below = max((one.number for one in changes if one.cause in REVOKING), default=0)
    return [key for number, key in keys.items() if number >= below]


def _is_lifted(tx: Tx, against: ContradictionRecord) -> bool:
    return any(one.confirms for one in tx.every(ConvictionLifted, contradiction=canon.digest(against)))


def _is_of(party: PartyCode, log: str) -> bool:
    return log.startswith(f"gsomia/{party.lower()}/")


def _memo(party: PartyCode) -> str:
    return f"unconvicted/{party}"
