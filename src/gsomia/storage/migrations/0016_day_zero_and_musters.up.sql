-- Paper registers that were carried over, and musters.

CREATE TABLE carried_over (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    item TEXT,
    file TEXT
) STRICT;
CREATE INDEX carried_over_by_item ON carried_over (item);
CREATE INDEX carried_over_by_file ON carried_over (file);
CREATE TRIGGER carried_over_is_not_changed BEFORE UPDATE ON carried_over
BEGIN SELECT RAISE(ABORT, 'carried_over is append-only'); END;
CREATE TRIGGER carried_over_is_not_deleted BEFORE DELETE ON carried_over
BEGIN SELECT RAISE(ABORT, 'carried_over is append-only'); END;

CREATE TABLE muster (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    id TEXT,
    facility TEXT
) STRICT;
CREATE INDEX muster_by_id ON muster (id);
CREATE INDEX muster_by_facility ON muster (facility);
CREATE TRIGGER muster_is_not_changed BEFORE UPDATE ON muster
BEGIN SELECT RAISE(ABORT, 'muster is append-only'); END;
CREATE TRIGGER muster_is_not_deleted BEFORE DELETE ON muster
BEGIN SELECT RAISE(ABORT, 'muster is append-only'); END;

CREATE TABLE muster_closing (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    muster TEXT
) STRICT;
CREATE INDEX muster_closing_by_muster ON muster_closing (muster);
CREATE TRIGGER muster_closing_is_not_changed BEFORE UPDATE ON muster_closing
BEGIN SELECT RAISE(ABORT, 'muster_closing is append-only'); END;
CREATE TRIGGER muster_closing_is_not_deleted BEFORE DELETE ON muster_closing
BEGIN SELECT RAISE(ABORT, 'muster_closing is append-only'); END;

CREATE TABLE muster_page (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    muster TEXT
) STRICT;
CREATE INDEX muster_page_by_muster ON muster_page (muster);
CREATE TRIGGER muster_page_is_not_changed BEFORE UPDATE ON muster_page
BEGIN SELECT RAISE(ABORT, 'muster_page is append-only'); END;
CREATE TRIGGER muster_page_is_not_deleted BEFORE DELETE ON muster_page
BEGIN SELECT RAISE(ABORT, 'muster_page is append-only'); END;

CREATE TABLE muster_sheet (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    muster TEXT
) STRICT;
CREATE INDEX muster_sheet_by_muster ON muster_sheet (muster);
CREATE TRIGGER muster_sheet_is_not_changed BEFORE UPDATE ON muster_sheet
BEGIN SELECT RAISE(ABORT, 'muster_sheet is append-only'); END;
CREATE TRIGGER muster_sheet_is_not_deleted BEFORE DELETE ON muster_sheet
BEGIN SELECT RAISE(ABORT, 'muster_sheet is append-only'); END;

CREATE TABLE paper_import (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    file TEXT
) STRICT;
CREATE INDEX paper_import_by_file ON paper_import (file);
CREATE TRIGGER paper_import_is_not_changed BEFORE UPDATE ON paper_import
BEGIN SELECT RAISE(ABORT, 'paper_import is append-only'); END;
CREATE TRIGGER paper_import_is_not_deleted BEFORE DELETE ON paper_import
BEGIN SELECT RAISE(ABORT, 'paper_import is append-only'); END;
