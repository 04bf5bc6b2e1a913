"""Change our keys while traffic runs, and hear that a partner changed its own.

1. The new set is drawn and durable in the key file; nothing names it yet.
2. Its descriptor is signed by the working identity; each new key proves that it is held.
3. One unit records the set, says the change to every partner and takes the set into use.
4. A partner hears it; until its receipt is here, we go on speaking to it as it knows us.

A revocation or recovery ends all earlier sets: what they signed counts only below the last entry that was cosigned
before. Old sealing keys go on opening what is on its way.

Source: design 4 (Identities).
"""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from gsomia.audit import Event
from gsomia.errors import IntegrityError, LocalError, UnavailableError
from gsomia.exchange import Arrival, Delivery, MessageKind
from gsomia.flows.desk import Desk, shared_log
from gsomia.flows.ledger import enter, share
from gsomia.flows.parties import forget, is_disowned, partner, partners
from gsomia.flows.ports import NodeKeys, Tx
from gsomia.flows.records import DisownedRecord, KeySetRecord, ReceiptRecord, StatementRecord
from gsomia.flows.say import say
from gsomia.ids import HexDigest, PartyCode
from gsomia.instants import Instant
from gsomia.parties import (
    DESCRIPTOR,
    KEY_CHANGE,
    REVOKING,
    Cause,
    Descriptor,
    DescriptorError,
    HybridSigner,
    KeyChange,
    KeyPurpose,
    PartyRecord,
    PersonSigner,
    PinFile,
    PinnedParty,
    ProvenChange,
    Statement,
    build_certificate,
    prove_possession,
    read_own,
    say_key_change,
    sign_statement,
    verify_descriptor,
    verify_key_change,
)

FAR_S = 86_400
"""Later than any row is put off."""
MANY = 1 << 20

EVENTS: Mapping[Cause, Event] = MappingProxyType(
    {
        Cause.ROTATION: Event.KEYS_ROTATED,
        Cause.REVOCATION: Event.KEYS_REVOKED,
        Cause.RECOVERY: Event.KEYS_RECOVERED,
    }
)


def own_pin_file(desk: Desk, first: PinFile) -> PinFile:
    """Our identities and descriptor as they are now; `first` is what the node began with."""
    known = desk.store.run(lambda tx: tx.latest(KeySetRecord, party=desk.party))
    return first if known is None else PinFile(record=known.record, descriptor=known.descriptor)


def own_descriptors(desk: Desk, first: PinFile) -> tuple[Descriptor, ...]:
    """Every descriptor we had, oldest first."""
    later = desk.store.run(lambda tx: tx.every(KeySetRecord, party=desk.party))
    return tuple(read_own(envelope, Descriptor) for envelope in (first.descriptor, *(one.descriptor for one in later)))


def resume(desk: Desk) -> None:
    """After a start: work with the set that the record names, and with partners as they know us.

    # CRASH: a set that was drawn and never recorded stays unused; one that was recorded is in use from here on.

    Raises:
        IntegrityError: the key file holds no such set, or another one under its number.
    """

    def read(tx: Tx) -> tuple[KeySetRecord | None, dict[PartyCode, int]]:
        latest = tx.latest(KeySetRecord, party=desk.party)
        codes = {pinned.code for pinned in tx.every(PinnedParty)}
        return latest, {code: _log_number(tx, desk, code, latest.number if latest else 1) for code in codes}

    latest, known = desk.store.run(read)
    number = latest.number if latest else 1
    keyring = desk.unlocked.keyring
    keyring.use(number)
    if latest is not None:
        _check_held(keyring.current, read_own(latest.descriptor, Descriptor))
    for code, heard in known.items():
        if heard < number:
            keyring.hold_log(shared_log(desk.party, code), heard)


def rotate(desk: Desk, first: PinFile) -> KeySetRecord:
    """Replace every key but the identities.

    Raises:
        UnavailableError: a partner was pinned or keys changed meanwhile, or the disk fails: nothing changed.
    """
    with desk.unlocked.keyring.turn:
        pin_file, number = _next(desk, first)
        keys = desk.unlocked.keyring.draw(number)
        return _change(desk, pin_file, keys, cause=Cause.ROTATION, signer=keys.working)


def revoke(desk: Desk, first: PinFile, *, recovery: HybridSigner | None) -> KeySetRecord:
    """End every set of keys there was, and begin a new one; signed by the recovery identity if it is given.

    Raises:
        LocalError: the recovery identity is another party's.
        UnavailableError: as `rotate`.
    """
    with desk.unlocked.keyring.turn:
        pin_file, number = _next(desk, first)
        if recovery is not None:
            _check_recovery(pin_file, recovery)
        keys = desk.unlocked.keyring.draw(number)
        return _change(desk, pin_file, keys, cause=Cause.REVOCATION, signer=recovery or keys.working)


def recover(desk: Desk, first: PinFile, *, recovery: HybridSigner, number: int | None) -> KeySetRecord:
    """After theft: a new working identity and a new set, under the recovery identity.

    Args:
        desk: ours.
        first: what the node began with.
        recovery: the recovery identity.
        number: of the new set; above any that the thief may have issued. The next one if None.

    Raises:
        LocalError: the recovery identity is another party's, or the number is not higher than ours.
        UnavailableError: as `rotate`.
    """
    with desk.unlocked.keyring.turn:
        pin_file, following = _next(desk, first)
        _check_recovery(pin_file, recovery)
        if number is not None and number < following:
            raise LocalError("flows/number-not-higher", f"`{number}` is used already", remedy="give a higher one")
        keys = desk.unlocked.keyring.draw_identity(number or following)
        return _change(desk, pin_file, keys, cause=Cause.RECOVERY, signer=recovery)


def acknowledged(desk: Desk, to: PartyCode, digest: str) -> None:
    """A partner receipted a statement: after a change of our keys we speak to it under the new ones from now on."""

    def read(tx: Tx) -> bool:
        said = tx.latest(StatementRecord, digest=digest, party=to, direction="own")
        current = desk.unlocked.keys.number
        return said is not None and said.kind == KEY_CHANGE and _number_known(tx, to, current, us=desk.party) == current

    if desk.store.run(read):
        desk.unlocked.keyring.release_log(shared_log(desk.party, to))
        desk.keys_changed()


def number_known_to(desk: Desk, to: PartyCode) -> int:
    """The number of the set under which a partner knows us, as far as its receipts prove."""
    return desk.store.run(lambda tx: _number_known(tx, to, desk.unlocked.keys.number, us=desk.party))


def first_counting(desk: Desk) -> int:
    """The number of our oldest set that is not revoked."""
    sets = desk.store.run(lambda tx: tx.every(KeySetRecord, party=desk.party))
    return max((one.number for one in sets if one.cause in REVOKING), default=1)


def verify_heard(desk: Desk, sender: PartyCode, untrusted: bytes) -> ProvenChange:
    """Prove a partner's change of keys against what is pinned.

    Raises:
        CanonError, SignatureError, DescriptorError: it does not hold.
    """
    pinned = partner(desk, sender)
    proven = verify_key_change(untrusted, record=pinned.record, current=pinned.descriptor, us=desk.party)
    heard = desk.store.run(lambda tx: tx.latest(KeySetRecord, party=sender))
    if heard is not None and heard.number >= proven.descriptor.number:
        raise DescriptorError("parties/descriptor-old", f"change `{heard.number}` was heard before")
    return proven


def hear_change(tx: Tx, desk: Desk, sender: PartyCode, proven: ProvenChange, now: Instant) -> None:
    """A partner's proven change takes effect, in the unit that records it.

    Raises:
        UnavailableError: its keys changed since they were looked at; it says it again in a moment.
    """
    change, descriptor = proven.statement.value, proven.descriptor
    known = tx.latest(PinnedParty, code=sender)
    pinned_by_hand = known is not None and known.descriptor == descriptor
    if known is None or (known.descriptor.number >= descriptor.number and not pinned_by_hand):
        raise UnavailableError("flows/keys-changed", "keys changed in between", remedy="it is repeated in a moment")
    forget(desk)
    renewed = PinnedParty(record=proven.record, descriptor=descriptor, pinned_by=f"{change.cause}", at=now)
    record = KeySetRecord(
        party=sender,
        number=descriptor.number,
        cause=change.cause,
        record=proven.record,
        descriptor=change.descriptor,
        at=now,
    )
    event = EVENTS[change.cause]
    enter(tx, desk, record, event=event, subject=sender, number=str(descriptor.number))
    if not pinned_by_hand:
        enter(tx, desk, renewed, event=event, subject=sender, number=str(descriptor.number))
    share(tx, desk, sender, event=event, subject=sender, digest=proven.statement.digest, number=str(descriptor.number))
    if change.cause in REVOKING:
        _disown_theirs(tx, desk, sender, number=descriptor.number, covered=change.covered, now=now)


def _check_held(keys: NodeKeys, descriptor: Descriptor) -> None:
    held = (keys.statement.public, keys.log.public, keys.cosigner.public, keys.opener.public)
    if held != (descriptor.statement, descriptor.log, descriptor.cosigner, descriptor.sealing):
        raise IntegrityError(
            "flows/keys-not-as-recorded",
            f"the key file holds other keys under number `{descriptor.number}` than the record names",
            remedy="take `identity.keys` from the backup that belongs to this record",
        )


def _next(desk: Desk, first: PinFile) -> tuple[PinFile, int]:
    pin_file = own_pin_file(desk, first)
    return pin_file, verify_descriptor(pin_file.descriptor, record=pin_file.record).number + 1


def _check_recovery(pin_file: PinFile, recovery: HybridSigner) -> None:
    if recovery.public != pin_file.record.recovery:
        raise LocalError(
            "flows/not-our-recovery-key",
            "the file holds another recovery identity than our partners pinned",
            remedy="take the recovery file that `gsomia init` wrote for this node",
        )


def _change(desk: Desk, before: PinFile, keys: NodeKeys, *, cause: Cause, signer: HybridSigner) -> KeySetRecord:
    old = read_own(before.descriptor, Descriptor)
    now, keyring = desk.clock(), desk.unlocked.keyring
    envelope = _describe(desk, keys, address=old.address, now=now)
    record = KeySetRecord(
        party=desk.party,
        number=keys.number,
        cause=cause,
        record=replace(before.record, working=keys.working.public),
        descriptor=envelope,
        at=now,
    )
    verify_descriptor(envelope, record=record.record, newer_than=old.number)
    signers = {
        KeyPurpose.STATEMENT: keys.statement,
        KeyPurpose.LOG: keys.log,
        KeyPurpose.COSIGNER: keys.cosigner,
        KeyPurpose.LANE: keys.lane,
    }
    if cause is Cause.RECOVERY:
        signers[KeyPurpose.WORKING] = keys.working
    proofs = prove_possession(envelope, signers=signers, tls=PersonSigner.from_seed(keys.tls_seed))
    told = {
        pinned.code: say_key_change(
            KeyChange(
                party=desk.party,
                to=pinned.code,
                cause=cause,
                follows=old.number,
                working=keys.working.public,
                descriptor=envelope,
                proofs=proofs,
                covered=_covered(desk, pinned.code),
                at=now,
            ),
            signer=signer,
        )
        for pinned in partners(desk)
    }

    def unit(tx: Tx) -> None:
        if keyring.current.number != old.number or {one.code for one in tx.every(PinnedParty)} != told.keys():
            raise UnavailableError("flows/keys-changed", "keys or partners changed meanwhile", remedy="repeat it")
        enter(tx, desk, record, event=EVENTS[cause], subject=desk.party, number=str(keys.number))
        for code, statement in told.items():
            if cause in REVOKING:
                _disown_ours(tx, desk, code, number=keys.number, covered=statement.value.covered, now=now)
            else:
                keyring.hold_log(shared_log(desk.party, code), _log_number(tx, desk, code, old.number))
            _say_first(tx, desk, statement, to=code, cause=cause)
        # CRASH: before the commit the record names the old set, after it the new one; both are in the key file.
        keyring.use(keys.number)  # inside the unit: what is said after it is signed with the new keys

    try:
        desk.store.run(unit)
    except BaseException:
        keyring.use(old.number)
        raise
    if cause in REVOKING:
        for code in told:
            keyring.release_log(shared_log(desk.party, code))
    desk.keys_changed()
    for code in told:
        desk.said(code)
    return record


def _describe(desk: Desk, keys: NodeKeys, *, address: str, now: Instant) -> bytes:
    descriptor = Descriptor(
        party=desk.party,
        number=keys.number,
        issued=now,
        address=address,
        statement=keys.statement.public,
        log=keys.log.public,
        cosigner=keys.cosigner.public,
        lane=keys.lane.public,
        sealing=keys.opener.public,
        tls_certificate=build_certificate(party=desk.party, seed=keys.tls_seed),
    )
    return sign_statement(descriptor, kind=DESCRIPTOR, signer=keys.working).envelope


def _say_first(tx: Tx, desk: Desk, statement: Statement[KeyChange], *, to: PartyCode, cause: Cause) -> None:
    # A rotation waits its turn: what stands before it was signed with keys that still count. A revocation overtakes:
    # statements of a revoked key are taken back, and proofs come after it, under the new log key.
    waiting = []
    if cause in REVOKING:
        rows = tx.due(to, now=desk.clock().plus(seconds=FAR_S), limit=MANY)
        waiting = [(row, one) for row, one in rows if one.kind is not MessageKind.CONSIGNMENT]
    for row, _ in waiting:
        tx.settle(row)
    say(tx, desk, statement, kind=KEY_CHANGE, to=to, subject=desk.party)
    for _, outgoing in waiting:
        if outgoing.kind is MessageKind.STAGE:
            tx.enqueue(outgoing)


def _covered(desk: Desk, code: PartyCode) -> int:
    seen = desk.store.run(lambda tx: tx.witnessed(shared_log(code, desk.party)))
    return seen[0] if seen else 0


def _number_known(tx: Tx, to: PartyCode, current: int, *, us: PartyCode) -> int:
    if tx.latest(KeySetRecord, party=us) is None:
        return current
    said = tx.every(StatementRecord, party=to, direction="own")
    known = current
    for record in reversed([one for one in said if one.kind == KEY_CHANGE]):
        if tx.latest(ReceiptRecord, reference=record.digest, party=to) is not None:
            return read_own(read_own(record.envelope, KeyChange).descriptor, Descriptor).number
        known = read_own(record.envelope, KeyChange).follows
    return known


def _log_number(tx: Tx, desk: Desk, to: PartyCode, current: int) -> int:
    """The set whose log key signs what `to` reads: as it knows us, but never a revoked one."""
    known = _number_known(tx, to, current, us=desk.party)
    revoked = any(one.cause in REVOKING and one.number > known for one in tx.every(KeySetRecord, party=desk.party))
    return current if revoked else known


def _disown_theirs(tx: Tx, desk: Desk, sender: PartyCode, *, number: int, covered: int, now: Instant) -> None:
    origin = shared_log(desk.party, sender)
    said = [
        (record.digest, tx.find(origin, subject=record.digest))
        for record in tx.every(StatementRecord, party=sender, direction="heard")
        if record.kind != KEY_CHANGE
    ]
    sent = [(arrival.manifest, arrival.log_index) for arrival in tx.every(Arrival, sender=sender)]
    for reference, index in (*said, *sent):
        if index is None or index >= covered:
            _disown(tx, desk, reference, party=sender, number=number, now=now)


def _disown_ours(tx: Tx, desk: Desk, to: PartyCode, *, number: int, covered: int, now: Instant) -> None:
    said = [
        (record.digest, record.digest)
        for record in tx.every(StatementRecord, party=to, direction="own")
        if record.kind != KEY_CHANGE
    ]
    sent = [(delivery.manifest, delivery.consignment) for delivery in tx.every(Delivery, to=to)]
    for digest, reference in (*said, *sent):
        receipt = tx.latest(ReceiptRecord, reference=reference, party=to)
        if receipt is None or receipt.receipt.index >= covered:
            _disown(tx, desk, digest, party=desk.party, number=number, now=now)


def _disown(tx: Tx, desk: Desk, reference: HexDigest, *, party: PartyCode, number: int, now: Instant) -> None:
    if not is_disowned(tx, reference):
        record = DisownedRecord(reference=reference, party=party, number=number, at=now)
        enter(tx, desk, record, event=Event.STATEMENT_DISOWNED, subject=reference, party=party)


def identities_of(record: PartyRecord) -> dict[str, str]:
    """The fingerprints of a party's identities, for people."""
    return {
        "fingerprint": record.fingerprint,
        "working": record.working.fingerprint,
        "recovery": record.recovery.fingerprint,
    }
