import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from contracts.samples import LOG, NOW, SHARED, leaf, seeded
from gsomia.audit import verify_checkpoint
from gsomia.errors import IntegrityError
from gsomia.instants import Instant
from gsomia.parties import HybridKey, HybridSignature, HybridSigner, Strength
from gsomia.storage import CheckpointKeeper, MemoryStore

SIGNER = HybridSigner.from_seed(seeded("log")(64), Strength.LOG)


class CountingSigner:
    """Signs, counts, and can be made to wait."""

    def __init__(self) -> None:
        self.signed = 0
        self.go = threading.Event()
        self.go.set()

    @property
    def public(self) -> HybridKey:
        return SIGNER.public

    def sign(self, message: bytes) -> HybridSignature:
        return self.sign_each(ed25519=message, mldsa=message)

    def sign_each(self, *, ed25519: bytes, mldsa: bytes) -> HybridSignature:
        self.signed += 1
        self.go.wait()
        return SIGNER.sign_each(ed25519=ed25519, mldsa=mldsa)


def fill(store: MemoryStore, origin: str, count: int) -> None:
    store.run(lambda tx: [tx.append(origin, leaf(n), subject="s") for n in range(count)])


def keeper(store: MemoryStore, signer: CountingSigner, *, now: Instant = NOW) -> CheckpointKeeper:
    return CheckpointKeeper(store, signer=lambda _origin: signer, clock=lambda: now)


@pytest.mark.source("DESIGN-2")
def test_a_checkpoint_is_stored_before_it_is_returned_and_covers_the_whole_log() -> None:
    store, signer = MemoryStore(), CountingSigner()
    fill(store, LOG, 5)
    body = keeper(store, signer).cover(LOG, size=3)
    assert store.run(lambda tx: tx.last_checkpoint(LOG)) == (5, body)
    signed = verify_checkpoint(body, origin=LOG, key=SIGNER.public)
    assert signed.checkpoint.root == store.run(lambda tx: tx.head(LOG).frontier.root())
    assert signed.at == NOW


def test_what_is_covered_already_is_not_signed_again_even_after_a_restart() -> None:
    store, signer = MemoryStore(), CountingSigner()
    fill(store, LOG, 5)
    body = keeper(store, signer).cover(LOG, size=5)
    checkpoints = keeper(store, signer)
    assert [checkpoints.cover(LOG, size=size) for size in (5, 1, 5)] == [body] * 3
    assert signer.signed == 1


@pytest.mark.source("DESIGN-4")
def test_one_signature_serves_everyone_who_waited() -> None:
    store, signer = MemoryStore(), CountingSigner()
    fill(store, LOG, 1)
    checkpoints = keeper(store, signer)
    signer.go.clear()
    with ThreadPoolExecutor(9) as pool:
        first = pool.submit(checkpoints.cover, LOG, size=1)
        while not signer.signed:
            pass
        fill(store, LOG, 8)
        others = [pool.submit(checkpoints.cover, LOG, size=size) for size in range(2, 10)]
        signer.go.set()
        first.result()
        bodies = {future.result() for future in others}
    assert (len(bodies), signer.signed) == (1, 2)


def test_logs_do_not_wait_for_each_other() -> None:
    store, signer = MemoryStore(), CountingSigner()
    fill(store, LOG, 1)
    fill(store, SHARED, 1)
    checkpoints = keeper(store, signer)
    checkpoints.cover(LOG, size=1)
    assert checkpoints.cover(SHARED, size=1) != checkpoints.cover(LOG, size=1)


def test_an_empty_log_has_a_checkpoint_and_more_than_there_is_a_mistake() -> None:
    store, signer = MemoryStore(), CountingSigner()
    checkpoints = keeper(store, signer)
    assert verify_checkpoint(checkpoints.cover(LOG, size=0), origin=LOG, key=SIGNER.public).checkpoint.size == 0
    with pytest.raises(ValueError, match="not 1"):
        checkpoints.cover(LOG, size=1)


@pytest.mark.source("DESIGN-5")
def test_a_checkpoint_is_not_older_than_its_last_entry() -> None:
    store, signer = MemoryStore(), CountingSigner()
    fill(store, LOG, 1)
    body = keeper(store, signer, now=NOW.plus(days=-1)).cover(LOG, size=1)
    assert verify_checkpoint(body, origin=LOG, key=SIGNER.public).at == NOW


@pytest.mark.source("DESIGN-5")
def test_a_log_shorter_than_what_was_signed_is_never_signed_again() -> None:
    store, signer = MemoryStore(), CountingSigner()
    fill(store, LOG, 2)
    store.run(lambda tx: tx.put_checkpoint(LOG, size=3, body=b"before the record was set back"))
    with pytest.raises(IntegrityError) as caught:
        keeper(store, signer).cover(LOG, size=1)
    assert caught.value.code == "storage/log-behind-checkpoint"
    assert signer.signed == 0
