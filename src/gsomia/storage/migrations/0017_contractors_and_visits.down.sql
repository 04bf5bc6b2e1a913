-- Takes away what 0017_contractors_and_visits.up.sql made, and everything in it.

DROP TABLE follow_up_done;
DROP TABLE follow_up;
DROP TABLE meeting;
DROP TABLE visit_disclosure;
DROP TABLE visit_step;
DROP TABLE visit_advice;
DROP TABLE visit_notice;
DROP TABLE visit_answer;
DROP TABLE visit;
DROP TABLE contractor_release;
DROP TABLE contractor_person;
DROP TABLE contractor_measure;
DROP TABLE contractor_inspection;
DROP TABLE contractor_finding_closed;
DROP TABLE contractor_clearance;
DROP TABLE contractor_briefing;
DROP TABLE contractor_appointment;
DROP TABLE contractor;
