"""What the record says of a lane that runs: when it began and ended, what each second of it came to, what was late.

Source: design 2 (law 2 and its exceptions), design 6 (tallies are logged), relay 5.4 (session log).
"""

from collections.abc import Sequence

from gsomia.audit import Event
from gsomia.flows.desk import Desk
from gsomia.flows.journals import SpareJournal
from gsomia.flows.ledger import enter, share
from gsomia.flows.ports import Tx
from gsomia.flows.records import RefusalRecord
from gsomia.ids import HexDigest, InstrumentId, PartyCode, new_id, sha256_hex
from gsomia.parties import Statement, choose_statement_key, sign_statement, verify_statement
from gsomia.warning import (
    RECEIPT,
    TALLY,
    UNRECORDED_WARNINGS,
    LaneCount,
    LaneReceipt,
    LaneSession,
    LaneTally,
    LateWarning,
    SourceRefused,
    UnrecordedWarning,
    UnrecordedWarnings,
    parse_message,
    read_signed,
)


def record_session(
    desk: Desk,
    party: PartyCode,
    *,
    incoming: bool,
    instrument: InstrumentId,
    authorisation: HexDigest,
    ended: str | None,
) -> None:
    """Enter that a lane began, or ended with a code.

    Raises:
        UnavailableError: the log takes nothing.
    """

    def unit(tx: Tx) -> None:
        record = LaneSession(
            party=party,
            incoming=incoming,
            instrument=instrument,
            authorisation=authorisation,
            open=ended is None,
            code=ended or "",
            at=desk.clock(),
        )
        event = Event.WARNING_LANE_OPENED if ended is None else Event.WARNING_LANE_ENDED
        enter(tx, desk, record, event=event, subject=authorisation, partner=party, instrument=instrument)
        share(tx, desk, party, event=event, subject=authorisation, instrument=instrument, code=ended)

    desk.store.run(unit)


def record_count(
    desk: Desk, party: PartyCode, statement: Statement[LaneTally] | Statement[LaneReceipt], *, by: PartyCode
) -> None:
    """Enter a tally or a receipt, ours or the partner's; the partner sees that we hold it.

    Raises:
        UnavailableError: the log takes nothing.
    """
    is_tally = isinstance(statement.value, LaneTally)

    def unit(tx: Tx) -> None:
        if tx.latest(LaneCount, digest=statement.digest) is not None:
            return
        record = LaneCount(
            digest=statement.digest,
            party=party,
            kind=TALLY if is_tally else RECEIPT,
            by=by,
            envelope=statement.envelope,
            at=desk.clock(),
        )
        event = Event.WARNING_TALLIED if is_tally else Event.WARNING_RECEIPTED
        enter(tx, desk, record, event=event, subject=statement.digest, partner=party)
        share(tx, desk, party, event=event, subject=statement.digest, digest=statement.digest)

    desk.store.run(unit)


def record_source_refusals(desk: Desk, found: Sequence[SourceRefused]) -> None:
    """Enter what local sources said in vain, in our private log alone.

    Raises:
        UnavailableError: the log takes nothing.

    Source: design 2 (law 2); ADR 0034.
    """
    if not found:
        return

    def unit(tx: Tx) -> None:
        for one in found:
            record = RefusalRecord(
                party=desk.party,
                code=one.code,
                correlation_id=new_id("cor", desk.entropy),
                subject=f"source {one.source}",
                message=f"{one.count} times, source `{one.source}` was not listened to",
                at=desk.clock(),
            )
            event = Event.WARNING_SOURCE_REFUSED
            enter(tx, desk, record, event=event, subject=record.correlation_id, source=one.source, code=one.code)

    desk.store.run(unit)


def keep_unrecorded(desk: Desk, spare: SpareJournal, warnings: tuple[UnrecordedWarning, ...]) -> None:
    """Keep warnings that the record cannot take in reserved room; durable on return.

    Raises:
        UnavailableError: the room is used up, or the disk fails.
    """
    entry = UnrecordedWarnings(warnings=warnings, at=desk.clock())
    spare.append(sign_statement(entry, kind=UNRECORDED_WARNINGS, signer=desk.unlocked.keys.statement).envelope)


def unrecorded_warnings(desk: Desk, spare: SpareJournal) -> list[UnrecordedWarning]:
    """What was shown and stands in no record yet.

    Raises:
        PartnerError: an entry is not one that this node signed.
    """
    return _read_warnings(desk, spare.entries())


def _read_warnings(desk: Desk, entries: Sequence[bytes]) -> list[UnrecordedWarning]:
    keys = desk.unlocked.statement_keys
    return [
        warning
        for envelope in entries
        for warning in verify_statement(
            envelope,
            accepts={UNRECORDED_WARNINGS: UnrecordedWarnings},
            key=choose_statement_key(envelope, keys=keys),
        ).value.warnings
    ]


def enter_late_warnings(desk: Desk, spare: SpareJournal) -> list[UnrecordedWarning]:
    """Enter what was shown without a record, in one unit, and empty the spare journal.

    # CRASH: entered and not cleared: the next time finds them in the record and only clears the journal.

    Raises:
        UnavailableError: the log still takes nothing.
    """
    entries = spare.entries()
    late = _read_warnings(desk, entries)
    if not late:
        return []

    def unit(tx: Tx) -> None:
        for one in late:
            message = parse_message(read_signed(one.raw).naming.message)
            if tx.latest(LateWarning, message=message.message) is None:
                record = LateWarning(
                    message=message.message,
                    originator=message.originator,
                    digest=sha256_hex(one.raw),
                    warning=one,
                    at=desk.clock(),
                )
                enter(tx, desk, record, event=Event.WARNING_ENTERED_LATE, subject=message.message)

    desk.store.run(unit)
    spare.clear(entries)
    return late
