"""The capital of each party, its clock by the zone database, and the ministry that writes its notes."""

from collections.abc import Mapping
from types import MappingProxyType
from zoneinfo import ZoneInfo

from gsomia.agreements import Wordings
from gsomia.errors import LocalError

CAPITALS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "KOR": ("Seoul", "Asia/Seoul"),
        "JPN": ("Tokyo", "Asia/Tokyo"),
        "USA": ("Washington", "America/New_York"),
    }
)
"""City and zone of the parties that a note can be drafted between."""
_MINISTRIES: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "KOR": ("Ministry of Foreign Affairs of the Republic of Korea", "대한민국 외교부", "大韓民国外交部"),
        "JPN": ("Ministry of Foreign Affairs of Japan", "일본국 외무성", "日本国外務省"),
        "USA": ("Department of State of the United States of America", "미합중국 국무부", "アメリカ合衆国国務省"),
    }
)


def ministry_of(party: str) -> Wordings:
    """The ministry that writes a party's notes.

    Raises:
        LocalError: it is not known here.
    """
    capital_of(party)
    en, ko, ja = _MINISTRIES[party]
    return Wordings(en=en, ko=ko, ja=ja)


def capital_of(party: str) -> tuple[str, ZoneInfo]:
    """The city and the clock of a party's capital.

    Raises:
        LocalError: it is not known here.
    """
    if party not in CAPITALS:
        raise LocalError(
            "admin/no-capital", f"the capital of `{party}` is not known here", remedy=f"one of: {', '.join(CAPITALS)}"
        )
    city, zone = CAPITALS[party]
    return city, ZoneInfo(zone)
