"""What a text says of the relay: who is the hub, over which agreements it reaches each end, which topics it carries.

A relay arrangement is an agreement like any other: its table reads the originator's label for the recipient, its digest
is what all three sign. The topics are a table with a version of its own, so that a consent can name the table it meant.
"""

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from gsomia.ids import InstrumentId, PartyCode, Topic
from gsomia.labels import check_ascending

TopicsVersion = Annotated[int, Meta(ge=1, le=2**31)]


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicLine:
    """A topic, and whether the relay carries it."""

    topic: Topic
    carried: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicTable:
    """One version of the scope of a relay. What is not in it is not carried.

    Source: TR-2.
    """

    version: TopicsVersion
    lines: Annotated[tuple[TopicLine, ...], Meta(min_length=1, max_length=256)]

    def __post_init__(self) -> None:
        """Refuse a second spelling.

        Raises:
            ValueError: topics unsorted or doubled.
        """
        check_ascending([line.topic for line in self.lines], what="topics")

    def carries(self, topic: Topic) -> bool:
        """Whether the relay carries a topic; unknown means no."""
        return any(line.topic == topic and line.carried for line in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feeder:
    """The agreement between the hub and one end, under which that leg is carried and protected.

    Source: TISA paragraphs 3 and 4, TR-8.
    """

    party: PartyCode
    instrument: InstrumentId


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayTerms:
    """The relay of an arrangement.

    Source: relay 5.1, TR-1, TR-2, TR-6.
    """

    hub: PartyCode
    feeders: Annotated[tuple[Feeder, ...], Meta(min_length=2, max_length=7)]
    topics: TopicTable

    def __post_init__(self) -> None:
        """Refuse a second spelling, and a hub that is an end.

        Raises:
            ValueError: ends unsorted or doubled, or the hub among them.
        """
        check_ascending([feeder.party for feeder in self.feeders], what="ends of a relay")
        if any(feeder.party == self.hub for feeder in self.feeders):
            raise ValueError("the hub is no end of its relay")

    def feeder_of(self, party: PartyCode) -> InstrumentId | None:
        """The agreement over which the hub reaches an end; None if `party` is no end."""
        return next((feeder.instrument for feeder in self.feeders if feeder.party == party), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Introduced:
    """An originator whose verification keys the hub introduces to the other party of a feeder agreement.

    Source: design 6 (The relay).
    """

    hub: PartyCode
    originator: PartyCode
