-- Epochs of logs, ours and partners'.

CREATE TABLE log_epoch (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    log TEXT,
    party TEXT
) STRICT;
CREATE INDEX log_epoch_by_log ON log_epoch (log);
CREATE INDEX log_epoch_by_party ON log_epoch (party);
CREATE TRIGGER log_epoch_is_not_changed BEFORE UPDATE ON log_epoch
BEGIN SELECT RAISE(ABORT, 'log_epoch is append-only'); END;
CREATE TRIGGER log_epoch_is_not_deleted BEFORE DELETE ON log_epoch
BEGIN SELECT RAISE(ABORT, 'log_epoch is append-only'); END;

-- Backups that exist, and until when.

CREATE TABLE backup (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    id TEXT
) STRICT;
CREATE INDEX backup_by_id ON backup (id);
CREATE TRIGGER backup_is_not_changed BEFORE UPDATE ON backup
BEGIN SELECT RAISE(ABORT, 'backup is append-only'); END;
CREATE TRIGGER backup_is_not_deleted BEFORE DELETE ON backup
BEGIN SELECT RAISE(ABORT, 'backup is append-only'); END;

-- How items end.

CREATE TABLE destruction_proposal (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    item TEXT
) STRICT;
CREATE INDEX destruction_proposal_by_item ON destruction_proposal (item);
CREATE TRIGGER destruction_proposal_is_not_changed BEFORE UPDATE ON destruction_proposal
BEGIN SELECT RAISE(ABORT, 'destruction_proposal is append-only'); END;
CREATE TRIGGER destruction_proposal_is_not_deleted BEFORE DELETE ON destruction_proposal
BEGIN SELECT RAISE(ABORT, 'destruction_proposal is append-only'); END;

CREATE TABLE destruction_order (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    item TEXT
) STRICT;
CREATE INDEX destruction_order_by_item ON destruction_order (item);
CREATE TRIGGER destruction_order_is_not_changed BEFORE UPDATE ON destruction_order
BEGIN SELECT RAISE(ABORT, 'destruction_order is append-only'); END;
CREATE TRIGGER destruction_order_is_not_deleted BEFORE DELETE ON destruction_order
BEGIN SELECT RAISE(ABORT, 'destruction_order is append-only'); END;

CREATE TABLE destruction (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    item TEXT,
    party TEXT
) STRICT;
CREATE INDEX destruction_by_item ON destruction (item);
CREATE INDEX destruction_by_party ON destruction (party);
CREATE TRIGGER destruction_is_not_changed BEFORE UPDATE ON destruction
BEGIN SELECT RAISE(ABORT, 'destruction is append-only'); END;
CREATE TRIGGER destruction_is_not_deleted BEFORE DELETE ON destruction
BEGIN SELECT RAISE(ABORT, 'destruction is append-only'); END;

CREATE TABLE log_epoch_proposal (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    log TEXT
) STRICT;
CREATE INDEX log_epoch_proposal_by_log ON log_epoch_proposal (log);
CREATE TRIGGER log_epoch_proposal_is_not_changed BEFORE UPDATE ON log_epoch_proposal
BEGIN SELECT RAISE(ABORT, 'log_epoch_proposal is append-only'); END;
CREATE TRIGGER log_epoch_proposal_is_not_deleted BEFORE DELETE ON log_epoch_proposal
BEGIN SELECT RAISE(ABORT, 'log_epoch_proposal is append-only'); END;
