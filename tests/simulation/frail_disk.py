"""A disk that stops at its k-th call: every write, sync and change of a name under one directory, SQLite's included.

The call that is reached is not performed (or, for a write that is torn, only its first half is), and neither is any
later one, as when the process is killed. What was performed before stays, as it stays in the system's memory then.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw
import pytest

from simulation.fragile_store import PowerCut

VFS = "frail"


@dataclass
class FrailDisk:
    """The calls of one node's disk, counted."""

    directory: Path
    at: int = 0
    torn: bool = False
    calls: list[str] = field(default_factory=list)
    dead: bool = False
    counting: bool = True

    def stop_counting(self) -> None:
        """Let every call through from now on."""
        self.counting, self.dead = False, False

    def fail(self, at: int, *, torn: bool = False) -> None:
        """Stop at the `at`th call from now; 0 for never."""
        self.at, self.torn, self.calls, self.dead = at, torn, [], False

    def reach(self, call: str) -> None:
        """Count a call that is about to be performed."""
        if not self.counting:
            return
        if self.dead:
            raise PowerCut
        self.calls.append(call)
        if len(self.calls) == self.at:
            self.dead = True
            raise PowerCut

    def write(self, call: str, data: Any, perform: Callable[[Any], Any]) -> Any:
        """Perform a write, or its first half if it is the one that is torn."""
        before = self.dead
        try:
            self.reach(call)
        except PowerCut:
            if self.torn and not before:
                perform(bytes(data)[: len(data) // 2])
            raise
        return perform(data)


class FrailDisks:
    """The disks that may stop, in place of the system's calls while a test runs."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._disks: list[FrailDisk] = []
        self._vfs = _FrailVFS(self)
        for name in ("replace", "rename", "link", "unlink", "truncate", "mkdir"):
            patch.setattr(os, name, self._by_path(name, getattr(os, name)))
        for name in ("ftruncate", "fsync", "fdatasync"):
            patch.setattr(os, name, self._by_descriptor(name, getattr(os, name)))
        patch.setattr(os, "pwrite", self._pwrite(os.pwrite))
        patch.setattr(os, "open", self._open(os.open))

    def watch(self, directory: Path) -> FrailDisk:
        """A disk of its own for what lies under `directory`."""
        disk = FrailDisk(directory)
        self._disks = [*(known for known in self._disks if known.counting), disk]
        return disk

    def close(self) -> None:
        """Give SQLite its own files back."""
        self._vfs.unregister()

    def of(self, path: object) -> FrailDisk | None:
        """The disk on which a path lies."""
        return next((disk for disk in self._disks if str(path).startswith(f"{disk.directory}/")), None)

    def _by_path(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(path: Any, *args: Any, **kwargs: Any) -> Any:
            disk = self.of(path)
            if disk is not None:
                disk.reach(name)
            return real(path, *args, **kwargs)

        return call

    def _by_descriptor(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(descriptor: int, *args: Any) -> Any:
            disk = self.of(_name(descriptor))
            if disk is not None:
                disk.reach(name)
            # What was written is in the system's memory, which outlives the process: the sync itself is left out.
            return real(descriptor, *args) if name == "ftruncate" else None

        return call

    def _pwrite(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(descriptor: int, data: Any, offset: int) -> Any:
            disk = self.of(_name(descriptor))
            if disk is None:
                return real(descriptor, data, offset)
            return disk.write("pwrite", data, lambda part: real(descriptor, part, offset))

        return call

    def _open(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(path: Any, flags: int, *args: Any, **kwargs: Any) -> Any:
            disk = self.of(path)
            if disk is not None and flags & os.O_CREAT and not Path(path).exists():
                disk.reach("create")
            return real(path, flags, *args, **kwargs)

        return call


class _FrailFile(apsw.VFSFile):
    """A file of SQLite's."""

    def __init__(self, disk: FrailDisk | None, name: Any, flags: list[int]) -> None:
        super().__init__("", name, flags)
        self._disk = disk

    def xWrite(self, data: Any, offset: int) -> None:  # noqa: N802  apsw's name
        if self._disk is None:
            super().xWrite(data, offset)
        else:
            write = super().xWrite
            self._disk.write("xWrite", data, lambda part: write(part, offset))

    def xSync(self, _flags: int) -> None:  # noqa: N802  apsw's name
        if self._disk is not None:
            self._disk.reach("xSync")

    def xTruncate(self, newsize: int) -> None:  # noqa: N802  apsw's name
        if self._disk is not None:
            self._disk.reach("xTruncate")
        super().xTruncate(newsize)


class _FrailVFS(apsw.VFS):
    """The system's files, each on its disk."""

    def __init__(self, disks: FrailDisks) -> None:
        super().__init__(VFS, "")
        self._disks = disks

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:  # noqa: N802  apsw's name
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        return _FrailFile(self._disks.of(path), name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: FBT001, N802  apsw's signature
        disk = self._disks.of(filename)
        if disk is not None:
            disk.reach("xDelete")
        super().xDelete(filename, syncdir)


def _name(descriptor: int) -> str:
    return f"{Path(f'/proc/self/fd/{descriptor}').readlink()}/"
