"""What a command is: a name, its parameters, and a function that returns one document.

The command line and the admin socket call the same table, so a command does the same thing and prints the same JSON
whether the node is served or not.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn, Protocol, cast

from gsomia import canon
from gsomia.admin.awaited import Awaited
from gsomia.admin.line import Document, Outcome, Param, Progress, error_document
from gsomia.agreements import CountryCode, NoteNumber, Purpose, Words
from gsomia.errors import LocalError, NodeError, RefusedError
from gsomia.exchange import DeskName, Hello
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.people import get_person
from gsomia.flows.refuse import record_own
from gsomia.ids import (
    ConsignmentId,
    ContractorId,
    CopyId,
    DecisionId,
    FacilityId,
    HexDigest,
    IncidentId,
    InstrumentId,
    ItemId,
    LawId,
    PartyCode,
    PersonId,
    RegisterCode,
    RequestId,
    Topic,
    VisitId,
)
from gsomia.instants import Instant
from gsomia.parties import Hand, HybridSigner, Office, PersonSigner, PinFile
from gsomia.registry import Remark
from gsomia.registry import Words as ShortWords

__all__ = [
    "WORDS",
    "Bench",
    "Call",
    "Command",
    "Document",
    "Need",
    "NoBench",
    "Outcome",
    "Param",
    "Pending",
    "Progress",
    "at_a_node",
    "begin_command",
    "check_args",
    "check_word",
    "error_document",
    "if_named",
    "run_command",
]

WORDS: Mapping[str, Any] = MappingProxyType(
    {
        "about": RegisterCode,
        "assurance": HexDigest,
        "basis": ShortWords,
        "channel": PartyCode,
        "contractor": ContractorId,
        "consent_digest": HexDigest,
        "carrier": ShortWords,
        "container": RegisterCode,
        "copy": CopyId,
        "country": CountryCode,
        "customs": ShortWords,
        "decider": PersonId,
        "decision": DecisionId,
        "delivery": ConsignmentId,
        "desk": DeskName,
        "digest": HexDigest,
        "employer_country": PartyCode,
        "facility": FacilityId,
        "feeder": InstrumentId,
        "escort": PersonId,
        "fingerprint": HexDigest,
        "from_address": ShortWords,
        "giver": RegisterCode,
        "inner_seal": RegisterCode,
        "from_desk": DeskName,
        "goods": Topic,
        "heard": PersonId,
        "import": HexDigest,
        "incident": IncidentId,
        "holder": PartyCode,
        "instrument": InstrumentId,
        "into": RegisterCode,
        "inventory": RegisterCode,
        "item": ItemId,
        "line": ShortWords,
        "manifest": HexDigest,
        "originator": PartyCode,
        "media": RegisterCode,
        "muster": RegisterCode,
        "law": LawId,
        "message": HexDigest,
        "nationality": PartyCode,
        "note": NoteNumber,
        "number": NoteNumber,
        "notice": RegisterCode,
        "opener": PersonId,
        "outer_seal": RegisterCode,
        "package": RegisterCode,
        "partner": PartyCode,
        "passport": RegisterCode,
        "party": PartyCode,
        "person": PersonId,
        "place": RegisterCode,
        "plan": HexDigest,
        "purpose": Purpose,
        "reader": PersonId,
        "reference": Words,
        "remarks": Remark,
        "seal": RegisterCode,
        "renews": HexDigest,
        "replaces": LawId,
        "roster": HexDigest,
        "request": HexDigest,
        "request_id": RequestId,
        "serial": RegisterCode,
        "source": HexDigest,
        "speaker": PersonId,
        "stop": ShortWords,
        "taker": RegisterCode,
        "to": PartyCode,
        "to_address": ShortWords,
        "stays": Words,
        "title": Words,
        "to_desk": DeskName,
        "topic": Topic,
        "visit": VisitId,
        "amends": VisitId,
        "urgency": ShortWords,
        "vehicle": RegisterCode,
        "where": ShortWords,
    }
)
"""What parameters of these names must be, in every command."""
_EXAMPLES: Mapping[str, str] = MappingProxyType(
    {
        "container": "capital letters, digits and hyphens, for example SAFE-1",
        "desk": "lower-case letters, digits and hyphens, for example mnd-ops",
        "country": "two to four letters as in the table of levels, for example POL",
        "goods": "capital letters, digits and hyphens, for example FUEL",
        "item": "itm_ and 26 characters, as `item list` prints it",
        "number": "capital letters, digits, hyphens and slashes, for example KR-2026-001",
        "request_id": "req_ and 26 characters, as `request list` prints it",
        "person": "lower-case letters, digits and hyphens, for example kim-analyst",
        "purpose": "capital letters, digits and hyphens, for example DPRK-MISSILE-ANALYSIS",
        "to": "a party's code, for example JPN",
    }
)


class Bench(Protocol):
    """What a node offers to commands besides its desk."""

    desk: Desk
    first: PinFile
    """Our identities and descriptor as the node began; `pin_file` are those of now."""
    served: bool

    @property
    def pin_file(self) -> PinFile:
        """Our own public record and current descriptor."""
        ...

    def unlock_recovery(self, path: str, passphrase: bytes) -> HybridSigner:
        """The recovery identity, from the file that is kept off line.

        Raises:
            LocalError: no such file, or another passphrase.
        """
        ...

    def bundle_export(self, partner: PartyCode, out: str) -> Document:
        """Write what waits for a partner to a new file."""
        ...

    def bundle_import(self, file: str) -> Document:
        """Go through a partner's bundle."""
        ...

    def unlock_person(self, person: PersonId, passphrase: bytes) -> PersonSigner:
        """A person's key.

        Raises:
            LocalError: unknown person or wrong passphrase.
        """
        ...

    def create_person(self, person: PersonId, passphrase: bytes) -> bytes:
        """Make a person's key and return its public half."""
        ...

    def link_test(self, partner: PartyCode) -> Hello:
        """Call a partner's door.

        Raises:
            UnreachableError: it was not reached.
        """
        ...

    def link_offer(self, partner: PartyCode, body: bytes) -> Document:
        """Offer raw bytes at a partner's door and return what it answers."""
        ...

    def doctor(self) -> Document:
        """How the node is."""
        ...

    def back_up(self, out: Path, *, passphrase: bytes, until: Instant) -> Document:
        """Write a backup."""
        ...

    def verify(self) -> Document:
        """Whether every log and record holds."""
        ...

    def warn_stats(self) -> Document:
        """How the warning floor is.

        Raises:
            LocalError: it is open only while the node is served.
        """
        ...

    def watched(self, look: Callable[[], None]) -> AbstractContextManager[None]:
        """While it is open, `look` is called whenever something was settled, in the thread that settled it."""
        ...


class NoBench:
    """The bench of a command that runs without a node: it has nothing, and says so."""

    def __getattr__(self, name: str) -> NoReturn:
        """Refuse whatever is asked of it.

        Raises:
            LocalError: always.
        """
        raise LocalError(
            "admin/needs-a-node", f"this needs a node's {name}", remedy="pass `--node DIR` or set GSOMIA_NODE"
        )


class Need(Enum):
    """Whether a command is run at a node."""

    NODE = "it is"
    IF_NAMED = "at the one that is named, else on files alone"
    NOTHING = "never: it reads files alone"


def at_a_node(_args: Mapping[str, Any]) -> Need:
    """What most commands need."""
    return Need.NODE


def if_named(_args: Mapping[str, Any]) -> Need:
    """What commands on files need that a node can add to."""
    return Need.IF_NAMED


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One use of a command: checked arguments, and who acts."""

    bench: Bench
    args: Mapping[str, Any]
    person: str | None = None
    person_passphrase: bytes | None = field(default=None, repr=False)
    progress: Progress = field(default=lambda _done, _total: None, repr=False)
    """Whoever wants to see how far it is; nobody, unless it is a person at a terminal."""

    @classmethod
    def without_node(cls, args: Mapping[str, Any]) -> "Call":
        """One use of a command away from any node."""
        return cls(bench=cast("Bench", NoBench()), args=args)

    @property
    def at_node(self) -> bool:
        """Whether a node was named."""
        return not isinstance(self.bench, NoBench)

    @property
    def desk(self) -> Desk:
        """The node's desk."""
        return self.bench.desk

    def text(self, name: str) -> Any:  # noqa: ANN401  `check_args` proved its type
        """A parameter that was given."""
        return self.args[name]

    def maybe(self, name: str) -> Any:  # noqa: ANN401  `check_args` proved its type
        """A parameter, or None."""
        return self.args.get(name)

    def word(self, name: str, text: str) -> Any:  # noqa: ANN401  of the type `WORDS` names
        """A part of a parameter, held to the form that a parameter of that name has.

        Raises:
            LocalError: it has another.
        """
        return check_word(name, text)

    def few(self, name: str, *, most: int) -> tuple[Any, ...]:
        """A repeatable parameter of which a record takes only so many.

        Raises:
            LocalError: there are more.
        """
        values = tuple(self.args.get(name) or ())
        if len(values) > most:
            raise LocalError(
                "admin/too-many", f"`{len(values)}` of `{name}` where `{most}` are taken", remedy="split the act"
            )
        return values

    def many(self, name: str) -> tuple[str, ...]:
        """A repeatable parameter."""
        return tuple(self.args.get(name) or ())

    def actor(self, *offices: Office) -> Actor:
        """The person who acts, proven by passphrase, in the first of `offices` they hold.

        Raises:
            LocalError: nobody was named, or the passphrase is wrong.
        """
        if self.person is None or self.person_passphrase is None:
            raise LocalError(
                "admin/who-acts",
                "this is a person's act",
                remedy="name the person and give their passphrase: `--as NAME --person-passphrase-fd N`",
            )
        person = check_word("person", self.person)
        known = get_person(self.desk, person)
        office = next((office for office in offices if office in known.offices), Office.READER)
        signer = self.bench.unlock_person(person, self.person_passphrase)
        return Actor(person=person, hand=Hand(office=office, signer=signer))


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """An entry of the command table."""

    name: str
    help: str
    run: Callable[[Call], Document | Awaited]
    params: Sequence[Param] = ()
    acts: bool = False
    """Whether a person acts (`--as`)."""
    keys: bool = True
    """Whether the node's passphrase is needed when the node is not served."""
    need: Callable[[Mapping[str, Any]], Need] = at_a_node
    """Whether these arguments are run at a node."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A command that was carried out and waits for what is to come of it."""

    command: Command
    call: Call
    awaited: Awaited

    def look(self) -> tuple[bool, Outcome]:
        """Whether there is nothing more to wait for, and the outcome as it stands."""
        try:
            came, document = self.awaited.look()
        except NodeError as error:
            return True, _failed(self.command, self.call, error)
        return came, _outcome(document)


def run_command(command: Command, call: Call) -> Outcome:
    """Run a command; errors become documents, and what a rule refused to a person is on record.

    What it would wait for is looked at once: where no worker runs, nothing more comes.
    """
    begun = begin_command(command, call)
    return begun.look()[1] if isinstance(begun, Pending) else begun


def begin_command(command: Command, call: Call) -> Outcome | Pending:
    """As `run_command`, for a caller that waits for what the command waits for."""
    try:
        check_args(command, call.args)
        answer = command.run(call)
    except NodeError as error:
        return _failed(command, call, error)
    return Pending(command=command, call=call, awaited=answer) if isinstance(answer, Awaited) else _outcome(answer)


def _outcome(document: Document) -> Outcome:
    return Outcome(exit=int(document.pop("_exit", 0)), document=document)


def _failed(command: Command, call: Call, error: NodeError) -> Outcome:
    _record_refused(command, call, error)
    return Outcome(exit=error.exit_code, document=error_document(error))


def _record_refused(command: Command, call: Call, error: NodeError) -> None:
    known = isinstance(error, RefusedError) and "correlation_id" not in error.evidence
    if not known or call.person is None or not call.at_node:
        return
    with suppress(NodeError):  # a log that takes nothing does not turn a no into a yes
        person = check_word("person", call.person)
        error.evidence["correlation_id"] = record_own(call.desk, person, error, command=command.name)


def check_args(command: Command, args: Mapping[str, Any]) -> None:
    """Refuse arguments the command does not take: the socket is a door like any other.

    Raises:
        LocalError: unknown, missing or of the wrong kind.
    """
    params = {param.name: param for param in command.params}
    unknown = set(args) - set(params)
    if unknown:
        raise _wrong(command, f"unknown parameter `{min(unknown)}`")
    for param in command.params:
        value = args.get(param.name)
        if value is None or (param.many and value == []):
            if param.required:
                raise _wrong(command, f"`{param.name}` is missing")
            continue
        expected: type[Any] = {"number": int, "flag": bool}.get(param.kind, str)
        values = value if param.many else [value]
        if not isinstance(values, list | tuple) or not all(isinstance(one, expected) for one in values):
            raise _wrong(command, f"`{param.name}` is of the wrong kind")
        for one in () if param.free else values:
            check_word(param.name, one)


def check_word(name: str, value: object) -> Any:  # noqa: ANN401  of the type `WORDS` names
    """A word of the form that parameters of this name have.

    Raises:
        LocalError: it is not.
    """
    kind = WORDS.get(name)
    if kind is None:
        return value
    try:
        return canon.check(value, kind)
    except canon.CanonError as cause:
        raise LocalError(
            "admin/not-a-word",
            f"`{str(value)[:60]}` is no `{name}`",
            remedy=_EXAMPLES.get(name, "see `--help`"),
        ) from cause


def _wrong(command: Command, why: str) -> LocalError:
    return LocalError("admin/wrong-use", f"`{command.name}`: {why}", remedy=f"see `gsomia {command.name} --help`")
