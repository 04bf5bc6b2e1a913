-- Takes away what 0002_small_payloads.up.sql made, and the content in it.

DROP TABLE small_payload;
