DROP TABLE yearly_report;
DROP TABLE waiting_line;
