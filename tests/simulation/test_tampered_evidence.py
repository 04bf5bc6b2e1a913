"""What is changed of a receipt, a checkpoint or a cosignature on its way: who finds it, and by which code."""

from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import replace

import pytest

from gsomia import canon
from gsomia.audit import AddCheckpoint, InclusionReceipt, parse_add_checkpoint, print_add_checkpoint
from gsomia.errors import PartnerError
from gsomia.exchange import Accepted, Reply, Stage
from gsomia.flows import consign, cosign
from gsomia.flows.desk import shared_log
from gsomia.flows.records import ReceiptRecord
from gsomia.transport import PartnerRefusedError
from simulation.parcel import (
    LONG_WORDS,
    SECRET_WORDS,
    Parcel,
    in_the_middle,
    taken_out,
    taken_untouched,
)
from simulation.world import JPN, KOR, USA, World, world_in_force


@pytest.fixture(scope="module")
def world() -> World:
    """Seoul and Tokyo with the agreement in force, and a reader at Tokyo; every row adds to it."""
    made = world_in_force(USA)
    made[JPN].bring_reader()
    return made


@pytest.fixture
def small(world: World) -> Parcel:
    return taken_out(world, SECRET_WORDS)


@pytest.fixture
def large(world: World) -> Parcel:
    return taken_out(world, LONG_WORDS)


# --- receipts ------------------------------------------------------------------------------------------------


def with_flipped_root(checkpoint: bytes) -> bytes:
    origin, size, root, rest = checkpoint.split(b"\n", 3)
    return b"\n".join((origin, size, b64encode(in_the_middle(b64decode(root))), rest))


def without_line(checkpoint: bytes, number: int) -> bytes:
    head, _, lines = checkpoint.rpartition(b"\n\n")
    kept = lines.splitlines(keepends=True)
    del kept[number]
    return head + b"\n\n" + b"".join(kept)


def with_doubled_line(checkpoint: bytes) -> bytes:
    head, _, lines = checkpoint.rpartition(b"\n\n")
    return head + b"\n\n" + lines.splitlines(keepends=True)[0] + lines


def with_flipped_line(checkpoint: bytes, number: int) -> bytes:
    head, _, lines = checkpoint.rpartition(b"\n\n")
    kept = lines.splitlines(keepends=True)
    name, encoded = kept[number].rsplit(b" ", 1)
    kept[number] = name + b" " + b64encode(in_the_middle(b64decode(encoded))) + b"\n"
    return head + b"\n\n" + b"".join(kept)


def with_proof(receipt: InclusionReceipt) -> InclusionReceipt:
    return replace(receipt, proof=(in_the_middle(receipt.proof[0]), *receipt.proof[1:]))


CHECKPOINTS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "a bit of the root": (with_flipped_root, "audit/signature-false"),
    "another size": (lambda c: c.replace(b"\n", b"\n9", 1), "audit/signature-false"),
    "another origin": (lambda c: c.replace(b"shared", b"sharec", 1), "audit/checkpoint-of-another"),
    "a bit of the Ed25519 signature": (lambda c: with_flipped_line(c, 0), "audit/signature-false"),
    "a bit of the ML-DSA signature": (lambda c: with_flipped_line(c, 1), "audit/signature-false"),
    "the ML-DSA line stripped": (lambda c: without_line(c, 1), "audit/signatures-not-as-required"),
    "the Ed25519 line stripped": (lambda c: without_line(c, 0), "audit/signatures-not-as-required"),
    "a line doubled": (with_doubled_line, "audit/signatures-not-as-required"),
    "a bit of the spelling": (lambda c: c.replace(b"\n\n", b"\n\t", 1), "audit/note-malformed"),
}
RECEIPTS: dict[str, tuple[Callable[[InclusionReceipt], InclusionReceipt], str]] = {
    "a bit of the entry": (lambda r: replace(r, leaf=in_the_middle(r.leaf)), "audit/not-included"),
    "a bit of the proof": (with_proof, "audit/not-included"),
    "another index": (lambda r: replace(r, index=r.index - 1), "audit/not-included"),
    "a shorter proof": (lambda r: replace(r, proof=r.proof[1:]), "audit/not-included"),
    **{
        f"checkpoint: {what}": (lambda r, change=change: replace(r, checkpoint=change(r.checkpoint)), code)  # type: ignore[misc]
        for what, (change, code) in CHECKPOINTS.items()
    },
}


@pytest.mark.source("DESIGN-5", "DESIGN-4", "LAW-10")
@pytest.mark.parametrize("what", RECEIPTS)
def test_a_receipt_that_was_changed_on_its_way_proves_nothing(small: Parcel, what: str) -> None:
    change, code = RECEIPTS[what]
    world, consignment = small.world, small.released.delivery.consignment
    row = next(row for row, one in world.due(KOR, JPN) if one.reference == consignment)
    reply = world.links[KOR, JPN].offer(small.bytes_with())
    assert reply.accepted is not None
    crossed = canon.encode(Reply(progress=None, accepted=Accepted(receipt=change(reply.accepted.receipt))))
    received = canon.decode(crossed, Reply).accepted
    assert received is not None
    with pytest.raises(PartnerError) as caught:
        consign.settle_consignment(world[KOR].desk, row, small.released.delivery, received.receipt)
    assert caught.value.code == code
    assert world[KOR].count(ReceiptRecord, reference=consignment) == 0
    assert world[KOR].stages(consignment)[-1] is Stage.SENDING
    taken_untouched(small)


# --- checkpoints that are to be cosigned ---------------------------------------------------------------------


@pytest.mark.source("DESIGN-5", "C2SP tlog-witness", "LAW-10")
@pytest.mark.parametrize("what", CHECKPOINTS)
def test_a_checkpoint_that_was_changed_on_its_way_is_not_cosigned(world: World, what: str) -> None:
    change, code = CHECKPOINTS[what]
    world.send(SECRET_WORDS)
    log = shared_log(KOR, JPN)
    request = cosign.request_cosignature(world[KOR].desk, JPN)
    assert request is not None
    asked = parse_add_checkpoint(request.request)
    before = world[JPN].memory.run(lambda tx: tx.witnessed(log))
    changed = print_add_checkpoint(AddCheckpoint(old=asked.old, proof=asked.proof, checkpoint=change(asked.checkpoint)))
    with pytest.raises(PartnerRefusedError) as caught:
        world.links[KOR, JPN].add_checkpoint(changed)
    assert caught.value.code == ("api/not-cosigned" if what == "another origin" else code)  # 404 of C2SP
    assert world[JPN].memory.run(lambda tx: tx.witnessed(log)) == before
    assert world.cosign(KOR, JPN)


@pytest.mark.source("DESIGN-5", "DESIGN-4")
@pytest.mark.parametrize(
    "change",
    [
        in_the_middle,
        lambda lines: lines.splitlines(keepends=True)[0],
        lambda lines: lines.splitlines(keepends=True)[1],
        lambda lines: lines + lines,
    ],
    ids=["flipped", "stripped of ML-DSA", "stripped of Ed25519", "doubled"],
)
def test_a_cosignature_that_was_changed_on_its_way_is_not_kept(world: World, change: Callable[[bytes], bytes]) -> None:
    world.send(SECRET_WORDS)
    log = shared_log(KOR, JPN)
    before = world[KOR].memory.run(lambda tx: tx.last_cosignature(log))
    request = cosign.request_cosignature(world[KOR].desk, JPN)
    assert request is not None
    _, lines = world.links[KOR, JPN].add_checkpoint(request.request)
    with pytest.raises(PartnerError):
        cosign.take_cosignature(world[KOR].desk, JPN, request, change(lines))
    assert world[KOR].memory.run(lambda tx: tx.last_cosignature(log)) == before
    cosign.take_cosignature(world[KOR].desk, JPN, request, lines)
