DROP TABLE paper_import;
DROP TABLE muster_sheet;
DROP TABLE muster_page;
DROP TABLE muster_closing;
DROP TABLE muster;
DROP TABLE carried_over;
