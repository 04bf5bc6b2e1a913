-- The relay: what a hub keeps and reports, whom a recipient believes, and every answer to a request for consent.

ALTER TABLE consent ADD COLUMN standing_by TEXT;
CREATE INDEX consent_by_standing_by ON consent (standing_by);

CREATE TABLE chain_notice (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    notice_digest TEXT,
    item TEXT
) STRICT;
CREATE INDEX chain_notice_by_notice_digest ON chain_notice (notice_digest);
CREATE INDEX chain_notice_by_item ON chain_notice (item);
CREATE TRIGGER chain_notice_is_not_changed BEFORE UPDATE ON chain_notice
BEGIN SELECT RAISE(ABORT, 'chain_notice is append-only'); END;
CREATE TRIGGER chain_notice_is_not_deleted BEFORE DELETE ON chain_notice
BEGIN SELECT RAISE(ABORT, 'chain_notice is append-only'); END;

CREATE TABLE consent_asked (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    request TEXT,
    item TEXT
) STRICT;
CREATE INDEX consent_asked_by_request ON consent_asked (request);
CREATE INDEX consent_asked_by_item ON consent_asked (item);
CREATE TRIGGER consent_asked_is_not_changed BEFORE UPDATE ON consent_asked
BEGIN SELECT RAISE(ABORT, 'consent_asked is append-only'); END;
CREATE TRIGGER consent_asked_is_not_deleted BEFORE DELETE ON consent_asked
BEGIN SELECT RAISE(ABORT, 'consent_asked is append-only'); END;

CREATE TABLE consent_denied (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    request TEXT,
    item TEXT
) STRICT;
CREATE INDEX consent_denied_by_request ON consent_denied (request);
CREATE INDEX consent_denied_by_item ON consent_denied (item);
CREATE TRIGGER consent_denied_is_not_changed BEFORE UPDATE ON consent_denied
BEGIN SELECT RAISE(ABORT, 'consent_denied is append-only'); END;
CREATE TRIGGER consent_denied_is_not_deleted BEFORE DELETE ON consent_denied
BEGIN SELECT RAISE(ABORT, 'consent_denied is append-only'); END;

CREATE TABLE consent_withdrawn (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    serial TEXT,
    consent TEXT
) STRICT;
CREATE INDEX consent_withdrawn_by_serial ON consent_withdrawn (serial);
CREATE INDEX consent_withdrawn_by_consent ON consent_withdrawn (consent);
CREATE TRIGGER consent_withdrawn_is_not_changed BEFORE UPDATE ON consent_withdrawn
BEGIN SELECT RAISE(ABORT, 'consent_withdrawn is append-only'); END;
CREATE TRIGGER consent_withdrawn_is_not_deleted BEFORE DELETE ON consent_withdrawn
BEGIN SELECT RAISE(ABORT, 'consent_withdrawn is append-only'); END;

CREATE TABLE introduction (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    originator TEXT,
    hub TEXT,
    direction TEXT
) STRICT;
CREATE INDEX introduction_by_originator ON introduction (originator);
CREATE INDEX introduction_by_hub ON introduction (hub);
CREATE INDEX introduction_by_direction ON introduction (direction);
CREATE TRIGGER introduction_is_not_changed BEFORE UPDATE ON introduction
BEGIN SELECT RAISE(ABORT, 'introduction is append-only'); END;
CREATE TRIGGER introduction_is_not_deleted BEFORE DELETE ON introduction
BEGIN SELECT RAISE(ABORT, 'introduction is append-only'); END;

CREATE TABLE kept_envelope (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    consignment TEXT,
    item TEXT
) STRICT;
CREATE INDEX kept_envelope_by_consignment ON kept_envelope (consignment);
CREATE INDEX kept_envelope_by_item ON kept_envelope (item);
CREATE TRIGGER kept_envelope_is_not_changed BEFORE UPDATE ON kept_envelope
BEGIN SELECT RAISE(ABORT, 'kept_envelope is append-only'); END;
CREATE TRIGGER kept_envelope_is_not_deleted BEFORE DELETE ON kept_envelope
BEGIN SELECT RAISE(ABORT, 'kept_envelope is append-only'); END;

CREATE TABLE originator_confirmed (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    originator TEXT
) STRICT;
CREATE INDEX originator_confirmed_by_originator ON originator_confirmed (originator);
CREATE TRIGGER originator_confirmed_is_not_changed BEFORE UPDATE ON originator_confirmed
BEGIN SELECT RAISE(ABORT, 'originator_confirmed is append-only'); END;
CREATE TRIGGER originator_confirmed_is_not_deleted BEFORE DELETE ON originator_confirmed
BEGIN SELECT RAISE(ABORT, 'originator_confirmed is append-only'); END;

CREATE TABLE relay_arrival (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    consignment TEXT,
    item TEXT
) STRICT;
CREATE INDEX relay_arrival_by_consignment ON relay_arrival (consignment);
CREATE INDEX relay_arrival_by_item ON relay_arrival (item);
CREATE TRIGGER relay_arrival_is_not_changed BEFORE UPDATE ON relay_arrival
BEGIN SELECT RAISE(ABORT, 'relay_arrival is append-only'); END;
CREATE TRIGGER relay_arrival_is_not_deleted BEFORE DELETE ON relay_arrival
BEGIN SELECT RAISE(ABORT, 'relay_arrival is append-only'); END;

CREATE TABLE relay_report (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    item TEXT,
    direction TEXT
) STRICT;
CREATE INDEX relay_report_by_item ON relay_report (item);
CREATE INDEX relay_report_by_direction ON relay_report (direction);
CREATE TRIGGER relay_report_is_not_changed BEFORE UPDATE ON relay_report
BEGIN SELECT RAISE(ABORT, 'relay_report is append-only'); END;
CREATE TRIGGER relay_report_is_not_deleted BEFORE DELETE ON relay_report
BEGIN SELECT RAISE(ABORT, 'relay_report is append-only'); END;

CREATE TABLE arrival_signed (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    consignment TEXT,
    item TEXT
) STRICT;
CREATE INDEX arrival_signed_by_consignment ON arrival_signed (consignment);
CREATE INDEX arrival_signed_by_item ON arrival_signed (item);
CREATE TRIGGER arrival_signed_is_not_changed BEFORE UPDATE ON arrival_signed
BEGIN SELECT RAISE(ABORT, 'arrival_signed is append-only'); END;
CREATE TRIGGER arrival_signed_is_not_deleted BEFORE DELETE ON arrival_signed
BEGIN SELECT RAISE(ABORT, 'arrival_signed is append-only'); END;
