"""How a party's keys follow one another: a numbered descriptor, signed by an identity, each new key proven held.

A *rotation* needs the working identity and the new keys; a *revocation* the working or the recovery identity; a
*recovery* after theft of the working identity needs the recovery identity, and names a new working one. Revocation and
recovery end every earlier set of keys. The sealing key cannot sign: whoever names one it does not hold harms itself.

Source: design 4 (Identities).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from gsomia import canon
from gsomia.ids import Count, PartyCode, sha256_hex
from gsomia.instants import Instant
from gsomia.parties.certificates import certified_key
from gsomia.parties.errors import DescriptorError
from gsomia.parties.keys import ED25519_SIGNATURE_BYTES, HybridKey, HybridSignature, PersonSigner, Signer, verify_person
from gsomia.parties.party import Descriptor, PartyRecord
from gsomia.parties.signature import Statement, pae, payload_type, sign_statement, signed_by, verify_statement
from gsomia.parties.trust import verify_descriptor

KEY_CHANGE = "key-change"
"""Statement kind of a change of keys."""
_POSSESSION = "key-possession"
MAX_DESCRIPTOR_BYTES = 64 << 10


class Cause(StrEnum):
    """Why keys changed; it decides which identity must have signed.

    Source: design 4 (Identities).
    """

    ROTATION = "rotation"
    REVOCATION = "revocation"
    RECOVERY = "recovery"


REVOKING = frozenset({Cause.REVOCATION, Cause.RECOVERY})
"""Causes that end every earlier set of keys."""


class KeyPurpose(StrEnum):
    """A signing key of a set, as its proof of possession names it."""

    WORKING = "working"
    STATEMENT = "statement"
    LOG = "log"
    COSIGNER = "cosigner"
    LANE = "lane"
    TLS = "tls"


_ALWAYS = frozenset(KeyPurpose) - {KeyPurpose.WORKING}


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyProof:
    """A new key signed the descriptor that names it; `mldsa` is empty for the TLS key."""

    purpose: KeyPurpose
    ed25519: Annotated[bytes, Meta(min_length=ED25519_SIGNATURE_BYTES, max_length=ED25519_SIGNATURE_BYTES)]
    mldsa: Annotated[bytes, Meta(max_length=4096)]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyChange:
    """What a party tells one partner when its keys change.

    Args:
        party: whose keys.
        to: the partner told; what `covered` counts is different for each.
        cause: why.
        follows: the number of the set before.
        working: the working identity from here on.
        descriptor: the new descriptor as signed by it.
        proofs: one for each new signing key.
        covered: so many entries of the partner's shared log the party had cosigned before; what a revoked key signed
            counts below, and no longer from there on.
        at: when, by the party's clock.
    """

    party: PartyCode
    to: PartyCode
    cause: Cause
    follows: Count
    working: HybridKey
    descriptor: Annotated[bytes, Meta(max_length=MAX_DESCRIPTOR_BYTES)]
    proofs: Annotated[tuple[KeyProof, ...], Meta(max_length=len(KeyPurpose))]
    covered: Count
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenChange:
    """A change that holds: the statement, the identities and the descriptor from here on."""

    statement: Statement[KeyChange]
    record: PartyRecord
    descriptor: Descriptor


def prove_possession(
    descriptor: bytes, *, signers: Mapping[KeyPurpose, Signer], tls: PersonSigner
) -> tuple[KeyProof, ...]:
    """Each new key signs the descriptor that names it."""
    hybrid = []
    for purpose, signer in signers.items():
        signature = signer.sign(_message(purpose, descriptor))
        hybrid.append(KeyProof(purpose=purpose, ed25519=signature.ed25519, mldsa=signature.mldsa))
    certified = KeyProof(purpose=KeyPurpose.TLS, ed25519=tls.sign(_message(KeyPurpose.TLS, descriptor)), mldsa=b"")
    return (*hybrid, certified)


def say_key_change(change: KeyChange, *, signer: Signer) -> Statement[KeyChange]:
    """The change as a statement of the working or the recovery identity."""
    return sign_statement(change, kind=KEY_CHANGE, signer=signer)


def verify_key_change(untrusted: bytes, *, record: PartyRecord, current: Descriptor, us: PartyCode) -> ProvenChange:
    """Prove that the party of `record` replaced its keys.

    1. The recovery identity signed it, or else the working identity did.
    2. That identity may do so for this cause, and only a recovery names another working identity.
    3. It is the party's own change, told to us.
    4. The descriptor in it holds under the working identity and has a higher number, or is the current one itself.
    5. None of its keys was in the set before.
    6. Every new signing key, and a new working identity, proves that it is held.

    Args:
        untrusted: the statement as received.
        record: the identities pinned for the party.
        current: the last descriptor accepted from it.
        us: our own code.

    Raises:
        CanonError: malformed.
        SignatureError: step 1, or a proof of step 6 that is false.
        DescriptorError: any other step.

    Trust: `untrusted` is hostile; on return the keys are what the pinned identities say they are.
    Source: design 4 (Identities): rotation needs old and new keys, revocation the working or the recovery key,
        replacement after theft the recovery key; lower numbers are refused.
    """
    # (1) signed by an identity that is pinned
    recovered = signed_by(untrusted) == record.recovery.key_ids
    key = record.recovery if recovered else record.working
    statement = verify_statement(untrusted, accepts={KEY_CHANGE: KeyChange}, key=key)
    change = statement.value
    # (2) which may do this
    may = {Cause.ROTATION: not recovered, Cause.REVOCATION: True, Cause.RECOVERY: recovered}[change.cause]
    replaced = change.working != record.working
    if not may or replaced is not (change.cause is Cause.RECOVERY):
        raise DescriptorError("parties/change-not-entitled", f"a `{change.cause}` is not that identity's to say")
    # (3) about itself, to us
    if (change.party, change.to) != (record.code, us):
        raise DescriptorError("parties/change-of-another", "the change is about another party, or told to another")
    # (4) a newer descriptor that holds, or the very one that a person pinned before the change arrived
    renewed = replace(record, working=change.working)
    descriptor = verify_descriptor(change.descriptor, record=renewed)
    if descriptor != current:
        verify_descriptor(change.descriptor, record=renewed, newer_than=current.number)
        # (5) with fresh keys
        if _keys(descriptor) & _keys(current):
            raise DescriptorError("parties/keys-not-new", "a key of the set before stands in the new one")
    # (6) that are held
    _verify_proofs(change, descriptor)
    return ProvenChange(statement=statement, record=renewed, descriptor=descriptor)


def _verify_proofs(change: KeyChange, descriptor: Descriptor) -> None:
    due = _ALWAYS | ({KeyPurpose.WORKING} if change.cause is Cause.RECOVERY else frozenset())
    purposes = [proof.purpose for proof in change.proofs]
    if len(purposes) != len(due) or set(purposes) != due:
        raise DescriptorError("parties/possession-not-proven", "every new key proves once that it is held")
    hybrid = {
        KeyPurpose.WORKING: change.working,
        KeyPurpose.STATEMENT: descriptor.statement,
        KeyPurpose.LOG: descriptor.log,
        KeyPurpose.COSIGNER: descriptor.cosigner,
        KeyPurpose.LANE: descriptor.lane,
    }
    for proof in change.proofs:
        message = _message(proof.purpose, change.descriptor)
        if proof.purpose is KeyPurpose.TLS:
            verify_person(certified_key(descriptor.tls_certificate), message, proof.ed25519)
        else:
            hybrid[proof.purpose].verify(message, HybridSignature(ed25519=proof.ed25519, mldsa=proof.mldsa))


def _keys(descriptor: Descriptor) -> frozenset[bytes]:
    signing = (descriptor.statement, descriptor.log, descriptor.cosigner, descriptor.lane)
    single = {key.ed25519 for key in signing} | {key.mldsa for key in signing}
    sealing = {descriptor.sealing.x25519, descriptor.sealing.mlkem768}
    return frozenset(single | sealing | {certified_key(descriptor.tls_certificate)})


def _message(purpose: KeyPurpose, descriptor: bytes) -> bytes:
    return pae(payload_type(_POSSESSION), canon.encode({"purpose": purpose, "descriptor": sha256_hex(descriptor)}))
