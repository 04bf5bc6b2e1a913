-- What waits for a person, and the yearly reports that were issued.

CREATE TABLE waiting_line (
    "item" TEXT NOT NULL,
    "what" TEXT NOT NULL,
    "part" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "since" INTEGER NOT NULL,
    PRIMARY KEY ("item", "what", "part")
) STRICT, WITHOUT ROWID;
CREATE INDEX waiting_line_by_state ON waiting_line ("state");

REPLACE INTO waiting_line
SELECT o.item, 'hand-over', json_extract(CAST(o.doc AS TEXT), '$.copy'),
    CASE WHEN EXISTS (
        SELECT 1 FROM hand_over AS t WHERE t.item = o.item AND json_extract(CAST(t.doc AS TEXT), '$.given') = json_extract(CAST(o.doc AS TEXT), '$.given')
    ) THEN 'done' ELSE 'waits' END,
    CAST(strftime('%s', json_extract(CAST(o.doc AS TEXT), '$.at')) AS INTEGER)
FROM hand_over_offer AS o ORDER BY o.seq;

INSERT OR IGNORE INTO waiting_line
SELECT r.item, 're-marking', r.notice,
    CASE WHEN EXISTS (
        SELECT 1 FROM json_each(CAST(r.doc AS TEXT), '$.copies') AS c WHERE NOT EXISTS (
            SELECT 1 FROM remarked AS m WHERE m.notice = r.notice AND m.item = r.item AND m.copy = c.value
        )
    ) THEN 'waits' ELSE 'done' END,
    CAST(strftime('%s', json_extract(CAST(r.doc AS TEXT), '$.at')) AS INTEGER)
FROM regraded AS r WHERE json_array_length(CAST(r.doc AS TEXT), '$.copies') > 0 ORDER BY r.seq;

INSERT INTO waiting_line
SELECT r.item, 'return', r.digest,
    CASE WHEN EXISTS (SELECT 1 FROM return_answer AS a WHERE a.returned = r.digest) THEN 'done' ELSE 'waits' END,
    CAST(strftime('%s', json_extract(CAST(r.doc AS TEXT), '$.at')) AS INTEGER)
FROM item_return AS r;

CREATE TABLE yearly_report (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    year TEXT
) STRICT;
CREATE INDEX yearly_report_by_year ON yearly_report (year);
CREATE TRIGGER yearly_report_is_not_changed BEFORE UPDATE ON yearly_report
BEGIN SELECT RAISE(ABORT, 'yearly_report is append-only'); END;
CREATE TRIGGER yearly_report_is_not_deleted BEFORE DELETE ON yearly_report
BEGIN SELECT RAISE(ABORT, 'yearly_report is append-only'); END;
