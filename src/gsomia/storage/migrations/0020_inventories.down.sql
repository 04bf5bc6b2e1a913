-- Takes away what 0020_inventories.up.sql made, and everything in it.

DROP TABLE spot_draw;
DROP TABLE inventory_roster;
DROP TABLE inventory_opening;
DROP TABLE inventory_minutes;
DROP TABLE inventory_explanation;
DROP TABLE forced_change;
