"""Who is believed, and from when: pinning a party and accepting its numbered descriptors."""

from gsomia import canon
from gsomia.instants import Instant
from gsomia.parties.certificates import certified_key
from gsomia.parties.errors import DescriptorError
from gsomia.parties.keys import MLDSA44_BYTES, MLDSA65_BYTES
from gsomia.parties.party import Descriptor, PartyRecord, PinFile, PinnedParty
from gsomia.parties.signature import verify_statement

DESCRIPTOR = "descriptor"
"""Statement kind of a party descriptor."""


def verify_descriptor(untrusted: bytes, *, record: PartyRecord, newer_than: int = 0) -> Descriptor:
    """Prove that the party of `record` issued this descriptor, with a number above `newer_than`.

    1. The working identity signed it.
    2. It is the party's own.
    3. Its number is higher than any accepted before.
    4. Statement keys are ML-DSA-65, log and cosigner keys ML-DSA-44, and no key serves two purposes.

    Raises:
        CanonError: malformed.
        SignatureError: step 1.
        DescriptorError: step 2, 3 or 4.

    Source: design 4 (Identities), "lower numbers are refused".
    """
    # (1) signed by the working identity
    descriptor = verify_statement(untrusted, accepts={DESCRIPTOR: Descriptor}, key=record.working).value
    # (2) the party's own
    if descriptor.party != record.code:
        raise DescriptorError("parties/descriptor-of-another", "the descriptor names another party than its record")
    # (3) newer than the last
    if descriptor.number <= newer_than:
        raise DescriptorError(
            "parties/descriptor-old",
            f"descriptor `{descriptor.number}` is not newer than `{newer_than}`",
            remedy="ask the partner for its current descriptor",
        )
    # (4) strengths as required, keys separate
    signing = (record.working, record.recovery, descriptor.statement, descriptor.log, descriptor.cosigner)
    lengths = tuple(len(key.mldsa) for key in signing)
    single = [key.ed25519 for key in signing] + [certified_key(descriptor.tls_certificate)]
    separate = len(set(single)) == len(single) and len({key.mldsa for key in signing}) == len(signing)
    if lengths != (MLDSA65_BYTES,) * 3 + (MLDSA44_BYTES,) * 2 or not separate:
        raise DescriptorError("parties/keys-not-separate", "each purpose needs a key of its own, of the right strength")
    return descriptor


def pin(untrusted: bytes, *, fingerprint: str, by: str, now: Instant) -> PinnedParty:
    """Believe a party from now on, because a person compared its fingerprint over another channel.

    Raises:
        CanonError: the file is not a pin file.
        SignatureError: its descriptor is not signed by its working identity.
        DescriptorError: the fingerprint is another, or the descriptor does not hold.
    """
    pin_file = canon.decode(untrusted, PinFile)
    if pin_file.record.fingerprint != fingerprint:
        raise DescriptorError(
            "parties/fingerprint-differs",
            f"the file's fingerprint is `{pin_file.record.fingerprint}`",
            remedy="compare it with the partner over another channel and pass the confirmed one",
        )
    descriptor = verify_descriptor(pin_file.descriptor, record=pin_file.record)
    return PinnedParty(record=pin_file.record, descriptor=descriptor, pinned_by=by, at=now)
