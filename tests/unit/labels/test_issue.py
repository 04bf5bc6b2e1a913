from dataclasses import replace

import pytest

from gsomia.labels import (
    ANY,
    Category,
    Label,
    LabelRefusal,
    LabelUseError,
    Translated,
    check_caveats_kept,
    is_releasable_to,
    own_label,
    protection,
    simple_label,
    translate,
    validate,
)
from strategies.labels import JPN, KOR, NOW, TREATY

ORIGINAL = simple_label(KOR, "군사Ⅱ급비밀", created_at=NOW, releasable_to=("JPN",), caveats=("ORCON", "NO-COPY"))


def booked(original: Label, chosen: str) -> Label | LabelRefusal:
    translated = translate(original, table=TREATY, from_policy=KOR, to_policy=JPN, now=NOW)
    assert isinstance(translated, Translated)
    return own_label(original, translated=translated, chosen=chosen, policy=JPN, at=NOW)


@pytest.mark.source("G4-1")
def test_a_simple_label_holds_and_has_one_spelling() -> None:
    assert validate(ORIGINAL, policy=KOR) == ()
    assert ORIGINAL.restrictive == (Category(tag="Handling", values=("NO-COPY", "ORCON")),)
    assert ORIGINAL.permissive == (Category(tag="Releasable To", values=("JPN", "KOR")),)
    assert (ORIGINAL.has_caveat("NO-COPY"), ORIGINAL.has_caveat("NO-DESTROY")) == (True, False)


@pytest.mark.parametrize(
    ("level", "to", "caveats"), [("USA-S", (), ()), ("KOR-2", ("PRK",), ()), ("KOR-2", (), ("X",))]
)
def test_a_label_with_what_our_policy_lacks_is_not_made(
    level: str, to: tuple[str, ...], caveats: tuple[str, ...]
) -> None:
    with pytest.raises(LabelUseError):
        simple_label(KOR, level, created_at=NOW, releasable_to=to, caveats=caveats)


@pytest.mark.source("A-37")
def test_an_obsolete_level_is_not_given_any_more_and_still_read() -> None:
    levels = tuple(replace(level, obsolete=level.id == "KOR-3") for level in KOR.classifications)
    later = replace(KOR, classifications=levels)
    with pytest.raises(LabelUseError):
        simple_label(later, "KOR-3", created_at=NOW)
    old = simple_label(KOR, "KOR-3", created_at=NOW)
    assert isinstance(translate(old, table=TREATY, from_policy=later, to_policy=JPN, now=NOW), Translated)


@pytest.mark.source("EQ-8", "G14-1")
def test_the_recipients_label_carries_the_originators_caveats_unchanged() -> None:
    own = booked(ORIGINAL, "JPN-2-TOKUTEI")
    assert isinstance(own, Label)
    assert check_caveats_kept(ORIGINAL, own) is None
    assert validate(own, policy=JPN) == ()
    assert (own.mark, own.originator) == ("特定秘密", "KOR")


@pytest.mark.source("EQ-8")
@pytest.mark.parametrize("values", [("NO-COPY",), ("NO-COPY", "NO-DESTROY", "ORCON")])
def test_a_recipient_neither_adds_nor_removes_a_caveat(values: tuple[str, ...]) -> None:
    own = booked(ORIGINAL, "JPN-2-GOKUHI")
    assert isinstance(own, Label)
    refused = check_caveats_kept(ORIGINAL, replace(own, restrictive=(Category(tag="Handling", values=values),)))
    assert refused is not None
    assert refused.clause == "EQ-8"


@pytest.mark.source("EQ-8")
def test_silence_about_releasability_still_means_the_originator_at_the_recipient() -> None:
    own = booked(simple_label(KOR, "KOR-3", created_at=NOW), "JPN-3")
    assert isinstance(own, Label)
    assert protection(own, policy=JPN).permissive == (("Releasable To", frozenset({"KOR"})),)


@pytest.mark.source("G4-2")
def test_a_level_the_table_does_not_allow_is_not_booked() -> None:
    assert isinstance(booked(ORIGINAL, "JPN-3"), LabelRefusal)


@pytest.mark.source("EQ-8", "A-08")
def test_an_item_is_releasable_to_whom_the_originator_named() -> None:
    def releasable(to: tuple[str, ...] | None) -> list[str]:
        label = simple_label(KOR, "KOR-2", created_at=NOW, releasable_to=to)
        return [party for party in ("JPN", "KOR", "USA") if is_releasable_to(label, party, policy=KOR)]

    assert [releasable(None), releasable(("JPN",)), releasable(())] == [["KOR"], ["JPN", "KOR"], ["KOR"]]
    assert is_releasable_to(simple_label(KOR, "KOR-2", created_at=NOW, releasable_to=ANY), "USA", policy=KOR)


@pytest.mark.source("EQ-5")
def test_what_the_policy_has_no_word_for_is_not_written() -> None:
    with pytest.raises(LabelUseError):
        simple_label(replace(KOR, tags=()), "KOR-2", created_at=NOW, releasable_to=("JPN",))
    translated = translate(ORIGINAL, table=TREATY, from_policy=KOR, to_policy=JPN, now=NOW)
    assert isinstance(translated, Translated)
    stranger = own_label(ORIGINAL, translated=translated, chosen="JPN-2-GOKUHI", policy=KOR, at=NOW)
    assert isinstance(stranger, LabelRefusal)
