"""Facts on which a release, a reading and a passing-on are permitted, and strategies that take something away."""

from dataclasses import replace
from typing import Any

import msgspec
from hypothesis import strategies as st

from gsomia import canon
from gsomia.agreements import Acknowledgement, Agreement, Assurance, Consent
from gsomia.ids import FacilityId, HexDigest, InstrumentId, PersonId, new_item_id, sha256_hex
from gsomia.instants import Validity
from gsomia.labels import Clearance, ClearanceStatus, Label, Policy, clearance_upto, simple_label
from gsomia.parties import Office
from gsomia.policy import (
    AccessFacts,
    AssuranceFacts,
    ChannelFacts,
    DutyFacts,
    InstrumentFacts,
    OnwardFacts,
    PersonFacts,
    ReleaseFacts,
    RosterFacts,
    SiteFacts,
    ThirdPartyFacts,
)
from strategies.agreements import AGREEMENT, INSTRUMENT, JP, KR
from strategies.labels import JPN, KOR, NOW, party, table

US = party("USA")
PURPOSE = "DPRK-MISSILE-ANALYSIS"
OTHER_PURPOSE = "OTHER-PURPOSE"
YEAR = Validity(start=NOW.plus(days=-1), until=NOW.plus(days=365))
PAST = Validity(start=NOW.plus(days=-9), until=NOW)
FUTURE = Validity(start=NOW.plus(seconds=1))
ITEM, OTHER_ITEM = new_item_id(lambda n: b"\x01" * n), new_item_id(lambda n: b"\x02" * n)
MANIFEST = sha256_hex(b"manifest")
ASSURANCE_DIGEST = sha256_hex(b"assurance")


def person(name: str) -> PersonId:
    return msgspec.convert(name, PersonId)


def facility(name: str) -> FacilityId:
    return msgspec.convert(name, FacilityId)


def cleared(policy: Policy, level: str, *, valid: Validity = YEAR, **changes: Any) -> Clearance:
    made = clearance_upto(policy, level, valid=valid, basis="PSC-1", review_at=NOW.plus(days=300))
    return replace(made, **changes)


SUSPENDED = ClearanceStatus.SUSPENDED
WITHDRAWN = ClearanceStatus.WITHDRAWN

INSTRUMENT_FACTS = InstrumentFacts(
    id=INSTRUMENT,
    agreement=AGREEMENT.digest,
    state="IN_FORCE",
    parties=(JP, KR),
    release=True,
    onward=True,
    access=True,
    ceiling=3,
    named=AGREEMENT.authorities,
)
DECIDER = PersonFacts(
    id=person("park"),
    official=True,
    rank="colonel",
    nationalities=(KR,),
    employer=KR,
    offices=(Office.RELEASING_AUTHORITY,),
    clearances=(cleared(KOR, "KOR-2"),),
)


def assured(
    digest: HexDigest = ASSURANCE_DIGEST,
    *,
    level: str = "JPN-2-TOKUTEI",
    withdrawn: bool = False,
    superseded: bool = False,
    **changes: Any,
) -> AssuranceFacts:
    assurance = Assurance(
        instrument=INSTRUMENT,
        agreement=AGREEMENT.digest,
        party=JP,
        to=KR,
        authority="jpn-mod",
        persons=3,
        level=level,
        purpose=PURPOSE,
        official_purpose=True,
        equivalent_protection=True,
        valid=YEAR,
    )
    acknowledged = Acknowledgement(assurance=digest, instrument=INSTRUMENT, party=KR, to=JP, at=NOW)
    return AssuranceFacts(
        digest=digest,
        assurance=replace(assurance, **changes),
        acknowledgement=acknowledged,
        withdrawn=withdrawn,
        superseded=superseded,
    )


def own_label(level: str, **words: Any) -> Label:
    return simple_label(KOR, level, created_at=NOW, **words)


RELEASE = ReleaseFacts(
    now=NOW,
    us=KR,
    to=JP,
    item=ITEM,
    held=True,
    originator=KR,
    registrar=person("kim"),
    label=own_label("KOR-2"),
    purpose=PURPOSE,
    authority="kor-mnd",
    instrument=INSTRUMENT_FACTS,
    decider=DECIDER,
    control_officer=person("lee"),
    channels=(ChannelFacts(channel=JP, ceiling=3, valid=YEAR),),
    assurances=(assured(),),
)

READER = PersonFacts(
    id=person("sato"),
    official=True,
    rank="",
    nationalities=(JP,),
    employer=JP,
    offices=(Office.READER,),
    clearances=(cleared(JPN, "JPN-2-TOKUTEI"),),
)
DUTY = DutyFacts(person=READER.id, item=None, purpose=PURPOSE, valid=YEAR)
LINE = RosterFacts(facility=facility("ichigaya"), person=READER.id, instrument=INSTRUMENT, ceiling=3, valid=YEAR)
SITE = SiteFacts(facility=LINE.facility, ceiling=3, review_at=NOW.plus(days=300))
AGREED = ThirdPartyFacts(person=READER.id, originator=KR, item=None, purpose=PURPOSE, valid=YEAR)
"""The originator's written agreement to the reader, whatever their nationality or employer."""
ACCESS = AccessFacts(
    now=NOW,
    us=JP,
    item=ITEM,
    held=True,
    originator=KR,
    own_mark="JPN-2-TOKUTEI",
    own_rank=3,
    item_purpose=PURPOSE,
    purpose=PURPOSE,
    facility=facility("ichigaya"),
    site=SITE,
    instrument=INSTRUMENT_FACTS,
    reader=READER,
    duties=(DUTY,),
    roster=(LINE,),
    third_party=(),
)

FEEDER: Agreement = replace(
    AGREEMENT,
    id=msgspec.convert("GSOMIA-JP-US", InstrumentId),
    table=table(
        (3, "SECRET", {"KOR": ["KOR-2"], "JPN": ["JPN-2-GOKUHI"], "USA": ["USA-S"]}),
        (2, "CONFIDENTIAL", {"KOR": ["KOR-3"], "JPN": ["JPN-3"], "USA": ["USA-C"]}),
    ),
)
"""Japan's instrument with the United States, whose table also reads the originator's levels."""
FEEDER_FACTS = replace(INSTRUMENT_FACTS, id=FEEDER.id, agreement=FEEDER.digest, parties=(JP, US), named=())
CONSENT = Consent(
    serial="KR-C-1",
    originator=KR,
    holder=JP,
    recipient=US,
    item=ITEM,
    manifest=MANIFEST,
    label=canon.digest(own_label("KOR-2", releasable_to=["JPN", "USA"])),
    instruments=(FEEDER.id,),
    purpose=PURPOSE,
    valid=YEAR,
)
ONWARD = OnwardFacts(
    now=NOW,
    us=JP,
    to=US,
    item=ITEM,
    held=True,
    manifest=MANIFEST,
    originator=KR,
    label=own_label("KOR-2", releasable_to=["JPN", "USA"]),
    label_digest=canon.digest(own_label("KOR-2", releasable_to=["JPN", "USA"])),
    topic="DPRK-MISSILE",
    purpose=PURPOSE,
    instrument=FEEDER_FACTS,
    consent=CONSENT,
    withdrawn=False,
)


def decider(**changes: Any) -> dict[str, Any]:
    return {"decider": replace(DECIDER, **changes)}


def reader(**changes: Any) -> dict[str, Any]:
    return {"reader": replace(READER, **changes)}


def instrument(**changes: Any) -> dict[str, Any]:
    return {"instrument": replace(INSTRUMENT_FACTS, **changes)}


def some(values: tuple[Any, ...]) -> st.SearchStrategy[tuple[Any, ...]]:
    """Any of the values, in their order."""
    return st.lists(st.booleans(), min_size=len(values), max_size=len(values)).map(
        lambda keep: tuple(value for value, kept in zip(values, keep, strict=True) if kept)
    )


validities = st.sampled_from([YEAR, PAST, FUTURE, Validity(start=NOW)])
codes = st.sampled_from([KR, JP, US])
levels = st.sampled_from(["KOR-1", "KOR-2", "KOR-3", "KOR-DAEOEBI"])
labels = st.builds(own_label, levels, releasable_to=st.sampled_from([None, [], ["JPN"], ["USA"], ["JPN", "USA"]]))
clearances = st.lists(
    st.builds(cleared, st.just(KOR), levels, valid=validities, status=st.sampled_from(ClearanceStatus))
    | st.builds(cleared, st.just(JPN), st.sampled_from(["JPN-1", "JPN-2-TOKUTEI", "JPN-3"]), valid=validities),
    max_size=3,
).map(tuple)
persons = st.builds(
    PersonFacts,
    id=st.sampled_from([person("park"), person("kim"), person("sato")]),
    official=st.booleans(),
    rank=st.sampled_from(["", "general", "minister"]),
    nationalities=st.lists(codes, min_size=1, max_size=2, unique=True).map(tuple),
    employer=st.none() | codes,
    offices=some(tuple(Office)),
    clearances=clearances,
)
instruments = st.none() | st.builds(
    InstrumentFacts,
    id=st.sampled_from([INSTRUMENT, FEEDER.id]),
    agreement=st.sampled_from([AGREEMENT.digest, FEEDER.digest]),
    state=st.sampled_from(["NONE", "SIGNED", "IN_FORCE"]),
    parties=some((JP, KR, US)),
    release=st.booleans(),
    onward=st.booleans(),
    access=st.booleans(),
    ceiling=st.integers(1, 4),
    named=some(AGREEMENT.authorities),
)
assurances = st.lists(
    st.builds(
        assured,
        level=st.sampled_from(["JPN-1", "JPN-2-GOKUHI", "JPN-3", "SECRET", ""]),
        purpose=st.sampled_from([PURPOSE, OTHER_PURPOSE]),
        party=codes,
        valid=validities,
        withdrawn=st.booleans(),
        superseded=st.booleans(),
    ),
    max_size=2,
).map(tuple)
release_facts = st.builds(
    ReleaseFacts,
    now=st.just(NOW),
    us=codes,
    to=codes,
    item=st.just(ITEM),
    originator=codes,
    registrar=st.sampled_from([person("park"), person("kim")]),
    label=labels,
    purpose=st.sampled_from([PURPOSE, OTHER_PURPOSE, ""]),
    authority=st.sampled_from(["kor-mnd", "kor-dapa", "jpn-mod", "none"]),
    instrument=instruments,
    decider=persons,
    control_officer=st.none() | st.just(person("lee")),
    channels=st.lists(
        st.builds(ChannelFacts, channel=codes, ceiling=st.integers(1, 4), valid=validities), max_size=2
    ).map(tuple),
    assurances=assurances,
)
"""Mostly denied for many reasons; the permitted ones are the base case's neighbours."""
duties = st.lists(
    st.builds(
        DutyFacts,
        person=st.sampled_from([READER.id, DECIDER.id]),
        item=st.none() | st.sampled_from([ITEM, OTHER_ITEM]),
        purpose=st.none() | st.sampled_from([PURPOSE, OTHER_PURPOSE]),
        valid=validities,
    ),
    max_size=3,
).map(tuple)
roster = st.lists(
    st.builds(
        RosterFacts,
        facility=st.sampled_from([LINE.facility, facility("busan")]),
        person=st.sampled_from([READER.id, DECIDER.id]),
        instrument=st.sampled_from([INSTRUMENT, FEEDER.id]),
        ceiling=st.integers(1, 4),
        valid=validities,
    ),
    max_size=3,
).map(tuple)
sites = st.none() | st.builds(
    SiteFacts,
    facility=st.just(LINE.facility),
    ceiling=st.integers(1, 4),
    review_at=st.sampled_from([NOW, NOW.plus(seconds=1), NOW.plus(days=300)]),
)
third_party = st.lists(
    st.builds(
        ThirdPartyFacts,
        person=st.sampled_from([READER.id, DECIDER.id]),
        originator=codes,
        item=st.none() | st.sampled_from([ITEM, OTHER_ITEM]),
        purpose=st.none() | st.sampled_from([PURPOSE, OTHER_PURPOSE]),
        valid=validities,
    ),
    max_size=2,
).map(tuple)
access_facts = st.builds(
    AccessFacts,
    now=st.just(NOW),
    us=codes,
    item=st.just(ITEM),
    originator=codes,
    own_mark=st.none() | st.sampled_from(["JPN-1", "JPN-2-TOKUTEI", "JPN-3", "KOR-2"]),
    own_rank=st.sampled_from([1, 2, 3, 4, 99]),
    item_purpose=st.just(PURPOSE),
    purpose=st.sampled_from([PURPOSE, OTHER_PURPOSE]),
    facility=st.none() | st.just(LINE.facility),
    site=sites,
    instrument=instruments,
    reader=persons,
    duties=duties,
    roster=roster,
    third_party=third_party,
    declined=st.booleans(),
)
consents = st.none() | st.builds(
    replace,
    st.just(CONSENT),
    recipient=codes,
    holder=codes,
    item=st.sampled_from([ITEM, OTHER_ITEM]),
    valid=validities,
    purpose=st.sampled_from([PURPOSE, OTHER_PURPOSE]),
)
onward_facts = st.builds(
    OnwardFacts,
    topic=st.just("DPRK-MISSILE"),
    now=st.just(NOW),
    us=codes,
    to=codes,
    item=st.just(ITEM),
    manifest=st.none() | st.just(MANIFEST),
    originator=codes,
    label=labels,
    label_digest=st.just(CONSENT.label),
    purpose=st.sampled_from([PURPOSE, OTHER_PURPOSE]),
    instrument=instruments,
    consent=consents,
)
