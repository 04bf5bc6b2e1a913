-- Take the warning lanes back.

DROP TABLE warning_authorisation;
DROP TABLE warning_stop;
DROP TABLE lane_count;
DROP TABLE lane_session;
DROP TABLE late_warning;
