"""A person's act: what was done, signed with the person's own key, inside the party's statement.

Across the border a person is an office and a key, never a name: the party vouches for the key by signing the statement
around it, and can be asked later whose key it was.
"""

from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar

from msgspec import Meta

from gsomia import canon
from gsomia.parties.keys import PersonSigner, Signer, verify_person
from gsomia.parties.person import Office
from gsomia.parties.signature import Statement, pae, payload_type, sign_statement

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonMark:
    """Which office acted, and the personal signature."""

    office: Office
    key: Annotated[bytes, Meta(min_length=32, max_length=32)]
    signature: Annotated[bytes, Meta(min_length=64, max_length=64)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Act(Generic[T]):
    """A body and who did it."""

    body: T
    by: PersonMark


@dataclass(frozen=True, slots=True)
class Hand:
    """A person at work: the office they act in and their unlocked key."""

    office: Office
    signer: PersonSigner


def sign_act(body: T, *, kind: str, hand: Hand) -> Act[T]:
    """Put a person's signature under `body`, in the domain of `kind`."""
    signature = hand.signer.sign(_message(body, kind))
    return Act(body=body, by=PersonMark(office=hand.office, key=hand.signer.public, signature=signature))


def say_act(body: T, *, kind: str, hand: Hand, signer: Signer) -> Statement[Act[T]]:
    """A person's act inside a statement of the party.

    Source: design 4 (Persons).
    """
    return sign_statement(sign_act(body, kind=kind, hand=hand), kind=kind, signer=signer)


def verify_act(act: Act[T], *, kind: str) -> T:
    """Prove that a person signed the body of `act`.

    Raises:
        SignatureError: the personal signature is false.

    Trust: whose key it is, the party says; the statement around the act must have verified.
    """
    verify_person(act.by.key, _message(act.body, kind), act.by.signature)
    return act.body


def _message(body: object, kind: str) -> bytes:
    return pae(payload_type(kind + "-by-person"), canon.encode(body))
