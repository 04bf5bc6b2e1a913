-- Changes of keys and bundles on media.

CREATE TABLE bundle (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    digest TEXT,
    party TEXT,
    direction TEXT
) STRICT;
CREATE INDEX bundle_by_digest ON bundle (digest);
CREATE INDEX bundle_by_party ON bundle (party);
CREATE INDEX bundle_by_direction ON bundle (direction);
CREATE TRIGGER bundle_is_not_changed BEFORE UPDATE ON bundle
BEGIN SELECT RAISE(ABORT, 'bundle is append-only'); END;
CREATE TRIGGER bundle_is_not_deleted BEFORE DELETE ON bundle
BEGIN SELECT RAISE(ABORT, 'bundle is append-only'); END;

CREATE TABLE bundle_answer (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    party TEXT
) STRICT;
CREATE INDEX bundle_answer_by_party ON bundle_answer (party);
CREATE TRIGGER bundle_answer_is_not_changed BEFORE UPDATE ON bundle_answer
BEGIN SELECT RAISE(ABORT, 'bundle_answer is append-only'); END;
CREATE TRIGGER bundle_answer_is_not_deleted BEFORE DELETE ON bundle_answer
BEGIN SELECT RAISE(ABORT, 'bundle_answer is append-only'); END;

CREATE TABLE disowned (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    reference TEXT,
    party TEXT
) STRICT;
CREATE INDEX disowned_by_reference ON disowned (reference);
CREATE INDEX disowned_by_party ON disowned (party);
CREATE TRIGGER disowned_is_not_changed BEFORE UPDATE ON disowned
BEGIN SELECT RAISE(ABORT, 'disowned is append-only'); END;
CREATE TRIGGER disowned_is_not_deleted BEFORE DELETE ON disowned
BEGIN SELECT RAISE(ABORT, 'disowned is append-only'); END;

CREATE TABLE key_set (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    party TEXT
) STRICT;
CREATE INDEX key_set_by_party ON key_set (party);
CREATE TRIGGER key_set_is_not_changed BEFORE UPDATE ON key_set
BEGIN SELECT RAISE(ABORT, 'key_set is append-only'); END;
CREATE TRIGGER key_set_is_not_deleted BEFORE DELETE ON key_set
BEGIN SELECT RAISE(ABORT, 'key_set is append-only'); END;

CREATE TABLE link_switch (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    party TEXT
) STRICT;
CREATE INDEX link_switch_by_party ON link_switch (party);
CREATE TRIGGER link_switch_is_not_changed BEFORE UPDATE ON link_switch
BEGIN SELECT RAISE(ABORT, 'link_switch is append-only'); END;
CREATE TRIGGER link_switch_is_not_deleted BEFORE DELETE ON link_switch
BEGIN SELECT RAISE(ABORT, 'link_switch is append-only'); END;
