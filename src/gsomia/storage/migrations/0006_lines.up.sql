-- Lines: where every item and every copy stands, derived from the records and replaced as they go on.

CREATE TABLE item_line (
    "item" TEXT NOT NULL,
    "control_no" TEXT,
    "originator" TEXT NOT NULL,
    "sender" TEXT,
    "instrument" TEXT,
    "mark" TEXT NOT NULL,
    "own_mark" TEXT,
    "rank" INTEGER,
    "form" TEXT NOT NULL,
    "topic" TEXT NOT NULL,
    "purpose" TEXT NOT NULL,
    "facility" TEXT,
    "at" INTEGER NOT NULL,
    PRIMARY KEY ("item")
) STRICT, WITHOUT ROWID;
CREATE INDEX item_line_by_control_no ON item_line ("control_no") WHERE "control_no" IS NOT NULL;
CREATE INDEX item_line_by_topic ON item_line ("topic");
CREATE INDEX item_line_by_purpose ON item_line ("purpose");
CREATE INDEX item_line_by_facility ON item_line ("facility") WHERE "facility" IS NOT NULL;
CREATE INDEX item_line_by_sender ON item_line ("sender") WHERE "sender" IS NOT NULL;
CREATE INDEX item_line_by_instrument ON item_line ("instrument") WHERE "instrument" IS NOT NULL;
CREATE INDEX item_line_by_own_mark ON item_line ("own_mark") WHERE "own_mark" IS NOT NULL;
CREATE INDEX item_line_by_mark ON item_line ("mark");
CREATE INDEX item_line_by_form ON item_line ("form");
CREATE INDEX item_line_by_originator ON item_line ("originator");

CREATE TABLE copy_line (
    "item" TEXT NOT NULL,
    "copy" TEXT NOT NULL,
    "originator" TEXT NOT NULL,
    "instrument" TEXT,
    "counterpart" TEXT,
    "made" TEXT NOT NULL,
    "place" TEXT NOT NULL,
    "custodian" TEXT NOT NULL,
    "facility" TEXT,
    "holder" TEXT,
    "container" TEXT,
    "consignment" TEXT,
    "package" TEXT,
    "since" INTEGER NOT NULL,
    "at" INTEGER NOT NULL,
    PRIMARY KEY ("item", "copy")
) STRICT, WITHOUT ROWID;
CREATE INDEX copy_line_by_package ON copy_line ("package") WHERE "package" IS NOT NULL;
CREATE INDEX copy_line_by_container ON copy_line ("container") WHERE "container" IS NOT NULL;
CREATE INDEX copy_line_by_holder ON copy_line ("holder") WHERE "holder" IS NOT NULL;
CREATE INDEX copy_line_by_facility ON copy_line ("facility") WHERE "facility" IS NOT NULL;
CREATE INDEX copy_line_by_place ON copy_line ("place");
CREATE INDEX copy_line_by_counterpart ON copy_line ("counterpart", "instrument", "made", "place", "custodian") WHERE "counterpart" IS NOT NULL;
CREATE INDEX copy_line_by_custodian ON copy_line ("custodian");
CREATE INDEX copy_line_by_originator ON copy_line ("originator");
