-- Incidents: cases, what is entered in them, and what both sides say of them.

CREATE TABLE case_entry (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    incident TEXT
) STRICT;
CREATE INDEX case_entry_by_incident ON case_entry (incident);
CREATE TRIGGER case_entry_is_not_changed BEFORE UPDATE ON case_entry
BEGIN SELECT RAISE(ABORT, 'case_entry is append-only'); END;
CREATE TRIGGER case_entry_is_not_deleted BEFORE DELETE ON case_entry
BEGIN SELECT RAISE(ABORT, 'case_entry is append-only'); END;

CREATE TABLE incident (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    id TEXT,
    mark TEXT
) STRICT;
CREATE INDEX incident_by_id ON incident (id);
CREATE INDEX incident_by_mark ON incident (mark);
CREATE TRIGGER incident_is_not_changed BEFORE UPDATE ON incident
BEGIN SELECT RAISE(ABORT, 'incident is append-only'); END;
CREATE TRIGGER incident_is_not_deleted BEFORE DELETE ON incident
BEGIN SELECT RAISE(ABORT, 'incident is append-only'); END;

CREATE TABLE incident_acknowledgement (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    incident TEXT,
    party TEXT
) STRICT;
CREATE INDEX incident_acknowledgement_by_incident ON incident_acknowledgement (incident);
CREATE INDEX incident_acknowledgement_by_party ON incident_acknowledgement (party);
CREATE TRIGGER incident_acknowledgement_is_not_changed BEFORE UPDATE ON incident_acknowledgement
BEGIN SELECT RAISE(ABORT, 'incident_acknowledgement is append-only'); END;
CREATE TRIGGER incident_acknowledgement_is_not_deleted BEFORE DELETE ON incident_acknowledgement
BEGIN SELECT RAISE(ABORT, 'incident_acknowledgement is append-only'); END;

CREATE TABLE incident_report (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    incident TEXT,
    direction TEXT,
    party TEXT,
    "to" TEXT
) STRICT;
CREATE INDEX incident_report_by_incident ON incident_report (incident);
CREATE INDEX incident_report_by_direction ON incident_report (direction);
CREATE INDEX incident_report_by_party ON incident_report (party);
CREATE INDEX incident_report_by_to ON incident_report ("to");
CREATE TRIGGER incident_report_is_not_changed BEFORE UPDATE ON incident_report
BEGIN SELECT RAISE(ABORT, 'incident_report is append-only'); END;
CREATE TRIGGER incident_report_is_not_deleted BEFORE DELETE ON incident_report
BEGIN SELECT RAISE(ABORT, 'incident_report is append-only'); END;

CREATE TABLE radius_answer (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    question TEXT,
    incident TEXT,
    party TEXT
) STRICT;
CREATE INDEX radius_answer_by_question ON radius_answer (question);
CREATE INDEX radius_answer_by_incident ON radius_answer (incident);
CREATE INDEX radius_answer_by_party ON radius_answer (party);
CREATE TRIGGER radius_answer_is_not_changed BEFORE UPDATE ON radius_answer
BEGIN SELECT RAISE(ABORT, 'radius_answer is append-only'); END;
CREATE TRIGGER radius_answer_is_not_deleted BEFORE DELETE ON radius_answer
BEGIN SELECT RAISE(ABORT, 'radius_answer is append-only'); END;

CREATE TABLE radius_question (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    id TEXT,
    incident TEXT,
    party TEXT
) STRICT;
CREATE INDEX radius_question_by_id ON radius_question (id);
CREATE INDEX radius_question_by_incident ON radius_question (incident);
CREATE INDEX radius_question_by_party ON radius_question (party);
CREATE TRIGGER radius_question_is_not_changed BEFORE UPDATE ON radius_question
BEGIN SELECT RAISE(ABORT, 'radius_question is append-only'); END;
CREATE TRIGGER radius_question_is_not_deleted BEFORE DELETE ON radius_question
BEGIN SELECT RAISE(ABORT, 'radius_question is append-only'); END;

-- The second kind of mark: the hotline sets the one of the register now. No release has written it.
DROP TABLE incident_due;

-- A container and a hand are asked for what was in them: a search costs as much as its answer.
ALTER TABLE custody ADD COLUMN container TEXT;
ALTER TABLE custody ADD COLUMN hand TEXT;
DROP TRIGGER custody_is_not_changed;
UPDATE custody SET
    container = json_extract(CAST(doc AS TEXT), '$.container'),
    hand = CASE
        WHEN json_extract(CAST(doc AS TEXT), '$.kind')
            NOT IN ('registered', 'booked', 'copied', 'handed-over', 'taken-out', 'came-back', 'found', 'carried-over')
            THEN NULL
        WHEN json_extract(CAST(doc AS TEXT), '$.kind') = 'carried-over'
            AND json_extract(CAST(doc AS TEXT), '$.container') IS NOT NULL THEN NULL
        ELSE coalesce(json_extract(CAST(doc AS TEXT), '$.to'), json_extract(CAST(doc AS TEXT), '$.by'))
    END;
CREATE TRIGGER custody_is_not_changed BEFORE UPDATE ON custody
BEGIN SELECT RAISE(ABORT, 'custody is append-only'); END;
CREATE INDEX custody_by_container ON custody (container);
CREATE INDEX custody_by_hand ON custody (hand);
