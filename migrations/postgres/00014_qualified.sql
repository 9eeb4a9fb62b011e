-- +goose Up
-- A body that names its function once and for all, whatever the search path: that of pg_restore and of autovacuum is
-- empty, so that a dump of the users could not be restored, and their statistics were never renewed.
CREATE OR REPLACE FUNCTION fold(t TEXT) RETURNS TEXT IMMUTABLE PARALLEL SAFE LANGUAGE sql
  RETURN CASE WHEN octet_length(t) = length(t) THEN lower(t COLLATE "C") ELSE fold_letters(t) COLLATE "C" END;
