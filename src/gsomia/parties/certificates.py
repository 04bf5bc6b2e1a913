"""The self-signed certificate under which a node is known to its partners' TLS.

No certificate authority is trusted: the certificate itself is pinned through the party's descriptor, so it has no
meaningful dates and no name but the party's code and the key's own digest. Its life is the descriptor's.
"""

import warnings
from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from gsomia.ids import PartyCode
from gsomia.parties.errors import DescriptorError

_ALWAYS = (datetime(2000, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC))


def build_certificate(*, party: PartyCode, seed: bytes) -> bytes:
    """A DER certificate for the TLS key grown from `seed`, signed by itself; it can vouch for nobody else.

    Source: RFC 5280 section 4.1.2.5 (99991231235959Z: no well-defined expiry); design 6.
    """
    key = Ed25519PrivateKey.from_private_bytes(seed)
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    # OpenSSL looks trusted certificates up by name: two of one party are taken side by side while its keys change.
    common = f"gsomia node {party} {identifier.digest.hex()}"
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
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


def certified_key(untrusted: bytes) -> bytes:
    """The Ed25519 public key of a DER certificate, 32 bytes.

    Raises:
        DescriptorError: no certificate, or of another kind of key.
    """
    try:
        with warnings.catch_warnings():  # a certificate that RFC 5280 forbids is none
            warnings.simplefilter("error", CryptographyDeprecationWarning)
            key = x509.load_der_x509_certificate(untrusted).public_key()
    except (ValueError, UnsupportedAlgorithm, x509.InvalidVersion, CryptographyDeprecationWarning) as cause:
        raise DescriptorError("parties/certificate-malformed", "the TLS certificate does not read") from cause
    if not isinstance(key, Ed25519PublicKey):
        raise DescriptorError("parties/certificate-malformed", "the TLS certificate is not for an Ed25519 key")
    return key.public_bytes_raw()
