-- Copies and derived items, changes of level, purposes and what a partner said of them.

CREATE TABLE copy_approved (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    "order" TEXT,
    item TEXT
) STRICT;
CREATE INDEX copy_approved_by_order ON copy_approved ("order");
CREATE INDEX copy_approved_by_item ON copy_approved (item);
CREATE TRIGGER copy_approved_is_not_changed BEFORE UPDATE ON copy_approved
BEGIN SELECT RAISE(ABORT, 'copy_approved is append-only'); END;
CREATE TRIGGER copy_approved_is_not_deleted BEFORE DELETE ON copy_approved
BEGIN SELECT RAISE(ABORT, 'copy_approved is append-only'); END;

CREATE TABLE copy_limit (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    scope TEXT
) STRICT;
CREATE INDEX copy_limit_by_scope ON copy_limit (scope);
CREATE TRIGGER copy_limit_is_not_changed BEFORE UPDATE ON copy_limit
BEGIN SELECT RAISE(ABORT, 'copy_limit is append-only'); END;
CREATE TRIGGER copy_limit_is_not_deleted BEFORE DELETE ON copy_limit
BEGIN SELECT RAISE(ABORT, 'copy_limit is append-only'); END;

CREATE TABLE copy_record (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    "order" TEXT,
    item TEXT
) STRICT;
CREATE INDEX copy_record_by_order ON copy_record ("order");
CREATE INDEX copy_record_by_item ON copy_record (item);
CREATE TRIGGER copy_record_is_not_changed BEFORE UPDATE ON copy_record
BEGIN SELECT RAISE(ABORT, 'copy_record is append-only'); END;
CREATE TRIGGER copy_record_is_not_deleted BEFORE DELETE ON copy_record
BEGIN SELECT RAISE(ABORT, 'copy_record is append-only'); END;

CREATE TABLE copy_request (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    "order" TEXT,
    item TEXT
) STRICT;
CREATE INDEX copy_request_by_order ON copy_request ("order");
CREATE INDEX copy_request_by_item ON copy_request (item);
CREATE TRIGGER copy_request_is_not_changed BEFORE UPDATE ON copy_request
BEGIN SELECT RAISE(ABORT, 'copy_request is append-only'); END;
CREATE TRIGGER copy_request_is_not_deleted BEFORE DELETE ON copy_request
BEGIN SELECT RAISE(ABORT, 'copy_request is append-only'); END;

CREATE TABLE derivation (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    item TEXT
) STRICT;
CREATE INDEX derivation_by_item ON derivation (item);
CREATE TRIGGER derivation_is_not_changed BEFORE UPDATE ON derivation
BEGIN SELECT RAISE(ABORT, 'derivation is append-only'); END;
CREATE TRIGGER derivation_is_not_deleted BEFORE DELETE ON derivation
BEGIN SELECT RAISE(ABORT, 'derivation is append-only'); END;

CREATE TABLE derived_from (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    parent TEXT,
    item TEXT
) STRICT;
CREATE INDEX derived_from_by_parent ON derived_from (parent);
CREATE INDEX derived_from_by_item ON derived_from (item);
CREATE TRIGGER derived_from_is_not_changed BEFORE UPDATE ON derived_from
BEGIN SELECT RAISE(ABORT, 'derived_from is append-only'); END;
CREATE TRIGGER derived_from_is_not_deleted BEFORE DELETE ON derived_from
BEGIN SELECT RAISE(ABORT, 'derived_from is append-only'); END;

CREATE TABLE level_notice (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    statement TEXT,
    item TEXT,
    number TEXT
) STRICT;
CREATE INDEX level_notice_by_statement ON level_notice (statement);
CREATE INDEX level_notice_by_item ON level_notice (item);
CREATE INDEX level_notice_by_number ON level_notice (number);
CREATE TRIGGER level_notice_is_not_changed BEFORE UPDATE ON level_notice
BEGIN SELECT RAISE(ABORT, 'level_notice is append-only'); END;
CREATE TRIGGER level_notice_is_not_deleted BEFORE DELETE ON level_notice
BEGIN SELECT RAISE(ABORT, 'level_notice is append-only'); END;

CREATE TABLE level_report (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    notice TEXT,
    party TEXT
) STRICT;
CREATE INDEX level_report_by_notice ON level_report (notice);
CREATE INDEX level_report_by_party ON level_report (party);
CREATE TRIGGER level_report_is_not_changed BEFORE UPDATE ON level_report
BEGIN SELECT RAISE(ABORT, 'level_report is append-only'); END;
CREATE TRIGGER level_report_is_not_deleted BEFORE DELETE ON level_report
BEGIN SELECT RAISE(ABORT, 'level_report is append-only'); END;

CREATE TABLE purpose_answer (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    request TEXT,
    item TEXT
) STRICT;
CREATE INDEX purpose_answer_by_request ON purpose_answer (request);
CREATE INDEX purpose_answer_by_item ON purpose_answer (item);
CREATE TRIGGER purpose_answer_is_not_changed BEFORE UPDATE ON purpose_answer
BEGIN SELECT RAISE(ABORT, 'purpose_answer is append-only'); END;
CREATE TRIGGER purpose_answer_is_not_deleted BEFORE DELETE ON purpose_answer
BEGIN SELECT RAISE(ABORT, 'purpose_answer is append-only'); END;

CREATE TABLE purpose_request (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    request TEXT,
    item TEXT
) STRICT;
CREATE INDEX purpose_request_by_request ON purpose_request (request);
CREATE INDEX purpose_request_by_item ON purpose_request (item);
CREATE TRIGGER purpose_request_is_not_changed BEFORE UPDATE ON purpose_request
BEGIN SELECT RAISE(ABORT, 'purpose_request is append-only'); END;
CREATE TRIGGER purpose_request_is_not_deleted BEFORE DELETE ON purpose_request
BEGIN SELECT RAISE(ABORT, 'purpose_request is append-only'); END;

CREATE TABLE purpose (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    code TEXT
) STRICT;
CREATE INDEX purpose_by_code ON purpose (code);
CREATE TRIGGER purpose_is_not_changed BEFORE UPDATE ON purpose
BEGIN SELECT RAISE(ABORT, 'purpose is append-only'); END;
CREATE TRIGGER purpose_is_not_deleted BEFORE DELETE ON purpose
BEGIN SELECT RAISE(ABORT, 'purpose is append-only'); END;

CREATE TABLE regraded (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    item TEXT,
    notice TEXT
) STRICT;
CREATE INDEX regraded_by_item ON regraded (item);
CREATE INDEX regraded_by_notice ON regraded (notice);
CREATE TRIGGER regraded_is_not_changed BEFORE UPDATE ON regraded
BEGIN SELECT RAISE(ABORT, 'regraded is append-only'); END;
CREATE TRIGGER regraded_is_not_deleted BEFORE DELETE ON regraded
BEGIN SELECT RAISE(ABORT, 'regraded is append-only'); END;

CREATE TABLE remarked (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    notice TEXT,
    item TEXT,
    copy TEXT
) STRICT;
CREATE INDEX remarked_by_notice ON remarked (notice);
CREATE INDEX remarked_by_item ON remarked (item);
CREATE INDEX remarked_by_copy ON remarked (copy);
CREATE TRIGGER remarked_is_not_changed BEFORE UPDATE ON remarked
BEGIN SELECT RAISE(ABORT, 'remarked is append-only'); END;
CREATE TRIGGER remarked_is_not_deleted BEFORE DELETE ON remarked
BEGIN SELECT RAISE(ABORT, 'remarked is append-only'); END;

CREATE TABLE system_accreditation (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    system TEXT
) STRICT;
CREATE INDEX system_accreditation_by_system ON system_accreditation (system);
CREATE TRIGGER system_accreditation_is_not_changed BEFORE UPDATE ON system_accreditation
BEGIN SELECT RAISE(ABORT, 'system_accreditation is append-only'); END;
CREATE TRIGGER system_accreditation_is_not_deleted BEFORE DELETE ON system_accreditation
BEGIN SELECT RAISE(ABORT, 'system_accreditation is append-only'); END;
