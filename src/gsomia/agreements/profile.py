"""What the engine must know of an instrument; one engine runs every profile.

Term, renewal, notice, binding force and the number of parties are data. Three instruments of the published history have
a profile here; those a node signs have the one their text gives.
"""

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Literal, cast

from gsomia.agreements.agreement import Agreement
from gsomia.agreements.domestic import Step
from gsomia.ids import InstrumentId, PartyCode

KOR, JPN, USA = (cast("PartyCode", code) for code in ("KOR", "JPN", "USA"))


class Machine(StrEnum):
    """Which table an instrument follows.

    Source: lifecycle 3.3.
    """

    TREATY = "treaty"
    ARRANGEMENT = "arrangement"
    """Effective on signature, not binding, open-ended: the information sharing arrangement of 2014."""
    DATA_LINK = "data-link"
    """Made ready, then activated: the warning data mechanism of 2023."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The parameters of an instrument.

    Attributes:
        instrument: its id.
        parties: who is bound, two or more.
        machine: which table it follows.
        binding: whether it binds in law.
        term_years: the length of a term; 0 without terms, until somebody ends it.
        renewal: whether a term follows the last by itself.
        notice_days: how long before the last day a notice must be received.
        past: whether this is published history: unknown steps pass, and bodies need not be named.

    Source: obligations 2.23.
    """

    instrument: InstrumentId
    parties: tuple[PartyCode, ...]
    machine: Machine
    binding: bool
    term_years: int
    renewal: Literal["automatic", "none"]
    notice_days: int
    past: bool = False

    def steps(self, party: PartyCode) -> tuple[Step, ...]:
        """The steps that a party's procedure has before signature, in order.

        Of the history only those are known that the sources speak of; a procedure under way settles every one.

        Source: lifecycle 3.2.
        """
        if not self.past:
            return tuple(Step)
        return (Step.D1, Step.D2, Step.D4) if party == JPN else (Step.D1, Step.D2, Step.D3, Step.D4, Step.D5)

    def others(self, party: PartyCode) -> tuple[PartyCode, ...]:
        """Every other party."""
        return tuple(other for other in self.parties if other != party)


def profile_of(agreement: Agreement) -> Profile:
    """The profile that a text gives."""
    terms = agreement.terms
    return Profile(
        instrument=agreement.id,
        parties=tuple(party.code for party in agreement.parties),
        machine=Machine.TREATY if terms.binding else Machine.ARRANGEMENT,
        binding=terms.binding,
        term_years=terms.term_years,
        renewal=terms.renewal,
        notice_days=terms.notice_days,
    )


def _past(name: str, parties: tuple[PartyCode, ...], machine: Machine, *, years: int, days: int) -> Profile:
    return Profile(
        instrument=cast("InstrumentId", name),
        parties=parties,
        machine=machine,
        binding=machine is Machine.TREATY,
        term_years=years,
        renewal="automatic" if years else "none",
        notice_days=days,
        past=True,
    )


PAST: MappingProxyType[str, Profile] = MappingProxyType(
    {
        profile.instrument: profile
        for profile in (
            _past("GSOMIA-KR-JP", (JPN, KOR), Machine.TREATY, years=1, days=90),
            _past("TISA", (JPN, KOR, USA), Machine.ARRANGEMENT, years=0, days=0),
            _past("MWDS", (JPN, KOR, USA), Machine.DATA_LINK, years=0, days=0),
        )
    }
)
"""Instruments of the published history."""
