-- Takes away what 0011_public_alerts.up.sql made, and everything in it.

DROP TABLE public_alert;
