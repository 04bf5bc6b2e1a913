DROP TABLE log_epoch;
