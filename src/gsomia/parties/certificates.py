"""The self-signed certificate under which a node is known to its partners' TLS.

No certificate authority is trusted: the certificate itself is pinned through the party's descriptor, so it has no
meaningful dates and no name but the party's code. Its life is the descriptor's.
"""

from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from gsomia.ids import PartyCode

_ALWAYS = (datetime(2000, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC))


def build_certificate(*, party: PartyCode, seed: bytes) -> bytes:
    """A DER certificate for the TLS key grown from `seed`, signed by itself; it can vouch for nobody else.

    Source: RFC 5280 section 4.1.2.5 (99991231235959Z: no well-defined expiry); design 6.
    """
    key = Ed25519PrivateKey.from_private_bytes(seed)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"gsomia node {party}")])
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(int.from_bytes(identifier.digest[:16], "big") >> 1 or 1)
        .not_valid_before(_ALWAYS[0])
        .not_valid_after(_ALWAYS[1])
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(identifier, critical=False)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False
        )
        .sign(key, None)
    )
    return certificate.public_bytes(Encoding.DER)
