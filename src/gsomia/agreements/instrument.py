"""All texts of one instrument: the course of each, and the one course of those that amendments join.

An amended text goes on where the one before it stood: same term, same notices, same duties; the older text then only
says how what came under it is protected. A text that was merely proposed has a course of its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from msgspec import structs

from gsomia.agreements.agreement import Agreement
from gsomia.agreements.course import Course, Moment
from gsomia.agreements.follow import History, follow
from gsomia.agreements.lifecycle import IN_FORCE, Event, State
from gsomia.agreements.profile import Profile, profile_of
from gsomia.agreements.standing import ActPart, ActRecord, Standing, moments_of, standing_at
from gsomia.ids import HexDigest
from gsomia.instants import Instant

_FOUNDING = frozenset({Event.PROPOSE, Event.SIGN})
_BOUND = frozenset(IN_FORCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """One instrument with every text of it that a node knows, oldest first."""

    texts: tuple[Agreement, ...]
    histories: Mapping[HexDigest, History]
    joined: Mapping[HexDigest, HexDigest]
    """For every amended text, the text whose course it goes on with."""

    def history(self, digest: HexDigest, *, at: Instant) -> History:
        """The course that governs a text at an instant."""
        root = self.joined.get(digest)
        if root is not None and digest in self.histories[root].reached(at)[0].texts:
            return self.histories[root]
        return self.histories[digest]

    def reached(self, digest: HexDigest, *, at: Instant) -> tuple[Course, Profile]:
        """The course of a text, as far as it has come, and its profile."""
        return self.history(digest, at=at).reached(at)

    def standing(self, digest: HexDigest, *, at: Instant) -> Standing:
        """Where a text stands at an instant.

        Source: lifecycle 3.1, T21.
        """
        course, profile = self.reached(digest, at=at)
        stands = standing_at(course, profile, at=at)
        if course.texts and course.texts[-1] != digest and digest in course.texts:
            allowed = replace(stands.allowed, release=False, visit=False, arrange=False)
            return replace(stands, allowed=allowed, banner="amended: a later text governs what is new")
        return stands

    def current(self, *, at: Instant) -> Agreement:
        """The text that counts: in force, else signed, else ended, else the last that became known."""
        stands = {text.digest: self.standing(text.digest, at=at) for text in self.texts}
        for wanted in (_BOUND, {State.SIGNED}):
            for text in reversed(self.texts):
                one = stands[text.digest]
                if one.state in wanted and (not one.course.texts or one.course.texts[-1] == text.digest):
                    return text
        return self.texts[-1]

    def bound(self, *, at: Instant) -> Agreement | None:
        """The last text that had been signed by all at an instant, ended since or not; None if none had.

        What is only proposed, before or after, changes nothing that was signed.
        """
        for text in reversed(self.texts):
            signed = self.standing(text.digest, at=at).course.texts
            if signed and signed[-1] == text.digest:
                return text
        return None


def build_instrument(texts: Sequence[Agreement], acts: Iterable[ActRecord | ActPart]) -> Instrument:
    """Everything that received acts say about the texts of one instrument.

    Source: T21, G21-2.
    """
    by_digest: dict[HexDigest, list[ActRecord | ActPart]] = {text.digest: [] for text in texts}
    for act in acts:
        by_digest.get(act.agreement, []).append(act)
    profiles = {text.digest: profile_of(text) for text in texts}
    moments = {text.digest: moments_of(text.digest, by_digest[text.digest]) for text in texts}
    histories = {digest: follow(profiles[digest], moments[digest]) for digest in profiles}
    joined: dict[HexDigest, HexDigest] = {}
    for text in texts:
        _join(text.digest, profiles, moments, histories, joined)
    return Instrument(texts=tuple(texts), histories=histories, joined=joined)


def _join(
    root: HexDigest,
    profiles: Mapping[HexDigest, Profile],
    moments: dict[HexDigest, tuple[Moment, ...]],
    histories: dict[HexDigest, History],
    joined: dict[HexDigest, HexDigest],
) -> None:
    while root not in joined and histories[root].points:
        texts = histories[root].points[-1][1].texts
        added = [digest for digest in profiles if digest in texts and digest != root and digest not in joined]
        if not added:
            return
        for digest in added:
            joined[digest] = root
            behind = max((moment.order for moment in moments[root]), default=0) + 1
            later = tuple(
                structs.replace(moment, order=moment.order + behind)
                for moment in moments[digest]
                if moment.event not in _FOUNDING
            )
            moments[root] = (*moments[root], *later)
        amended = {str(digest): profile for digest, profile in profiles.items()}
        histories[root] = follow(profiles[root], moments[root], amended=amended)
