"""The Cursor-on-Target bridge: a process of its own between TAK and the warning floor of a served node.

It holds none of the node's keys and does not open its record: XML from outside is read here, and what crosses to the
node is a message that the node's own parser reads again (ADR 0034).
"""

import asyncio
import contextlib
import logging
import signal
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

from gsomia.admin import WarnDesk
from gsomia.config import parse_config
from gsomia.errors import NodeError, UnavailableError
from gsomia.flows.cot import CotFloor
from gsomia.node.cot_settings import CotSettings
from gsomia.node.layout import Layout, system_clock_us, system_entropy
from gsomia.transport import CotLines, CotPeer, cot_context
from gsomia.warning import (
    Denied,
    Shown,
    SourceRefused,
    Submit,
    Taken,
    WarningMessageError,
    Watch,
    parse_message,
    print_message,
)

LOG = logging.getLogger("gsomia.cot")
LOOK_S: Final = 0.25
"""How long the watching thread waits before it looks whether it is to stop."""
ANSWER_S: Final = 10.0
TELL_S: Final = 1.0
"""So often the node is told what was not taken."""
Ready = Callable[[int | None], None]
"""Told the port on which TAK clients may call."""


@dataclass(slots=True)
class _Counts:
    taken: int = 0
    shown: int = 0
    denied: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)


class CotBridge:
    """Between TAK and one node's floor.

    Args:
        directory: of the served node.
        settings: who may be on the other end.
    """

    def __init__(self, directory: Path, settings: CotSettings) -> None:
        layout = Layout(directory)
        layout.require()
        self._socket = directory / "run" / "warn.sock"
        self._settings = settings
        party = parse_config(layout.config.read_text()).party
        self._floor = CotFloor(party=party, clock_us=system_clock_us, entropy=system_entropy)
        self._counts = _Counts()
        peers = [*settings.clients, *(peer for peer, _ in settings.servers)]
        self._lines = CotLines(self._said, peers=peers)
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="cot")
        self._stop = asyncio.Event()
        self._untold: Counter[tuple[str, str]] = Counter()
        """What the node has not been told yet, by source and code."""
        self._lost: NodeError | None = None

    async def run(self, ready: Ready) -> dict[str, Any]:
        """Carry events both ways until SIGTERM or SIGINT; what was carried.

        Raises:
            LocalError: the node is not served.
            UnavailableError: it hung up.
        """
        loop = asyncio.get_running_loop()
        with (
            WarnDesk(self._socket) as watching,
            WarnDesk(self._socket) as speaking,
            WarnDesk(self._socket) as telling,
            self._threads,
        ):
            self._speaking = speaking
            watching.say(Watch())
            port = await self._open()
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, self._stop.set)
            watcher = loop.run_in_executor(self._threads, self._watch, watching, loop)
            teller = asyncio.create_task(self._tell_refusals(telling))
            ready(port)
            await self._stop.wait()
            teller.cancel()
            await asyncio.gather(watcher, teller, return_exceptions=True)
            await self._lines.close()
            await asyncio.to_thread(self._tell, telling, self._take_untold())
        if self._lost is not None:
            raise self._lost
        return self._document()

    async def _open(self) -> int | None:
        settings = self._settings
        context = partial(cot_context, certificate=settings.certificate, key=settings.key)
        for peer, (host, port) in settings.servers:
            self._lines.call(host, port, context=context(server=False, pinned=[peer.certificate]))
        if settings.listen is None:
            return None
        pinned = [peer.certificate for peer in settings.clients]
        return await self._lines.listen(*settings.listen, context=context(server=True, pinned=pinned))

    def _watch(self, desk: WarnDesk, loop: asyncio.AbstractEventLoop) -> None:
        # In a thread of its own: the desk's client blocks.
        try:
            while not self._stop.is_set():
                word = desk.next(timeout_s=LOOK_S)
                if isinstance(word, Shown):
                    loop.call_soon_threadsafe(self._show, word)
        except NodeError as error:
            self._lost = error
            loop.call_soon_threadsafe(self._stop.set)

    def _show(self, word: Shown) -> None:
        self._counts.shown += 1
        self._lines.show(self._floor.show(parse_message(word.message), marks=word.marks))

    async def _said(self, peer: CotPeer, event: bytes) -> None:
        try:
            message = self._floor.admit(self._settings.sources[peer.name], event)
        except WarningMessageError as error:
            self._counts.refused[error.code] += 1
            self._untold[peer.name, error.code] += 1
            LOG.warning("an event of %s was refused: %s", peer.name, error.code)
            return
        word = Submit(message=print_message(message))
        loop = asyncio.get_running_loop()
        try:
            answer = await loop.run_in_executor(self._threads, self._ask, word)
        except NodeError as error:
            self._lost = error
            self._stop.set()
            return
        if isinstance(answer, Denied):
            self._counts.denied[answer.code] += 1
            self._untold[peer.name, answer.code] += 1
            LOG.warning("an event of %s was denied by the node: %s", peer.name, answer.code)
        else:
            self._counts.taken += 1

    async def _tell_refusals(self, telling: WarnDesk) -> None:
        while True:
            await asyncio.sleep(TELL_S)
            await asyncio.to_thread(self._tell, telling, self._take_untold())

    def _take_untold(self) -> Counter[tuple[str, str]]:
        untold, self._untold = self._untold, Counter()
        return untold

    def _tell(self, telling: WarnDesk, untold: Counter[tuple[str, str]]) -> None:
        # So often at most, however much a source says; the node enters still less often.
        try:
            for (source, code), count in untold.items():
                telling.say(SourceRefused(source=source, code=code, count=count))
        except NodeError as error:
            LOG.warning("the node was not told what sources said in vain: %s", error.code)

    def _ask(self, word: Submit) -> Taken | Denied:
        self._speaking.say(word)
        answer = self._speaking.next(timeout_s=ANSWER_S)
        if not isinstance(answer, Taken | Denied):
            raise UnavailableError(
                "node/cot-not-answered", "the node did not answer a source", remedy="look at its log"
            )
        return answer

    def _document(self) -> dict[str, Any]:
        lines = self._lines.counts
        return {
            "taken": self._counts.taken,
            "shown": self._counts.shown,
            "refused": dict(self._counts.refused),
            "denied": dict(self._counts.denied),
            "connected": lines.connected,
            "strangers": lines.strangers,
            "cut": lines.cut,
        }


def run_cot_bridge(directory: Path, settings: CotSettings, *, ready: Ready) -> dict[str, Any]:
    """Run the bridge until it is told to stop; what it carried.

    Raises:
        LocalError: the node is not served, or our certificate does not read.
        UnavailableError: the address is in use, or the node hung up.
    """

    async def run() -> dict[str, Any]:
        return await CotBridge(directory, settings).run(ready)

    with contextlib.suppress(KeyboardInterrupt):
        return asyncio.run(run())
    return {}
