-- Decisions that a warning of ours is public.

CREATE TABLE public_alert (
    seq INTEGER PRIMARY KEY,
    doc_digest TEXT NOT NULL,
    doc BLOB NOT NULL,
    digest TEXT,
    event TEXT
) STRICT;
CREATE INDEX public_alert_by_digest ON public_alert (digest);
CREATE INDEX public_alert_by_event ON public_alert (event);
CREATE TRIGGER public_alert_is_not_changed BEFORE UPDATE ON public_alert
BEGIN SELECT RAISE(ABORT, 'public_alert is append-only'); END;
CREATE TRIGGER public_alert_is_not_deleted BEFORE DELETE ON public_alert
BEGIN SELECT RAISE(ABORT, 'public_alert is append-only'); END;
