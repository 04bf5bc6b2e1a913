-- Takes away what 0004_sources.up.sql made, and everything in it.

DROP TABLE source_text;
DROP TABLE levels_confirmation;
DROP TABLE family_decision;
