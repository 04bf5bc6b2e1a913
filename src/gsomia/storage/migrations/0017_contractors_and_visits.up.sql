-- The files of contractors.

CREATE TABLE contractor (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    contractor TEXT
) STRICT;
CREATE INDEX contractor_by_contractor ON contractor (contractor);
CREATE TRIGGER contractor_is_not_changed BEFORE UPDATE ON contractor
BEGIN SELECT RAISE(ABORT, 'contractor is append-only'); END;
CREATE TRIGGER contractor_is_not_deleted BEFORE DELETE ON contractor
BEGIN SELECT RAISE(ABORT, 'contractor is append-only'); END;

CREATE TABLE contractor_appointment (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    contractor TEXT
) STRICT;
CREATE INDEX contractor_appointment_by_contractor ON contractor_appointment (contractor);
CREATE TRIGGER contractor_appointment_is_not_changed BEFORE UPDATE ON contractor_appointment
BEGIN SELECT RAISE(ABORT, 'contractor_appointment is append-only'); END;
CREATE TRIGGER contractor_appointment_is_not_deleted BEFORE DELETE ON contractor_appointment
BEGIN SELECT RAISE(ABORT, 'contractor_appointment is append-only'); END;

CREATE TABLE contractor_briefing (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    person TEXT,
    contractor TEXT
) STRICT;
CREATE INDEX contractor_briefing_by_person ON contractor_briefing (person);
CREATE INDEX contractor_briefing_by_contractor ON contractor_briefing (contractor);
CREATE TRIGGER contractor_briefing_is_not_changed BEFORE UPDATE ON contractor_briefing
BEGIN SELECT RAISE(ABORT, 'contractor_briefing is append-only'); END;
CREATE TRIGGER contractor_briefing_is_not_deleted BEFORE DELETE ON contractor_briefing
BEGIN SELECT RAISE(ABORT, 'contractor_briefing is append-only'); END;

CREATE TABLE contractor_clearance (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    contractor TEXT
) STRICT;
CREATE INDEX contractor_clearance_by_contractor ON contractor_clearance (contractor);
CREATE TRIGGER contractor_clearance_is_not_changed BEFORE UPDATE ON contractor_clearance
BEGIN SELECT RAISE(ABORT, 'contractor_clearance is append-only'); END;
CREATE TRIGGER contractor_clearance_is_not_deleted BEFORE DELETE ON contractor_clearance
BEGIN SELECT RAISE(ABORT, 'contractor_clearance is append-only'); END;

CREATE TABLE contractor_finding_closed (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    contractor TEXT
) STRICT;
CREATE INDEX contractor_finding_closed_by_contractor ON contractor_finding_closed (contractor);
CREATE TRIGGER contractor_finding_closed_is_not_changed BEFORE UPDATE ON contractor_finding_closed
BEGIN SELECT RAISE(ABORT, 'contractor_finding_closed is append-only'); END;
CREATE TRIGGER contractor_finding_closed_is_not_deleted BEFORE DELETE ON contractor_finding_closed
BEGIN SELECT RAISE(ABORT, 'contractor_finding_closed is append-only'); END;

CREATE TABLE contractor_inspection (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    contractor TEXT
) STRICT;
CREATE INDEX contractor_inspection_by_contractor ON contractor_inspection (contractor);
CREATE TRIGGER contractor_inspection_is_not_changed BEFORE UPDATE ON contractor_inspection
BEGIN SELECT RAISE(ABORT, 'contractor_inspection is append-only'); END;
CREATE TRIGGER contractor_inspection_is_not_deleted BEFORE DELETE ON contractor_inspection
BEGIN SELECT RAISE(ABORT, 'contractor_inspection is append-only'); END;

CREATE TABLE contractor_measure (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    contractor TEXT
) STRICT;
CREATE INDEX contractor_measure_by_contractor ON contractor_measure (contractor);
CREATE TRIGGER contractor_measure_is_not_changed BEFORE UPDATE ON contractor_measure
BEGIN SELECT RAISE(ABORT, 'contractor_measure is append-only'); END;
CREATE TRIGGER contractor_measure_is_not_deleted BEFORE DELETE ON contractor_measure
BEGIN SELECT RAISE(ABORT, 'contractor_measure is append-only'); END;

CREATE TABLE contractor_person (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    contractor TEXT
) STRICT;
CREATE INDEX contractor_person_by_contractor ON contractor_person (contractor);
CREATE TRIGGER contractor_person_is_not_changed BEFORE UPDATE ON contractor_person
BEGIN SELECT RAISE(ABORT, 'contractor_person is append-only'); END;
CREATE TRIGGER contractor_person_is_not_deleted BEFORE DELETE ON contractor_person
BEGIN SELECT RAISE(ABORT, 'contractor_person is append-only'); END;

CREATE TABLE contractor_release (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    contractor TEXT,
    item TEXT
) STRICT;
CREATE INDEX contractor_release_by_contractor ON contractor_release (contractor);
CREATE INDEX contractor_release_by_item ON contractor_release (item);
CREATE TRIGGER contractor_release_is_not_changed BEFORE UPDATE ON contractor_release
BEGIN SELECT RAISE(ABORT, 'contractor_release is append-only'); END;
CREATE TRIGGER contractor_release_is_not_deleted BEFORE DELETE ON contractor_release
BEGIN SELECT RAISE(ABORT, 'contractor_release is append-only'); END;

-- Visits and meetings, and what follows from them.

CREATE TABLE visit (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    id TEXT,
    amends TEXT,
    party TEXT
) STRICT;
CREATE INDEX visit_by_id ON visit (id);
CREATE INDEX visit_by_amends ON visit (amends);
CREATE INDEX visit_by_party ON visit (party);
CREATE TRIGGER visit_is_not_changed BEFORE UPDATE ON visit
BEGIN SELECT RAISE(ABORT, 'visit is append-only'); END;
CREATE TRIGGER visit_is_not_deleted BEFORE DELETE ON visit
BEGIN SELECT RAISE(ABORT, 'visit is append-only'); END;

CREATE TABLE visit_answer (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    visit TEXT,
    party TEXT
) STRICT;
CREATE INDEX visit_answer_by_visit ON visit_answer (visit);
CREATE INDEX visit_answer_by_party ON visit_answer (party);
CREATE TRIGGER visit_answer_is_not_changed BEFORE UPDATE ON visit_answer
BEGIN SELECT RAISE(ABORT, 'visit_answer is append-only'); END;
CREATE TRIGGER visit_answer_is_not_deleted BEFORE DELETE ON visit_answer
BEGIN SELECT RAISE(ABORT, 'visit_answer is append-only'); END;

CREATE TABLE visit_notice (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    visit TEXT,
    party TEXT
) STRICT;
CREATE INDEX visit_notice_by_visit ON visit_notice (visit);
CREATE INDEX visit_notice_by_party ON visit_notice (party);
CREATE TRIGGER visit_notice_is_not_changed BEFORE UPDATE ON visit_notice
BEGIN SELECT RAISE(ABORT, 'visit_notice is append-only'); END;
CREATE TRIGGER visit_notice_is_not_deleted BEFORE DELETE ON visit_notice
BEGIN SELECT RAISE(ABORT, 'visit_notice is append-only'); END;

CREATE TABLE visit_advice (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    visit TEXT,
    facility TEXT
) STRICT;
CREATE INDEX visit_advice_by_visit ON visit_advice (visit);
CREATE INDEX visit_advice_by_facility ON visit_advice (facility);
CREATE TRIGGER visit_advice_is_not_changed BEFORE UPDATE ON visit_advice
BEGIN SELECT RAISE(ABORT, 'visit_advice is append-only'); END;
CREATE TRIGGER visit_advice_is_not_deleted BEFORE DELETE ON visit_advice
BEGIN SELECT RAISE(ABORT, 'visit_advice is append-only'); END;

CREATE TABLE visit_step (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    visit TEXT,
    facility TEXT,
    stage TEXT
) STRICT;
CREATE INDEX visit_step_by_visit ON visit_step (visit);
CREATE INDEX visit_step_by_facility ON visit_step (facility);
CREATE INDEX visit_step_by_stage ON visit_step (stage);
CREATE TRIGGER visit_step_is_not_changed BEFORE UPDATE ON visit_step
BEGIN SELECT RAISE(ABORT, 'visit_step is append-only'); END;
CREATE TRIGGER visit_step_is_not_deleted BEFORE DELETE ON visit_step
BEGIN SELECT RAISE(ABORT, 'visit_step is append-only'); END;

CREATE TABLE visit_disclosure (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    visit TEXT,
    item TEXT
) STRICT;
CREATE INDEX visit_disclosure_by_visit ON visit_disclosure (visit);
CREATE INDEX visit_disclosure_by_item ON visit_disclosure (item);
CREATE TRIGGER visit_disclosure_is_not_changed BEFORE UPDATE ON visit_disclosure
BEGIN SELECT RAISE(ABORT, 'visit_disclosure is append-only'); END;
CREATE TRIGGER visit_disclosure_is_not_deleted BEFORE DELETE ON visit_disclosure
BEGIN SELECT RAISE(ABORT, 'visit_disclosure is append-only'); END;

CREATE TABLE meeting (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    number TEXT
) STRICT;
CREATE INDEX meeting_by_number ON meeting (number);
CREATE TRIGGER meeting_is_not_changed BEFORE UPDATE ON meeting
BEGIN SELECT RAISE(ABORT, 'meeting is append-only'); END;
CREATE TRIGGER meeting_is_not_deleted BEFORE DELETE ON meeting
BEGIN SELECT RAISE(ABORT, 'meeting is append-only'); END;

CREATE TABLE follow_up (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    about TEXT
) STRICT;
CREATE INDEX follow_up_by_about ON follow_up (about);
CREATE TRIGGER follow_up_is_not_changed BEFORE UPDATE ON follow_up
BEGIN SELECT RAISE(ABORT, 'follow_up is append-only'); END;
CREATE TRIGGER follow_up_is_not_deleted BEFORE DELETE ON follow_up
BEGIN SELECT RAISE(ABORT, 'follow_up is append-only'); END;

CREATE TABLE follow_up_done (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    about TEXT
) STRICT;
CREATE INDEX follow_up_done_by_about ON follow_up_done (about);
CREATE TRIGGER follow_up_done_is_not_changed BEFORE UPDATE ON follow_up_done
BEGIN SELECT RAISE(ABORT, 'follow_up_done is append-only'); END;
CREATE TRIGGER follow_up_done_is_not_deleted BEFORE DELETE ON follow_up_done
BEGIN SELECT RAISE(ABORT, 'follow_up_done is append-only'); END;
