-- The home register of law, what is left to do about it, and what partners ask and tell of theirs.

CREATE TABLE law (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    id TEXT
) STRICT;
CREATE INDEX law_by_id ON law (id);
CREATE TRIGGER law_is_not_changed BEFORE UPDATE ON law
BEGIN SELECT RAISE(ABORT, 'law is append-only'); END;
CREATE TRIGGER law_is_not_deleted BEFORE DELETE ON law
BEGIN SELECT RAISE(ABORT, 'law is append-only'); END;

CREATE TABLE law_closed (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    law TEXT
) STRICT;
CREATE INDEX law_closed_by_law ON law_closed (law);
CREATE TRIGGER law_closed_is_not_changed BEFORE UPDATE ON law_closed
BEGIN SELECT RAISE(ABORT, 'law_closed is append-only'); END;
CREATE TRIGGER law_closed_is_not_deleted BEFORE DELETE ON law_closed
BEGIN SELECT RAISE(ABORT, 'law_closed is append-only'); END;

CREATE TABLE levels_review (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    law TEXT,
    instrument TEXT
) STRICT;
CREATE INDEX levels_review_by_law ON levels_review (law);
CREATE INDEX levels_review_by_instrument ON levels_review (instrument);
CREATE TRIGGER levels_review_is_not_changed BEFORE UPDATE ON levels_review
BEGIN SELECT RAISE(ABORT, 'levels_review is append-only'); END;
CREATE TRIGGER levels_review_is_not_deleted BEFORE DELETE ON levels_review
BEGIN SELECT RAISE(ABORT, 'levels_review is append-only'); END;

CREATE TABLE law_request (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    request TEXT,
    instrument TEXT,
    party TEXT
) STRICT;
CREATE INDEX law_request_by_request ON law_request (request);
CREATE INDEX law_request_by_instrument ON law_request (instrument);
CREATE INDEX law_request_by_party ON law_request (party);
CREATE TRIGGER law_request_is_not_changed BEFORE UPDATE ON law_request
BEGIN SELECT RAISE(ABORT, 'law_request is append-only'); END;
CREATE TRIGGER law_request_is_not_deleted BEFORE DELETE ON law_request
BEGIN SELECT RAISE(ABORT, 'law_request is append-only'); END;

CREATE TABLE law_answer (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    request TEXT
) STRICT;
CREATE INDEX law_answer_by_request ON law_answer (request);
CREATE TRIGGER law_answer_is_not_changed BEFORE UPDATE ON law_answer
BEGIN SELECT RAISE(ABORT, 'law_answer is append-only'); END;
CREATE TRIGGER law_answer_is_not_deleted BEFORE DELETE ON law_answer
BEGIN SELECT RAISE(ABORT, 'law_answer is append-only'); END;

-- What was dispatched after the end of its instrument, and lies sealed.

CREATE TABLE on_hold (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    id TEXT,
    consignment TEXT,
    sender TEXT,
    instrument TEXT
) STRICT;
CREATE INDEX on_hold_by_id ON on_hold (id);
CREATE INDEX on_hold_by_consignment ON on_hold (consignment);
CREATE INDEX on_hold_by_sender ON on_hold (sender);
CREATE INDEX on_hold_by_instrument ON on_hold (instrument);
CREATE TRIGGER on_hold_is_not_changed BEFORE UPDATE ON on_hold
BEGIN SELECT RAISE(ABORT, 'on_hold is append-only'); END;
CREATE TRIGGER on_hold_is_not_deleted BEFORE DELETE ON on_hold
BEGIN SELECT RAISE(ABORT, 'on_hold is append-only'); END;
