-- Takes away what 0002_content.up.sql made, and the content in it.

DROP TABLE segment_list;
DROP TABLE small_payload;
