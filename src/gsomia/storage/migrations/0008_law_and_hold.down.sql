DROP TABLE law;
DROP TABLE law_closed;
DROP TABLE levels_review;
DROP TABLE law_request;
DROP TABLE law_answer;
DROP TABLE on_hold;
