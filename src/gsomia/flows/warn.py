"""The law of the warning lanes: who decided what may cross, and whether it still may.

It is asked again several times a second.

A lane rests on three things at once: a named authority's standing pre-authorisation, an instrument that allows release
today, and, if it is direct, a supplementary arrangement that took effect under it. When one of them ends the lane ends,
and the other lanes go on.

Source: design 2, relay 5.4, G2-5, G5-1, T20.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from gsomia.agreements import ActError, Agreement, AuthorityId, DeedKind, Rule, Standing
from gsomia.audit import Event
from gsomia.errors import IntegrityError, LocalError, NodeError, RefusedError
from gsomia.flows.acts import known_text
from gsomia.flows.agree import tell
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.ledger import enter
from gsomia.flows.parties import calling_certificates, every_key_set, partner
from gsomia.flows.people import require_office
from gsomia.flows.ports import Tx
from gsomia.flows.records import AgreementRecord
from gsomia.flows.say import say
from gsomia.flows.soundness import require_sound
from gsomia.flows.standing import acts_of, current_agreement, named_now, rules_of, standing
from gsomia.ids import HexDigest, InstrumentId, PartyCode
from gsomia.instants import Instant
from gsomia.labels import ClassificationId
from gsomia.parties import Act, HybridKey, Office, Statement, say_act
from gsomia.warning import (
    ARRANGED,
    AUTHORISATION,
    EVERY_FIELD,
    STOP,
    TOPIC,
    AuthorisationRecord,
    AuthorisationStop,
    Character,
    Kind,
    LaneClosedError,
    PreAuthorisation,
    StopRecord,
    Way,
    characters_of,
)

CLAUSE = "RELAY-5.4"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a releasing authority lets cross.

    Args:
        to: the partner that is warned in the end.
        via: the hub, if it goes through one.
        originators: whose warnings; our own if empty.
        kinds, characters, fields: everything if empty.
        levels: at which of the originator's levels.
        until: when it ends by itself.
    """

    to: PartyCode
    via: PartyCode | None
    originators: tuple[PartyCode, ...]
    kinds: tuple[Kind, ...]
    characters: tuple[Character, ...]
    fields: tuple[str, ...]
    levels: tuple[ClassificationId, ...]
    until: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingDecision:
    """A pre-authorisation, and why it does not count now; None if it does."""

    digest: HexDigest
    authorisation: PreAuthorisation
    closed: LaneClosedError | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneLaw:
    """Everything a lane asks of the record, at one instant.

    Args:
        own: our decisions, the newest first.
        heard: partners' decisions, by digest.
        keys: lane keys that count, by party and number of the descriptor.
        current: the number of each partner's newest descriptor.
        certificates: under which partners may call.
    """

    own: tuple[StandingDecision, ...]
    heard: Mapping[HexDigest, StandingDecision]
    keys: Mapping[tuple[PartyCode, int], HybridKey]
    current: Mapping[PartyCode, int]
    certificates: frozenset[bytes]


NO_LAW = LaneLaw(
    own=(),
    heard=MappingProxyType({}),
    keys=MappingProxyType({}),
    current=MappingProxyType({}),
    certificates=frozenset(),
)


def authorise(desk: Desk, actor: Actor, *, instrument: InstrumentId, authority: AuthorityId, scope: Scope) -> HexDigest:
    """Decide beforehand what may cross, and tell every party that will see it; the digest of the decision.

    Raises:
        RefusedError: the instrument, the arrangement, the authority or a level does not carry it.
        LocalError: a scope that fits nothing.

    Source: relay 5.4, G2-5, G4-4, G5-1.
    """
    require_office(desk, actor, Office.RELEASING_AUTHORITY, clause=CLAUSE)
    now = desk.clock()
    if scope.until <= now:
        raise LocalError("flows/authorisation-over", "`--until` lies in the past", remedy="give a later day")

    def read(tx: Tx) -> PreAuthorisation:
        require_sound(tx, desk)
        agreement = current_agreement(tx, instrument, at=now, desk=desk)
        _check_authority(tx, desk, agreement, authority, now)
        _check_levels(tx, desk, agreement, scope, now)
        way = Way.DIRECT if scope.via is None and agreement.terms.binding else Way.HUB
        try:
            decided = PreAuthorisation(
                way=way,
                instrument=agreement.id,
                agreement=agreement.digest,
                arrangement=_arrangement(tx, desk, agreement, now) if way is Way.DIRECT else None,
                authority=authority,
                party=desk.party,
                to=scope.via or scope.to,
                onward=(scope.to,) if scope.via else (),
                originators=scope.originators or (desk.party,),
                topics=(TOPIC,),
                kinds=scope.kinds or tuple(Kind),
                characters=scope.characters or characters_of(desk.party),
                levels=scope.levels,
                fields=tuple(sorted(scope.fields)) or EVERY_FIELD,
                until=scope.until,
                at=now,
            )
        except ValueError as cause:
            raise LocalError(
                "flows/authorisation-misfits", str(cause), remedy="see `gsomia warn authorise --help`"
            ) from cause
        closed = closed_by(tx, desk, decided, now=now)
        if closed is not None:
            raise RefusedError(
                closed.code,
                f"`{instrument}` does not carry warnings to `{decided.to}` now",
                remedy=f"see `gsomia agreement status --instrument {instrument}`",
                clauses=closed.clauses,
            )
        return decided

    decided = desk.store.run(read)
    told = (decided.to, *decided.onward)
    for code in told:
        partner(desk, code)
    statement = say_act(decided, kind=AUTHORISATION, hand=actor.hand, signer=desk.unlocked.keys.statement)

    def unit(tx: Tx) -> None:
        record = AuthorisationRecord(digest=statement.digest, party=desk.party, authorisation=decided, at=now)
        enter(tx, desk, record, event=Event.WARNING_AUTHORISED, subject=statement.digest, instrument=instrument)
        for code in told:
            say(tx, desk, statement, kind=AUTHORISATION, to=code, subject=statement.digest)

    desk.store.run(unit)
    tell(desk, told)
    return statement.digest


def stop(desk: Desk, actor: Actor, digest: HexDigest | None) -> tuple[HexDigest, ...]:
    """Stop a pre-authorisation of ours, or every one; it counts at once. Those that were stopped.

    Raises:
        RefusedError: not a releasing authority.
        LocalError: there is no such decision, or it was stopped before.

    Source: relay 5.4; issue 8, point 2 (one-key stop).
    """
    require_office(desk, actor, Office.RELEASING_AUTHORITY, Office.SECURITY_OFFICER, clause=CLAUSE)
    now = desk.clock()

    def running(tx: Tx) -> list[AuthorisationRecord]:
        return [record for record in running_decisions(tx, desk) if digest in {None, record.digest}]

    found = desk.store.run(running)
    if not found:
        raise LocalError("flows/nothing-to-stop", "no such decision is running", remedy="see `gsomia warn stats`")
    said = [
        say_act(
            AuthorisationStop(authorisation=record.digest, party=desk.party, at=now),
            kind=STOP,
            hand=actor.hand,
            signer=desk.unlocked.keys.statement,
        )
        for record in found
    ]

    def unit(tx: Tx) -> None:
        for record, statement in zip(found, said, strict=True):
            _enter_stop(tx, desk, statement.value.body, now)
            for code in (record.authorisation.to, *record.authorisation.onward):
                say(tx, desk, statement, kind=STOP, to=code, subject=record.digest)

    desk.store.run(unit)
    for record in found:
        tell(desk, (record.authorisation.to, *record.authorisation.onward))
    return tuple(record.digest for record in found)


def running_decisions(tx: Tx, desk: Desk) -> list[AuthorisationRecord]:
    """The pre-authorisations of ours that nobody stopped.

    Source: relay 5.4.
    """
    return [
        record
        for record in tx.every(AuthorisationRecord, party=desk.party)
        if tx.latest(StopRecord, authorisation=record.digest) is None
    ]


def hear_authorisation(
    tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[Act[PreAuthorisation]], now: Instant
) -> None:
    """A partner decided what it lets cross to us."""
    decided = statement.value.body
    agreement = known_text(tx, decided.instrument, decided.agreement)
    if decided.party != sender or desk.party not in {decided.to, *decided.onward} or not agreement.has_party(sender):
        raise ActError("agreements/not-addressed", "the decision is not its sender's, or not to us", clauses=(CLAUSE,))
    record = AuthorisationRecord(digest=statement.digest, party=sender, authorisation=decided, at=now)
    enter(tx, desk, record, event=Event.WARNING_AUTHORISED, subject=statement.digest, instrument=decided.instrument)


def hear_stop(
    tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[Act[AuthorisationStop]], now: Instant
) -> None:
    """A partner stopped a decision of its own."""
    body = statement.value.body
    if body.party != sender or tx.latest(AuthorisationRecord, digest=body.authorisation, party=sender) is None:
        raise ActError("agreements/not-addressed", "a party stops a decision of its own", clauses=(CLAUSE,))
    _enter_stop(tx, desk, body, now)


def lane_law(desk: Desk) -> LaneLaw:
    """What counts now."""

    def read(tx: Tx) -> tuple[list[StandingDecision], dict[HexDigest, StandingDecision]]:
        now = desk.clock()
        stopped = {record.authorisation for record in tx.every(StopRecord)}
        own: list[StandingDecision] = []
        heard: dict[HexDigest, StandingDecision] = {}
        sound = _is_sound(tx, desk)
        for record in tx.every(AuthorisationRecord):
            closed = closed_by(tx, desk, record.authorisation, now=now)
            if record.digest in stopped:
                closed = LaneClosedError(
                    "warning/authorisation-stopped", "a person stopped that decision", clauses=(CLAUSE,)
                )
            elif record.party == desk.party and not sound:
                closed = LaneClosedError(
                    "warning/record-does-not-hold", "our own record does not hold: nothing is released"
                )
            decision = StandingDecision(digest=record.digest, authorisation=record.authorisation, closed=closed)
            if record.party == desk.party:
                own.insert(0, decision)
            else:
                heard[record.digest] = decision
        return own, heard

    own, heard = desk.store.run(read)
    sets = every_key_set(desk)
    keys = {
        (code, one.descriptor.number): one.descriptor.lane for code, known in sets.items() for one in known.counting
    }
    current = {code: known.current.descriptor.number for code, known in sets.items()}
    return LaneLaw(
        own=tuple(own), heard=heard, keys=keys, current=current, certificates=frozenset(calling_certificates(desk))
    )


def closed_by(  # noqa: PLR0911  one return for each of what a lane rests on
    tx: Tx, desk: Desk, decided: PreAuthorisation, *, now: Instant
) -> LaneClosedError | None:
    """Why nothing crosses under a decision at `now`; None if it does.

    Source: T20, G5-1, relay 5.4.
    """
    if now >= decided.until:
        return LaneClosedError("warning/authorisation-expired", "the decision ended by itself", clauses=(CLAUSE,))
    record = tx.latest(AgreementRecord, instrument=decided.instrument, agreement=decided.agreement)
    if record is None:
        return LaneClosedError("warning/instrument-unknown", "the text that the decision names is not known here")
    stands = standing(tx, record.text, at=now, desk=desk)
    if not stands.allowed.release:
        return LaneClosedError(
            "warning/instrument-closed", "the instrument allows no release now", clauses=("T20", "G5-1", CLAUSE)
        )
    if decided.way is Way.HUB and record.text.terms.binding:
        return LaneClosedError(
            "warning/not-a-mechanism",
            "a hub hands warnings on under a mechanism, not under a treaty",
            clauses=(CLAUSE,),
        )
    if decided.arrangement is not None and decided.arrangement not in stands.course.arrangements:
        return LaneClosedError(
            "warning/not-arranged", "the supplementary arrangement is not in effect", clauses=("G5-1", CLAUSE)
        )
    originators = decided.originators or (decided.party,)
    if stands.course.arrangements and _outside(tx, record.text, stands, levels=decided.levels, originators=originators):
        return LaneClosedError(
            "warning/above-ceiling", "an arrangement set a ceiling below the decision", clauses=("G5-2", CLAUSE)
        )
    return None


def _arrangement(tx: Tx, desk: Desk, agreement: Agreement, now: Instant) -> HexDigest:
    effective = standing(tx, agreement, at=now, desk=desk).course.arrangements
    for act in reversed(acts_of(tx, agreement)):
        deed = act.deed
        if deed is None or deed.kind is not DeedKind.ARRANGE or deed.matter not in effective:
            continue
        if (deed.words or "").partition(" ")[0].rstrip(":") == ARRANGED:
            return deed.matter
    raise RefusedError(
        "flows/warnings-not-arranged",
        f"no supplementary arrangement under `{agreement.id}` arranges direct warnings",
        remedy=f"both sides: agreement act {agreement.id} --event arrange … --words '{ARRANGED}: …'",
        clauses=("G5-1",),
    )


def _check_authority(tx: Tx, desk: Desk, agreement: Agreement, authority: AuthorityId, now: Instant) -> None:
    own = {one.id for one in agreement.authorities_of(desk.party)}
    named = {one.id for one in named_now(tx, agreement, at=now) if one.party == desk.party}
    if authority not in own or (agreement.terms.binding and authority not in named):
        raise RefusedError(
            "flows/authority-not-named",
            f"`{authority}` is no competent authority of ours that a received note names",
            remedy="send the naming note first: `agreement note … --subject ca-named`",
            clauses=("G2-5",),
        )


def _check_levels(tx: Tx, desk: Desk, agreement: Agreement, scope: Scope, now: Instant) -> None:
    stands = standing(tx, agreement, at=now, desk=desk)
    outside = _outside(tx, agreement, stands, levels=scope.levels, originators=scope.originators or (desk.party,))
    if outside or not scope.levels:
        raise RefusedError(
            "flows/level-not-covered",
            f"`{agreement.id}` carries no `{', '.join(outside) or 'level at all'}`",
            remedy="name levels that stand in its table, at or below its ceiling",
            clauses=("G4-4",),
        )


def _outside(
    tx: Tx,
    agreement: Agreement,
    stands: Standing,
    *,
    levels: Iterable[ClassificationId],
    originators: Iterable[PartyCode],
) -> list[ClassificationId]:
    """Levels that the table does not list up to the ceiling that counts."""
    ceiling = rules_of(tx, agreement, stands)[Rule.CEILING]
    rows = [row for row in agreement.table.rows if row.rank <= ceiling]
    covered = {level for row in rows for one in originators for level in row.of(one)}
    return [level for level in levels if level not in covered]


def _enter_stop(tx: Tx, desk: Desk, body: AuthorisationStop, now: Instant) -> None:
    if tx.latest(StopRecord, authorisation=body.authorisation) is None:
        record = StopRecord(authorisation=body.authorisation, party=body.party, at=now)
        enter(tx, desk, record, event=Event.WARNING_STOPPED, subject=body.authorisation)


def _is_sound(tx: Tx, desk: Desk) -> bool:
    try:
        require_sound(tx, desk)
    except (IntegrityError, NodeError):
        return False
    return True
