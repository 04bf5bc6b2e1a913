-- Sealed content of one short segment: a file of its own would cost more syncing than content.
-- It may be deleted: content goes when its item is destroyed.
CREATE TABLE small_payload (
    address TEXT PRIMARY KEY,
    digest BLOB NOT NULL,
    sealed BLOB NOT NULL
) STRICT;

-- The digests of the segments of what we send. The segments are sealed again, from the item, as they go.
CREATE TABLE segment_list (
    address TEXT PRIMARY KEY,
    list BLOB NOT NULL
) STRICT;
