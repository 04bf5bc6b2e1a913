"""What the two ends of the warning floor have heard from their node: a desk its picture, a source its answers."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from gsomia.warning import (
    EMPTY,
    Alarm,
    Denied,
    Heard,
    Link,
    Marked,
    Message,
    Picture,
    Shown,
    Taken,
    add,
    characters,
    mark,
    parse_message,
    print_message,
    rows,
)


@dataclass(slots=True)
class Floor:
    """What one desk has heard."""

    picture: Picture = field(default_factory=lambda: EMPTY)
    heard: dict[str, Message] = field(default_factory=dict)
    delays_us: list[int] = field(default_factory=list)
    links: dict[tuple[str, bool, str], Link] = field(default_factory=dict)
    alarms: list[Alarm] = field(default_factory=list)
    routes: Counter[str] = field(default_factory=Counter)
    last: Message | None = None

    def hear(self, word: object) -> None:
        """Take one word of the node into the picture."""
        match word:
            case Shown():
                message = parse_message(word.message)
                self.picture = add(self.picture, Heard(message=message, marks=frozenset(word.marks)))
                self.heard[message.message] = message
                self.delays_us.append(word.received_us - message.at_us)
                self.routes[word.route.value] += 1
                self.last = message
            case Marked():
                self.picture = mark(self.picture, word)
            case Alarm():
                self.alarms.append(word)
            case Link():
                self.links[word.party, word.incoming, word.instrument] = word
            case _:
                pass

    def document(self, now_us: int) -> dict[str, Any]:
        """What stood in the picture, for programs."""
        from gsomia.cli.picture import document  # noqa: PLC0415  the picture needs rich

        delays = sorted(self.delays_us)
        return {
            "characters": [character.value for character in characters(self.picture)],
            "messages": len(self.heard),
            "digest": messages_digest(self.heard.values()),
            "routes": dict(self.routes),
            "delay_ms": {"p50": delays[len(delays) // 2] / 1000, "max": delays[-1] / 1000} if delays else None,
            "events": [document(row) for row in rows(self.picture, now_us=now_us)],
            "alarms": [{"code": one.code, "party": one.party, "text": one.text} for one in self.alarms],
            "links": [{"party": one.party, "incoming": one.incoming, "up": one.up} for one in self.links.values()],
        }


def messages_digest(messages: Iterable[Message]) -> str:
    """SHA-256 over the canonical bytes of messages, in the order of their bytes: equal if and only if they are."""
    together = hashlib.sha256()
    for spelled in sorted(print_message(message) for message in messages):
        together.update(len(spelled).to_bytes(4, "big") + spelled)
    return together.hexdigest()


@dataclass(slots=True)
class Answers:
    """What the node said to a source."""

    count: int = 0
    taken: set[str] = field(default_factory=set)
    to: set[str] = field(default_factory=set)
    denied: Counter[str] = field(default_factory=Counter)
    clauses: set[str] = field(default_factory=set)

    def take(self, word: object) -> bool:
        """Count one; False if there was none."""
        match word:
            case Taken():
                self.count += 1
                self.taken.add(word.message)
                self.to.update(word.to)
            case Denied():
                self.count += 1
                self.denied[word.code] += 1
                self.clauses.update(word.clauses)
            case None:
                return False
            case _:
                pass
        return True
