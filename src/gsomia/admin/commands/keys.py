"""`keys`: the sets of keys of this node and of its partners, and how ours are replaced."""

from gsomia.admin.command import Call, Command, Document, Param
from gsomia.errors import LocalError
from gsomia.flows import rotate
from gsomia.flows.parties import every_key_set
from gsomia.flows.ports import Tx
from gsomia.flows.records import DisownedRecord, KeySetRecord
from gsomia.parties import Descriptor, HybridSigner, PinnedParty

RECOVERY_HELP = "file of the recovery identity; its passphrase comes by --person-passphrase-fd"


def _recovery(call: Call) -> HybridSigner:
    if call.person_passphrase is None:
        raise LocalError(
            "admin/no-recovery-passphrase",
            "the recovery file opens with its passphrase",
            remedy="pass it with `--person-passphrase-fd N`",
        )
    return call.bench.unlock_recovery(call.text("recovery"), call.person_passphrase)


def _changed(call: Call, record: KeySetRecord) -> Document:
    def read(tx: Tx) -> Document:
        told = sorted({pinned.code for pinned in tx.every(PinnedParty)})
        disowned = [one.reference for one in tx.every(DisownedRecord, party=call.desk.party)]
        return {"told": told, "disowned": [*disowned]}

    return {
        "party": record.party,
        "number": record.number,
        "cause": record.cause,
        **rotate.identities_of(record.record),
        **call.desk.store.run(read),
    }


def _rotate(call: Call) -> Document:
    return _changed(call, rotate.rotate(call.desk, call.bench.first))


def _revoke(call: Call) -> Document:
    recovery = _recovery(call) if call.maybe("recovery") else None
    return _changed(call, rotate.revoke(call.desk, call.bench.first, recovery=recovery))


def _recover(call: Call) -> Document:
    number = call.maybe("above")
    recovery = _recovery(call)
    record = rotate.recover(
        call.desk, call.bench.first, recovery=recovery, number=None if number is None else number + 1
    )
    return _changed(call, record)


def _list(call: Call) -> Document:
    own = rotate.own_descriptors(call.desk, call.bench.first)
    counting = rotate.first_counting(call.desk)
    partners = {
        code: [
            _row(one.descriptor, current=one is known.current, counts=one in known.counting, calls=one in known.calling)
            for one in known.sets
        ]
        for code, known in every_key_set(call.desk).items()
    }
    return {
        "party": call.desk.party,
        "own": [
            _row(one, current=one is own[-1], counts=one.number >= counting, calls=one.number >= counting)
            for one in own
        ],
        "partners": partners,
        "disowned": call.desk.store.run(lambda tx: [one.reference for one in tx.every(DisownedRecord)]),
    }


def _row(descriptor: Descriptor, *, current: bool, counts: bool, calls: bool) -> Document:
    return {
        "number": descriptor.number,
        "issued": str(descriptor.issued),
        "statement": descriptor.statement.fingerprint,
        "log": descriptor.log.fingerprint,
        "sealing": descriptor.sealing.key_id,
        "current": current,
        "counts": counts,
        "calls": calls,
    }


COMMANDS = (
    Command(
        name="keys list", help="sets of keys, ours and our partners', and what counts no longer", run=_list, keys=False
    ),
    Command(name="keys rotate", help="replace every key but the identities, while the node works", run=_rotate),
    Command(
        name="keys revoke",
        help="end every set of keys there was and begin a new one",
        run=_revoke,
        params=(Param(name="recovery", kind="path", help=RECOVERY_HELP),),
    ),
    Command(
        name="keys recover",
        help="after theft of the working identity: a new one, and new keys",
        run=_recover,
        params=(
            Param(name="recovery", kind="path", help=RECOVERY_HELP, required=True),
            Param(name="above", kind="number", help="the highest number the thief may have issued"),
        ),
    ),
)
