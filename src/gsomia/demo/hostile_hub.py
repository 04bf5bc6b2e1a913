"""A hub with its real keys and other software: it makes up the originator's consent and signs all that a hub can sign.

Like the stranger's item, this is not done by the installed program, because the program would refuse to do it.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from gsomia import canon
from gsomia.agreements import CONSENT, ConsentAct
from gsomia.envelope import (
    RELAY_DECISION,
    ReceivedRelay,
    RelayPart,
    open_relay_part,
    parse_offer,
    parse_relay,
    print_relay,
    read_manifest,
    seal_relay,
    unwrap_key,
)
from gsomia.ids import new_consignment_id
from gsomia.parties import Hand, Office, PersonSigner, PinFile, claimed_payload, say_act, sign_act, verify_descriptor
from gsomia.storage import read_secrets


def forge_consent(
    *,
    directory: Path,
    passphrase: str,
    first_leg: bytes,
    relayed: bytes,
    recipient: bytes,
    seed: Callable[[str, int], bytes],
) -> tuple[bytes, str]:
    """A relayed offer with a consent that the hub wrote itself; its bytes and consignment id.

    Args:
        directory: the hub's node.
        passphrase: of its keys.
        first_leg: the originator's offer to the hub, as it went over the line.
        relayed: a true relayed offer of the same item.
        recipient: the recipient's pin file.
        seed: bytes by name and count, from the demo's challenge.
    """
    keys = read_secrets(directory / "keys" / "identity.keys", passphrase=passphrase.encode()).unlock()
    content_key = unwrap_key(parse_offer(first_leg)[0], opener=keys.opener)
    true, inline = parse_relay(relayed)
    manifest = read_manifest(true)
    part: RelayPart = open_relay_part(true, content_key=content_key)
    to = canon.decode(recipient, PinFile)
    hand = Hand(Office.RELEASING_AUTHORITY, PersonSigner.from_seed(seed("hostile hub", 32)))
    granted = canon.decode(claimed_payload(part.consent), ConsentAct).body
    consent = say_act(granted, kind=CONSENT, hand=hand, signer=keys.statement).envelope
    header = replace(manifest.header, consignment=new_consignment_id(lambda count: seed("hostile consignment", count)))
    decision = sign_act(part.decision.body, kind=RELAY_DECISION, hand=hand)
    statement, sealed = seal_relay(
        header,
        content_key=content_key,
        recipient=verify_descriptor(to.descriptor, record=to.record).sealing,
        part=replace(part, consent=consent, decision=decision),
        signer=keys.statement,
    )
    forged = ReceivedRelay(statement=statement.envelope, part=sealed, offer=true.offer)
    return print_relay(forged) + inline, header.consignment
