-- What a loading of many rows took away and has to build again; a row in it marks a half-loaded
-- database on PostgreSQL. On SQLite the mark is a file.
CREATE TABLE bulk_load (
  step INTEGER NOT NULL PRIMARY KEY,
  sql TEXT NOT NULL
) STRICT;
