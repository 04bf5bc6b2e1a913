-- Takes away what 0009_public_alerts.up.sql made, and everything in it.

DROP TABLE public_alert;
