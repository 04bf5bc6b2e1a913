-- What comes after an assurance: its withdrawal, persons put forward by name, and the originator's answers.

CREATE TABLE assurance_withdrawn (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    assurance TEXT,
    party TEXT
) STRICT;
CREATE INDEX assurance_withdrawn_by_assurance ON assurance_withdrawn (assurance);
CREATE INDEX assurance_withdrawn_by_party ON assurance_withdrawn (party);
CREATE TRIGGER assurance_withdrawn_is_not_changed BEFORE UPDATE ON assurance_withdrawn
BEGIN SELECT RAISE(ABORT, 'assurance_withdrawn is append-only'); END;
CREATE TRIGGER assurance_withdrawn_is_not_deleted BEFORE DELETE ON assurance_withdrawn
BEGIN SELECT RAISE(ABORT, 'assurance_withdrawn is append-only'); END;

CREATE TABLE assurance_person (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    assurance TEXT,
    party TEXT
) STRICT;
CREATE INDEX assurance_person_by_assurance ON assurance_person (assurance);
CREATE INDEX assurance_person_by_party ON assurance_person (party);
CREATE TRIGGER assurance_person_is_not_changed BEFORE UPDATE ON assurance_person
BEGIN SELECT RAISE(ABORT, 'assurance_person is append-only'); END;
CREATE TRIGGER assurance_person_is_not_deleted BEFORE DELETE ON assurance_person
BEGIN SELECT RAISE(ABORT, 'assurance_person is append-only'); END;

CREATE TABLE assurance_person_answer (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    assurance TEXT,
    party TEXT
) STRICT;
CREATE INDEX assurance_person_answer_by_assurance ON assurance_person_answer (assurance);
CREATE INDEX assurance_person_answer_by_party ON assurance_person_answer (party);
CREATE TRIGGER assurance_person_answer_is_not_changed BEFORE UPDATE ON assurance_person_answer
BEGIN SELECT RAISE(ABORT, 'assurance_person_answer is append-only'); END;
CREATE TRIGGER assurance_person_answer_is_not_deleted BEFORE DELETE ON assurance_person_answer
BEGIN SELECT RAISE(ABORT, 'assurance_person_answer is append-only'); END;
