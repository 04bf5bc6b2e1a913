"""How far a long command is, on standard error, when a person sits at a terminal; nothing otherwise."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress as Bar


@contextmanager
def shown_progress() -> Iterator[Callable[[int, int], None] | None]:
    """Whom to tell so many bytes of so many; None if nobody would see it. The bar goes away in the end."""
    if not sys.stderr.isatty():
        yield None
        return
    with ExitStack() as shown:
        bar: Bar | None = None

        def tell(done: int, total: int) -> None:
            nonlocal bar
            if bar is None:  # most commands never tell
                bar = shown.enter_context(_bar())
                bar.add_task("", total=total)
            bar.update(bar.task_ids[0], completed=done, total=total)

        yield tell


def _bar() -> "Bar":
    from rich.console import Console  # noqa: PLC0415  most commands show none
    from rich.progress import (  # noqa: PLC0415  the same
        BarColumn,
        DownloadColumn,
        Progress,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    columns = (BarColumn(), DownloadColumn(binary_units=True), TransferSpeedColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)
