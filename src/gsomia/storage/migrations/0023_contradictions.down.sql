DROP TABLE contradiction;
