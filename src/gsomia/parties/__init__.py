"""Who takes part, and which keys speak for them."""

from gsomia.parties.acts import Act, Hand, PersonMark, say_act, sign_act, verify_act
from gsomia.parties.certificates import build_certificate
from gsomia.parties.errors import DescriptorError, SignatureError
from gsomia.parties.keys import (
    HYBRID_SEED_BYTES,
    SEALING_SEED_BYTES,
    HybridKey,
    HybridSignature,
    HybridSigner,
    Opener,
    PersonSigner,
    SealingKey,
    Signer,
    Strength,
    key_id,
    tls_private_pem,
    verify_person,
)
from gsomia.parties.party import Descriptor, Name, PartyRecord, PinFile, PinnedParty
from gsomia.parties.person import Appointment, Facility, Office, Person
from gsomia.parties.signature import (
    Statement,
    pae,
    payload_type,
    read_kind,
    sign_statement,
    verify_statement,
)
from gsomia.parties.trust import DESCRIPTOR, pin, verify_descriptor

__all__ = [
    "DESCRIPTOR",
    "HYBRID_SEED_BYTES",
    "SEALING_SEED_BYTES",
    "Act",
    "Appointment",
    "Descriptor",
    "DescriptorError",
    "Facility",
    "Hand",
    "HybridKey",
    "HybridSignature",
    "HybridSigner",
    "Name",
    "Office",
    "Opener",
    "PartyRecord",
    "Person",
    "PersonMark",
    "PersonSigner",
    "PinFile",
    "PinnedParty",
    "SealingKey",
    "SignatureError",
    "Signer",
    "Statement",
    "Strength",
    "build_certificate",
    "key_id",
    "pae",
    "payload_type",
    "pin",
    "read_kind",
    "say_act",
    "sign_act",
    "sign_statement",
    "tls_private_pem",
    "verify_act",
    "verify_descriptor",
    "verify_person",
    "verify_statement",
]
