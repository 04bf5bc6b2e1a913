-- Takes away what 0014_contractors_and_visits.up.sql made, and everything in it.

DROP TABLE contractor_release;
DROP TABLE contractor_person;
DROP TABLE contractor_measure;
DROP TABLE contractor_inspection;
DROP TABLE contractor_finding_closed;
DROP TABLE contractor_clearance;
DROP TABLE contractor_briefing;
DROP TABLE contractor_appointment;
DROP TABLE contractor;
