"""Why an act moves nothing: a code, the clause behind it, one line for a person."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An act that the table, a guard or the calendar does not allow; nothing changed."""

    code: str
    clause: str
    text: str
