DROP TABLE conviction_lifted;
DROP TABLE contradiction;
