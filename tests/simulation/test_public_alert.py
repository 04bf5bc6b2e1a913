"""A warning is made public by its originator's releasing authority, on record, or not at all."""

from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from gsomia.audit import Event
from gsomia.errors import LocalError, NodeError, RefusedError
from gsomia.flows.alert import Wording, decide_public_alert, print_public_alert
from gsomia.ids import HexDigest, sha256_hex
from gsomia.parties import verify_act, verify_statement
from gsomia.parties.acts import Act
from gsomia.warning import (
    PUBLIC_ALERT,
    Cancellation,
    Character,
    ImpactArea,
    Kind,
    Message,
    PublicAlert,
    PublicAlertRecord,
    PublicText,
    WarningUseError,
    area_of,
    check_cap,
    print_cap,
    print_message,
)
from simulation.world import KOR, START, SimNode
from strategies.warning import identifier, messages

SCHEMA = files("gsomia.warning").joinpath("cap-v1.2.xsd").read_bytes()
CAP = "{urn:oasis:names:tc:emergency:cap:1.2}"
TEXTS = (
    PublicText(language="en", headline="Missile launch", instruction="Take cover in a solid building."),
    PublicText(language="ko", headline="미사일 발사", instruction="견고한 건물로 대피하십시오."),
)
UNTIL = START.plus(seconds=1_800)


def area_message(originator: str = "KOR", character: Character = Character.REAL) -> Message:
    """An expected impact area at sea."""
    body = ImpactArea(
        latitude_udeg=40_696_000,
        longitude_udeg=135_592_000,
        along_m=34_000,
        across_m=17_000,
        bearing_cdeg=6_200,
        from_us=1_773_462_500_000_000,
        until_us=1_773_462_600_000_000,
        confidence_pct=80,
        basis="OBSERVED",  # type: ignore[arg-type]
    )
    return Message(
        message=identifier("wmg", 1),  # type: ignore[arg-type]
        event=identifier("evt", 1),  # type: ignore[arg-type]
        sequence=4,
        at_us=1_773_462_300_000_000,
        originator=originator,  # type: ignore[arg-type]
        level=f"{originator}-2",
        topic="DPRK-MISSILE-LAUNCH",
        character=character,
        body=body,
    )


def wording(**changed: Any) -> Wording:
    return replace(Wording(area_name="Sea east of the peninsula", texts=TEXTS, until=UNTIL, replaces=None), **changed)


def decide(node: SimNode, message: Message, *, by: str = "releaser", **changed: Any) -> HexDigest:
    said = wording(**changed)
    return decide_public_alert(node.desk, node.actor(by), print_message(message), authority="kor-mnd", wording=said)


def cap_of(node: SimNode, digest: str) -> Any:
    return etree.fromstring(print_public_alert(node.desk, digest, schema=SCHEMA))


@pytest.fixture
def kor() -> SimNode:
    node = SimNode(KOR)
    node.bring_people()
    return node


def refused(act: Callable[[], object]) -> NodeError:
    with pytest.raises((RefusedError, LocalError, WarningUseError)) as told:
        act()
    return told.value


@pytest.mark.source("G4-7", "F-10", "CAP 1.2")
def test_an_alert_is_printed_of_the_recorded_decision_and_holds_to_the_standard(kor: SimNode) -> None:
    digest = decide(kor, area_message())
    (record,) = kor.every(PublicAlertRecord)
    said = verify_statement(
        record.envelope, accepts={PUBLIC_ALERT: Act[PublicAlert]}, key=kor.identity.keys.statement.public
    ).value
    assert verify_act(said, kind=PUBLIC_ALERT) == record.alert
    assert record.alert.message == sha256_hex(print_message(area_message()))
    assert (record.digest, record.alert.authority) == (digest, "kor-mnd")
    assert kor.leaves("gsomia/kor/private")[-1].event is Event.WARNING_LOWERED
    cap = cap_of(kor, digest)
    assert [cap.findtext(CAP + name) for name in ("status", "msgType", "scope")] == ["Actual", "Alert", "Public"]
    assert [info.findtext(CAP + "headline") for info in cap.iter(CAP + "info")] == ["Missile launch", "미사일 발사"]
    assert cap.findtext(f"{CAP}info/{CAP}area/{CAP}circle") == "40.7,135.6 50"


@pytest.mark.source("G4-7")
def test_without_a_recorded_decision_there_is_no_alert(kor: SimNode) -> None:
    error = refused(lambda: cap_of(kor, "0" * 64))
    assert (error.code, error.clauses) == ("flows/not-lowered", ("G4-7",))


@pytest.mark.source("G4-7")
def test_a_partners_warning_is_not_ours_to_lower(kor: SimNode) -> None:
    error = refused(lambda: decide(kor, area_message("JPN")))
    assert (error.code, error.clauses) == ("flows/not-ours-to-lower", ("G4-7",))
    assert kor.every(PublicAlertRecord) == []


@pytest.mark.source("G4-7")
@pytest.mark.parametrize("person", ["liaison", "security", "registrar"])
def test_only_a_releasing_authority_decides(kor: SimNode, person: str) -> None:
    refused(lambda: decide(kor, area_message(), by=person))
    assert kor.every(PublicAlertRecord) == []


def test_an_alert_is_over_when_its_decision_is(kor: SimNode) -> None:
    digest = decide(kor, area_message())
    kor.clock.now = UNTIL.plus(seconds=-1)
    cap_of(kor, digest)
    kor.clock.now = UNTIL
    assert refused(lambda: cap_of(kor, digest)).code == "flows/lowered-until"
    assert refused(lambda: decide(kor, area_message())).code == "flows/alert-over"


@pytest.mark.source("CAP 1.2")
def test_a_cancellation_takes_the_alert_back_and_names_it(kor: SimNode) -> None:
    first = decide(kor, area_message())
    issued = cap_of(kor, first)
    over = replace(area_message(), body=Cancellation(reason="FALSE_ALARM"), sequence=5)  # type: ignore[arg-type]
    assert refused(lambda: decide(kor, over)).code == "warning/no-public-area"
    taken_back = cap_of(kor, decide(kor, over, replaces=first))
    assert taken_back.findtext(CAP + "msgType") == "Cancel"
    names = (issued.findtext(CAP + part) for part in ("sender", "identifier", "sent"))
    assert taken_back.findtext(CAP + "references") == ",".join(names)
    assert taken_back.findtext(f"{CAP}info/{CAP}responseType") == "AllClear"


def test_a_decision_replaces_one_about_the_same_event_only(kor: SimNode) -> None:
    first = decide(kor, area_message())
    other = replace(area_message(), event=cast("Any", identifier("evt", 2)))
    assert refused(lambda: decide(kor, other, replaces=first)).code == "flows/unknown-alert"
    assert cap_of(kor, decide(kor, area_message(), replaces=first)).findtext(CAP + "msgType") == "Update"


@pytest.mark.parametrize(
    "texts",
    [(TEXTS[0], TEXTS[0]), (replace(TEXTS[0], headline="a\nb"),), (replace(TEXTS[0], headline=" "),)],
)
def test_words_that_cannot_be_printed_are_refused(kor: SimNode, texts: tuple[PublicText, ...]) -> None:
    assert refused(lambda: decide(kor, area_message(), texts=texts)).code == "warning/public-text"


@settings(deadline=None)
@given(
    messages(kinds=(Kind.IMPACT_AREA,)),
    st.lists(st.text(st.characters(categories=("L", "N", "P", "Zs")), min_size=1, max_size=60), min_size=2, max_size=2),
)
def test_every_alert_holds_to_the_standard_and_says_nothing_else(message: Message, words: list[str]) -> None:
    alert = PublicAlert(
        id=identifier("dec", 1),  # type: ignore[arg-type]
        party=message.originator,
        event=message.event,
        kind=message.kind,
        message=sha256_hex(print_message(message)),
        from_level=message.level,
        character=message.character,
        authority="kor-mnd",
        confidence_pct=80,
        area=decided_area(message),
        texts=(PublicText(language="en", headline=words[0], instruction=words[1]),),
        replaces=None,
        at=START,
        until=UNTIL,
    )
    xml = print_cap(alert, replaced=None)
    check_cap(xml, schema=SCHEMA)
    assert message.level.encode() not in xml
    assert message.message.encode() not in xml
    root = etree.fromstring(xml)
    if message.character is not Character.REAL:
        shown = [root.findtext(CAP + "note")]
        shown += [root.findtext(f"{CAP}info/{CAP}{name}") for name in ("event", "headline")]
        assert all(str(text).startswith(message.character.value) for text in shown)
        assert root.findtext(CAP + "status") == {"EXERCISE": "Exercise", "TEST": "Test"}[message.character.value]


def decided_area(message: Message) -> Any:
    area, _ = area_of(message, name="somewhere", replaced=None)
    body = message.body
    assert isinstance(body, ImpactArea)
    assert area.radius_km * 1_000 >= max(body.along_m, body.across_m)
    assert abs(area.latitude_udeg - body.latitude_udeg) <= 50_000
    return area


@pytest.mark.source("CAP 1.2")
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<scope>Public</scope>", b""),
        (b"<status>Actual</status>", b"<status>Real</status>"),
        (b"<urgency>Immediate</urgency>", b"<urgency>Now</urgency>"),
        (b"+09:00</sent>", b"Z</sent>"),
        (b"<areaDesc>", b"<areaDesc/><areaDesc>"),
    ],
)
def test_what_does_not_hold_to_the_standard_does_not_go_out(kor: SimNode, old: bytes, new: bytes) -> None:
    xml = print_public_alert(kor.desk, decide(kor, area_message()), schema=SCHEMA)
    check_cap(xml, schema=SCHEMA)
    assert old in xml
    assert refused(lambda: check_cap(xml.replace(old, new, 1), schema=SCHEMA)).code == "warning/cap-malformed"
