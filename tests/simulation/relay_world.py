"""Seoul, Tokyo and Washington with feeders and relay in force, keys introduced and confirmed; and a hostile hub."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any, cast

from gsomia import canon
from gsomia.agreements import Agreement, NoteSubject, parse_document
from gsomia.envelope import (
    ReceivedRelay,
    RelayManifest,
    RelayPart,
    derive_keys,
    held_key,
    parse_relay,
    print_relay,
    read_manifest,
    seal_relay,
)
from gsomia.envelope.suite import open_part
from gsomia.flows import agree, assure, consents, consign, introduce, people
from gsomia.flows.register import register_item
from gsomia.flows.relay import relay_item
from gsomia.flows.release import Released
from gsomia.ids import HexDigest, InstrumentId, ItemId, PartyCode, new_consignment_id
from gsomia.registry import ItemRecord
from simulation.world import JPN, KOR, PURPOSE, REGISTRY, SECRET, TOPIC, UNTIL, USA, World, identity, pieces, policies

KR_US, JP_US, TISA = (cast("InstrumentId", name) for name in ("GSOMIA-KR-US", "GSOMIA-JP-US", "TISA"))
FILES = {KR_US: "gsomia-kr-us-demo.toml", JP_US: "gsomia-jp-us-demo.toml", TISA: "tisa-demo.toml"}
FEEDER = {KOR: KR_US, JPN: JP_US}
LEAD = {KOR: "kor-mnd", JPN: "jpn-mod", USA: "usa-dod"}
NAMED = {
    (KR_US, KOR): "KR-NV-1987-0101",
    (KR_US, USA): "US-DN-1987-0201",
    (JP_US, JPN): "JP-NV-2007-0301",
    (JP_US, USA): "US-DN-2007-0401",
}


@cache
def text_of(instrument: InstrumentId, *, version: int = 1, topics: int = 1, extra: str = "") -> Agreement:
    """A demo text with the identities of this world."""
    text = files("gsomia.demo").joinpath("data", FILES[instrument]).read_text() + extra
    for party in (KOR, JPN, USA):
        text = text.replace(f"@{party}@", identity(party).record.fingerprint)
    text = text.replace("\nversion = 1", f"\nversion = {version}").replace(
        "topics_version = 1", f"topics_version = {topics}"
    )
    return parse_document(text.encode())


def sign_text(world: World, text: Agreement) -> None:
    """Proposed by the first party, signed by every one."""
    parties = [party.code for party in text.parties]
    first = world[parties[0]]
    agree.propose(first.desk, first.actor("liaison"), text, our_fingerprint=first.identity.record.fingerprint)
    world.settle()
    for party in parties:
        node = world[party]
        agree.sign(
            node.desk,
            node.actor("liaison"),
            text.id,
            digest=text.digest,
            our_fingerprint=node.identity.record.fingerprint,
        )
    world.settle()


def bring_feeder_into_force(world: World, feeder: InstrumentId) -> None:
    """Signed, completed by both notes, authorities named, channels accredited, assured both ways."""
    text = text_of(feeder)
    sign_text(world, text)
    sides = [party.code for party in text.parties]
    for subject in (NoteSubject.COMPLETION, NoteSubject.AUTHORITY_NAMED):
        for party in sides:
            named = subject is NoteSubject.AUTHORITY_NAMED
            node = world[party]
            agree.give_note(
                node.desk,
                node.actor("liaison"),
                instrument=feeder,
                number=NAMED[feeder, party] if named else f"{party}-{feeder}-DONE",
                subject=subject,
                authority=LEAD[party] if named else None,
            )
        world.settle()
    for party, other in ((sides[0], sides[1]), (sides[1], sides[0])):
        world[party].accredit(other)
        digest = assure.give_assurance(
            world[party].desk,
            world[party].actor("security"),
            to=other,
            instrument=feeder,
            authority=LEAD[party],
            persons=3,
            level=SECRET[party],
            purpose=PURPOSE,
            until=UNTIL,
        )
        world.settle()
        world[other].acknowledge(digest)
    world.settle()


def introduce_each_other(world: World) -> None:
    """The hub introduces each end to the other; each compares the fingerprint and confirms."""
    for originator, to in ((KOR, JPN), (JPN, KOR)):
        hub = world[USA]
        introduce.introduce(hub.desk, hub.actor("security"), identity(originator).pin_file, to=to, feeder=FEEDER[to])
    world.settle()
    for originator, to in ((KOR, JPN), (JPN, KOR)):
        confirm(world, to, originator)


def confirm(world: World, at: PartyCode, originator: PartyCode) -> None:
    """Compare and confirm."""
    introduce.confirm_originator(
        world[at].desk,
        world[at].actor("security"),
        originator,
        fingerprint=identity(originator).record.fingerprint,
    )


def relay_world(*, direct: bool = False, introduced: bool = True) -> World:
    """The relay in force; with the pact between Seoul and Tokyo, if `direct`."""
    world = World(KOR, JPN, USA)
    if direct:
        world.bring_into_force()
    for feeder in (KR_US, JP_US):
        bring_feeder_into_force(world, feeder)
    sign_text(world, text_of(TISA))
    if introduced:
        introduce_each_other(world)
    return world


def registered(
    world: World, content: bytes, *, by: PartyCode = KOR, level: str | None = None, topic: str = TOPIC
) -> ItemRecord:
    """An item of one end."""
    node = world[by]
    return register_item(
        node.desk,
        node.actor("registrar"),
        pieces(content),
        content_bytes=len(content),
        level=level or SECRET[by],
        purpose=PURPOSE,
        topic=topic,
    ).item


def to_hub(
    world: World, content: bytes = b"image", *, by: PartyCode = KOR, booked: bool = True, **item: Any
) -> Released:
    """Registered at one end, released to the hub, and booked there."""
    released = world[by].release(registered(world, content, by=by, **item).id, USA)
    world.settle()
    if booked:
        policy = policies()[by]
        rank = policy.classification(world[by].every(ItemRecord, id=released.item)[0].label.classification).rank
        world[USA].book(released.item, mark={3: "USA-S", 2: "USA-C"}[rank])
        world.settle()
    return released


def other_end(party: PartyCode) -> PartyCode:
    """Of the two ends."""
    return JPN if party == KOR else KOR


def consent_to(world: World, released: Released, *, by: PartyCode = KOR, **changes: Any) -> HexDigest:
    """The originator consents to one item."""
    said: dict[str, Any] = {
        "item": released.item,
        "holder": USA,
        "recipient": other_end(by),
        "manifest": released.delivery.manifest,
        "instrument": TISA,
        "purpose": PURPOSE,
        "until": UNTIL,
        **changes,
    }
    statement = consents.grant_consent(world[by].desk, world[by].actor("releaser"), **said)
    world.settle()
    return statement.digest


def forward(world: World, item: ItemId, *, to: PartyCode = JPN) -> Released:
    """The hub passes an item on."""
    return relay_item(world[USA].desk, world[USA].actor("releaser"), item, to=to)


def relayed(world: World, content: bytes = b"image", *, by: PartyCode = KOR, **item: Any) -> tuple[Released, Released]:
    """An item all the way to the other end: the first leg's release and the second's."""
    first = to_hub(world, content, by=by, **item)
    consent_to(world, first, by=by)
    second = forward(world, first.item, to=other_end(by))
    world.settle()
    return first, second


def bring_reader(world: World, at: PartyCode) -> None:
    """A cleared reader on the roster for what comes under the feeder with the hub."""
    node = world[at]
    node.bring_reader()
    people.put_on_roster(
        node.desk,
        node.actor("security"),
        facility=REGISTRY,
        person=node.actor("analyst").person,
        instrument=FEEDER[at],
        level=SECRET[at],
        until=UNTIL,
    )


# --- a hub with real keys and other software ----------------------------------------------------------------------


@dataclass
class HostileHub:
    """What Washington could send instead of a true relayed offer, which is taken out of the post."""

    world: World
    second: Released
    relay: ReceivedRelay
    inline: bytes
    manifest: RelayManifest
    part: RelayPart
    content_key: bytes

    def again(
        self,
        *,
        header: Callable[[Any], Any] = lambda header: header,
        part: Callable[[RelayPart], RelayPart] = lambda part: part,
        content_key: bytes | None = None,
        offer: Callable[[Any], Any] = lambda offer: offer,
        inline: bytes | None = None,
    ) -> bytes:
        """The relay made anew with parts exchanged, everything signed that the hub can sign."""
        hub, to = self.world[USA], identity(self.second.delivery.to)
        fresh = replace(self.manifest.header, consignment=new_consignment_id(hub.entropy))
        statement, sealed = seal_relay(
            header(fresh),
            content_key=content_key or self.content_key,
            recipient=to.descriptor.sealing,
            part=part(self.part),
            signer=hub.identity.keys.statement,
        )
        made = ReceivedRelay(statement=statement.envelope, part=sealed, offer=offer(self.relay.offer))
        return print_relay(made) + (self.inline if inline is None else inline)


def hostile_hub(world: World, *, by: PartyCode = KOR, content: bytes = b"image", **item: Any) -> HostileHub:
    """A true relayed offer, not yet sent, and the key it was wrapped with."""
    first = to_hub(world, content, by=by, **item)
    consent_to(world, first, by=by)
    second = forward(world, first.item, to=other_end(by))
    return taken_out(world, second)


def taken_out(world: World, second: Released) -> HostileHub:
    """Take a queued relay out of the post."""
    hub = world[USA]
    sending = consign.begin_consignment(hub.desk, second.delivery.consignment)
    relay, _ = parse_relay(sending.offer)
    manifest = read_manifest(relay)
    key = held_key(second.delivery.holding, storage_key=hub.storage_keys.get(second.item))
    digest = hashlib.sha256(canon.encode(manifest.header)).digest()
    part = canon.decode(open_part(derive_keys(key, digest), relay.part), RelayPart)
    return HostileHub(world, second, relay, sending.inline, manifest, part, key)
