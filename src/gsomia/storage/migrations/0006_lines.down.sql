DROP TABLE copy_line;
DROP TABLE item_line;
