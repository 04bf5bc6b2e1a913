-- People and places: what ends, changes or is agreed to.

CREATE TABLE clearance_change (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    person TEXT
) STRICT;
CREATE INDEX clearance_change_by_person ON clearance_change (person);
CREATE TRIGGER clearance_change_is_not_changed BEFORE UPDATE ON clearance_change
BEGIN SELECT RAISE(ABORT, 'clearance_change is append-only'); END;
CREATE TRIGGER clearance_change_is_not_deleted BEFORE DELETE ON clearance_change
BEGIN SELECT RAISE(ABORT, 'clearance_change is append-only'); END;

CREATE TABLE nationality_consent (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    person TEXT
) STRICT;
CREATE INDEX nationality_consent_by_person ON nationality_consent (person);
CREATE TRIGGER nationality_consent_is_not_changed BEFORE UPDATE ON nationality_consent
BEGIN SELECT RAISE(ABORT, 'nationality_consent is append-only'); END;
CREATE TRIGGER nationality_consent_is_not_deleted BEFORE DELETE ON nationality_consent
BEGIN SELECT RAISE(ABORT, 'nationality_consent is append-only'); END;

CREATE TABLE entry_ended (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    person TEXT,
    entry TEXT
) STRICT;
CREATE INDEX entry_ended_by_person ON entry_ended (person);
CREATE INDEX entry_ended_by_entry ON entry_ended (entry);
CREATE TRIGGER entry_ended_is_not_changed BEFORE UPDATE ON entry_ended
BEGIN SELECT RAISE(ABORT, 'entry_ended is append-only'); END;
CREATE TRIGGER entry_ended_is_not_deleted BEFORE DELETE ON entry_ended
BEGIN SELECT RAISE(ABORT, 'entry_ended is append-only'); END;

CREATE TABLE departure (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    person TEXT
) STRICT;
CREATE INDEX departure_by_person ON departure (person);
CREATE TRIGGER departure_is_not_changed BEFORE UPDATE ON departure
BEGIN SELECT RAISE(ABORT, 'departure is append-only'); END;
CREATE TRIGGER departure_is_not_deleted BEFORE DELETE ON departure
BEGIN SELECT RAISE(ABORT, 'departure is append-only'); END;

CREATE TABLE facility_accreditation (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    facility TEXT
) STRICT;
CREATE INDEX facility_accreditation_by_facility ON facility_accreditation (facility);
CREATE TRIGGER facility_accreditation_is_not_changed BEFORE UPDATE ON facility_accreditation
BEGIN SELECT RAISE(ABORT, 'facility_accreditation is append-only'); END;
CREATE TRIGGER facility_accreditation_is_not_deleted BEFORE DELETE ON facility_accreditation
BEGIN SELECT RAISE(ABORT, 'facility_accreditation is append-only'); END;

CREATE TABLE reading_stopped (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    item TEXT,
    reader TEXT
) STRICT;
CREATE INDEX reading_stopped_by_item ON reading_stopped (item);
CREATE INDEX reading_stopped_by_reader ON reading_stopped (reader);
CREATE TRIGGER reading_stopped_is_not_changed BEFORE UPDATE ON reading_stopped
BEGIN SELECT RAISE(ABORT, 'reading_stopped is append-only'); END;
CREATE TRIGGER reading_stopped_is_not_deleted BEFORE DELETE ON reading_stopped
BEGIN SELECT RAISE(ABORT, 'reading_stopped is append-only'); END;

-- Requests for information, and what became of them.

CREATE TABLE information_request (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    id TEXT,
    party TEXT
) STRICT;
CREATE INDEX information_request_by_id ON information_request (id);
CREATE INDEX information_request_by_party ON information_request (party);
CREATE TRIGGER information_request_is_not_changed BEFORE UPDATE ON information_request
BEGIN SELECT RAISE(ABORT, 'information_request is append-only'); END;
CREATE TRIGGER information_request_is_not_deleted BEFORE DELETE ON information_request
BEGIN SELECT RAISE(ABORT, 'information_request is append-only'); END;

CREATE TABLE information_answer (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    request TEXT,
    party TEXT
) STRICT;
CREATE INDEX information_answer_by_request ON information_answer (request);
CREATE INDEX information_answer_by_party ON information_answer (party);
CREATE TRIGGER information_answer_is_not_changed BEFORE UPDATE ON information_answer
BEGIN SELECT RAISE(ABORT, 'information_answer is append-only'); END;
CREATE TRIGGER information_answer_is_not_deleted BEFORE DELETE ON information_answer
BEGIN SELECT RAISE(ABORT, 'information_answer is append-only'); END;

CREATE TABLE information_withdrawal (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    request TEXT,
    party TEXT
) STRICT;
CREATE INDEX information_withdrawal_by_request ON information_withdrawal (request);
CREATE INDEX information_withdrawal_by_party ON information_withdrawal (party);
CREATE TRIGGER information_withdrawal_is_not_changed BEFORE UPDATE ON information_withdrawal
BEGIN SELECT RAISE(ABORT, 'information_withdrawal is append-only'); END;
CREATE TRIGGER information_withdrawal_is_not_deleted BEFORE DELETE ON information_withdrawal
BEGIN SELECT RAISE(ABORT, 'information_withdrawal is append-only'); END;
