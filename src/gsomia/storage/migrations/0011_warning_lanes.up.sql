-- The warning lanes: standing decisions, sessions, tallies and receipts, and what was entered late.

CREATE TABLE warning_authorisation (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    digest TEXT,
    party TEXT
) STRICT;
CREATE INDEX warning_authorisation_by_digest ON warning_authorisation (digest);
CREATE INDEX warning_authorisation_by_party ON warning_authorisation (party);
CREATE TRIGGER warning_authorisation_is_not_changed BEFORE UPDATE ON warning_authorisation
BEGIN SELECT RAISE(ABORT, 'warning_authorisation is append-only'); END;
CREATE TRIGGER warning_authorisation_is_not_deleted BEFORE DELETE ON warning_authorisation
BEGIN SELECT RAISE(ABORT, 'warning_authorisation is append-only'); END;

CREATE TABLE warning_stop (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    authorisation TEXT,
    party TEXT
) STRICT;
CREATE INDEX warning_stop_by_authorisation ON warning_stop (authorisation);
CREATE INDEX warning_stop_by_party ON warning_stop (party);
CREATE TRIGGER warning_stop_is_not_changed BEFORE UPDATE ON warning_stop
BEGIN SELECT RAISE(ABORT, 'warning_stop is append-only'); END;
CREATE TRIGGER warning_stop_is_not_deleted BEFORE DELETE ON warning_stop
BEGIN SELECT RAISE(ABORT, 'warning_stop is append-only'); END;

CREATE TABLE lane_count (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    digest TEXT,
    party TEXT
) STRICT;
CREATE INDEX lane_count_by_digest ON lane_count (digest);
CREATE INDEX lane_count_by_party ON lane_count (party);
CREATE TRIGGER lane_count_is_not_changed BEFORE UPDATE ON lane_count
BEGIN SELECT RAISE(ABORT, 'lane_count is append-only'); END;
CREATE TRIGGER lane_count_is_not_deleted BEFORE DELETE ON lane_count
BEGIN SELECT RAISE(ABORT, 'lane_count is append-only'); END;

CREATE TABLE lane_session (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    party TEXT
) STRICT;
CREATE INDEX lane_session_by_party ON lane_session (party);
CREATE TRIGGER lane_session_is_not_changed BEFORE UPDATE ON lane_session
BEGIN SELECT RAISE(ABORT, 'lane_session is append-only'); END;
CREATE TRIGGER lane_session_is_not_deleted BEFORE DELETE ON lane_session
BEGIN SELECT RAISE(ABORT, 'lane_session is append-only'); END;

CREATE TABLE late_warning (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    message TEXT
) STRICT;
CREATE INDEX late_warning_by_message ON late_warning (message);
CREATE TRIGGER late_warning_is_not_changed BEFORE UPDATE ON late_warning
BEGIN SELECT RAISE(ABORT, 'late_warning is append-only'); END;
CREATE TRIGGER late_warning_is_not_deleted BEFORE DELETE ON late_warning
BEGIN SELECT RAISE(ABORT, 'late_warning is append-only'); END;
