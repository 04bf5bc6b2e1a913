import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from gsomia.warning import (
    MAX_COT_BYTES,
    Cancellation,
    Character,
    CotEvent,
    CotKind,
    CotSource,
    Kind,
    LaunchReport,
    Mark,
    Message,
    Sensor,
    TrackUpdate,
    WarningMessageError,
    body_of,
    event_of,
    parse_cot,
    print_cot,
    split_events,
)
from strategies.warning import messages

RADAR = CotSource(
    name="radar-1", character=Character.REAL, level="KOR-2", sensor=Sensor.GROUND_RADAR, confidence_pct=90
)
POINT = '<point lat="39.2001" lon="125.6732" hae="80123.4" ce="35" le="12"/>'


def event(*, inside: str = POINT, **changed: str | None) -> bytes:
    """An event of a client; an attribute that is None is left out."""
    attributes: dict[str, str | None] = {
        "version": "2.0",
        "uid": "radar-1.track.7",
        "type": "a-h-A-W-M",
        "time": "2026-03-14T04:24:05.25Z",
        "start": "2026-03-14T04:24:05Z",
        "stale": "2026-03-14T04:26:05Z",
        "how": "m-g",
        **changed,
    }
    spelled = " ".join(f"{name}={quoteattr(value)}" for name, value in attributes.items() if value is not None)
    return f"<event {spelled}>{inside}</event>".encode()


def code_of(untrusted: bytes) -> str:
    with pytest.raises(WarningMessageError) as refused:
        parse_cot(untrusted)
    return refused.value.code


def test_a_track_of_a_client_is_read_on_our_grid_and_without_its_accuracy() -> None:
    read = parse_cot(event(inside=POINT + '<detail><track course="62.5" speed="1500"/></detail>'))
    assert read == CotEvent(
        kind=CotKind.TRACK,
        uid="radar-1.track.7",
        time_us=1_773_462_245_250_000,
        start_us=1_773_462_245_000_000,
        latitude_udeg=39_200_000,
        longitude_udeg=125_673_000,
        height_m=80_100,
        bearing_cdeg=6_250,
        character=None,
    )
    body = body_of(read, source=RADAR)
    assert isinstance(body, TrackUpdate)
    assert (body.confidence_pct, body.height_m) == (90, 80_100)


@pytest.mark.parametrize(
    ("cot", "kind"),
    [
        ("a-h-A-W-M", CotKind.TRACK),
        ("a-u-A-W-M-S-S", CotKind.TRACK),
        ("b-a-o-c", CotKind.ALERT),
        ("b-a-o-can", CotKind.CANCEL),
    ],
)
def test_warning_track_and_cancel_types_are_taken(cot: str, kind: CotKind) -> None:
    assert parse_cot(event(type=cot)).kind is kind


@pytest.mark.source("DESIGN-1")
@pytest.mark.parametrize("cot", ["t-k", "t-x-f", "t-s", "t"])
def test_a_tasking_is_out_of_scope_whatever_it_says(cot: str) -> None:
    assert code_of(event(type=cot)) == "warning/out-of-scope"


@pytest.mark.source("DESIGN-1")
@given(st.from_regex(r"[a-z](-[a-zA-Z.]{1,4}){0,6}", fullmatch=True))
def test_every_other_type_is_refused(cot: str) -> None:
    if cot in {"b-a-o-c", "b-a-o-can"} or re.fullmatch(r"a-[a-z]-A-W-M(-[A-Z]){0,4}", cot):
        assert parse_cot(event(type=cot)).kind in CotKind
    else:
        tasking = cot.split("-", maxsplit=1)[0] == "t"
        assert code_of(event(type=cot)) == ("warning/out-of-scope" if tasking else "warning/cot-type-not-taken")


@pytest.mark.source("DESIGN-1")
@pytest.mark.parametrize(
    "detail",
    [
        "<target/>",
        "<fire_tasking/>",
        '<track covariance="1"/>',
        "<x><y><weapon/></y></x>",
        '<x xmlns:a="u" a:aimpoint="1"/>',
    ],
)
def test_words_of_fire_control_are_refused_wherever_they_stand(detail: str) -> None:
    assert code_of(event(inside=POINT + f"<detail>{detail}</detail>")) == "warning/out-of-scope"


@pytest.mark.parametrize(
    "hostile",
    [
        b'<!DOCTYPE event [<!ENTITY a "b">]>' + event(),
        b'<!DOCTYPE event SYSTEM "http://127.0.0.1/x.dtd">' + event(),
        event(inside=POINT + "<detail>&undefined;</detail>"),
        event(inside=POINT + '<detail xmlns:xi="http://www.w3.org/2001/XInclude"/><detail/>'),
        ('<?xml version="1.0" encoding="UTF-16"?>' + event().decode()).encode("utf-16"),
        "<!DOCTYPE event [<!ENTITY a 'b'>]><event/>".encode("utf-16"),
        event(inside=POINT + "<detail>" + "<a/>" * 64 + "</detail>"),
        event(inside=POINT + POINT),
        event(inside=""),
        event(version="1.0"),
        event(uid=""),
        event(uid="a b"),
        event(time="2026-03-14"),
        event(time="2026-13-14T04:24:05Z"),
        event(start=None),
        event(inside=POINT.replace("39.2001", "91")),
        event(inside=POINT.replace("39.2001", "NaN")),
        event(inside=POINT.replace("80123.4", "inf")),
        event(inside=POINT.replace('hae="80123.4" ', "")),
        event(opex="z"),
        event(onclick="x"),
        b"<point/>",
        b"",
        b"\xff",
    ],
)
def test_what_is_no_plain_event_is_refused(hostile: bytes) -> None:
    assert code_of(hostile) == "warning/cot-malformed"


def test_entities_that_grow_are_never_expanded() -> None:
    bomb = '<!DOCTYPE event [<!ENTITY a "xxxxxxxxxx"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>' + event().decode()
    assert code_of(bomb.encode()) == "warning/cot-malformed"


@given(st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_an_event_or_refused_as_one(untrusted: bytes) -> None:
    with suppress(WarningMessageError):
        parse_cot(untrusted)


@given(st.data())
def test_a_changed_byte_is_an_event_or_refused_as_one(data: st.DataObject) -> None:
    whole = event(inside=POINT + "<detail><remarks>x</remarks></detail>", opex="e-DRILL")
    at = data.draw(st.integers(0, len(whole) - 1))
    damaged = whole[:at] + data.draw(st.binary(min_size=1, max_size=3)) + whole[at + 1 :]
    with suppress(WarningMessageError):
        parse_cot(damaged)


def test_more_than_an_event_has_is_not_parsed() -> None:
    assert code_of(event(inside=POINT + "<detail>" + "x" * MAX_COT_BYTES + "</detail>")) == "warning/cot-too-large"


@given(st.lists(messages(), max_size=4), st.integers(1, 200))
def test_a_stream_is_cut_into_its_events_whatever_the_pieces(said: list[Message], size: int) -> None:
    events = [print_cot(message) for message in said]
    stream = b"\n".join(b"<?xml version='1.0' encoding='UTF-8'?>\n" + one for one in events)
    found: list[bytes] = []
    rest = b""
    for start in range(0, len(stream), size):
        whole, rest = split_events(rest + stream[start : start + size])
        found += whole
    assert rest == b""
    assert [one.partition(b"?>\n")[2] for one in found] == events


def test_a_stream_without_an_end_is_given_up() -> None:
    with pytest.raises(WarningMessageError) as refused:
        split_events(b"<event " + b"x" * MAX_COT_BYTES)
    assert refused.value.code == "warning/cot-too-large"


# what we print ------------------------------------------------------------------------------------------------


def placed(message: Message) -> LaunchReport | None:
    return message.body if isinstance(message.body, LaunchReport) else None


@given(messages())
def test_what_we_print_says_which_world_it_speaks_of_in_every_place(message: Message) -> None:
    root = etree.fromstring(print_cot(message, place=placed(message)))
    letter = {"REAL": "o", "EXERCISE": "e", "TEST": "s"}[message.character.value]
    assert root.get("opex", "").startswith(f"{letter}-")
    shown = [root.get("access"), root.find("detail/contact").get("callsign"), root.findtext("detail/remarks")]  # type: ignore[union-attr]
    real = message.character is Character.REAL
    assert all(str(words).startswith(f"{message.character.value} ") is not real for words in shown)
    assert f".{message.character.value}." in root.get("uid", "")


@given(messages())
def test_what_we_print_can_be_read_and_is_known_for_our_own(message: Message) -> None:
    read = parse_cot(print_cot(message))
    expected = {Kind.TRACK: CotKind.TRACK, Kind.END: CotKind.CANCEL, Kind.CANCELLATION: CotKind.CANCEL}
    assert read.kind is expected.get(message.kind, CotKind.ALERT)
    assert read.character is message.character
    if isinstance(message.body, TrackUpdate):
        body = message.body
        assert (read.latitude_udeg, read.longitude_udeg) == (body.latitude_udeg, body.longitude_udeg)
        assert (read.height_m, read.start_us) == (body.height_m, body.seen_at_us)
    with pytest.raises(WarningMessageError) as refused:
        body_of(read, source=RADAR)
    assert refused.value.code == "warning/cot-echo"


@pytest.mark.source("DESIGN-2")
@given(messages(), st.lists(st.sampled_from(Mark), unique=True))
def test_what_stands_beside_a_warning_on_a_desk_stands_in_its_remarks(message: Message, marks: list[Mark]) -> None:
    remarks = etree.fromstring(print_cot(message, marks=marks)).findtext("detail/remarks")
    assert remarks is not None
    assert {mark for mark in Mark if f"{mark.value}: " in remarks} == set(marks)


@pytest.mark.source("DESIGN-1")
@given(messages())
def test_what_we_print_says_nothing_of_accuracy(message: Message) -> None:
    point = etree.fromstring(print_cot(message)).find("point")
    assert point is not None
    assert (point.get("ce"), point.get("le")) == ("9999999.0", "9999999.0")


# what a source may say ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("opex", "character", "taken"),
    [
        (None, "REAL", True),
        ("o", "REAL", True),
        ("o-EAGLE", "REAL", True),
        ("e-EAGLE", "REAL", False),
        ("s", "REAL", False),
        (None, "TEST", True),
        ("s", "TEST", True),
        ("o", "TEST", False),
        ("e", "EXERCISE", True),
        ("o", "EXERCISE", False),
    ],
)
def test_a_source_speaks_in_the_world_it_was_configured_for(opex: str | None, character: str, *, taken: bool) -> None:
    source = CotSource(name="s", character=Character(character), level="KOR-2", sensor=Sensor.OTHER, confidence_pct=50)
    read = parse_cot(event(opex=opex))
    if taken:
        assert isinstance(body_of(read, source=source), TrackUpdate)
    else:
        with pytest.raises(WarningMessageError) as refused:
            body_of(read, source=source)
        assert refused.value.code == "warning/worlds-mixed"


def test_a_track_needs_a_height_and_a_cancellation_does_not() -> None:
    unknown = POINT.replace("80123.4", "9999999.0")
    with pytest.raises(WarningMessageError):
        body_of(parse_cot(event(inside=unknown)), source=RADAR)
    assert isinstance(body_of(parse_cot(event(type="b-a-o-can", inside=unknown)), source=RADAR), Cancellation)


@given(st.text(min_size=1, max_size=20), st.text(min_size=1, max_size=20))
def test_one_object_is_one_event_and_two_are_two(one: str, other: str) -> None:
    assert (event_of(RADAR, one) == event_of(RADAR, other)) is (one == other)


@given(st.integers(0, 10**7), st.integers(0, 999_999))
def test_times_are_read_to_the_microsecond(seconds: int, micros: int) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    text = at.strftime("%Y-%m-%dT%H:%M:%S") + f".{micros:06}Z"
    assert parse_cot(event(time=text)).time_us == int(at.timestamp()) * 1_000_000 + micros


def test_the_namespace_is_no_way_around_the_type() -> None:
    assert code_of(event().replace(b"<event ", b'<event xmlns="urn:x" ')) == "warning/cot-malformed"
