"""The home register of law: enter a text, review the tables it touches, and close a change once everybody was told.

1. A security officer enters a text of law, or one that takes the place of an earlier one.
2. One that touches levels opens a review of the table of every instrument that binds, and names the version it had.
3. A review ends with an amended table, or with the reason why the table stays.
4. A flagged change closes when a note about it was sent under every instrument that binds, and no review is open.

Source: G3-2, G3-3, F-25.
"""

from collections.abc import Sequence

from gsomia.agreements import (
    ActRecord,
    Agreement,
    LawClosed,
    LawEntry,
    LawText,
    LevelsReview,
    Notified,
    TableVersion,
    binds,
    table_start,
    told_by_note,
)
from gsomia.audit import Event
from gsomia.errors import LocalError, RefusedError
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.ledger import enter
from gsomia.flows.people import require_office
from gsomia.flows.ports import Tx
from gsomia.flows.records import AgreementRecord
from gsomia.flows.standing import acts_of, current_agreement, instrument_of, was_refused
from gsomia.ids import InstrumentId, LawId, new_law_id
from gsomia.instants import Instant
from gsomia.parties import Office


def enter_law(
    desk: Desk,
    actor: Actor,
    text: LawText,
    *,
    replaces: LawId | None = None,
    affects_protection: bool = False,
    levels: bool = False,
) -> LawEntry:
    """Enter a text of our law; if it touches levels, open the review of every table it may touch.

    Args:
        desk: ours.
        actor: a security officer.
        text: with its reference and dates.
        replaces: the entry it changes.
        affects_protection: whether it changes the protection of what partners sent.
        levels: whether it touches levels.

    Raises:
        LocalError: no entry of that id is there to be replaced.

    Source: G3-2, G3-3.
    """
    require_office(desk, actor, Office.SECURITY_OFFICER, clause="G3-2")
    now = desk.clock()
    entry = LawEntry(
        id=new_law_id(desk.entropy),
        text=text,
        replaces=replaces,
        affects_protection=affects_protection or levels,
        levels=levels,
        by=actor.person,
        at=now,
    )

    def unit(tx: Tx) -> LawEntry:
        if replaces is not None:
            get_law(tx, replaces)
        enter(tx, desk, entry, event=Event.LAW_ENTERED, subject=entry.id)
        for agreement in binding(tx, desk, at=now) if levels else ():
            before = _table_version(tx, desk, agreement, now)
            review = LevelsReview(
                law=entry.id,
                instrument=agreement.id,
                before=before,
                after=None,
                reason=None,
                by=actor.person,
                at=now,
            )
            _enter_review(tx, desk, review)
        return entry

    return desk.store.run(unit)


def review_levels(
    desk: Desk, actor: Actor, law: LawId, *, instrument: InstrumentId, stays: str | None = None
) -> LevelsReview:
    """End the review of an instrument's table: an amendment changed it, or it stays for a reason.

    Args:
        desk: ours.
        actor: a security officer.
        law: the change that opened the review.
        instrument: whose table.
        stays: why the table stays as it is; None if it was amended.

    Raises:
        LocalError: that review is not open.
        RefusedError: the table is still the one that held when the law was entered.

    Source: G3-3, A-37.
    """
    require_office(desk, actor, Office.SECURITY_OFFICER, clause="G3-3")
    now = desk.clock()

    def unit(tx: Tx) -> LevelsReview:
        get_law(tx, law)
        opened = tx.latest(LevelsReview, law=law, instrument=instrument)
        if opened is None or not opened.is_open:
            raise LocalError(
                "flows/no-open-review",
                f"no review of the table of `{instrument}` is open for `{law}`",
                remedy="see `gsomia law list`",
                clauses=("G3-3",),
            )
        after = None if stays else _table_version(tx, desk, current_agreement(tx, instrument, at=now, desk=desk), now)
        if after is not None and after.table == opened.before.table:
            raise RefusedError(
                "flows/table-unchanged",
                f"the table of `{instrument}` is the one that held when `{law}` was entered",
                remedy="amend the instrument (`agreement act`), or say why its table stays: `--stays REASON`",
                clauses=("G3-3", "EQ-1"),
            )
        done = LevelsReview(
            law=law,
            instrument=instrument,
            before=opened.before,
            after=after,
            reason=stays or None,
            by=actor.person,
            at=now,
        )
        _enter_review(tx, desk, done)
        return done

    return desk.store.run(unit)


def close_law(desk: Desk, actor: Actor, law: LawId, *, notes: Sequence[str]) -> LawClosed:
    """Close an entry: nothing is left to do about it.

    Args:
        desk: ours.
        actor: a security officer.
        law: the entry.
        notes: numbers of the notes of subject `law-change` that told of it.

    Raises:
        LocalError: it is closed already.
        RefusedError: it is flagged, and a partner was sent no note, or a review is open.

    Source: G3-2, G3-3, F-25.
    """
    require_office(desk, actor, Office.SECURITY_OFFICER, clause="G3-2")
    now = desk.clock()

    def unit(tx: Tx) -> LawClosed:
        entry = get_law(tx, law)
        if closing_of(tx, law) is not None:
            raise LocalError("flows/law-closed", f"`{law}` is closed already", remedy="see `gsomia law list`")
        _require_reviews_ended(tx, law)
        told = binding(tx, desk, at=now) if entry.affects_protection else []
        closed = LawClosed(
            law=law,
            notified=tuple(_notified(tx, desk, entry, agreement, notes) for agreement in told),
            by=actor.person,
            at=now,
        )
        enter(tx, desk, closed, event=Event.LAW_CLOSED, subject=law)
        return closed

    return desk.store.run(unit)


def get_law(tx: Tx, law: LawId) -> LawEntry:
    """An entry of the register.

    Raises:
        LocalError: unknown.
    """
    entry = tx.latest(LawEntry, id=law)
    if entry is None:
        raise LocalError("flows/unknown-law", f"no text of law `{law}` is entered here", remedy="see `gsomia law list`")
    return entry


def closing_of(tx: Tx, law: LawId) -> LawClosed | None:
    """How an entry was closed, if it is."""
    return tx.latest(LawClosed, law=law)


def reviews_of(tx: Tx, law: LawId) -> list[LevelsReview]:
    """The reviews that an entry opened, each as it stands."""
    last = {review.instrument: review for review in tx.every(LevelsReview, law=law)}
    return list(last.values())


def binding(tx: Tx, desk: Desk, *, at: Instant) -> list[Agreement]:
    """The text that counts of every instrument of ours that obliges to tell of changes of law."""
    ids = dict.fromkeys(record.instrument for record in tx.every(AgreementRecord) if record.text.has_party(desk.party))
    found = []
    for instrument in ids:
        agreement = current_agreement(tx, instrument, at=at, desk=desk)
        if binds(instrument_of(tx, instrument, desk=desk).reached(agreement.digest, at=at)[0]):
            found.append(agreement)
    return found


def _notified(tx: Tx, desk: Desk, entry: LawEntry, agreement: Agreement, notes: Sequence[str]) -> Notified:
    others = [party.code for party in agreement.parties if party.code != desk.party]
    acts = [act for act in _sent(tx, desk, agreement) if not was_refused(tx, act)]
    for number in notes:
        if told_by_note(acts, by=desk.party, others=others, number=number, levels=entry.levels):
            return Notified(instrument=agreement.id, note=number)
    says = " --levels" if entry.levels else ""
    raise RefusedError(
        "flows/law-not-notified",
        f"`{entry.id}` affects protection, and no note named was sent about it under `{agreement.id}`",
        remedy=f"send one: `agreement note {agreement.id} --subject law-change{says}`; then name it with `--note`",
        clauses=("G3-2", "F-25"),
    )


def _sent(tx: Tx, desk: Desk, agreement: Agreement) -> list[ActRecord]:
    return [act for act in acts_of(tx, agreement) if act.party == desk.party]


def _require_reviews_ended(tx: Tx, law: LawId) -> None:
    for review in reviews_of(tx, law):
        if review.is_open:
            raise RefusedError(
                "flows/review-open",
                f"the table of `{review.instrument}` waits for its review after `{law}`",
                remedy=f"end it: `gsomia law review {law} --instrument {review.instrument}`",
                clauses=("G3-3",),
            )


def _table_version(tx: Tx, desk: Desk, agreement: Agreement, now: Instant) -> TableVersion:
    history = instrument_of(tx, agreement.id, desk=desk).history(agreement.digest, at=now)
    course, _ = history.reached(now)
    return TableVersion(
        agreement=agreement.digest,
        table=agreement.table.version,
        start=table_start(history, course, agreement.digest) or now,
    )


def _enter_review(tx: Tx, desk: Desk, review: LevelsReview) -> None:
    enter(tx, desk, review, event=Event.LEVELS_REVIEWED, subject=review.law, instrument=review.instrument)
