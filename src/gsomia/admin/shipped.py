"""The files that ship with the program, read when a command needs them."""

from collections.abc import Mapping
from importlib.resources import files

from gsomia.agreements import Claim, Fact, Family, Wordings, parse_claims, parse_facts, parse_family
from gsomia.errors import LocalError
from gsomia.ids import PartyCode
from gsomia.labels import NationalLevels, Policy, level_words, parse_policy, read_national_levels


def shipped_family() -> Family:
    """Profiles, counts and office-holders of the family of instruments."""
    return parse_family(files("gsomia.agreements").joinpath("family.toml").read_bytes())


def shipped_levels() -> tuple[NationalLevels, ...]:
    """The table of levels, without anybody's confirmation."""
    return read_national_levels(files("gsomia.labels").joinpath("levels.csv").read_bytes())


def shipped_level_words(policies: Mapping[PartyCode, Policy]) -> frozenset[str]:
    """Every word that tells a level, in the table and in the policies at hand."""
    table = files("gsomia.labels").joinpath("levels.csv").read_bytes()
    return level_words(table, policies=policies.values())


def shipped_claims() -> tuple[Claim, ...]:
    """The claims coded from the five texts behind the product; the texts themselves do not ship."""
    return parse_claims(files("gsomia.agreements").joinpath("claims.jsonl").read_bytes())


def shipped_servicing() -> tuple[Fact, ...]:
    """The history of the cross-servicing agreement."""
    return parse_facts(files("gsomia.agreements").joinpath("acsa.jsonl").read_bytes())


def names_of(party: str) -> Wordings:
    """A party's name in three languages, from its label policy.

    Raises:
        LocalError: no policy of that party ships.
    """
    file = files("gsomia.labels").joinpath("policies", f"{party.lower()}.toml")
    if not file.is_file():
        raise LocalError(
            "admin/no-names",
            f"the name of `{party}` is not known here in three languages",
            remedy="notes are drafted between parties whose label policies ship: KOR, JPN, USA",
        )
    names = {name.language: name.text for name in parse_policy(file.read_bytes()).names}
    return Wordings(en=names["en"], ko=names["ko"], ja=names["ja"])
