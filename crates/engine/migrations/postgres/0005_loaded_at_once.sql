-- What a loading of many rows took away and has to build again; a row in it marks a half-loaded
-- database.
CREATE TABLE bulk_load (
  step BIGINT NOT NULL PRIMARY KEY,
  sql TEXT NOT NULL
);
