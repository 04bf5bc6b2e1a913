"""Opens a SQLite database the one way the record is kept, and says in our words what SQLite complains of."""

import os
from contextlib import suppress
from pathlib import Path

import apsw

from gsomia.errors import IntegrityError, LocalError, NodeError, UnavailableError
from gsomia.storage.durable import OWNER_ONLY, disk_error, sync_directory, write_all

OLDEST_SQLITE = (3, 51, 3)
"""Versions before it can corrupt a database in WAL mode (sqlite.org/wal.html#walresetbug)."""

WAL_BYTES = 8 << 20
"""The write-ahead log is written out to this size beforehand: to sync a file that grows takes twice as long."""

_ZEROS = bytes(1 << 20)
_PRAGMAS = f"""
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA wal_autocheckpoint = 0;
    PRAGMA journal_size_limit = {WAL_BYTES};
    PRAGMA cache_size = -65536;
    PRAGMA temp_store = MEMORY;
    PRAGMA secure_delete = ON;
    PRAGMA trusted_schema = OFF;
"""


def check_library(version: str) -> None:
    """Hold that the SQLite library does not corrupt WAL databases.

    Raises:
        LocalError: it is older than `OLDEST_SQLITE`.
    """
    if tuple(int(part) for part in version.split(".")) < OLDEST_SQLITE:
        raise LocalError(
            "storage/sqlite-too-old",
            f"SQLite `{version}` can corrupt the record; `{'.'.join(map(str, OLDEST_SQLITE))}` is the oldest in use",
            remedy="install the `apsw` wheel of the lock file, which brings its own SQLite",
        )


def open_database(path: Path, *, vfs: str | None) -> apsw.Connection:
    """Open or make the database; the caller alone uses it.

    Raises:
        UnavailableError: the file cannot be made.
        apsw.Error: not a database, or locked; see `fault`.
    """
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, OWNER_ONLY))
        sync_directory(path.parent)
    except OSError as cause:
        raise disk_error(cause, path) from cause
    flags = apsw.SQLITE_OPEN_READWRITE
    database = apsw.Connection(str(path), flags=flags, vfs=vfs, statementcachesize=512)
    database.set_busy_timeout(2000)
    for _ in database.execute(_PRAGMAS):
        pass
    return database


def lay_out_wal(path: Path) -> None:
    """Write the write-ahead log of an open database out to its usual size, with zeros that are no frames.

    Frames are found by the salts in the header and end at the first without them, so that whatever follows the last is
    never read (sqlite.org/fileformat2.html#walformat). No lock is held on this file that closing it would give up. What
    does not succeed is undone: the log grows as it is written.
    """
    with suppress(OSError), path.with_name(f"{path.name}-wal").open("r+b", buffering=0) as wal:
        had = wal.seek(0, os.SEEK_END)
        try:
            for start in range(had, WAL_BYTES, len(_ZEROS)):
                write_all(wal.fileno(), _ZEROS[: WAL_BYTES - start], offset=start)
            os.fsync(wal.fileno())
        except OSError:
            wal.truncate(had)


def fault(cause: apsw.Error, path: Path) -> NodeError:
    """What an error of SQLite is to the caller."""
    match cause:
        case apsw.CorruptError() | apsw.NotADBError():
            return IntegrityError(
                "storage/database-damaged",
                f"the database `{path.name}` does not hold",
                remedy="stop the node, keep its directory as it is, and restore from a backup",
            )
        case apsw.BusyError() | apsw.LockedError():
            return UnavailableError(
                "storage/database-locked",
                f"another process has the database `{path.name}` open",
                remedy="close it there; nobody but the node opens its database",
            )
        case apsw.FullError():
            return UnavailableError(
                "storage/disk-full",
                f"there is no room for `{path.name}`; nothing was written",
                remedy="free room on the disk that holds the node, then repeat the command",
            )
        case _:
            return UnavailableError(
                "storage/disk-fails",
                f"the database `{path.name}` cannot be used: {type(cause).__name__.removesuffix('Error').lower()}",
                remedy="look at the disk and at the rights on the node's directory, then repeat the command",
            )
