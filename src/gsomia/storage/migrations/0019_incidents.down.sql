DROP INDEX custody_by_hand;
DROP INDEX custody_by_container;
ALTER TABLE custody DROP COLUMN hand;
ALTER TABLE custody DROP COLUMN container;

CREATE TABLE incident_due (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    reference TEXT,
    party TEXT
) STRICT;
CREATE INDEX incident_due_by_reference ON incident_due (reference);
CREATE INDEX incident_due_by_party ON incident_due (party);
CREATE TRIGGER incident_due_is_not_changed BEFORE UPDATE ON incident_due
BEGIN SELECT RAISE(ABORT, 'incident_due is append-only'); END;
CREATE TRIGGER incident_due_is_not_deleted BEFORE DELETE ON incident_due
BEGIN SELECT RAISE(ABORT, 'incident_due is append-only'); END;

DROP TABLE radius_question;
DROP TABLE radius_answer;
DROP TABLE incident_report;
DROP TABLE incident_acknowledgement;
DROP TABLE incident;
DROP TABLE case_entry;
