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
    digest TEXT
) STRICT;
CREATE INDEX backup_by_digest ON backup (digest);
CREATE TRIGGER backup_is_not_changed BEFORE UPDATE ON backup
BEGIN SELECT RAISE(ABORT, 'backup is append-only'); END;
CREATE TRIGGER backup_is_not_deleted BEFORE DELETE ON backup
BEGIN SELECT RAISE(ABORT, 'backup is append-only'); END;
