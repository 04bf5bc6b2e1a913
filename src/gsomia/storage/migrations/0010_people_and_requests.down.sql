-- Takes away what 0010_people_and_requests.up.sql made, and everything in it.

DROP TABLE information_withdrawal;
DROP TABLE information_answer;
DROP TABLE information_request;
DROP TABLE reading_stopped;
DROP TABLE facility_accreditation;
DROP TABLE departure;
DROP TABLE entry_ended;
DROP TABLE nationality_consent;
DROP TABLE clearance_change;
