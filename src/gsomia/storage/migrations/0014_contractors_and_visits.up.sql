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
