"""Keys change while traffic runs: rotated on either side, revoked, recovered after theft, and cut at every write."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace

import pytest

from gsomia import canon
from gsomia.agreements import NOTE
from gsomia.envelope import SEGMENT_BYTES
from gsomia.errors import IntegrityError, NodeError, PartnerError, RefusedError, UnavailableError
from gsomia.exchange import MessageKind, Stage
from gsomia.flows import rotate
from gsomia.flows.dispatch import statement_to_send
from gsomia.flows.hear import hear_statement
from gsomia.flows.parties import every_key_set, partner, pin_partner
from gsomia.flows.records import DisownedRecord, KeySetRecord, RefusalRecord
from gsomia.flows.say import say
from gsomia.ids import PartyCode
from gsomia.parties import (
    DESCRIPTOR,
    Cause,
    Descriptor,
    HybridSigner,
    KeyChange,
    KeyPurpose,
    Opener,
    PersonSigner,
    Strength,
    build_certificate,
    prove_possession,
    say_key_change,
    sign_statement,
)
from gsomia.registry import Booking, ItemRecord
from gsomia.storage import MemoryKeyring
from simulation.world import JPN, KOR, USA, Fault, PowerCut, SimNode, World, seeded, world_in_force

SMALL, LARGE = b"image", bytes(SEGMENT_BYTES + 1)
THIEF = HybridSigner.from_seed(seeded("thief")(64), Strength.STATEMENT)


def number(world: World, of: PartyCode, *, at: PartyCode) -> int:
    """The number of the set under which one node knows another."""
    return partner(world[at].desk, of).descriptor.number


def change(node: SimNode) -> None:
    rotate.rotate(node.desk, node.first)


def holds(world: World) -> bool:
    return [*world[KOR].problems(), *world[JPN].problems()] == []


def forged(
    world: World,
    *,
    signer: HybridSigner,
    number: int = 2,
    cause: Cause = Cause.ROTATION,
    proven: bool = True,
    seed: str = "forged",
) -> bytes:
    """A change of Seoul's keys that Seoul did not make, as a thief of `signer` could write it."""
    working = signer if cause is Cause.RECOVERY else world[KOR].identity.keys.working
    draw = seeded(seed)
    of_logs = (KeyPurpose.LOG, KeyPurpose.COSIGNER)
    held = {purpose: HybridSigner.from_seed(draw(64), Strength.LOG) for purpose in of_logs}
    of_statements = (KeyPurpose.STATEMENT, KeyPurpose.LANE)
    held |= {purpose: HybridSigner.from_seed(draw(64), Strength.STATEMENT) for purpose in of_statements}
    tls = draw(32)
    descriptor = replace(
        world[KOR].identity.descriptor,
        number=number,
        statement=held[KeyPurpose.STATEMENT].public,
        log=held[KeyPurpose.LOG].public,
        cosigner=held[KeyPurpose.COSIGNER].public,
        lane=held[KeyPurpose.LANE].public,
        sealing=Opener.from_seed(draw(96)).public,
        tls_certificate=build_certificate(party=KOR, seed=tls),
    )
    envelope = sign_statement(descriptor, kind=DESCRIPTOR, signer=signer).envelope
    signers = held if proven else dict.fromkeys(held, THIEF)
    if cause is Cause.RECOVERY:
        signers = {**signers, KeyPurpose.WORKING: working}
    body = KeyChange(
        party=KOR,
        to=JPN,
        cause=cause,
        follows=1,
        working=working.public,
        descriptor=envelope,
        proofs=prove_possession(envelope, signers=signers, tls=PersonSigner.from_seed(tls)),
        covered=0,
        at=world[KOR].clock(),
    )
    return say_key_change(body, signer=signer).envelope


@pytest.mark.source("DESIGN-4")
@pytest.mark.parametrize("changing", [(KOR,), (JPN,), (KOR, JPN)], ids=["sender", "recipient", "both"])
@pytest.mark.parametrize("content", [SMALL, LARGE], ids=["one-segment", "two-segments"])
def test_what_is_on_its_way_arrives_though_keys_change(changing: tuple[PartyCode, ...], content: bytes) -> None:
    world = world_in_force()
    world.cosign(KOR, JPN)
    released = [world[KOR].release(world[KOR].register(content).id, JPN) for _ in range(2)]
    back = world[JPN].release(world[JPN].register(content).id, KOR)
    world.carry(KOR, JPN, *world.due(KOR, JPN)[0], Fault.REPLY_LOST)  # one half done
    for party in changing:
        change(world[party])
    released.append(world[KOR].release(world[KOR].register(content).id, JPN))  # sealed to keys as they were heard of
    world.settle()
    for party in changing:
        other = JPN if party is KOR else KOR
        assert number(world, party, at=other) == 2
    assert [world[KOR].stages(one.delivery.consignment)[-1] for one in released] == [Stage.RECEIVED] * 3
    assert world[JPN].stages(back.delivery.consignment)[-1] is Stage.RECEIVED
    world.send(content)
    world.send(content, sender=JPN, to=KOR)
    assert world.cosign(KOR, JPN)
    assert world.cosign(JPN, KOR)
    assert world[KOR].count(RefusalRecord) == world[JPN].count(RefusalRecord) == 0
    assert holds(world)


@pytest.mark.source("DESIGN-4")
def test_statements_said_around_a_rotation_are_all_heard() -> None:
    world = world_in_force()
    released = world.send(SMALL)
    world[JPN].book(released.item)  # a statement under the old key, still queued
    change(world[JPN])
    later = world[KOR].release(world[KOR].register(SMALL).id, JPN)
    world.settle()
    world[JPN].book(later.item)
    world.settle()
    assert world[KOR].stages(released.delivery.consignment)[-1] is Stage.RECEIPTED
    assert world[KOR].stages(later.delivery.consignment)[-1] is Stage.RECEIPTED
    assert world[KOR].count(RefusalRecord) == 0


@pytest.mark.source("DESIGN-4")
def test_a_statement_signed_before_a_change_is_not_said_after_it() -> None:
    world = world_in_force()
    old = world[JPN].desk.unlocked.keys.statement
    statement = sign_statement(world[JPN].identity.record, kind=NOTE, signer=old)
    change(world[JPN])
    queued = world[JPN].queued(KOR)
    with pytest.raises(UnavailableError) as caught:
        world[JPN].memory.run(lambda tx: say(tx, world[JPN].desk, statement, kind=NOTE, to=KOR, subject="x"))
    assert caught.value.code == "flows/keys-changed"
    assert world[JPN].queued(KOR) == queued


@pytest.mark.source("DESIGN-4")
@pytest.mark.parametrize("after", [1, 2, 3])
def test_a_change_between_any_two_units_of_an_act_loses_no_statement(after: int) -> None:
    world = world_in_force()
    released = world.send(SMALL)
    world[JPN].fragile.fail(0)
    world[JPN].fragile.then = (after, lambda: change(world[JPN]))
    with suppress(UnavailableError):
        world[JPN].book(released.item)
    if not world[JPN].count(Booking, item=released.item):
        world[JPN].book(released.item)
    world.settle()
    assert world[KOR].stages(released.delivery.consignment)[-1] is Stage.RECEIPTED
    assert world[KOR].count(RefusalRecord) == 0


@pytest.mark.source("DESIGN-4")
@pytest.mark.parametrize("told", [1, 2])
def test_a_lower_or_equal_number_is_refused(told: int) -> None:
    world = world_in_force()
    change(world[KOR])
    world.settle()
    with pytest.raises(PartnerError) as caught:
        hear_statement(world[JPN].desk, KOR, forged(world, signer=world[KOR].identity.keys.working, number=told))
    assert caught.value.code == "parties/descriptor-old"
    assert number(world, KOR, at=JPN) == 2


@pytest.mark.source("DESIGN-4")
@pytest.mark.parametrize(
    ("make", "code"),
    [
        pytest.param(lambda w: forged(w, signer=THIEF), "parties/signatures-not-as-required", id="stranger"),
        pytest.param(
            lambda w: forged(w, signer=w[KOR].identity.keys.statement),
            "parties/signatures-not-as-required",
            id="statement-key",
        ),
        pytest.param(
            lambda w: forged(w, signer=w[KOR].identity.keys.working, proven=False),
            "parties/signature-false",
            id="keys-not-held",
        ),
        pytest.param(
            lambda w: forged(w, signer=w[KOR].identity.recovery),
            "parties/change-not-entitled",
            id="recovery-key-rotates",
        ),
        pytest.param(
            lambda w: forged(w, signer=w[KOR].identity.keys.working, cause=Cause.RECOVERY),
            "parties/change-not-entitled",
            id="working-key-recovers",
        ),
    ],
)
def test_a_change_that_nobody_entitled_made_is_refused(make: Callable[[World], bytes], code: str) -> None:
    world = world_in_force()
    with pytest.raises(PartnerError) as caught:
        hear_statement(world[JPN].desk, KOR, make(world))
    assert caught.value.code == code
    assert number(world, KOR, at=JPN) == 1
    assert hear_statement(world[JPN].desk, KOR, forged(world, signer=world[KOR].identity.keys.working)).accepted


@pytest.mark.source("DESIGN-4")
def test_a_change_told_to_another_partner_is_refused() -> None:
    world = World(KOR, JPN, USA)
    change(world[KOR])
    _, outgoing = world.due(KOR, USA)[0]
    for_usa = statement_to_send(world[KOR].desk, outgoing.reference)
    with pytest.raises(PartnerError) as caught:
        hear_statement(world[JPN].desk, KOR, for_usa)
    assert caught.value.code == "parties/change-of-another"


@pytest.mark.source("DESIGN-4")
def test_a_revoked_key_says_nothing_new_and_what_was_covered_counts() -> None:
    world = world_in_force()
    world.cosign(JPN, KOR)  # Seoul has cosigned the log in which Tokyo heard it bring the agreement into force
    covered = world.send(SMALL)
    world[JPN].bring_reader()
    world[JPN].book(covered.item)
    world.settle()
    world.cosign(JPN, KOR)
    uncovered = world.send(SMALL)
    world[JPN].book(uncovered.item)
    stolen = world[KOR].identity.keys
    rotate.revoke(world[KOR].desk, world[KOR].first, recovery=None)
    world.settle()
    assert number(world, KOR, at=JPN) == 2
    assert world[JPN].state() == world[KOR].state() == "IN_FORCE"
    assert b"".join(world[JPN].read(covered.item).content) == SMALL
    with pytest.raises(RefusedError) as caught:
        world[JPN].read(uncovered.item)
    assert caught.value.code == "flows/release-disowned"
    owned = {one.reference for one in world[KOR].every(DisownedRecord)}
    assert owned == {one.reference for one in world[JPN].every(DisownedRecord)} == {uncovered.delivery.manifest}
    with pytest.raises(PartnerError):
        hear_statement(world[JPN].desk, KOR, forged(world, signer=stolen.statement, number=9))
    again = world[KOR].release(uncovered.item, JPN)
    world.settle()
    assert world[KOR].stages(again.delivery.consignment)[-1] is Stage.RECEIVED
    assert b"".join(world[JPN].read(uncovered.item).content) == SMALL
    assert holds(world)


@pytest.mark.source("DESIGN-4")
def test_an_agreement_signed_by_a_revoked_key_counts_no_longer_unless_it_was_covered() -> None:
    world = world_in_force()
    rotate.revoke(world[KOR].desk, world[KOR].first, recovery=world[KOR].identity.recovery)
    world.settle()
    assert world[JPN].state() == world[KOR].state() != "IN_FORCE"
    assert holds(world)


@pytest.mark.source("DESIGN-4")
def test_an_item_sealed_under_a_revoked_key_is_refused_at_the_door() -> None:
    world = world_in_force()
    world.cosign(JPN, KOR)
    released = world[KOR].release(world[KOR].register(SMALL).id, JPN)
    rotate.revoke(world[KOR].desk, world[KOR].first, recovery=None)
    rows = world.due(KOR, JPN)
    statement = next(one for one in rows if one[1].kind is MessageKind.STATEMENT)
    consignment = next(one for one in rows if one[1].kind is MessageKind.CONSIGNMENT)
    world.carry(KOR, JPN, *statement)
    world.carry(KOR, JPN, *consignment)
    assert world[JPN].count(ItemRecord, id=released.item) == 0
    assert [one.code for one in world[JPN].every(RefusalRecord)] == ["parties/key-revoked"]
    assert world[KOR].stages(released.delivery.consignment)[-1] is Stage.REFUSED


@pytest.mark.source("DESIGN-4")
def test_after_theft_the_recovery_identity_names_a_new_working_one_and_the_thief_is_out() -> None:
    world = world_in_force()
    world.cosign(JPN, KOR)
    thief = world[KOR].identity.keys.working
    assert hear_statement(world[JPN].desk, KOR, forged(world, signer=thief, number=2)).accepted  # the thief was first
    rotate.recover(world[KOR].desk, world[KOR].first, recovery=world[KOR].identity.recovery, number=3)
    world.settle()
    known = partner(world[JPN].desk, KOR)
    assert (known.descriptor.number, known.record.recovery) == (3, world[KOR].identity.record.recovery)
    assert known.record.working != thief.public
    with pytest.raises(PartnerError) as caught:
        hear_statement(world[JPN].desk, KOR, forged(world, signer=thief, number=4, seed="again"))
    assert caught.value.code == "parties/signatures-not-as-required"
    assert [one.descriptor.number for one in every_key_set(world[JPN].desk)[KOR].counting] == [3]
    released = world.send(SMALL)
    assert world[KOR].stages(released.delivery.consignment)[-1] is Stage.RECEIVED
    change(world[KOR])
    world.settle()
    assert number(world, KOR, at=JPN) == 4
    assert holds(world)


@pytest.mark.source("DESIGN-4")
def test_a_stolen_recovery_file_of_another_party_recovers_nothing() -> None:
    world = world_in_force()
    with pytest.raises(NodeError) as caught:
        rotate.recover(world[KOR].desk, world[KOR].first, recovery=world[JPN].identity.recovery, number=None)
    assert caught.value.code == "flows/not-our-recovery-key"
    assert world[KOR].count(KeySetRecord) == 0


@pytest.mark.source("DESIGN-4", "DESIGN-7")
@pytest.mark.parametrize("power", [False, True], ids=["disk-full", "power-cut"])
@pytest.mark.parametrize("cause", list(Cause))
def test_a_change_that_is_cut_leaves_the_old_keys_or_the_new(power: bool, cause: Cause) -> None:  # noqa: FBT001  a case of the table
    for at in range(1, 40):
        world = world_in_force()
        world.cosign(JPN, KOR)
        node = world[KOR]
        node.fragile.fail(at, cut_after=power)
        cut = True
        try:
            play(node, cause)
            cut = False
        except (UnavailableError, PowerCut):
            node.restart()
        node.fragile.fail(0)
        done = node.count(KeySetRecord)
        assert node.desk.unlocked.keys.number == 1 + done
        if not done:
            play(node, cause)
        world.settle()
        assert number(world, KOR, at=JPN) == 2
        assert world[KOR].stages(world.send(SMALL).delivery.consignment)[-1] is Stage.RECEIVED
        assert holds(world)
        if not cut:
            assert at > 3
            return


def play(node: SimNode, cause: Cause) -> None:
    match cause:
        case Cause.ROTATION:
            change(node)
        case Cause.REVOCATION:
            rotate.revoke(node.desk, node.first, recovery=None)
        case Cause.RECOVERY:
            rotate.recover(node.desk, node.first, recovery=node.identity.recovery, number=None)


@pytest.mark.source("DESIGN-4", "DESIGN-7")
@pytest.mark.parametrize("power", [False, True], ids=["disk-full", "power-cut"])
def test_hearing_a_change_is_whole_or_nothing(power: bool) -> None:  # noqa: FBT001  a case of the table
    for at in range(1, 40):
        world = world_in_force()
        change(world[KOR])
        world[JPN].fragile.fail(at, cut_after=power)
        try:
            world.deliver(KOR, JPN)
        except PowerCut:
            world[JPN].restart()
        reached = world[JPN].fragile.runs >= at or world[JPN].fragile.at == 0
        world[JPN].fragile.fail(0)
        heard = world[JPN].count(KeySetRecord)
        assert number(world, KOR, at=JPN) == 1 + heard
        world.settle()
        assert number(world, KOR, at=JPN) == 2
        assert holds(world)
        if not reached:
            assert at > 2
            return


@pytest.mark.source("DESIGN-4")
def test_keys_change_many_times_and_every_log_still_verifies() -> None:
    world = world_in_force()
    for turn in range(5):
        change(world[KOR if turn % 2 else JPN])
        if turn != 2:
            world.settle()
        world.send(SMALL, sender=KOR if turn % 2 else JPN, to=JPN if turn % 2 else KOR)
        world.cosign(KOR, JPN)
        world.cosign(JPN, KOR)
    world[KOR].restart()
    world[JPN].restart()
    world.send(SMALL)
    assert holds(world)


@pytest.mark.source("DESIGN-4")
def test_a_change_that_was_pinned_by_hand_first_is_heard_all_the_same() -> None:
    world = world_in_force()
    change(world[KOR])
    now = rotate.own_pin_file(world[KOR].desk, world[KOR].first)
    pin_partner(world[JPN].desk, canon.encode(now), fingerprint=now.record.fingerprint, by="liaison")
    assert number(world, KOR, at=JPN) == 2
    world.send(SMALL)
    assert rotate.number_known_to(world[KOR].desk, JPN) == 2
    assert [one.descriptor.number for one in every_key_set(world[JPN].desk)[KOR].sets] == [1, 2]
    assert world[JPN].count(RefusalRecord) == 0
    assert holds(world)


@pytest.mark.source("DESIGN-4")
def test_an_older_pin_file_is_refused_and_the_same_one_changes_nothing() -> None:
    world = world_in_force()
    change(world[KOR])
    world.settle()
    old = world[KOR].identity
    with pytest.raises(PartnerError) as caught:
        pin_partner(world[JPN].desk, old.pin_file, fingerprint=old.record.fingerprint, by="liaison")
    assert caught.value.code == "parties/descriptor-old"
    now = rotate.own_pin_file(world[KOR].desk, world[KOR].first)
    sizes = world[JPN].sizes()
    pin_partner(world[JPN].desk, canon.encode(now), fingerprint=now.record.fingerprint, by="liaison")
    assert world[JPN].sizes() == sizes


@pytest.mark.source("DESIGN-4")
def test_changes_asked_for_at_once_come_one_after_another() -> None:
    world = world_in_force()
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(change, world[KOR]) for _ in range(4)]:
            done.result()
    assert [one.number for one in world[KOR].every(KeySetRecord)] == [2, 3, 4, 5]
    world[KOR].restart()
    world.settle()
    assert number(world, KOR, at=JPN) == 5
    assert world[KOR].stages(world.send(SMALL).delivery.consignment)[-1] is Stage.RECEIVED


@pytest.mark.source("DESIGN-4")
def test_a_node_whose_key_file_is_not_the_records_does_not_start() -> None:
    world = world_in_force()
    change(world[KOR])
    world[KOR].keyring = MemoryKeyring(world[KOR].identity.secrets, entropy=seeded("another"))
    with pytest.raises(IntegrityError) as missing:
        world[KOR].restart()
    assert missing.value.code == "storage/keys-missing"
    world[KOR].keyring.draw(2)
    with pytest.raises(IntegrityError) as other:
        world[KOR].restart()
    assert other.value.code == "flows/keys-not-as-recorded"


def test_descriptors_of_ours_are_kept_in_order() -> None:
    world = world_in_force()
    change(world[KOR])
    change(world[KOR])
    own: tuple[Descriptor, ...] = rotate.own_descriptors(world[KOR].desk, world[KOR].first)
    assert [one.number for one in own] == [1, 2, 3]
