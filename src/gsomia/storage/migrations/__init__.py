"""Numbered scripts: `0001_first.up.sql` makes, `0001_first.down.sql` takes away. A script that ran is never changed."""
