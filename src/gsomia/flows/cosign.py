"""Partners cosign each other's checkpoints: prove consistency with the last one seen, persist, then sign.

Cosigning never blocks a release; its lag is shown. Before our head is offered, the log shared with the partner takes a
salted commitment to the private log's head, so that the private log cannot be rewritten later either.
"""

import hashlib
from dataclasses import dataclass

from gsomia.audit import (
    AddCheckpoint,
    CosignDecision,
    CosignStatus,
    Event,
    SignedCheckpoint,
    build_consistency,
    choose_key,
    cosign,
    decide_cosign,
    parse_add_checkpoint,
    parse_leaf,
    print_add_checkpoint,
    verify_checkpoint,
    verify_cosignature,
)
from gsomia.errors import IntegrityError, PartnerError
from gsomia.flows.contradictions import against_kept, keep_contradiction
from gsomia.flows.desk import Desk, private_log, shared_log
from gsomia.flows.ledger import enter, share
from gsomia.flows.logs import current_log, is_closed, partner_log
from gsomia.flows.parties import key_sets, partner
from gsomia.flows.ports import Tx
from gsomia.flows.records import AnchorRecord
from gsomia.ids import HexDigest, PartyCode, hex_digest
from gsomia.parties import HybridKey


@dataclass(frozen=True, slots=True, kw_only=True)
class CosignRequest:
    """A checkpoint of ours, and the consistency proof from the last cosigned one."""

    origin: str
    size: int
    body: bytes
    request: bytes


def witness_name(party: PartyCode) -> str:
    """The name under which a party cosigns."""
    return f"gsomia/{party.lower()}/witness"


def request_cosignature(desk: Desk, to: PartyCode, *, seen: int | None = None) -> CosignRequest | None:
    """What to ask a partner to cosign, or None if it has cosigned our head.

    Args:
        desk: ours, unlocked.
        to: the partner.
        seen: the size the partner says it saw last, if its answer to an earlier request got lost.

    Source: design 5 (at fixed intervals that log carries a salted commitment to the private log's head).
    """
    log = shared_log(desk.party, to)

    def behind(tx: Tx) -> str | None:
        origin = current_log(tx, log)
        if is_closed(tx, log):
            return None
        cosigned = tx.last_cosignature(origin)
        return origin if tx.head(origin).frontier.size > (cosigned[0] if cosigned else 0) else None

    origin = desk.store.run(behind)
    if origin is None:
        return None
    size = desk.store.run(lambda tx: _anchor(tx, desk, to))
    private = desk.store.run(lambda tx: current_log(tx, private_log(desk.party)))
    entries = desk.store.run(lambda tx: tx.head(private).frontier.size)
    desk.unlocked.checkpoints.cover(private, size=entries)  # what the anchor commits to is signed, too
    body = desk.unlocked.checkpoints.cover(origin, size=size)
    covered = int(body.split(b"\n", 2)[1])

    def prove(tx: Tx) -> tuple[int, tuple[bytes, ...]]:
        cosigned = tx.last_cosignature(origin)
        old = seen if seen is not None else cosigned[0] if cosigned else 0
        if old > covered:
            raise PartnerError(
                "flows/partner-saw-more",
                f"`{to}` saw `{old}` entries of a log that has `{covered}` here",
                remedy="this node is behind what it said before, as after a restore: stop it and compare both records",
            )
        return old, tuple(build_consistency(old, covered, lambda level, at: tx.node_at_hand(origin, level, at)))

    old, proof = desk.store.run(prove)
    request = print_add_checkpoint(AddCheckpoint(old=old, proof=proof, checkpoint=body))
    return CosignRequest(origin=origin, size=covered, body=body, request=request)


def take_cosignature(desk: Desk, to: PartyCode, request: CosignRequest, lines: bytes) -> None:
    """Believe a partner's cosignature over our checkpoint, and keep it.

    Raises:
        AuditError, VerificationError: it is no cosignature of that partner over that checkpoint.
    """
    own = desk.unlocked.log_keys
    key = choose_key(request.body, origin=request.origin, keys=own)
    signed = verify_checkpoint(request.body, origin=request.origin, key=key)
    key = partner(desk, to).descriptor.cosigner
    kept = verify_cosignature(lines, signed=signed, name=witness_name(to), key=key).lines
    desk.store.run(lambda tx: tx.put_cosignature(request.origin, size=request.size, lines=kept))


def commit(salt: bytes, *, size: int, root: HexDigest) -> HexDigest:
    """What stands in a shared log for a head of the private one; says nothing to whom the salt is unknown.

    Source: design 5 (a salted commitment to the private log's head).
    """
    return hex_digest(hashlib.sha256(b"gsomia/anchor\x00" + salt + f"{size} {root}".encode()).digest())


def witness(desk: Desk, sender: PartyCode, untrusted: bytes) -> tuple[CosignDecision, bytes]:
    """Cosign a partner's checkpoint, if it only appends to the last one we saw. Seen is persisted before we sign.

    One that is not shown to is kept together with the last one, as evidence against the log.

    Returns the decision and the body of the answer: signature lines, or the size we saw last.

    Raises:
        AuditError: the request is malformed.

    Source: C2SP tlog-witness; design 5.
    """
    origin = partner_log(desk, sender)
    sets = key_sets(desk, sender)
    request = parse_add_checkpoint(untrusted)
    key = choose_key(request.checkpoint, origin=origin, keys=sets.log_keys)
    ever = tuple(one.descriptor.log for one in sets.sets)  # what was seen under a key that was revoked since stays seen

    def unit(tx: Tx) -> CosignDecision:
        seen = tx.witnessed(origin)
        last = _seen(seen[1], origin=origin, keys=ever) if seen else None
        decision = decide_cosign(request, last_seen=last, origin=origin, key=key)
        shown = [decision.contradiction] if decision.contradiction is not None else []
        if shown or decision.signed is not None:  # signed by the log, believed or not
            earlier = against_kept(tx, origin, request.checkpoint)
            shown += [earlier] if earlier is not None else []
        if decision.signed is not None:
            tx.put_witnessed(origin, size=decision.signed.checkpoint.size, body=decision.signed.body)
        for one in shown:
            keep_contradiction(tx, desk, sender, origin, shown=one)
        return decision

    decision = desk.store.run(unit)
    if decision.status is CosignStatus.OTHER_SIZE:
        return decision, f"{decision.last_size}\n".encode()
    if decision.signed is None:
        return decision, b""
    signer = desk.unlocked.keys.cosigner
    return decision, cosign(decision.signed, name=witness_name(desk.party), signer=signer, at=desk.clock())


def _seen(stored: bytes, *, origin: str, keys: tuple[HybridKey, ...]) -> SignedCheckpoint:
    """The checkpoint we saw last, as we kept it: if it does not hold, the fault is ours and not the partner's."""
    try:
        return verify_checkpoint(stored, origin=origin, key=choose_key(stored, origin=origin, keys=keys))
    except PartnerError as cause:
        raise IntegrityError(
            "flows/witnessed-damaged",
            f"the checkpoint of `{origin}` that was seen last is not what was kept",
            remedy="stop the node, keep its directory as it is, and restore from a backup",
        ) from cause


def _anchor(tx: Tx, desk: Desk, to: PartyCode) -> int:
    origin = current_log(tx, shared_log(desk.party, to))
    size = tx.head(origin).frontier.size
    newest = tx.entries(origin, start=size - 1, limit=1) if size else []
    if newest and parse_leaf(newest[0].leaf).event is Event.LOG_ANCHORED:
        return size  # nothing was shared since: a witness that does not answer must not make the logs grow
    private = tx.head(current_log(tx, private_log(desk.party))).frontier
    salt, root = desk.entropy(16), hex_digest(private.root())
    commitment = commit(salt, size=private.size, root=root)
    record = AnchorRecord(party=to, size=private.size, root=root, salt=salt, commitment=commitment, at=desk.clock())
    enter(tx, desk, record, event=Event.LOG_ANCHORED, subject=to)
    share(tx, desk, to, event=Event.LOG_ANCHORED, subject=desk.party, digest=commitment)
    return tx.head(origin).frontier.size
