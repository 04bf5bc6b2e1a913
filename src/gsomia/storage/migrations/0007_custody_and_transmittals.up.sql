-- Hand-overs, containers, marks of incidents.

CREATE TABLE container (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    id TEXT
) STRICT;
CREATE INDEX container_by_id ON container (id);
CREATE TRIGGER container_is_not_changed BEFORE UPDATE ON container
BEGIN SELECT RAISE(ABORT, 'container is append-only'); END;
CREATE TRIGGER container_is_not_deleted BEFORE DELETE ON container
BEGIN SELECT RAISE(ABORT, 'container is append-only'); END;

CREATE TABLE container_line (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    container TEXT,
    turn TEXT
) STRICT;
CREATE INDEX container_line_by_container ON container_line (container);
CREATE INDEX container_line_by_turn ON container_line (turn);
CREATE TRIGGER container_line_is_not_changed BEFORE UPDATE ON container_line
BEGIN SELECT RAISE(ABORT, 'container_line is append-only'); END;
CREATE TRIGGER container_line_is_not_deleted BEFORE DELETE ON container_line
BEGIN SELECT RAISE(ABORT, 'container_line is append-only'); END;

CREATE TABLE container_wait (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    container TEXT
) STRICT;
CREATE INDEX container_wait_by_container ON container_wait (container);
CREATE TRIGGER container_wait_is_not_changed BEFORE UPDATE ON container_wait
BEGIN SELECT RAISE(ABORT, 'container_wait is append-only'); END;
CREATE TRIGGER container_wait_is_not_deleted BEFORE DELETE ON container_wait
BEGIN SELECT RAISE(ABORT, 'container_wait is append-only'); END;

CREATE TABLE hand_over (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    item TEXT,
    taker TEXT
) STRICT;
CREATE INDEX hand_over_by_item ON hand_over (item);
CREATE INDEX hand_over_by_taker ON hand_over (taker);
CREATE TRIGGER hand_over_is_not_changed BEFORE UPDATE ON hand_over
BEGIN SELECT RAISE(ABORT, 'hand_over is append-only'); END;
CREATE TRIGGER hand_over_is_not_deleted BEFORE DELETE ON hand_over
BEGIN SELECT RAISE(ABORT, 'hand_over is append-only'); END;

CREATE TABLE hand_over_offer (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    item TEXT,
    taker TEXT
) STRICT;
CREATE INDEX hand_over_offer_by_item ON hand_over_offer (item);
CREATE INDEX hand_over_offer_by_taker ON hand_over_offer (taker);
CREATE TRIGGER hand_over_offer_is_not_changed BEFORE UPDATE ON hand_over_offer
BEGIN SELECT RAISE(ABORT, 'hand_over_offer is append-only'); END;
CREATE TRIGGER hand_over_offer_is_not_deleted BEFORE DELETE ON hand_over_offer
BEGIN SELECT RAISE(ABORT, 'hand_over_offer is append-only'); END;

CREATE TABLE incident_mark (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    subject TEXT,
    party TEXT
) STRICT;
CREATE INDEX incident_mark_by_subject ON incident_mark (subject);
CREATE INDEX incident_mark_by_party ON incident_mark (party);
CREATE TRIGGER incident_mark_is_not_changed BEFORE UPDATE ON incident_mark
BEGIN SELECT RAISE(ABORT, 'incident_mark is append-only'); END;
CREATE TRIGGER incident_mark_is_not_deleted BEFORE DELETE ON incident_mark
BEGIN SELECT RAISE(ABORT, 'incident_mark is append-only'); END;

-- What was said or shown to the other side.

CREATE TABLE disclosure (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    number TEXT,
    item TEXT,
    "to" TEXT
) STRICT;
CREATE INDEX disclosure_by_number ON disclosure (number);
CREATE INDEX disclosure_by_item ON disclosure (item);
CREATE INDEX disclosure_by_to ON disclosure ("to");
CREATE TRIGGER disclosure_is_not_changed BEFORE UPDATE ON disclosure
BEGIN SELECT RAISE(ABORT, 'disclosure is append-only'); END;
CREATE TRIGGER disclosure_is_not_deleted BEFORE DELETE ON disclosure
BEGIN SELECT RAISE(ABORT, 'disclosure is append-only'); END;
