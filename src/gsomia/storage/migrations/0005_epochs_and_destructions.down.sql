DROP TABLE log_epoch;
DROP TABLE backup;
DROP TABLE destruction_proposal;
DROP TABLE destruction_order;
DROP TABLE destruction;
DROP TABLE log_epoch_proposal;
