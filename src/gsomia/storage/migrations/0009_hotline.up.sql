-- The hotline: desks, watches, messages, calls, tests, disclosures; and the order in which urgent things are said.

CREATE TABLE disclosure (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    reference TEXT,
    party TEXT
) STRICT;
CREATE INDEX disclosure_by_reference ON disclosure (reference);
CREATE INDEX disclosure_by_party ON disclosure (party);
CREATE TRIGGER disclosure_is_not_changed BEFORE UPDATE ON disclosure
BEGIN SELECT RAISE(ABORT, 'disclosure is append-only'); END;
CREATE TRIGGER disclosure_is_not_deleted BEFORE DELETE ON disclosure
BEGIN SELECT RAISE(ABORT, 'disclosure is append-only'); END;

CREATE TABLE disclosure_form (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    reference TEXT
) STRICT;
CREATE INDEX disclosure_form_by_reference ON disclosure_form (reference);
CREATE TRIGGER disclosure_form_is_not_changed BEFORE UPDATE ON disclosure_form
BEGIN SELECT RAISE(ABORT, 'disclosure_form is append-only'); END;
CREATE TRIGGER disclosure_form_is_not_deleted BEFORE DELETE ON disclosure_form
BEGIN SELECT RAISE(ABORT, 'disclosure_form is append-only'); END;

CREATE TABLE hotline_acknowledgement (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    message TEXT,
    statement TEXT,
    party TEXT
) STRICT;
CREATE INDEX hotline_acknowledgement_by_message ON hotline_acknowledgement (message);
CREATE INDEX hotline_acknowledgement_by_statement ON hotline_acknowledgement (statement);
CREATE INDEX hotline_acknowledgement_by_party ON hotline_acknowledgement (party);
CREATE TRIGGER hotline_acknowledgement_is_not_changed BEFORE UPDATE ON hotline_acknowledgement
BEGIN SELECT RAISE(ABORT, 'hotline_acknowledgement is append-only'); END;
CREATE TRIGGER hotline_acknowledgement_is_not_deleted BEFORE DELETE ON hotline_acknowledgement
BEGIN SELECT RAISE(ABORT, 'hotline_acknowledgement is append-only'); END;

CREATE TABLE hotline_alarm (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    reference TEXT,
    code TEXT,
    party TEXT
) STRICT;
CREATE INDEX hotline_alarm_by_reference ON hotline_alarm (reference);
CREATE INDEX hotline_alarm_by_code ON hotline_alarm (code);
CREATE INDEX hotline_alarm_by_party ON hotline_alarm (party);
CREATE TRIGGER hotline_alarm_is_not_changed BEFORE UPDATE ON hotline_alarm
BEGIN SELECT RAISE(ABORT, 'hotline_alarm is append-only'); END;
CREATE TRIGGER hotline_alarm_is_not_deleted BEFORE DELETE ON hotline_alarm
BEGIN SELECT RAISE(ABORT, 'hotline_alarm is append-only'); END;

CREATE TABLE hotline_call (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    call TEXT,
    party TEXT
) STRICT;
CREATE INDEX hotline_call_by_call ON hotline_call (call);
CREATE INDEX hotline_call_by_party ON hotline_call (party);
CREATE TRIGGER hotline_call_is_not_changed BEFORE UPDATE ON hotline_call
BEGIN SELECT RAISE(ABORT, 'hotline_call is append-only'); END;
CREATE TRIGGER hotline_call_is_not_deleted BEFORE DELETE ON hotline_call
BEGIN SELECT RAISE(ABORT, 'hotline_call is append-only'); END;

CREATE TABLE hotline_desk (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    desk TEXT,
    owner TEXT,
    peer TEXT
) STRICT;
CREATE INDEX hotline_desk_by_desk ON hotline_desk (desk);
CREATE INDEX hotline_desk_by_owner ON hotline_desk (owner);
CREATE INDEX hotline_desk_by_peer ON hotline_desk (peer);
CREATE TRIGGER hotline_desk_is_not_changed BEFORE UPDATE ON hotline_desk
BEGIN SELECT RAISE(ABORT, 'hotline_desk is append-only'); END;
CREATE TRIGGER hotline_desk_is_not_deleted BEFORE DELETE ON hotline_desk
BEGIN SELECT RAISE(ABORT, 'hotline_desk is append-only'); END;

CREATE TABLE hotline_message (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    message TEXT,
    party TEXT,
    direction TEXT,
    number TEXT
) STRICT;
CREATE INDEX hotline_message_by_message ON hotline_message (message);
CREATE INDEX hotline_message_by_party ON hotline_message (party);
CREATE INDEX hotline_message_by_direction ON hotline_message (direction);
CREATE INDEX hotline_message_by_number ON hotline_message (number);
CREATE TRIGGER hotline_message_is_not_changed BEFORE UPDATE ON hotline_message
BEGIN SELECT RAISE(ABORT, 'hotline_message is append-only'); END;
CREATE TRIGGER hotline_message_is_not_deleted BEFORE DELETE ON hotline_message
BEGIN SELECT RAISE(ABORT, 'hotline_message is append-only'); END;

CREATE TABLE hotline_plan (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    plan TEXT,
    party TEXT
) STRICT;
CREATE INDEX hotline_plan_by_plan ON hotline_plan (plan);
CREATE INDEX hotline_plan_by_party ON hotline_plan (party);
CREATE TRIGGER hotline_plan_is_not_changed BEFORE UPDATE ON hotline_plan
BEGIN SELECT RAISE(ABORT, 'hotline_plan is append-only'); END;
CREATE TRIGGER hotline_plan_is_not_deleted BEFORE DELETE ON hotline_plan
BEGIN SELECT RAISE(ABORT, 'hotline_plan is append-only'); END;

CREATE TABLE incident_due (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    reference TEXT,
    party TEXT
) STRICT;
CREATE INDEX incident_due_by_reference ON incident_due (reference);
CREATE INDEX incident_due_by_party ON incident_due (party);
CREATE TRIGGER incident_due_is_not_changed BEFORE UPDATE ON incident_due
BEGIN SELECT RAISE(ABORT, 'incident_due is append-only'); END;
CREATE TRIGGER incident_due_is_not_deleted BEFORE DELETE ON incident_due
BEGIN SELECT RAISE(ABORT, 'incident_due is append-only'); END;

CREATE TABLE watch_turn (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    desk TEXT
) STRICT;
CREATE INDEX watch_turn_by_desk ON watch_turn (desk);
CREATE TRIGGER watch_turn_is_not_changed BEFORE UPDATE ON watch_turn
BEGIN SELECT RAISE(ABORT, 'watch_turn is append-only'); END;
CREATE TRIGGER watch_turn_is_not_deleted BEFORE DELETE ON watch_turn
BEGIN SELECT RAISE(ABORT, 'watch_turn is append-only'); END;

CREATE TABLE words_shown (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    message TEXT,
    reader TEXT
) STRICT;
CREATE INDEX words_shown_by_message ON words_shown (message);
CREATE INDEX words_shown_by_reader ON words_shown (reader);
CREATE TRIGGER words_shown_is_not_changed BEFORE UPDATE ON words_shown
BEGIN SELECT RAISE(ABORT, 'words_shown is append-only'); END;
CREATE TRIGGER words_shown_is_not_deleted BEFORE DELETE ON words_shown
BEGIN SELECT RAISE(ABORT, 'words_shown is append-only'); END;

ALTER TABLE outbox ADD COLUMN urgency INTEGER NOT NULL DEFAULT 0;
-- Changes of keys that wait already keep their place.
UPDATE outbox SET urgency = -1 WHERE kind = 'statement'
AND reference IN (SELECT digest FROM statement WHERE kind = 'key-change');
CREATE INDEX outbox_urgent ON outbox (partner) WHERE urgency <> 0;
