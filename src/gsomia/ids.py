"""Typed identifiers, made from entropy, and digests.

An identifier is a prefix and 26 characters of lower-case base32 (130 bits): `itm_…`. Digests are lower-case hex of
SHA-256. Both are checked wherever bytes become values, because the types carry their pattern.

    >>> new_id("itm", lambda n: bytes(n))
    'itm_aaaaaaaaaaaaaaaaaaaaaaaaaa'
"""

import base64
import hashlib
from collections.abc import Callable
from typing import Annotated, NewType

from msgspec import Meta

Entropy = Callable[[int], bytes]
"""Draws that many random bytes; chosen in `node`, passed as an argument everywhere else."""

_ItemId = NewType("_ItemId", str)
_ConsignmentId = NewType("_ConsignmentId", str)
_DecisionId = NewType("_DecisionId", str)
_RequestId = NewType("_RequestId", str)
_PersonId = NewType("_PersonId", str)
_FacilityId = NewType("_FacilityId", str)
_ContractorId = NewType("_ContractorId", str)
_PartyCode = NewType("_PartyCode", str)
_InstrumentId = NewType("_InstrumentId", str)
_LawId = NewType("_LawId", str)
_VisitId = NewType("_VisitId", str)
_IncidentId = NewType("_IncidentId", str)
_HexDigest = NewType("_HexDigest", str)

_BODY = "_[a-z2-7]{26}\\Z"
ItemId = Annotated[_ItemId, Meta(pattern="^itm" + _BODY)]
ConsignmentId = Annotated[_ConsignmentId, Meta(pattern="^csg" + _BODY)]
DecisionId = Annotated[_DecisionId, Meta(pattern="^dec" + _BODY)]
RequestId = Annotated[_RequestId, Meta(pattern="^req" + _BODY)]
VisitId = Annotated[_VisitId, Meta(pattern="^vis" + _BODY)]
IncidentId = Annotated[_IncidentId, Meta(pattern="^inc" + _BODY)]
LawId = Annotated[_LawId, Meta(pattern="^law" + _BODY)]
PersonId = Annotated[_PersonId, Meta(pattern="^[a-z][a-z0-9-]{1,30}\\Z")]
"""A person is known inside one node by a short name the node's people chose; it never crosses the border."""
FacilityId = Annotated[_FacilityId, Meta(pattern="^[a-z][a-z0-9-]{1,30}\\Z")]
ContractorId = Annotated[_ContractorId, Meta(pattern="^[a-z][a-z0-9-]{1,30}\\Z")]
"""A contractor or subcontractor under one contract, by the short name this node gave it."""
PartyCode = Annotated[_PartyCode, Meta(pattern="^[A-Z]{3,4}\\Z")]
"""ISO 3166-1 alpha-3, or a four-letter organisation such as NATO."""
InstrumentId = Annotated[_InstrumentId, Meta(pattern="^[A-Z][A-Z0-9-]{2,40}\\Z")]
Topic = Annotated[str, Meta(pattern="^[A-Z][A-Z0-9-]{2,63}\\Z")]
"""A topic code both sides know, for example `DPRK-MISSILE`; never a title."""
Count = Annotated[int, Meta(ge=0, le=2**53 - 1)]
"""A size, a number or an index in a record: what canonical JSON can carry."""
HexDigest = Annotated[_HexDigest, Meta(pattern="^[0-9a-f]{64}\\Z")]
ProvenDigest = _HexDigest
ProvenParty = _PartyCode
"""The same types without their pattern: for members of a stored record, which were held to it when it was written."""


CopyId = Annotated[str, Meta(pattern="^([1-9][0-9]{0,5}|csg" + _BODY[:-2] + ")\\Z")]
"""A copy of an item at one node: its number, or the consignment as which it went to a partner."""
RegisterCode = Annotated[str, Meta(pattern="^[A-Z0-9][A-Z0-9-]{0,63}\\Z")]
"""A number or name the register gives to a container, a package, a series; no title."""


def new_id(prefix: str, entropy: Entropy) -> str:
    """A fresh identifier with 130 random bits."""
    return prefix + "_" + base64.b32encode(entropy(17)).decode().lower()[:26]


def new_item_id(entropy: Entropy) -> ItemId:
    """A fresh item id."""
    return _ItemId(new_id("itm", entropy))


def new_consignment_id(entropy: Entropy) -> ConsignmentId:
    """A fresh consignment id."""
    return _ConsignmentId(new_id("csg", entropy))


def new_decision_id(entropy: Entropy) -> DecisionId:
    """A fresh decision id."""
    return _DecisionId(new_id("dec", entropy))


def new_request_id(entropy: Entropy) -> RequestId:
    """A fresh request id."""
    return _RequestId(new_id("req", entropy))


def new_visit_id(entropy: Entropy) -> VisitId:
    """A fresh visit id."""
    return _VisitId(new_id("vis", entropy))


def new_incident_id(entropy: Entropy) -> IncidentId:
    """A fresh incident id."""
    return _IncidentId(new_id("inc", entropy))


def new_law_id(entropy: Entropy) -> LawId:
    """A fresh id of a line in the register of law."""
    return _LawId(new_id("law", entropy))


def sha256_hex(data: bytes) -> HexDigest:
    """The SHA-256 of `data` as statements carry it."""
    return _HexDigest(hashlib.sha256(data).hexdigest())


def hex_digest(digest: bytes) -> HexDigest:
    """A raw SHA-256 as statements carry it."""
    return _HexDigest(digest.hex())
