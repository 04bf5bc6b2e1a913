"""What the people at a desk see: the watch log, the words of a message, and the sheet for when the link is down.

Words that hold nothing classified are shown with the log. Classified words are shown to the duty officer who has the
watch and is cleared for them, after that was written down.

Source: relay 5.4, A-32, G7-2, F-07.
"""

from typing import Any

from gsomia import canon
from gsomia.audit import Event
from gsomia.errors import LocalError, RefusedError
from gsomia.exchange import (
    HOUSE_RULES,
    AcknowledgementEntry,
    CallEntry,
    DisclosureForm,
    DisclosureOpened,
    HotlineAlarm,
    HotlineDesk,
    HotlineMessage,
    MessageEntry,
    Precedence,
    Texts,
    WatchTurn,
    WordsShown,
    digest_words,
    who_has_the_watch,
)
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.hotline_alarms import alarms_now, calls_of_plans
from gsomia.flows.hotline_desks import require_watch
from gsomia.flows.hotline_facts import entered_words, message_facts, open_words, stored_message
from gsomia.flows.hotline_lines import HOTLINE_MARKS, line_level
from gsomia.flows.ledger import enter
from gsomia.flows.people import require_office
from gsomia.flows.ports import Tx
from gsomia.ids import HexDigest, PartyCode
from gsomia.instants import Instant
from gsomia.labels import permits, simple_label
from gsomia.parties import Office
from gsomia.registry import ClearanceGrant, IncidentMark

Document = dict[str, Any]


def cursor(tx: Tx) -> int:
    """How many messages and acknowledgements the watch log holds: it only grows, so that a desk can wait for more."""
    return tx.count(MessageEntry) + tx.count(AcknowledgementEntry)


def watch_log(desk: Desk, *, last: int) -> Document:
    """The watch log: the last messages with what came of them, calls, watches, tests, disclosures, alarms.

    Args:
        desk: ours.
        last: how many messages are shown.
    """
    now = desk.clock()

    def read(tx: Tx) -> Document:
        entries = tx.every(MessageEntry)
        shown = entries[-last:] if last else []
        return {
            "cursor": cursor(tx),
            "count": len(entries),
            "messages": [_message(tx, desk, entry) for entry in shown],
            "calls": [canon.plain(call) for call in tx.every(CallEntry)],
            "watches": [canon.plain(turn) for turn in tx.every(WatchTurn)],
            "tests": _tests(tx, now),
            "disclosures": [_disclosure(tx, opened) for opened in tx.every(DisclosureOpened)],
            "incidents_due": [_mark(one) for one in tx.every(IncidentMark) if one.what in HOTLINE_MARKS],
            "alarms": alarm_documents(tx, desk, now=now),
            "alarmed": [canon.plain(alarm) for alarm in tx.every(HotlineAlarm)],
        }

    return desk.store.run(read)


def new_messages(desk: Desk, *, after: int) -> Document:
    """What came to the watch log since `after`: messages, and those that were acknowledged since.

    Quick, because a desk waits for it: what is newest is found without going through the log.
    """

    def read(tx: Tx) -> Document:
        reached = cursor(tx)
        entries = _touched(tx, reached - after) if reached > after else []
        return {"cursor": reached, "messages": [_message(tx, desk, entry) for entry in entries]}

    return desk.store.run(read, reads=True)


def _touched(tx: Tx, count: int) -> list[MessageEntry]:
    if count == 1:
        newest, answered = tx.latest(MessageEntry), tx.latest(AcknowledgementEntry)
        entries = [newest] if newest else []
        answers = [answered] if answered else []
    else:
        entries, answers = tx.every(MessageEntry)[-count:], tx.every(AcknowledgementEntry)[-count:]
    found = {entry.message: entry for entry in entries}
    for answer in answers:
        entry = tx.latest(MessageEntry, message=answer.message)
        if entry is not None:
            found.setdefault(entry.message, entry)
    return list(found.values())


def alarm_documents(tx: Tx, desk: Desk, *, now: Instant) -> list[Document]:
    """Every alarm that holds at `now`."""
    return [
        {"reference": alarm.reference, "code": alarm.code.value, "party": alarm.party, "since": str(alarm.since)}
        for alarm in alarms_now(tx, desk, now=now)
    ]


def show_message(desk: Desk, actor: Actor, message: HexDigest) -> Document:
    """The words of a message, with the digest words by which it is read back.

    Raises:
        LocalError: no such message.
        RefusedError: without the watch, or not cleared for classified words.

    Source: relay 5.4, G7-2, F-07.
    """
    require_office(desk, actor, Office.DUTY_OFFICER, clause="G7-2")
    now = desk.clock()

    def unit(tx: Tx) -> tuple[Document, HotlineMessage]:
        entry = tx.latest(MessageEntry, message=message)
        if entry is None:
            raise LocalError("flows/unknown-message", "the watch log holds no such message", remedy="see `hotline log`")
        ours = entry.head.from_desk if entry.direction == "own" else entry.head.to_desk
        require_watch(tx, actor, name=ours, now=now)
        if entry.head.classified:
            _require_cleared(tx, desk, actor, entry, now=now)
            # Law 2: written before the first word is shown.
            shown = WordsShown(message=message, reader=actor.person, at=now)
            enter(tx, desk, shown, event=Event.HOTLINE_WORDS_SHOWN, subject=message)
        return _message(tx, desk, entry), stored_message(tx, entry)

    document, stored = desk.store.run(unit)
    return {**document, **_words(open_words(desk, stored))}


def desks_of(tx: Tx, *, now: Instant) -> list[Document]:
    """Every named desk, ours and partners', with who has the watch at ours."""
    latest = {(one.owner, one.peer, one.desk): one for one in tx.every(HotlineDesk)}
    return [
        {
            **canon.plain(one.notice),
            "peer": one.peer,
            "in_use": one.notice.valid.covers(now),
            "on_watch": who_has_the_watch(tx.every(WatchTurn, desk=one.desk), now=now),
        }
        for _, one in sorted(latest.items(), key=lambda pair: pair[0])
    ]


def fallback_sheet(desk: Desk, partner: PartyCode) -> str:
    """The sheet to print: desks, numbers to dial, words to say, and the last numbers each way; no word of any message.

    Source: relay 5.4 (voice; call log).
    """
    now = desk.clock()

    def read(tx: Tx) -> str:
        desks = [one for one in desks_of(tx, now=now) if one["peer"] == partner and one["in_use"]]
        entries = tx.every(MessageEntry, party=partner)
        numbers = {way: [e.number for e in entries if e.direction == way] for way in ("own", "heard")}
        waiting = [entry for entry in entries if message_facts(tx, entry).is_open()]
        return "\n".join(_sheet_lines(desk.party, partner, desks, numbers, waiting, now)) + "\n"

    return desk.store.run(read)


def _sheet_lines(
    us: PartyCode,
    partner: PartyCode,
    desks: list[Document],
    numbers: dict[str, list[int]],
    waiting: list[MessageEntry],
    now: Instant,
) -> list[str]:
    lines = [f"HOTLINE {us} - {partner}: LINK DOWN / 회선 두절 / 回線断", f"printed {now}", ""]
    for one in desks:
        titles = " / ".join(title for title in (one["title_ko"], one["title_ja"], one["title_en"]) if title)
        lines += [f"{one['party']} {one['desk']}: {titles}", *(f"    {number}" for number in one["numbers"])]
    lines += [
        "",
        f"last number {us} to {partner}: {max(numbers['own'], default=0)}",
        f"last number {partner} to {us}: {max(numbers['heard'], default=0)}",
        *(f"open: {e.direction} {e.number} {e.head.precedence}" for e in waiting),
        "",
        "SAY, IN THIS ORDER / 말할 순서 / 話す順序",
        "1. LEVEL / 비밀등급 / 秘密区分:  UNCLASSIFIED / 평문 / 平文",
        "2. PRECEDENCE / 긴급도 / 緊急度:  " + ", ".join(reversed(Precedence)),
        "3. NUMBER / 번호 / 番号,  FROM / 발신 / 発,  TO / 수신 / 宛",
        "4. TEXT / 본문 / 本文",
        "5. READ BACK / 복창 / 復唱  -  THAT IS CORRECT / 맞습니다 / その通り  or  WRONG / 틀립니다 / 違います",
        "6. No classified words. If some were said: `hotline call --classified`, the form is due within the hour.",
        "",
        "read back within: "
        + ", ".join(
            f"{one} {HOUSE_RULES.limit(one).read_back_s} s"
            for one in reversed(Precedence)
            if HOUSE_RULES.limit(one).read_back_s is not None
        )
        + " (house rules)",
        "Log the call afterwards: time, callers, subject, classified yes or no.",
    ]
    return lines


def _message(tx: Tx, desk: Desk, entry: MessageEntry) -> Document:
    facts = message_facts(tx, entry)
    document: Document = {
        "message": entry.message,
        "level": entry.head.level,
        "precedence": entry.head.precedence.value,
        "direction": entry.direction,
        "party": entry.party,
        "number": entry.number,
        "matter": entry.head.matter.value,
        "from": entry.head.from_desk,
        "to": entry.head.to_desk,
        "said_at": str(entry.head.at),
        "at": str(entry.at),
        "by": entry.by,
        "progress": facts.progress.value,
        "acknowledgements": [
            {"at": str(one.at), "read_back": one.acknowledgement.read_back is not None, "right": one.right}
            for one in facts.acknowledgements
        ],
        "words": None,
    }
    if not entry.head.classified and desk.custody is not None:
        document |= _words(entered_words(tx, desk, entry))
    return document


def _words(texts: Texts) -> Document:
    return {"words": texts.entered, "digest_words": " ".join(digest_words(texts))}


def _tests(tx: Tx, now: Instant) -> list[Document]:
    return [
        {
            **canon.plain(plan),
            "calls": [{"due": str(c.due), "outcome": c.outcome.value, "message": c.message} for c in calls],
        }
        for plan, calls in calls_of_plans(tx, now=now)
    ]


def _mark(mark: IncidentMark) -> Document:
    return {"reference": mark.subject, **canon.plain(mark), "mark": mark.digest, "clause": "A-32"}


def _disclosure(tx: Tx, opened: DisclosureOpened) -> Document:
    form = tx.latest(DisclosureForm, reference=opened.reference)
    state = "due" if form is None else "complete" if form.complete else "incomplete"
    return {**canon.plain(opened), "state": state, "form": canon.plain(form) if form else None}


def _require_cleared(tx: Tx, desk: Desk, actor: Actor, entry: MessageEntry, *, now: Instant) -> None:
    head = entry.head
    found = line_level(tx, desk, partner=entry.party, party=head.sender, level=head.level, instrument=head.instrument)
    grant = tx.latest(ClearanceGrant, person=actor.person)
    labels = [simple_label(desk.policy, own, created_at=head.at) for own in found.own]
    cleared = grant is not None and all(
        permits(label, clearance=grant.clearance, policy=desk.policy, now=now) for label in labels
    )
    if labels and cleared:
        return
    raise RefusedError(
        "flows/not-cleared-for-words",
        f"`{actor.person}` is not cleared for the level of the message",
        remedy="let a duty officer with that clearance take over the watch",
        clauses=("G7-2",),
    )
