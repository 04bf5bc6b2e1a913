-- Takes away what 0009_hotline.up.sql made, and everything in it.

DROP INDEX outbox_urgent;
ALTER TABLE outbox DROP COLUMN urgency;
DROP TABLE words_shown;
DROP TABLE watch_turn;
DROP TABLE incident_due;
DROP TABLE hotline_plan;
DROP TABLE hotline_message;
DROP TABLE hotline_desk;
DROP TABLE hotline_call;
DROP TABLE hotline_alarm;
DROP TABLE hotline_acknowledgement;
DROP TABLE disclosure_form;
DROP TABLE disclosure;
