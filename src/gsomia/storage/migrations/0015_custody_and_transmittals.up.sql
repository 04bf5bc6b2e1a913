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

CREATE TABLE spoken_disclosure (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    number TEXT,
    item TEXT,
    "to" TEXT
) STRICT;
CREATE INDEX spoken_disclosure_by_number ON spoken_disclosure (number);
CREATE INDEX spoken_disclosure_by_item ON spoken_disclosure (item);
CREATE INDEX spoken_disclosure_by_to ON spoken_disclosure ("to");
CREATE TRIGGER spoken_disclosure_is_not_changed BEFORE UPDATE ON spoken_disclosure
BEGIN SELECT RAISE(ABORT, 'spoken_disclosure is append-only'); END;
CREATE TRIGGER spoken_disclosure_is_not_deleted BEFORE DELETE ON spoken_disclosure
BEGIN SELECT RAISE(ABORT, 'spoken_disclosure is append-only'); END;

-- Packages, their lists and receipts, who carries them, and the daily comparison of numbers.

CREATE TABLE change_of_hands (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    package TEXT
) STRICT;
CREATE INDEX change_of_hands_by_package ON change_of_hands (package);
CREATE TRIGGER change_of_hands_is_not_changed BEFORE UPDATE ON change_of_hands
BEGIN SELECT RAISE(ABORT, 'change_of_hands is append-only'); END;
CREATE TRIGGER change_of_hands_is_not_deleted BEFORE DELETE ON change_of_hands
BEGIN SELECT RAISE(ABORT, 'change_of_hands is append-only'); END;

CREATE TABLE courier_certificate (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    number TEXT,
    package TEXT
) STRICT;
CREATE INDEX courier_certificate_by_number ON courier_certificate (number);
CREATE INDEX courier_certificate_by_package ON courier_certificate (package);
CREATE TRIGGER courier_certificate_is_not_changed BEFORE UPDATE ON courier_certificate
BEGIN SELECT RAISE(ABORT, 'courier_certificate is append-only'); END;
CREATE TRIGGER courier_certificate_is_not_deleted BEFORE DELETE ON courier_certificate
BEGIN SELECT RAISE(ABORT, 'courier_certificate is append-only'); END;

CREATE TABLE courier_declaration (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    number TEXT,
    moment TEXT
) STRICT;
CREATE INDEX courier_declaration_by_number ON courier_declaration (number);
CREATE INDEX courier_declaration_by_moment ON courier_declaration (moment);
CREATE TRIGGER courier_declaration_is_not_changed BEFORE UPDATE ON courier_declaration
BEGIN SELECT RAISE(ABORT, 'courier_declaration is append-only'); END;
CREATE TRIGGER courier_declaration_is_not_deleted BEFORE DELETE ON courier_declaration
BEGIN SELECT RAISE(ABORT, 'courier_declaration is append-only'); END;

CREATE TABLE cover_approval (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    item TEXT,
    "to" TEXT
) STRICT;
CREATE INDEX cover_approval_by_item ON cover_approval (item);
CREATE INDEX cover_approval_by_to ON cover_approval ("to");
CREATE TRIGGER cover_approval_is_not_changed BEFORE UPDATE ON cover_approval
BEGIN SELECT RAISE(ABORT, 'cover_approval is append-only'); END;
CREATE TRIGGER cover_approval_is_not_deleted BEFORE DELETE ON cover_approval
BEGIN SELECT RAISE(ABORT, 'cover_approval is append-only'); END;

CREATE TABLE package (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    number TEXT,
    party TEXT,
    "to" TEXT
) STRICT;
CREATE INDEX package_by_number ON package (number);
CREATE INDEX package_by_party ON package (party);
CREATE INDEX package_by_to ON package ("to");
CREATE TRIGGER package_is_not_changed BEFORE UPDATE ON package
BEGIN SELECT RAISE(ABORT, 'package is append-only'); END;
CREATE TRIGGER package_is_not_deleted BEFORE DELETE ON package
BEGIN SELECT RAISE(ABORT, 'package is append-only'); END;

CREATE TABLE package_event (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    number TEXT,
    leg TEXT
) STRICT;
CREATE INDEX package_event_by_number ON package_event (number);
CREATE INDEX package_event_by_leg ON package_event (leg);
CREATE TRIGGER package_event_is_not_changed BEFORE UPDATE ON package_event
BEGIN SELECT RAISE(ABORT, 'package_event is append-only'); END;
CREATE TRIGGER package_event_is_not_deleted BEFORE DELETE ON package_event
BEGIN SELECT RAISE(ABORT, 'package_event is append-only'); END;

CREATE TABLE reconciliation (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    party TEXT,
    "to" TEXT
) STRICT;
CREATE INDEX reconciliation_by_party ON reconciliation (party);
CREATE INDEX reconciliation_by_to ON reconciliation ("to");
CREATE TRIGGER reconciliation_is_not_changed BEFORE UPDATE ON reconciliation
BEGIN SELECT RAISE(ABORT, 'reconciliation is append-only'); END;
CREATE TRIGGER reconciliation_is_not_deleted BEFORE DELETE ON reconciliation
BEGIN SELECT RAISE(ABORT, 'reconciliation is append-only'); END;

CREATE TABLE representative (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    party TEXT,
    "to" TEXT
) STRICT;
CREATE INDEX representative_by_party ON representative (party);
CREATE INDEX representative_by_to ON representative ("to");
CREATE TRIGGER representative_is_not_changed BEFORE UPDATE ON representative
BEGIN SELECT RAISE(ABORT, 'representative is append-only'); END;
CREATE TRIGGER representative_is_not_deleted BEFORE DELETE ON representative
BEGIN SELECT RAISE(ABORT, 'representative is append-only'); END;

CREATE TABLE shipment_plan (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    package TEXT
) STRICT;
CREATE INDEX shipment_plan_by_package ON shipment_plan (package);
CREATE TRIGGER shipment_plan_is_not_changed BEFORE UPDATE ON shipment_plan
BEGIN SELECT RAISE(ABORT, 'shipment_plan is append-only'); END;
CREATE TRIGGER shipment_plan_is_not_deleted BEFORE DELETE ON shipment_plan
BEGIN SELECT RAISE(ABORT, 'shipment_plan is append-only'); END;
