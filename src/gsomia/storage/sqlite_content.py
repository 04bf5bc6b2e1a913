"""What the record's database keeps of content: short sealed segments, and the segment lists of what we send."""

from gsomia.flows.ports import SmallPayload
from gsomia.ids import HexDigest, sha256_hex
from gsomia.storage.sqlite_unit import SqliteUnit

_LISTS = "segment_list (address, list)"
_SMALL = "small_payload (address, digest, sealed)"


class SqliteContent(SqliteUnit):
    """The part of a unit that keeps content."""

    def put_segment_list(self, segment_list: bytes) -> HexDigest:
        """Keep the segment list of a consignment of ours, and return its address, the SHA-256 of it."""
        address = sha256_hex(segment_list)
        self._insert(_LISTS, (address, segment_list))
        return address

    def segment_list(self, address: HexDigest) -> bytes | None:
        """The list kept at an address."""
        rows = self._read("SELECT list FROM segment_list WHERE address = ?", (address,))
        return bytes(rows[0][0]) if rows else None

    def put_small(self, address: HexDigest, small: SmallPayload) -> None:
        """Keep short sealed content under its address; the same content may be there."""
        self._insert(_SMALL, (address, small.digest, small.sealed))

    def small(self, address: HexDigest) -> SmallPayload | None:
        """The content at an address, if a row holds it."""
        rows = self._read("SELECT digest, sealed FROM small_payload WHERE address = ?", (address,))
        return SmallPayload(digest=bytes(rows[0][0]), sealed=bytes(rows[0][1])) if rows else None

    def drop_small(self, address: HexDigest) -> bool:
        """Take short content away; whether there was any."""
        return bool(self._write("DELETE FROM small_payload WHERE address = ? RETURNING address", (address,)))
