"""A warning floor behind `run/warn.sock`, in a thread: it takes what a source says and shows it to every desk."""

import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from gsomia.config import check_config, print_config
from gsomia.warning import (
    ASKED,
    Denied,
    DeskReader,
    Mark,
    Message,
    Route,
    Shown,
    SourceRefused,
    Submit,
    Taken,
    WarningMessageError,
    Watch,
    parse_message,
    print_desk,
)


@dataclass
class FakeFloor:
    """What the floor was told, and what it shows."""

    directory: Path
    marks: tuple[Mark, ...] = ()
    denies: str | None = None
    heard: list[Message] = field(default_factory=list)
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)
    watching: threading.Event = field(default_factory=threading.Event)
    desks: list[socket.socket] = field(default_factory=list)

    def show(self, message: bytes) -> None:
        for desk in self.desks:
            said = parse_message(message)
            word = Shown(
                message=message,
                originator=said.originator,
                via=said.originator,
                route=Route.OWN,
                instrument="",
                marks=self.marks,
                received_us=said.at_us + 1_500,
            )
            desk.sendall(print_desk(word))

    def serve(self, listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection, _ = listening.accept()
                threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        reader: DeskReader[Submit | Watch | SourceRefused] = DeskReader(ASKED)
        with suppress(OSError), connection:
            while data := connection.recv(65_536):
                for word in reader.feed(data):
                    if isinstance(word, Watch):
                        self.desks.append(connection)
                        self.watching.set()
                    elif isinstance(word, SourceRefused):
                        self.refused[word.source, word.code] += word.count
                    else:
                        connection.sendall(print_desk(self._answer(word)))

    def _answer(self, word: Submit) -> Taken | Denied:
        try:
            message = parse_message(word.message)
        except WarningMessageError as error:
            return Denied(code=error.code, text=error.message, remedy="", clauses=error.clauses)
        if self.denies is not None:
            return Denied(code=self.denies, text="no", remedy="", clauses=("G5-1",))
        self.heard.append(message)
        self.show(word.message)
        return Taken(message=message.message, to=("JPN",))


@contextmanager
def floor_at(
    directory: Path, *, party: str = "KOR", denies: str | None = None, marks: tuple[Mark, ...] = ()
) -> Iterator[FakeFloor]:
    """A floor of a node of `party` in a directory."""
    (directory / "run").mkdir()
    (directory / "node.toml").write_text(print_config(check_config(party=party, name=party, listen="127.0.0.1:7441")))
    floor = FakeFloor(directory=directory, denies=denies, marks=marks)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        listening.bind(str(directory / "run" / "warn.sock"))
        listening.listen(8)
        thread = threading.Thread(target=floor.serve, args=(listening,), daemon=True)
        thread.start()
        try:
            yield floor
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join(5)
            for desk in floor.desks:
                with suppress(OSError):
                    desk.shutdown(socket.SHUT_RDWR)
