-- Everything a node keeps. A record is its canonical bytes (`doc`), named by their SHA-256; key columns repeat some of
-- its fields so that it can be found, and fsck holds them against the bytes. Records and logs are append-only.

-- Records, one table a kind (kinds.py) -------------------------------------------------------------------------------

CREATE TABLE acknowledgement (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    assurance TEXT,
    party TEXT
) STRICT;
CREATE INDEX acknowledgement_by_assurance ON acknowledgement (assurance);
CREATE INDEX acknowledgement_by_party ON acknowledgement (party);
CREATE TRIGGER acknowledgement_is_not_changed BEFORE UPDATE ON acknowledgement
BEGIN SELECT RAISE(ABORT, 'acknowledgement is append-only'); END;
CREATE TRIGGER acknowledgement_is_not_deleted BEFORE DELETE ON acknowledgement
BEGIN SELECT RAISE(ABORT, 'acknowledgement is append-only'); END;

CREATE TABLE act (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    statement TEXT,
    agreement TEXT,
    instrument TEXT
) STRICT;
CREATE INDEX act_by_statement ON act (statement);
CREATE INDEX act_by_agreement ON act (agreement);
CREATE INDEX act_by_instrument ON act (instrument);
CREATE TRIGGER act_is_not_changed BEFORE UPDATE ON act
BEGIN SELECT RAISE(ABORT, 'act is append-only'); END;
CREATE TRIGGER act_is_not_deleted BEFORE DELETE ON act
BEGIN SELECT RAISE(ABORT, 'act is append-only'); END;

CREATE TABLE agreement (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    agreement TEXT,
    instrument TEXT
) STRICT;
CREATE INDEX agreement_by_agreement ON agreement (agreement);
CREATE INDEX agreement_by_instrument ON agreement (instrument);
CREATE TRIGGER agreement_is_not_changed BEFORE UPDATE ON agreement
BEGIN SELECT RAISE(ABORT, 'agreement is append-only'); END;
CREATE TRIGGER agreement_is_not_deleted BEFORE DELETE ON agreement
BEGIN SELECT RAISE(ABORT, 'agreement is append-only'); END;

CREATE TABLE anchor (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    party TEXT
) STRICT;
CREATE INDEX anchor_by_party ON anchor (party);
CREATE TRIGGER anchor_is_not_changed BEFORE UPDATE ON anchor
BEGIN SELECT RAISE(ABORT, 'anchor is append-only'); END;
CREATE TRIGGER anchor_is_not_deleted BEFORE DELETE ON anchor
BEGIN SELECT RAISE(ABORT, 'anchor is append-only'); END;

CREATE TABLE appointment (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    person TEXT,
    facility TEXT,
    office TEXT
) STRICT;
CREATE INDEX appointment_by_person ON appointment (person);
CREATE INDEX appointment_by_facility ON appointment (facility);
CREATE INDEX appointment_by_office ON appointment (office);
CREATE TRIGGER appointment_is_not_changed BEFORE UPDATE ON appointment
BEGIN SELECT RAISE(ABORT, 'appointment is append-only'); END;
CREATE TRIGGER appointment_is_not_deleted BEFORE DELETE ON appointment
BEGIN SELECT RAISE(ABORT, 'appointment is append-only'); END;

CREATE TABLE arrival (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    consignment TEXT,
    item TEXT,
    sender TEXT
) STRICT;
CREATE INDEX arrival_by_consignment ON arrival (consignment);
CREATE INDEX arrival_by_item ON arrival (item);
CREATE INDEX arrival_by_sender ON arrival (sender);
CREATE TRIGGER arrival_is_not_changed BEFORE UPDATE ON arrival
BEGIN SELECT RAISE(ABORT, 'arrival is append-only'); END;
CREATE TRIGGER arrival_is_not_deleted BEFORE DELETE ON arrival
BEGIN SELECT RAISE(ABORT, 'arrival is append-only'); END;

CREATE TABLE assurance (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    digest TEXT,
    instrument TEXT,
    party TEXT
) STRICT;
CREATE INDEX assurance_by_digest ON assurance (digest);
CREATE INDEX assurance_by_instrument ON assurance (instrument);
CREATE INDEX assurance_by_party ON assurance (party);
CREATE TRIGGER assurance_is_not_changed BEFORE UPDATE ON assurance
BEGIN SELECT RAISE(ABORT, 'assurance is append-only'); END;
CREATE TRIGGER assurance_is_not_deleted BEFORE DELETE ON assurance
BEGIN SELECT RAISE(ABORT, 'assurance is append-only'); END;

CREATE TABLE booking (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    item TEXT,
    control_no TEXT
) STRICT;
CREATE INDEX booking_by_item ON booking (item);
CREATE INDEX booking_by_control_no ON booking (control_no);
CREATE TRIGGER booking_is_not_changed BEFORE UPDATE ON booking
BEGIN SELECT RAISE(ABORT, 'booking is append-only'); END;
CREATE TRIGGER booking_is_not_deleted BEFORE DELETE ON booking
BEGIN SELECT RAISE(ABORT, 'booking is append-only'); END;

CREATE TABLE channel (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    channel TEXT
) STRICT;
CREATE INDEX channel_by_channel ON channel (channel);
CREATE TRIGGER channel_is_not_changed BEFORE UPDATE ON channel
BEGIN SELECT RAISE(ABORT, 'channel is append-only'); END;
CREATE TRIGGER channel_is_not_deleted BEFORE DELETE ON channel
BEGIN SELECT RAISE(ABORT, 'channel is append-only'); END;

CREATE TABLE clearance (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    person TEXT
) STRICT;
CREATE INDEX clearance_by_person ON clearance (person);
CREATE TRIGGER clearance_is_not_changed BEFORE UPDATE ON clearance
BEGIN SELECT RAISE(ABORT, 'clearance is append-only'); END;
CREATE TRIGGER clearance_is_not_deleted BEFORE DELETE ON clearance
BEGIN SELECT RAISE(ABORT, 'clearance is append-only'); END;

CREATE TABLE consent (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    digest TEXT,
    item TEXT
) STRICT;
CREATE INDEX consent_by_digest ON consent (digest);
CREATE INDEX consent_by_item ON consent (item);
CREATE TRIGGER consent_is_not_changed BEFORE UPDATE ON consent
BEGIN SELECT RAISE(ABORT, 'consent is append-only'); END;
CREATE TRIGGER consent_is_not_deleted BEFORE DELETE ON consent
BEGIN SELECT RAISE(ABORT, 'consent is append-only'); END;

CREATE TABLE custody (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    consignment TEXT,
    item TEXT
) STRICT;
CREATE INDEX custody_by_consignment ON custody (consignment);
CREATE INDEX custody_by_item ON custody (item);
CREATE TRIGGER custody_is_not_changed BEFORE UPDATE ON custody
BEGIN SELECT RAISE(ABORT, 'custody is append-only'); END;
CREATE TRIGGER custody_is_not_deleted BEFORE DELETE ON custody
BEGIN SELECT RAISE(ABORT, 'custody is append-only'); END;

CREATE TABLE decision (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    id TEXT,
    item TEXT,
    question TEXT
) STRICT;
CREATE INDEX decision_by_id ON decision (id);
CREATE INDEX decision_by_item ON decision (item);
CREATE INDEX decision_by_question ON decision (question);
CREATE TRIGGER decision_is_not_changed BEFORE UPDATE ON decision
BEGIN SELECT RAISE(ABORT, 'decision is append-only'); END;
CREATE TRIGGER decision_is_not_deleted BEFORE DELETE ON decision
BEGIN SELECT RAISE(ABORT, 'decision is append-only'); END;

CREATE TABLE delivery (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    consignment TEXT,
    item TEXT,
    "to" TEXT
) STRICT;
CREATE INDEX delivery_by_consignment ON delivery (consignment);
CREATE INDEX delivery_by_item ON delivery (item);
CREATE INDEX delivery_by_to ON delivery ("to");
CREATE TRIGGER delivery_is_not_changed BEFORE UPDATE ON delivery
BEGIN SELECT RAISE(ABORT, 'delivery is append-only'); END;
CREATE TRIGGER delivery_is_not_deleted BEFORE DELETE ON delivery
BEGIN SELECT RAISE(ABORT, 'delivery is append-only'); END;

CREATE TABLE delivery_stage (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    consignment TEXT,
    item TEXT
) STRICT;
CREATE INDEX delivery_stage_by_consignment ON delivery_stage (consignment);
CREATE INDEX delivery_stage_by_item ON delivery_stage (item);
CREATE TRIGGER delivery_stage_is_not_changed BEFORE UPDATE ON delivery_stage
BEGIN SELECT RAISE(ABORT, 'delivery_stage is append-only'); END;
CREATE TRIGGER delivery_stage_is_not_deleted BEFORE DELETE ON delivery_stage
BEGIN SELECT RAISE(ABORT, 'delivery_stage is append-only'); END;

CREATE TABLE duty (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    person TEXT
) STRICT;
CREATE INDEX duty_by_person ON duty (person);
CREATE TRIGGER duty_is_not_changed BEFORE UPDATE ON duty
BEGIN SELECT RAISE(ABORT, 'duty is append-only'); END;
CREATE TRIGGER duty_is_not_deleted BEFORE DELETE ON duty
BEGIN SELECT RAISE(ABORT, 'duty is append-only'); END;

CREATE TABLE facility (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    id TEXT
) STRICT;
CREATE INDEX facility_by_id ON facility (id);
CREATE TRIGGER facility_is_not_changed BEFORE UPDATE ON facility
BEGIN SELECT RAISE(ABORT, 'facility is append-only'); END;
CREATE TRIGGER facility_is_not_deleted BEFORE DELETE ON facility
BEGIN SELECT RAISE(ABORT, 'facility is append-only'); END;

CREATE TABLE item (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    id TEXT,
    originator TEXT
) STRICT;
CREATE INDEX item_by_id ON item (id);
CREATE INDEX item_by_originator ON item (originator);
CREATE TRIGGER item_is_not_changed BEFORE UPDATE ON item
BEGIN SELECT RAISE(ABORT, 'item is append-only'); END;
CREATE TRIGGER item_is_not_deleted BEFORE DELETE ON item
BEGIN SELECT RAISE(ABORT, 'item is append-only'); END;

CREATE TABLE person (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    id TEXT
) STRICT;
CREATE INDEX person_by_id ON person (id);
CREATE TRIGGER person_is_not_changed BEFORE UPDATE ON person
BEGIN SELECT RAISE(ABORT, 'person is append-only'); END;
CREATE TRIGGER person_is_not_deleted BEFORE DELETE ON person
BEGIN SELECT RAISE(ABORT, 'person is append-only'); END;

CREATE TABLE party (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    code TEXT
) STRICT;
CREATE INDEX party_by_code ON party (code);
CREATE TRIGGER party_is_not_changed BEFORE UPDATE ON party
BEGIN SELECT RAISE(ABORT, 'party is append-only'); END;
CREATE TRIGGER party_is_not_deleted BEFORE DELETE ON party
BEGIN SELECT RAISE(ABORT, 'party is append-only'); END;

CREATE TABLE reading_slip (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    item TEXT,
    reader TEXT
) STRICT;
CREATE INDEX reading_slip_by_item ON reading_slip (item);
CREATE INDEX reading_slip_by_reader ON reading_slip (reader);
CREATE TRIGGER reading_slip_is_not_changed BEFORE UPDATE ON reading_slip
BEGIN SELECT RAISE(ABORT, 'reading_slip is append-only'); END;
CREATE TRIGGER reading_slip_is_not_deleted BEFORE DELETE ON reading_slip
BEGIN SELECT RAISE(ABORT, 'reading_slip is append-only'); END;

CREATE TABLE receipt (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    reference TEXT,
    party TEXT
) STRICT;
CREATE INDEX receipt_by_reference ON receipt (reference);
CREATE INDEX receipt_by_party ON receipt (party);
CREATE TRIGGER receipt_is_not_changed BEFORE UPDATE ON receipt
BEGIN SELECT RAISE(ABORT, 'receipt is append-only'); END;
CREATE TRIGGER receipt_is_not_deleted BEFORE DELETE ON receipt
BEGIN SELECT RAISE(ABORT, 'receipt is append-only'); END;

CREATE TABLE refusal (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    subject TEXT,
    code TEXT,
    party TEXT
) STRICT;
CREATE INDEX refusal_by_subject ON refusal (subject);
CREATE INDEX refusal_by_code ON refusal (code);
CREATE INDEX refusal_by_party ON refusal (party);
CREATE TRIGGER refusal_is_not_changed BEFORE UPDATE ON refusal
BEGIN SELECT RAISE(ABORT, 'refusal is append-only'); END;
CREATE TRIGGER refusal_is_not_deleted BEFORE DELETE ON refusal
BEGIN SELECT RAISE(ABORT, 'refusal is append-only'); END;

CREATE TABLE roster (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    person TEXT,
    facility TEXT
) STRICT;
CREATE INDEX roster_by_person ON roster (person);
CREATE INDEX roster_by_facility ON roster (facility);
CREATE TRIGGER roster_is_not_changed BEFORE UPDATE ON roster
BEGIN SELECT RAISE(ABORT, 'roster is append-only'); END;
CREATE TRIGGER roster_is_not_deleted BEFORE DELETE ON roster
BEGIN SELECT RAISE(ABORT, 'roster is append-only'); END;

CREATE TABLE statement (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    digest TEXT,
    kind TEXT,
    party TEXT,
    direction TEXT
) STRICT;
CREATE INDEX statement_by_digest ON statement (digest);
CREATE INDEX statement_by_kind ON statement (kind);
CREATE INDEX statement_by_party ON statement (party);
CREATE INDEX statement_by_direction ON statement (direction);
CREATE TRIGGER statement_is_not_changed BEFORE UPDATE ON statement
BEGIN SELECT RAISE(ABORT, 'statement is append-only'); END;
CREATE TRIGGER statement_is_not_deleted BEFORE DELETE ON statement
BEGIN SELECT RAISE(ABORT, 'statement is append-only'); END;

CREATE TABLE transfer (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    consignment TEXT,
    sender TEXT
) STRICT;
CREATE INDEX transfer_by_consignment ON transfer (consignment);
CREATE INDEX transfer_by_sender ON transfer (sender);
CREATE TRIGGER transfer_is_not_changed BEFORE UPDATE ON transfer
BEGIN SELECT RAISE(ABORT, 'transfer is append-only'); END;
CREATE TRIGGER transfer_is_not_deleted BEFORE DELETE ON transfer
BEGIN SELECT RAISE(ABORT, 'transfer is append-only'); END;

-- Logs ------------------------------------------------------------------------------------------------------------------

CREATE TABLE log (
    number INTEGER PRIMARY KEY,
    origin TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE log_entry (
    log INTEGER NOT NULL,
    idx INTEGER NOT NULL,
    leaf BLOB NOT NULL,
    leaf_hash BLOB NOT NULL,
    subject TEXT NOT NULL,
    PRIMARY KEY (log, idx)
) STRICT, WITHOUT ROWID;
CREATE INDEX log_entry_by_subject ON log_entry (log, subject);
CREATE TRIGGER log_entry_is_not_changed BEFORE UPDATE ON log_entry
BEGIN SELECT RAISE(ABORT, 'log_entry is append-only'); END;
CREATE TRIGGER log_entry_is_not_deleted BEFORE DELETE ON log_entry
BEGIN SELECT RAISE(ABORT, 'log_entry is append-only'); END;

-- Hashes of complete subtrees above the leaves; level 0 is log_entry.leaf_hash.
CREATE TABLE log_node (
    log INTEGER NOT NULL,
    level INTEGER NOT NULL,
    idx INTEGER NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (log, level, idx)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER log_node_is_not_changed BEFORE UPDATE ON log_node
BEGIN SELECT RAISE(ABORT, 'log_node is append-only'); END;
CREATE TRIGGER log_node_is_not_deleted BEFORE DELETE ON log_node
BEGIN SELECT RAISE(ABORT, 'log_node is append-only'); END;

CREATE TABLE log_checkpoint (
    log INTEGER NOT NULL,
    size INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (log, size)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER log_checkpoint_is_not_changed BEFORE UPDATE ON log_checkpoint
BEGIN SELECT RAISE(ABORT, 'log_checkpoint is append-only'); END;
CREATE TRIGGER log_checkpoint_is_not_deleted BEFORE DELETE ON log_checkpoint
BEGIN SELECT RAISE(ABORT, 'log_checkpoint is append-only'); END;

CREATE TABLE log_cosignature (
    seq INTEGER PRIMARY KEY,
    log INTEGER NOT NULL,
    size INTEGER NOT NULL,
    lines BLOB NOT NULL
) STRICT;
CREATE INDEX log_cosignature_by_log ON log_cosignature (log);
CREATE TRIGGER log_cosignature_is_not_changed BEFORE UPDATE ON log_cosignature
BEGIN SELECT RAISE(ABORT, 'log_cosignature is append-only'); END;
CREATE TRIGGER log_cosignature_is_not_deleted BEFORE DELETE ON log_cosignature
BEGIN SELECT RAISE(ABORT, 'log_cosignature is append-only'); END;

-- What may change: where partners' logs stood when we last looked, what is still to be said, running numbers ----------

CREATE TABLE witness (
    origin TEXT PRIMARY KEY,
    size INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- A row id is never used twice, so that a late acknowledgement cannot settle another row.
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    partner TEXT NOT NULL,
    kind TEXT NOT NULL,
    reference TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    not_before INTEGER NOT NULL
) STRICT;
CREATE INDEX outbox_by_partner ON outbox (partner);

CREATE TABLE counter (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
