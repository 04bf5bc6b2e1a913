-- Spot checks, changes of control officer, and joint inventories.

CREATE TABLE forced_change (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    facility TEXT
) STRICT;
CREATE INDEX forced_change_by_facility ON forced_change (facility);
CREATE TRIGGER forced_change_is_not_changed BEFORE UPDATE ON forced_change
BEGIN SELECT RAISE(ABORT, 'forced_change is append-only'); END;
CREATE TRIGGER forced_change_is_not_deleted BEFORE DELETE ON forced_change
BEGIN SELECT RAISE(ABORT, 'forced_change is append-only'); END;

CREATE TABLE inventory_explanation (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    inventory TEXT,
    party TEXT
) STRICT;
CREATE INDEX inventory_explanation_by_inventory ON inventory_explanation (inventory);
CREATE INDEX inventory_explanation_by_party ON inventory_explanation (party);
CREATE TRIGGER inventory_explanation_is_not_changed BEFORE UPDATE ON inventory_explanation
BEGIN SELECT RAISE(ABORT, 'inventory_explanation is append-only'); END;
CREATE TRIGGER inventory_explanation_is_not_deleted BEFORE DELETE ON inventory_explanation
BEGIN SELECT RAISE(ABORT, 'inventory_explanation is append-only'); END;

CREATE TABLE inventory_minutes (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    inventory TEXT,
    party TEXT
) STRICT;
CREATE INDEX inventory_minutes_by_inventory ON inventory_minutes (inventory);
CREATE INDEX inventory_minutes_by_party ON inventory_minutes (party);
CREATE TRIGGER inventory_minutes_is_not_changed BEFORE UPDATE ON inventory_minutes
BEGIN SELECT RAISE(ABORT, 'inventory_minutes is append-only'); END;
CREATE TRIGGER inventory_minutes_is_not_deleted BEFORE DELETE ON inventory_minutes
BEGIN SELECT RAISE(ABORT, 'inventory_minutes is append-only'); END;

CREATE TABLE inventory_opening (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    roster TEXT
) STRICT;
CREATE INDEX inventory_opening_by_roster ON inventory_opening (roster);
CREATE TRIGGER inventory_opening_is_not_changed BEFORE UPDATE ON inventory_opening
BEGIN SELECT RAISE(ABORT, 'inventory_opening is append-only'); END;
CREATE TRIGGER inventory_opening_is_not_deleted BEFORE DELETE ON inventory_opening
BEGIN SELECT RAISE(ABORT, 'inventory_opening is append-only'); END;

CREATE TABLE inventory_roster (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    inventory TEXT,
    party TEXT,
    digest TEXT
) STRICT;
CREATE INDEX inventory_roster_by_inventory ON inventory_roster (inventory);
CREATE INDEX inventory_roster_by_party ON inventory_roster (party);
CREATE INDEX inventory_roster_by_digest ON inventory_roster (digest);
CREATE TRIGGER inventory_roster_is_not_changed BEFORE UPDATE ON inventory_roster
BEGIN SELECT RAISE(ABORT, 'inventory_roster is append-only'); END;
CREATE TRIGGER inventory_roster_is_not_deleted BEFORE DELETE ON inventory_roster
BEGIN SELECT RAISE(ABORT, 'inventory_roster is append-only'); END;

CREATE TABLE spot_draw (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    muster TEXT,
    facility TEXT
) STRICT;
CREATE INDEX spot_draw_by_muster ON spot_draw (muster);
CREATE INDEX spot_draw_by_facility ON spot_draw (facility);
CREATE TRIGGER spot_draw_is_not_changed BEFORE UPDATE ON spot_draw
BEGIN SELECT RAISE(ABORT, 'spot_draw is append-only'); END;
CREATE TRIGGER spot_draw_is_not_deleted BEFORE DELETE ON spot_draw
BEGIN SELECT RAISE(ABORT, 'spot_draw is append-only'); END;
