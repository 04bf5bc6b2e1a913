-- Takes away what 0012_public_alerts.up.sql made, and everything in it.

DROP TABLE public_alert;
