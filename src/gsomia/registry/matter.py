"""What an item is that has no sealed content at the node: pages, a carrier, hardware, words that were spoken.

Each form needs its own particulars, and takes no others.

Source: G2-3, G2-4, F-01, F-03.
"""

from dataclasses import dataclass, fields
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated

from msgspec import Meta

from gsomia import canon
from gsomia.ids import Count, HexDigest, RegisterCode
from gsomia.registry.errors import RegisterError

Words = Annotated[str, Meta(min_length=1, max_length=200)]
"""Unclassified words for people: a place, a line; no title."""


class Form(StrEnum):
    """The seven forms of classified military information.

    Source: G2-3.
    """

    DOCUMENTARY = "documentary"
    ELECTRONIC = "electronic"
    MAGNETIC = "magnetic"
    ORAL = "oral"
    VISUAL = "visual"
    EQUIPMENT = "equipment"
    TECHNOLOGY = "technology"


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """The particulars of an item without sealed content.

    Args:
        pages: how many.
        media: the carrier's number.
        serials: of each piece of equipment.
        reference: of the note or document that says what it is about; a number, no title.
    """

    pages: Count | None = None
    media: RegisterCode | None = None
    serials: Annotated[tuple[RegisterCode, ...], Meta(max_length=64)] = ()
    reference: RegisterCode | None = None

    @property
    def digest(self) -> HexDigest:
        """What stands in the register where an item with sealed content has the digest of that."""
        return canon.digest(self)


NEEDS: MappingProxyType[Form, tuple[str, ...]] = MappingProxyType(
    {
        Form.DOCUMENTARY: ("pages",),
        Form.MAGNETIC: ("media",),
        Form.ORAL: ("reference",),
        Form.VISUAL: ("reference",),
        Form.EQUIPMENT: ("serials",),
        Form.TECHNOLOGY: ("reference",),
    }
)
"""What each form needs; an electronic item is its sealed content and has no particulars.

Who spoke and who heard of oral and visual items stands in the record of their disclosure (F-13).
"""
SPOKEN = frozenset({Form.ORAL, Form.VISUAL})
"""Forms that nobody carries: they are disclosed."""


def check_matter(matter: Matter, *, form: Form) -> Matter:
    """The particulars, if they are those that the form needs.

    Raises:
        RegisterError: one is missing, or stands there that the form does not have.

    Source: G2-3.
    """
    given = {field.name for field in fields(matter) if getattr(matter, field.name) not in {None, ()}}
    if matter.pages is not None and matter.pages < 1:
        given.discard("pages")
    needed = set(NEEDS.get(form, ()))
    if form is Form.ELECTRONIC or given != needed:
        wrong = sorted(needed - given) or sorted(given - needed) or [form.value]
        raise RegisterError(
            "registry/other-particulars",
            f"an item of form `{form}` is entered with {', '.join(sorted(needed)) or 'its content'}: see `{wrong[0]}`",
            remedy="each form has its own particulars: see `item register --help`",
            clauses=("G2-3",),
        )
    return matter


def parse_form(text: str) -> Form:
    """A form by its name.

    Raises:
        RegisterError: there are seven, and this is none of them.

    Source: G2-3.
    """
    try:
        return Form(text)
    except ValueError as cause:
        raise RegisterError(
            "registry/unknown-form",
            f"`{text[:40]}` is none of the seven forms",
            remedy="one of: " + ", ".join(Form),
            clauses=("G2-3",),
        ) from cause
