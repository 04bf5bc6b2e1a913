-- Takes away what 0010_public_alerts.up.sql made, and everything in it.

DROP TABLE public_alert;
