-- Takes away what 0003_keys_and_bundles.up.sql made, and everything in it.

DROP TABLE link_switch;
DROP TABLE key_set;
DROP TABLE disowned;
DROP TABLE bundle_answer;
DROP TABLE bundle;
