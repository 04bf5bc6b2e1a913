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

CREATE TABLE conviction_lifted (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    contradiction TEXT
) STRICT;
CREATE INDEX conviction_lifted_by_contradiction ON conviction_lifted (contradiction);
CREATE TRIGGER conviction_lifted_is_not_changed BEFORE UPDATE ON conviction_lifted
BEGIN SELECT RAISE(ABORT, 'conviction_lifted is append-only'); END;
CREATE TRIGGER conviction_lifted_is_not_deleted BEFORE DELETE ON conviction_lifted
BEGIN SELECT RAISE(ABORT, 'conviction_lifted is append-only'); END;
