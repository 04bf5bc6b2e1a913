"""Partners: pinned by a person who compared fingerprints, known by their current descriptor."""

from typing import cast

from gsomia.audit import Event
from gsomia.errors import LocalError
from gsomia.flows.desk import Desk
from gsomia.flows.ledger import enter, share
from gsomia.flows.ports import Tx
from gsomia.ids import PartyCode
from gsomia.parties import DescriptorError, PinnedParty, pin

_MEMO = "partners"


def pin_partner(desk: Desk, untrusted: bytes, *, fingerprint: str, by: str) -> PinnedParty:
    """Believe a partner's identities and descriptor from now on; the log shared with it begins here.

    Raises:
        CanonError, SignatureError, DescriptorError: the file does not hold, or its descriptor is not the newest.
        LocalError: it is our own file, or another identity is pinned for that party already.

    Source: design 4 (Identities).
    """
    pinned = pin(untrusted, fingerprint=fingerprint, by=by, now=desk.clock())
    if pinned.code == desk.party:
        raise LocalError("flows/pin-ourselves", "this is our own pin file", remedy="pin the partner's `party export`")

    def unit(tx: Tx) -> PinnedParty:
        known = tx.latest(PinnedParty, code=pinned.code)
        if known is not None and known.record != pinned.record:
            raise LocalError(
                "flows/identity-changed",
                f"another identity is pinned for `{pinned.code}`",
                remedy="a replaced identity needs the partner's recovery key, never a second pin",
            )
        if known is not None and known.descriptor == pinned.descriptor:
            return known
        if known is not None and known.descriptor.number >= pinned.descriptor.number:
            raise DescriptorError(
                "parties/descriptor-old",
                f"descriptor `{pinned.descriptor.number}` is not newer than `{known.descriptor.number}`",
                remedy="ask the partner for its current pin file",
            )
        desk.memo.pop(_MEMO, None)
        enter(tx, desk, pinned, event=Event.PARTY_PINNED, subject=pinned.code)
        share(tx, desk, pinned.code, event=Event.PARTY_PINNED, subject=pinned.code, digest=pinned.record.fingerprint)
        return pinned

    try:
        return desk.store.run(unit)
    finally:
        desk.memo.pop(_MEMO, None)


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
        latest = {pinned.code: pinned for pinned in tx.every(PinnedParty)}
        found = tuple(latest[code] for code in sorted(latest))
        desk.memo[_MEMO] = found  # inside the unit: units are one after another, so no older list comes later
        return found

    known = desk.memo.get(_MEMO)
    return cast("tuple[PinnedParty, ...]", known) if known is not None else desk.store.run(unit)
