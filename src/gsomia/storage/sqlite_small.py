"""Short sealed content in SQLite: rows that are written before the unit that names them, and go with their item."""

from gsomia.flows.ports import SmallPayload
from gsomia.ids import HexDigest
from gsomia.storage.sqlite_unit import SqliteUnit

_PUT = "INSERT INTO small_payload (address, digest, sealed) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"


class SqliteSmallPayloads(SqliteUnit):
    """The part of a unit that keeps short sealed content."""

    def put_small(self, address: HexDigest, small: SmallPayload) -> None:
        """Keep content under its address; the same content may be there."""
        self._write(_PUT, (address, small.digest, small.sealed))

    def small(self, address: HexDigest) -> SmallPayload | None:
        """The content at an address, if a row holds it."""
        rows = self._read("SELECT digest, sealed FROM small_payload WHERE address = ?", (address,))
        return SmallPayload(digest=bytes(rows[0][0]), sealed=bytes(rows[0][1])) if rows else None
