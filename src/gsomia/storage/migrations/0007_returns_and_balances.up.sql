-- returns and balances.

CREATE TABLE item_return (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    digest TEXT,
    item TEXT,
    party TEXT
) STRICT;
CREATE INDEX item_return_by_digest ON item_return (digest);
CREATE INDEX item_return_by_item ON item_return (item);
CREATE INDEX item_return_by_party ON item_return (party);
CREATE TRIGGER item_return_is_not_changed BEFORE UPDATE ON item_return
BEGIN SELECT RAISE(ABORT, 'item_return is append-only'); END;
CREATE TRIGGER item_return_is_not_deleted BEFORE DELETE ON item_return
BEGIN SELECT RAISE(ABORT, 'item_return is append-only'); END;

CREATE TABLE return_answer (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    returned TEXT,
    item TEXT
) STRICT;
CREATE INDEX return_answer_by_returned ON return_answer (returned);
CREATE INDEX return_answer_by_item ON return_answer (item);
CREATE TRIGGER return_answer_is_not_changed BEFORE UPDATE ON return_answer
BEGIN SELECT RAISE(ABORT, 'return_answer is append-only'); END;
CREATE TRIGGER return_answer_is_not_deleted BEFORE DELETE ON return_answer
BEGIN SELECT RAISE(ABORT, 'return_answer is append-only'); END;

CREATE TABLE return_proposal (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    item TEXT
) STRICT;
CREATE INDEX return_proposal_by_item ON return_proposal (item);
CREATE TRIGGER return_proposal_is_not_changed BEFORE UPDATE ON return_proposal
BEGIN SELECT RAISE(ABORT, 'return_proposal is append-only'); END;
CREATE TRIGGER return_proposal_is_not_deleted BEFORE DELETE ON return_proposal
BEGIN SELECT RAISE(ABORT, 'return_proposal is append-only'); END;

CREATE TABLE balance (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    digest TEXT,
    instrument TEXT,
    partner TEXT,
    party TEXT
) STRICT;
CREATE INDEX balance_by_digest ON balance (digest);
CREATE INDEX balance_by_instrument ON balance (instrument);
CREATE INDEX balance_by_partner ON balance (partner);
CREATE INDEX balance_by_party ON balance (party);
CREATE TRIGGER balance_is_not_changed BEFORE UPDATE ON balance
BEGIN SELECT RAISE(ABORT, 'balance is append-only'); END;
CREATE TRIGGER balance_is_not_deleted BEFORE DELETE ON balance
BEGIN SELECT RAISE(ABORT, 'balance is append-only'); END;

CREATE TABLE own_refusal (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    correlation_id TEXT,
    person TEXT
) STRICT;
CREATE INDEX own_refusal_by_correlation_id ON own_refusal (correlation_id);
CREATE INDEX own_refusal_by_person ON own_refusal (person);
CREATE TRIGGER own_refusal_is_not_changed BEFORE UPDATE ON own_refusal
BEGIN SELECT RAISE(ABORT, 'own_refusal is append-only'); END;
CREATE TRIGGER own_refusal_is_not_deleted BEFORE DELETE ON own_refusal
BEGIN SELECT RAISE(ABORT, 'own_refusal is append-only'); END;
