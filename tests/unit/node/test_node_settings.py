"""A node's settings and its directory."""

from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gsomia.config import NodeConfig, check_config, check_party, parse_config, print_config
from gsomia.errors import LocalError
from gsomia.ids import PartyCode
from gsomia.node.layout import Layout, national_policies, system_clock, system_entropy
from gsomia.parties import ExerciseError

names = st.text(st.characters(exclude_characters='"\\'), min_size=1, max_size=40).filter(
    lambda text: bool(text.strip()) and text.isprintable()
)


@settings(derandomize=True, database=None, deadline=None)
@given(
    party=st.from_regex(r"[A-Z]{3,4}", fullmatch=True),
    name=names,
    host=st.from_regex(r"[a-z0-9.-]{1,40}", fullmatch=True),
    port=st.integers(1, 65_535),
)
def test_settings_that_are_printed_read_back(party: str, name: str, host: str, port: int) -> None:
    config = check_config(party=party, name=name, listen=f"{host}:{port}")
    assert parse_config(print_config(config)) == config
    assert (config.host, config.port) == (host, port)


@pytest.mark.source("DESIGN-10", "LAW-10")
@pytest.mark.parametrize(
    "text",
    [
        "",
        "party = ",
        'party = "KOR"\nname = "K"\n',
        'party = "KOR"\nname = "K"\nlisten = "127.0.0.1:7441"\nmore = 1\n',
        'party = "kor"\nname = "K"\nlisten = "127.0.0.1:7441"\n',
        'party = "KOR"\nname = ""\nlisten = "127.0.0.1:7441"\n',
        'party = "KOR"\nname = "K"\nlisten = "127.0.0.1:0"\n',
        'party = "KOR"\nname = "K"\nlisten = "127.0.0.1:65536"\n',
        'party = "KOR"\nname = "K"\nlisten = ":7441"\n',
        'party = "KOR"\nname = "K"\nlisten = 7441\n',
        'party = 1\nname = "K"\nlisten = "127.0.0.1:7441"\n',
    ],
)
def test_settings_that_do_not_do_are_said(text: str) -> None:
    with pytest.raises(LocalError, match="settings do not read"):
        parse_config(text)


@settings(derandomize=True, database=None, deadline=None, max_examples=60)
@given(text=st.text(max_size=80))
def test_any_text_is_settings_or_refused(text: str) -> None:
    try:
        found: Any = parse_config(text)
    except LocalError:
        return
    assert isinstance(found, NodeConfig)


@pytest.mark.source("DESIGN-10")
def test_a_directory_without_settings_is_no_node(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match="there is no node"):
        Layout(tmp_path).require()


@pytest.mark.source("DESIGN-7", "DESIGN-10")
def test_everything_of_a_node_lies_in_its_directory(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    names = [name for name, value in vars(Layout).items() if isinstance(value, property)]
    assert [name for name in names if not getattr(layout, name).is_relative_to(tmp_path)] == []


@pytest.mark.source("LABELS-1.3")
def test_the_policies_of_all_three_parties_ship() -> None:
    shipped = national_policies(cast("PartyCode", "KOR"))
    assert {party: policy.party for party, policy in shipped.items()} == {
        party: party for party in ("KOR", "JPN", "USA")
    }


def test_an_exercise_node_knows_exercise_policies_only_and_none_of_their_words_is_a_real_one() -> None:
    real, training = (national_policies(cast("PartyCode", party)) for party in ("KOR", "XKOR"))
    assert set(training) == {"XKOR", "XJPN", "XUSA"}
    words = [
        {text for policy in policies.values() for level in policy.classifications for text in (level.id, level.mark)}
        for policies in (real, training)
    ]
    assert not words[0] & words[1]
    assert all(level.mark.startswith("EXERCISE ") for one in training.values() for level in one.classifications)
    assert {
        value for tag in training[cast("PartyCode", "XKOR")].tags for value in tag.values if value.startswith("X")
    } == set(training)


def test_a_new_node_trains_under_the_exercise_code_or_not_at_all() -> None:
    assert check_party("KOR", name=None, exercise=True) == ("XKOR", "EXERCISE KOR")
    assert check_party("KOR", name="Republic of Korea", exercise=False) == ("KOR", "Republic of Korea")
    with pytest.raises(LocalError, match="is the code of an exercise party"):
        check_party("XKOR", name=None, exercise=False)
    with pytest.raises(ExerciseError, match="has no exercise code"):
        check_party("XKOR", name=None, exercise=True)


def test_clock_and_entropy_are_the_machines() -> None:
    assert system_clock().epoch_s > 1_700_000_000
    assert len({system_entropy(16) for _ in range(8)}) == 8
