-- Source texts kept by digest, confirmations of levels, and what was asked of the family of instruments.

CREATE TABLE family_decision (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    id TEXT,
    question TEXT
) STRICT;
CREATE INDEX family_decision_by_id ON family_decision (id);
CREATE INDEX family_decision_by_question ON family_decision (question);
CREATE TRIGGER family_decision_is_not_changed BEFORE UPDATE ON family_decision
BEGIN SELECT RAISE(ABORT, 'family_decision is append-only'); END;
CREATE TRIGGER family_decision_is_not_deleted BEFORE DELETE ON family_decision
BEGIN SELECT RAISE(ABORT, 'family_decision is append-only'); END;

CREATE TABLE levels_confirmation (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    country TEXT,
    statement TEXT
) STRICT;
CREATE INDEX levels_confirmation_by_country ON levels_confirmation (country);
CREATE INDEX levels_confirmation_by_statement ON levels_confirmation (statement);
CREATE TRIGGER levels_confirmation_is_not_changed BEFORE UPDATE ON levels_confirmation
BEGIN SELECT RAISE(ABORT, 'levels_confirmation is append-only'); END;
CREATE TRIGGER levels_confirmation_is_not_deleted BEFORE DELETE ON levels_confirmation
BEGIN SELECT RAISE(ABORT, 'levels_confirmation is append-only'); END;

CREATE TABLE source_text (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    digest TEXT
) STRICT;
CREATE INDEX source_text_by_digest ON source_text (digest);
CREATE TRIGGER source_text_is_not_changed BEFORE UPDATE ON source_text
BEGIN SELECT RAISE(ABORT, 'source_text is append-only'); END;
CREATE TRIGGER source_text_is_not_deleted BEFORE DELETE ON source_text
BEGIN SELECT RAISE(ABORT, 'source_text is append-only'); END;
