"""The hub passes on what arrangement, feeders, table and originator all allow; one fact less denies by its clause."""

from dataclasses import replace
from importlib.resources import files
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsomia import canon
from gsomia.agreements import Agreement, StandingScope, parse_document
from gsomia.ids import InstrumentId, PartyCode, sha256_hex
from gsomia.labels import LabelRefusal, translate
from gsomia.policy import (
    Decision,
    InstrumentFacts,
    RelayFacts,
    RelayTermsFacts,
    Route,
    RouteFacts,
    Verdict,
    decide_relay,
    decide_route,
)
from strategies.labels import NOW, POLICIES, modest
from strategies.policy import CONSENT, ITEM, MANIFEST, PAST, PURPOSE, RELEASE, own_label

KOR, JPN, USA = (cast("PartyCode", code) for code in ("KOR", "JPN", "USA"))
KR_US, JP_US, TISA = (cast("InstrumentId", name) for name in ("GSOMIA-KR-US", "GSOMIA-JP-US", "TISA"))


def text(name: str, **words: str) -> Agreement:
    raw = files("gsomia.demo").joinpath("data", name).read_text()
    for number, party in enumerate((KOR, JPN, USA)):
        raw = raw.replace(f"@{party}@", str(number) * 64)
    for old, new in words.items():
        raw = raw.replace(old, new)
    return parse_document(raw.encode())


RELAY = text("tisa-demo.toml")
TOPICS = RELAY.relays.topics if RELAY.relays else None
LABEL = own_label("KOR-2", releasable_to=["JPN", "USA"])
EXPECTED = {
    **dict.fromkeys(
        (
            "DPRK-NUCLEAR",
            "DPRK-NUCLEAR-TEST",
            "DPRK-FISSILE-MATERIAL",
            "DPRK-MISSILE",
            "DPRK-SRBM",
            "DPRK-ICBM",
            "DPRK-SLBM",
            "DPRK-CRUISE-MISSILE",
            "DPRK-SPACE-LAUNCH",
        ),
        True,
    ),
    **dict.fromkeys(
        (
            "DPRK-ARTILLERY",
            "DPRK-CYBER",
            "DPRK-SUBMARINE",
            "DPRK-AIR-FORCE",
            "DPRK-CHEMICAL",
            "DPRK-LEADERSHIP",
            "DPRK-SANCTIONS",
            "CHINA-MILITARY",
            "RUSSIA-MILITARY",
            "TERRORISM",
            "MARITIME-DISPUTE",
        ),
        False,
    ),
}


def stands(instrument: str, parties: tuple[PartyCode, ...], *, agreement: str = "0" * 64) -> InstrumentFacts:
    named = RELEASE.instrument.named if RELEASE.instrument else ()
    return InstrumentFacts(
        id=cast("InstrumentId", instrument),
        agreement=cast("Any", agreement),
        state="IN_FORCE",
        parties=parties,
        release=True,
        onward=True,
        access=True,
        ceiling=3,
        named=tuple(replace(one, party=JPN) if one.party == JPN else replace(one, party=USA) for one in named),
    )


SECOND = stands(JP_US, (JPN, USA))
TERMS = RelayTermsFacts(
    instrument=stands(TISA, (JPN, KOR, USA), agreement=RELAY.digest),
    hub=USA,
    first_feeder=KR_US,
    second_feeder=JP_US,
    topics=1,
    carried=True,
    opened=False,
)
AUTHORITY = next(one.id for one in SECOND.named if one.party == USA)
DECIDER = replace(
    RELEASE.decider, clearances=tuple(replace(one, classifications=("USA-S",)) for one in RELEASE.decider.clearances)
)
FACTS = RelayFacts(
    leg=replace(
        RELEASE,
        us=USA,
        to=JPN,
        originator=KOR,
        label=LABEL,
        purpose=PURPOSE,
        authority=AUTHORITY,
        instrument=SECOND,
        decider=DECIDER,
        channels=tuple(replace(one, channel=JPN) for one in RELEASE.channels),
        assurances=tuple(
            replace(
                one,
                assurance=replace(one.assurance, instrument=SECOND.id, agreement=SECOND.agreement, party=JPN, to=USA),
                acknowledgement=one.acknowledgement
                and replace(one.acknowledgement, instrument=SECOND.id, party=USA, to=JPN),
            )
            for one in RELEASE.assurances
        ),
    ),
    relay=TERMS,
    first=stands(KR_US, (KOR, USA)),
    manifest=MANIFEST,
    label_digest=canon.digest(LABEL),
    topic="DPRK-MISSILE",
    own_mark="USA-S",
    kept=True,
    consent=replace(CONSENT, originator=KOR, holder=USA, recipient=JPN, instruments=(TISA,), label=canon.digest(LABEL)),
    withdrawn=False,
)


def decide(facts: RelayFacts, *, agreement: Agreement | None = RELAY) -> Decision:
    return decide_relay(facts, agreement=agreement, policies=POLICIES)


def against(decision: Decision) -> set[str]:
    assert decision.verdict is Verdict.DENY
    return {reason.code for reason in decision.reasons}


@pytest.mark.source("TR-5", "TR-6", "TR-7", "TR-8")
def test_an_item_goes_on_when_everything_allows_it() -> None:
    decision = decide(FACTS)
    assert decision.verdict is Verdict.PERMIT, decision.reasons
    assert "originator-keeps-control" in decision.obligations


def consent(**changes: Any) -> dict[str, Any]:
    return {"consent": FACTS.consent and replace(FACTS.consent, **changes)}


@pytest.mark.source("TR-1", "TR-2", "TR-4", "TR-5", "TR-8", "G4-2", "G21-1")
@pytest.mark.parametrize(
    ("code", "flip"),
    [
        ("no-consent", {"consent": None}),
        ("consent-withdrawn", {"withdrawn": True}),
        ("consent-does-not-cover", consent(valid=PAST)),
        ("consent-does-not-cover", consent(instruments=(JP_US,))),
        ("consent-does-not-cover", consent(originator=USA)),
        ("consent-does-not-cover", consent(recipient=KOR)),
        ("consent-does-not-cover", consent(manifest=sha256_hex(b"another"))),
        ("topic-out-of-scope", {"relay": replace(TERMS, carried=False)}),
        ("not-the-hub", {"relay": replace(TERMS, hub=JPN)}),
        ("not-the-hub", {"relay": replace(TERMS, first_feeder=None)}),
        ("instrument-state", {"relay": replace(TERMS, instrument=replace(TERMS.instrument, release=False))}),
        ("first-leg-closed", {"first": replace(FACTS.first or SECOND, release=False)}),
        ("first-leg-closed", {"first": None}),
        ("first-leg-closed", {"first": replace(FACTS.first or SECOND, ceiling=2)}),
        ("second-leg-closed", {"leg": replace(FACTS.leg, instrument=replace(SECOND, release=False))}),
        ("item-destroyed", {"leg": replace(FACTS.leg, held=False)}),
        ("envelope-not-kept", {"kept": False}),
        ("no-assurance", {"leg": replace(FACTS.leg, assurances=())}),
        ("channel-not-accredited", {"leg": replace(FACTS.leg, channels=())}),
        ("no-control-officer", {"leg": replace(FACTS.leg, control_officer=None)}),
    ],
)
def test_one_fact_taken_away_denies_by_its_rule(code: str, flip: dict[str, Any]) -> None:
    found = against(decide(replace(FACTS, **flip)))
    assert code in found
    assert found <= {code, "not-the-hub", "first-leg-closed", "consent-does-not-cover", "instrument-state"}


@pytest.mark.source("G4-2")
def test_the_hubs_own_mark_comes_first() -> None:
    assert against(decide(replace(FACTS, own_mark=None))) == {"not-booked", "not-cleared"}


@pytest.mark.source("TR-2")
def test_the_table_has_twenty_topics_each_with_its_answer() -> None:
    assert TOPICS is not None
    assert {line.topic: line.carried for line in TOPICS.lines} == EXPECTED
    assert len(EXPECTED) == 20
    assert not TOPICS.carries("DPRK-MISSILES")


@pytest.mark.source("TR-6")
@pytest.mark.parametrize("opened", [False, True])
@pytest.mark.parametrize("standing", [False, True])
def test_a_level_above_secret_needs_table_rule_and_consent_for_the_very_item(*, opened: bool, standing: bool) -> None:
    label = own_label("KOR-1", releasable_to=["JPN", "USA"])
    top = text(
        "tisa-demo.toml",
        **{
            "ceiling = 3": 'ceiling = 4\nopened = ["KOR-1"]' if opened else "ceiling = 4",
            "[[level]]\nrank = 3": '[[level]]\nrank = 4\nword = "TOP SECRET"\nJPN = ["JPN-1"]\nKOR = ["KOR-1"]\n'
            'USA = ["USA-TS"]\n\n[[level]]\nrank = 3',
        },
    )
    scope = StandingScope(topic="DPRK-MISSILE", topics=1, level="KOR-1")
    bound = (
        {"label": canon.digest(label)}
        if not standing
        else {
            "item": None,
            "manifest": None,
            "label": None,
            "standing": scope,
        }
    )
    facts = replace(
        FACTS,
        leg=replace(FACTS.leg, label=label, instrument=replace(SECOND, ceiling=4)),
        first=replace(stands(KR_US, (KOR, USA)), ceiling=4),
        relay=replace(TERMS, opened=top.opens("KOR-1"), instrument=replace(TERMS.instrument, agreement=top.digest)),
        label_digest=canon.digest(label),
        consent=FACTS.consent and replace(FACTS.consent, **bound),
    )
    found = against(decide(facts, agreement=top))  # channel and assurance here reach SECRET only
    assert ("level-not-opened" in found) is not (opened and not standing)
    assert {"no-consent", "consent-does-not-cover", "level-not-in-table"} & found == set()


@pytest.mark.source("TR-6", "TR-7")
@given(level=st.sampled_from([one.id for one in POLICIES[KOR].classifications]))
@modest
def test_what_the_relays_own_table_gives_never_ranks_lower(level: str) -> None:
    label = replace(LABEL, classification=level, mark=POLICIES[KOR].classification(level).mark)
    for to in (JPN, USA):
        told = translate(label, table=RELAY.table, from_policy=POLICIES[KOR], to_policy=POLICIES[to], now=NOW)
        rank = POLICIES[KOR].classification(level).rank
        if isinstance(told, LabelRefusal):
            assert rank not in {2, 3} or POLICIES[KOR].classification(level).obsolete
            continue
        assert all(POLICIES[to].classification(one).rank >= rank for one in told.allowed)


# --- which way ---------------------------------------------------------------------------------------------------

ROUTE = RouteFacts(
    now=NOW,
    us=KOR,
    to=JPN,
    item=ITEM,
    originator=KOR,
    level="KOR-2",
    rank=3,
    topic="DPRK-MISSILE",
    direct=stands("GSOMIA-KR-JP", (JPN, KOR)),
    direct_lists=True,
    relay=TERMS,
    relay_lists=True,
    first=stands(KR_US, (KOR, USA)),
    second=None,
)


def lawful(facts: RouteFacts) -> tuple[set[Route], Route | None]:
    routes = decide_route(facts)
    assert all(answer.reasons for answer in routes.answers)
    return {answer.route for answer in routes.answers if answer.lawful}, routes.recommended


@pytest.mark.source("A-30", "TR-14", "TR-3", "TR-8")
@pytest.mark.parametrize(
    ("changes", "ways", "default"),
    [
        ({}, {Route.DIRECT, Route.RELAY}, Route.DIRECT),
        ({"direct": replace(stands("GSOMIA-KR-JP", (JPN, KOR)), release=False)}, {Route.RELAY}, Route.RELAY),
        ({"direct": None, "direct_lists": False}, {Route.RELAY}, Route.RELAY),
        ({"relay": replace(TERMS, carried=False)}, {Route.DIRECT}, Route.DIRECT),
        ({"first": replace(stands(KR_US, (KOR, USA)), release=False)}, {Route.DIRECT}, Route.DIRECT),
        ({"second": replace(SECOND, release=False)}, {Route.DIRECT}, Route.DIRECT),
        ({"relay": None}, {Route.DIRECT}, Route.DIRECT),
        ({"direct": None, "direct_lists": False, "relay": replace(TERMS, carried=False)}, set(), None),
        ({"originator": JPN}, set(), None),
        ({"level": "KOR-1", "rank": 4, "direct_lists": False}, set(), None),
        ({"rank": 4, "level": "KOR-1", "relay": replace(TERMS, opened=True)}, set(), None),
    ],
)
def test_the_lawful_ways_and_the_default(changes: dict[str, Any], ways: set[Route], default: Route | None) -> None:
    assert lawful(replace(ROUTE, **changes)) == (ways, default)


@pytest.mark.source("A-30")
def test_above_secret_the_relay_is_the_default_where_both_are_lawful() -> None:
    facts = replace(
        ROUTE,
        level="JPN-1",
        rank=4,
        us=JPN,
        to=KOR,
        originator=JPN,
        direct=replace(stands("GSOMIA-KR-JP", (JPN, KOR)), ceiling=4),
        relay=replace(TERMS, opened=True),
        first=replace(stands(KR_US, (JPN, USA)), ceiling=4),
        second=replace(SECOND, ceiling=4),
    )
    assert lawful(facts) == ({Route.DIRECT, Route.RELAY}, Route.RELAY)
