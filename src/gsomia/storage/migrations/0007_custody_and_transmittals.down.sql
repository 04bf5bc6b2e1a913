DROP TABLE container;
DROP TABLE container_line;
DROP TABLE container_wait;
DROP TABLE hand_over;
DROP TABLE hand_over_offer;
DROP TABLE incident_mark;
DROP TABLE disclosure;
