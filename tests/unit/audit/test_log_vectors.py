"""Checkpoints, receipts and proofs of the public vectors: ours reads them as they say, and so does an outsider.

The outsider is `tlog-scales`, written from the C2SP texts and RFC 9162 by somebody else. It accepts a checkpoint by any
one key it is asked about; that both lines must be there is our rule and not its.
"""

from base64 import b64decode
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.exceptions import InvalidSignature
from tlog_scales.signing import Vkey
from tlog_scales.tlog import (
    Checkpoint,
    ConsistencyProof,
    ConsistencyProofInvalid,
    InclusionProof,
    InclusionProofInvalid,
)

from gsomia import canon
from gsomia.audit import (
    AuditError,
    InclusionReceipt,
    leaf_hash,
    parse_tlog_proof,
    print_tlog_proof,
    verify_checkpoint,
    verify_consistency,
    verify_cosignature,
    verify_inclusion,
    verify_receipt,
)
from gsomia.audit import Checkpoint as OurCheckpoint
from gsomia.errors import VerificationError
from gsomia.ids import sha256_hex
from gsomia.parties import HybridKey, HybridSigner, Strength

VECTORS = Path(__file__).parents[3] / "vectors"
KEYS: dict[str, Any] = msgspec.json.decode((VECTORS / "checkpoints" / "keys.json").read_bytes())
EVERY_KEY = {**KEYS["keys"], **KEYS["cosigners"]}
Vector = dict[str, Any]


def vectors(folder: str, *, kind: str = "") -> list[Any]:
    paths = (path for path in sorted((VECTORS / folder).glob("*.json")) if path.stem != "keys")
    read = ((path.stem, msgspec.json.decode(path.read_bytes())) for path in paths)
    return [pytest.param(vector, id=name) for name, vector in read if vector.get("proof_of", "") == kind]


def key(name: str) -> HybridKey:
    words = EVERY_KEY[name]
    return HybridKey(ed25519=b64decode(words["ed25519_base64"]), mldsa=b64decode(words["mldsa44_base64"]))


@pytest.mark.parametrize("name", EVERY_KEY)
def test_the_keys_grow_from_their_seeds(name: str) -> None:
    seed = b64decode(EVERY_KEY[name]["seed_base64"])
    assert HybridSigner.from_seed(seed, Strength.LOG).public == key(name)


def check_checkpoint(vector: Vector) -> None:
    signed = verify_checkpoint(vector["note"].encode(), origin=vector["log"], key=key(vector["key"]))
    assert signed.checkpoint.size == vector["size"]
    assert signed.checkpoint.root == b64decode(vector["root_base64"])
    if "cosigner" in vector:
        name = vector["cosigner"]
        verify_cosignature(vector["cosignature"].encode(), signed=signed, name=name, key=key(name))


@pytest.mark.source("C2SP tlog-checkpoint", "C2SP tlog-cosignature", "DESIGN-4")
@pytest.mark.parametrize("vector", vectors("checkpoints"))
def test_a_checkpoint_is_believed_or_refused_as_its_vector_says(vector: Vector) -> None:
    if vector["expect"] == "accept":
        check_checkpoint(vector)
    else:
        with pytest.raises((AuditError, VerificationError)):
            check_checkpoint(vector)


def outsider_believes(vector: Vector) -> bool:
    """Whether the outsider finds a good signature of every key that we require."""
    keys = [*KEYS["keys"][vector["key"]]["vkeys"]]
    body = vector["note"]
    if "cosigner" in vector:
        keys += KEYS["cosigners"][vector["cosigner"]]["vkeys"]
        body += vector["cosignature"]
    try:
        checkpoint = Checkpoint.from_text(body)
        for vkey in keys:
            checkpoint.verify(Vkey.from_string(vkey))
    except (InvalidSignature, RuntimeError, ValueError, IndexError):
        return False
    return bool(checkpoint.origin == vector["log"])


@pytest.mark.source("C2SP tlog-checkpoint", "C2SP tlog-cosignature")
@pytest.mark.parametrize("vector", vectors("checkpoints"))
def test_an_outsider_believes_the_same_checkpoints_but_for_our_stricter_spelling(vector: Vector) -> None:
    ours_alone = ("line twice", "leading zero")  # one spelling, and each line once: our rules
    expected = vector["expect"] == "accept" or any(words in vector["comment"] for words in ours_alone)
    assert outsider_believes(vector) is expected


def check_receipt(vector: Vector) -> InclusionReceipt:
    receipt = canon.decode(vector["receipt"].encode(), InclusionReceipt)
    verify_receipt(receipt, origin=vector["log"], key=key(vector["key"]))
    assert parse_tlog_proof(vector["tlog_proof"].encode()) == receipt
    assert print_tlog_proof(receipt).decode() == vector["tlog_proof"]
    assert sha256_hex(receipt.leaf) == vector["leaf_sha256"]
    return receipt


@pytest.mark.source("C2SP tlog-proof", "DESIGN-5")
@pytest.mark.parametrize("vector", vectors("receipts"))
def test_a_receipt_is_believed_or_refused_as_its_vector_says(vector: Vector) -> None:
    if vector["expect"] == "accept":
        receipt = check_receipt(vector)
        checkpoint = Checkpoint.from_text(receipt.checkpoint.decode())
        proof = InclusionProof(receipt.index, checkpoint.size, list(receipt.proof))
        proof.check(leaf_hash(receipt.leaf), checkpoint.root_hash)
    else:
        with pytest.raises((AuditError, VerificationError)):
            check_receipt(vector)


@pytest.mark.source("RFC 9162")
@pytest.mark.parametrize("vector", vectors("proofs", kind="inclusion"))
def test_an_inclusion_proof_holds_or_fails_for_us_and_for_an_outsider(vector: Vector) -> None:
    leaf, root = leaf_hash(b64decode(vector["leaf_base64"])), b64decode(vector["root_base64"])
    proof, index, size = [b64decode(one) for one in vector["proof_base64"]], vector["index"], vector["size"]
    outsider = InclusionProof(index, size, proof)
    if vector["expect"] == "accept":
        verify_inclusion(leaf, index=index, size=size, proof=proof, root=root)
        outsider.check(leaf, root)
    else:
        with pytest.raises((AuditError, VerificationError)):
            verify_inclusion(leaf, index=index, size=size, proof=proof, root=root)
        with pytest.raises(InclusionProofInvalid):
            outsider.check(leaf, root)


@pytest.mark.source("RFC 9162")
@pytest.mark.parametrize("vector", vectors("proofs", kind="consistency"))
def test_a_consistency_proof_holds_or_fails_for_us_and_for_an_outsider(vector: Vector) -> None:
    old_root, new_root = b64decode(vector["old_root_base64"]), b64decode(vector["new_root_base64"])
    proof = [b64decode(one) for one in vector["proof_base64"]]
    old = OurCheckpoint(origin="log", size=vector["old_size"], root=old_root)
    new = OurCheckpoint(origin="log", size=vector["new_size"], root=new_root)
    outsider = ConsistencyProof(old.size, new.size, proof)
    if vector["expect"] == "accept":
        verify_consistency(old=old, new=new, proof=proof)
        outsider.check(old_root, new_root)
    else:
        with pytest.raises((AuditError, VerificationError)):
            verify_consistency(old=old, new=new, proof=proof)
        with pytest.raises(ConsistencyProofInvalid):
            outsider.check(old_root, new_root)
