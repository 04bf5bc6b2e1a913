-- Heads of partners' logs that do not go together.

CREATE TABLE contradiction (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    log TEXT
) STRICT;
CREATE INDEX contradiction_by_log ON contradiction (log);
CREATE TRIGGER contradiction_is_not_changed BEFORE UPDATE ON contradiction
BEGIN SELECT RAISE(ABORT, 'contradiction is append-only'); END;
CREATE TRIGGER contradiction_is_not_deleted BEFORE DELETE ON contradiction
BEGIN SELECT RAISE(ABORT, 'contradiction is append-only'); END;
