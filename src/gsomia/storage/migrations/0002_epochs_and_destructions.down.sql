DROP TABLE log_epoch;
DROP TABLE backup;
