"""The bytes of a file become a table: raw cells, read by the format of each column."""
