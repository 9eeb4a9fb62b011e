-- +goose Up
-- Parameters without a tenant hold everywhere. searchable_value is what searches compare: the value as a text, none of a
-- hidden one.
ALTER TABLE parameters ALTER COLUMN taxonomy_id DROP NOT NULL;
ALTER TABLE parameters ADD COLUMN searchable_value TEXT COLLATE "C";
UPDATE parameters SET searchable_value =
  CASE WHEN left(value, 1) = '"' AND strpos(value, '\u0000') = 0 THEN value::json #>> '{}' ELSE value END
  WHERE NOT hidden_value;
CREATE UNIQUE INDEX parameters_global_name ON parameters (name) WHERE taxonomy_id IS NULL;
