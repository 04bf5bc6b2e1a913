"""Partners: pinned by a person who compared fingerprints, known by their current descriptor.

What a partner said under an earlier set of keys is verified under that set; which sets still count, and for what, is
decided here.
"""

from dataclasses import dataclass
from typing import cast

from gsomia.audit import Event
from gsomia.errors import LocalError, RefusedError
from gsomia.exchange import Arrival
from gsomia.flows.desk import Desk
from gsomia.flows.ledger import enter, share
from gsomia.flows.ports import Tx
from gsomia.flows.records import DisownedRecord, KeySetRecord, LinkSwitch, RefusalRecord
from gsomia.ids import ConsignmentId, PartyCode, new_id
from gsomia.instants import Instant
from gsomia.parties import (
    REVOKING,
    DescriptorError,
    ExerciseError,
    HybridKey,
    PinnedParty,
    check_one_world,
    is_exercise,
    pin,
)

_MEMO = "partners"
_SETS = "partners' key sets"
MAX_SKEW_S = 300
"""How far a partner's clock may be off when it says that it decided before its keys changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySets:
    """Every descriptor a partner had, oldest first.

    Args:
        sets: as they were accepted.
        revoked_below: sets with a lower number count no longer.
        switched: sets with a lower number may no longer call; the partner has called under this one.
    """

    sets: tuple[PinnedParty, ...]
    revoked_below: int
    switched: int

    @property
    def current(self) -> PinnedParty:
        """The last one."""
        return self.sets[-1]

    @property
    def counting(self) -> tuple[PinnedParty, ...]:
        """Those that are not revoked, newest first."""
        return tuple(one for one in reversed(self.sets) if one.descriptor.number >= self.revoked_below)

    @property
    def calling(self) -> tuple[PinnedParty, ...]:
        """Those under whose certificate the partner may call."""
        return tuple(one for one in self.counting if one.descriptor.number >= self.switched)

    @property
    def log_keys(self) -> tuple[HybridKey, ...]:
        """Keys that sign the partner's checkpoints: a reader hears of a new one a moment after it came into use."""
        return tuple(one.descriptor.log for one in self.counting)

    def replaced_at(self, number: int) -> Instant | None:
        """When we learned that the set `number` was replaced, or None if it is the current one."""
        later = [one.at for one in self.sets if one.descriptor.number > number]
        return later[0] if later else None


def pin_partner(desk: Desk, untrusted: bytes, *, fingerprint: str, by: str) -> PinnedParty:
    """Believe a partner's identities and descriptor from now on; the log shared with it begins here.

    Raises:
        CanonError, SignatureError, DescriptorError: the file does not hold, or its descriptor is not the newest.
        LocalError: it is our own file, or another identity is pinned for that party already.
        RefusedError: one of us exists for exercises only and the other is real; recorded.

    Source: design 4 (Identities), ADR 0033.
    """
    pinned = pin(untrusted, fingerprint=fingerprint, by=by, now=desk.clock())
    if pinned.code == desk.party:
        raise LocalError("flows/pin-ourselves", "this is our own pin file", remedy="pin the partner's `party export`")
    try:
        check_one_world((desk.party, pinned.code))
    except ExerciseError as mixed:
        raise _refuse(desk, pinned, mixed) from mixed

    def unit(tx: Tx) -> PinnedParty:
        known = tx.latest(PinnedParty, code=pinned.code)
        if known is not None and known.record != pinned.record:  # by hand nobody replaces an identity
            raise LocalError(
                "flows/identity-changed",
                f"another identity is pinned for `{pinned.code}`",
                remedy="a replaced identity needs the partner's recovery key, never a second pin",
            )
        if known is not None and known.descriptor.number > pinned.descriptor.number:
            raise DescriptorError(
                "parties/descriptor-old",
                f"descriptor `{pinned.descriptor.number}` is not newer than `{known.descriptor.number}`",
                remedy="ask the partner for its current pin file",
            )
        if known is not None and known.descriptor.number == pinned.descriptor.number:
            return known
        forget(desk)
        enter(tx, desk, pinned, event=Event.PARTY_PINNED, subject=pinned.code)
        share(tx, desk, pinned.code, event=Event.PARTY_PINNED, subject=pinned.code, digest=pinned.record.fingerprint)
        return pinned

    try:
        return desk.store.run(unit)
    finally:
        forget(desk)


def partner(desk: Desk, code: PartyCode) -> PinnedParty:
    """A pinned partner.

    Raises:
        LocalError: nobody pinned it.
    """
    pinned = next((one for one in partners(desk) if one.code == code), None)
    if pinned is None:
        raise LocalError(
            "flows/unknown-partner",
            f"`{code}` is not pinned at this node",
            remedy=f"get the partner's pin file and type: gsomia party pin FILE --fingerprint … (for {code})",
        )
    return pinned


def partners(desk: Desk) -> tuple[PinnedParty, ...]:
    """Every pinned partner, by its latest descriptor."""

    def unit(tx: Tx) -> tuple[PinnedParty, ...]:
        latest = {pinned.code: pinned for pinned in _pinned(tx, desk)}
        found = tuple(latest[code] for code in sorted(latest))
        desk.memo[_MEMO] = found  # inside the unit: units are one after another, so no older list comes later
        return found

    known = desk.memo.get(_MEMO)
    return cast("tuple[PinnedParty, ...]", known) if known is not None else desk.store.run(unit)


def forget(desk: Desk) -> None:
    """What is remembered of partners is read again: one of them changed."""
    desk.memo.pop(_MEMO, None)
    desk.memo.pop(_SETS, None)


def every_key_set(desk: Desk) -> dict[PartyCode, KeySets]:
    """Every partner's sets of keys, the current ones included."""

    def unit(tx: Tx) -> dict[PartyCode, KeySets]:
        found: dict[PartyCode, list[PinnedParty]] = {}
        for pinned in _pinned(tx, desk):
            found.setdefault(pinned.code, []).append(pinned)
        sets = {code: _key_sets(tx, code, tuple(pinned)) for code, pinned in found.items()}
        desk.memo[_SETS] = sets  # inside the unit, as in `partners`
        return sets

    known = desk.memo.get(_SETS)
    return cast("dict[PartyCode, KeySets]", known) if known is not None else desk.store.run(unit)


def key_sets(desk: Desk, code: PartyCode) -> KeySets:
    """A partner's sets of keys.

    Raises:
        LocalError: nobody pinned it.
    """
    partner(desk, code)
    return every_key_set(desk)[code]


def sender_of(desk: Desk, code: PartyCode, *, key: str, consignment: ConsignmentId) -> PinnedParty:
    """Under which of its sets a partner released something.

    The current one, or an earlier one: what it released before its keys changed may be on its way still. What a
    revoked key signed is taken only if it is here already, so that the old answer can be given again.

    Raises:
        DescriptorError: the set is revoked.

    Source: design 4 (Identities).
    """
    known = key_sets(desk, code)
    used = next((one for one in known.sets if one.descriptor.statement.key_ids[0] == key), known.current)
    if used in known.counting or desk.store.run(lambda tx: _arrived(tx, code, consignment)):
        return used
    raise DescriptorError("parties/key-revoked", f"the key that signed it was revoked by `{code}`")


def check_decided(desk: Desk, code: PartyCode, used: PinnedParty, *, at: Instant) -> None:
    """Hold that what an earlier set signed was decided before it was replaced.

    Raises:
        DescriptorError: it was decided afterwards.
    """
    replaced = key_sets(desk, code).replaced_at(used.descriptor.number)
    if replaced is not None and at > replaced.plus(seconds=MAX_SKEW_S):
        raise DescriptorError("parties/key-not-current", "decided after the key that signed it was replaced")


def caller(desk: Desk, certificate: bytes | None) -> PinnedParty | None:
    """Who calls under this certificate; None if no partner may.

    The first call under a new certificate ends the ones before it.
    """
    for known in every_key_set(desk).values():
        for used in known.calling:
            if used.descriptor.tls_certificate == certificate:
                if _is_new(known, used):
                    _switch(desk, used)
                return known.current
    return None


def caller_at_hand(desk: Desk, certificate: bytes | None) -> PinnedParty | None:
    """As `caller`, if the record need not be asked for it; None says that it must be."""
    for known in cast("dict[PartyCode, KeySets]", desk.memo.get(_SETS, {})).values():
        for used in known.calling:
            if used.descriptor.tls_certificate == certificate:
                return None if _is_new(known, used) else known.current
    return None


def _is_new(known: KeySets, used: PinnedParty) -> bool:
    """Whether a partner calls under this certificate for the first time."""
    return used.descriptor.number > max(known.switched, known.sets[0].descriptor.number)


def calling_certificates(desk: Desk) -> tuple[bytes, ...]:
    """Every certificate under which a partner may call now."""
    return tuple(one.descriptor.tls_certificate for known in every_key_set(desk).values() for one in known.calling)


def is_disowned(tx: Tx, reference: str) -> bool:
    """Whether a statement or manifest counts no longer, because the key that signed it was revoked."""
    return tx.latest(DisownedRecord, reference=reference) is not None


def _pinned(tx: Tx, desk: Desk) -> list[PinnedParty]:
    # Of another world nobody is a partner, even if the record says that somebody pinned it: no call, no line, no key.
    ours = is_exercise(desk.party)
    return [pinned for pinned in tx.every(PinnedParty) if is_exercise(pinned.code) is ours]


def _refuse(desk: Desk, pinned: PinnedParty, mixed: ExerciseError) -> RefusedError:
    correlation = new_id("cor", desk.entropy)
    record = RefusalRecord(
        party=pinned.code,
        code=mixed.code,
        correlation_id=correlation,
        subject=correlation,
        message=mixed.message,
        at=desk.clock(),
    )
    desk.store.run(
        lambda tx: enter(tx, desk, record, event=Event.PARTY_REFUSED, subject=correlation, party=pinned.code)
    )
    return RefusedError(
        "flows/exercise-does-not-mix",
        mixed.message,
        remedy=mixed.remedy,
        clauses=("DESIGN-4",),
        evidence={"correlation_id": correlation},
    )


def _key_sets(tx: Tx, code: PartyCode, sets: tuple[PinnedParty, ...]) -> KeySets:
    revoking = [one.number for one in tx.every(KeySetRecord, party=code) if one.cause in REVOKING]
    switched = tx.latest(LinkSwitch, party=code)
    return KeySets(sets=sets, revoked_below=max(revoking, default=0), switched=switched.number if switched else 0)


def _arrived(tx: Tx, code: PartyCode, consignment: ConsignmentId) -> bool:
    return tx.latest(Arrival, consignment=consignment, sender=code) is not None


def _switch(desk: Desk, used: PinnedParty) -> None:
    code, number = used.code, used.descriptor.number

    def unit(tx: Tx) -> None:
        known = tx.latest(LinkSwitch, party=code)
        if known is None or known.number < number:
            record = LinkSwitch(party=code, number=number, at=desk.clock())
            enter(tx, desk, record, event=Event.LINK_SWITCHED, subject=code, number=str(number))

    desk.store.run(unit)
    forget(desk)
    desk.keys_changed()
