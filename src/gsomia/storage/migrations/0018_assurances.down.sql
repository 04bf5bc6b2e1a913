-- Takes away what 0018_assurances.up.sql made, and everything in it.

DROP TABLE assurance_person_answer;
DROP TABLE assurance_person;
DROP TABLE assurance_withdrawn;
