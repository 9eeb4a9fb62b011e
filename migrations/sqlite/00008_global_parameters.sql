-- +goose Up
-- Parameters without a tenant hold everywhere. searchable_value is what searches compare: the value as a text, none of a
-- hidden one.
CREATE TABLE parameters_new (
  id               INTEGER PRIMARY KEY AUTOINCREMENT,
  taxonomy_id      INTEGER REFERENCES taxonomies (id) ON DELETE CASCADE,
  name             TEXT NOT NULL CHECK (name <> ''),
  value            TEXT NOT NULL,
  parameter_type   TEXT NOT NULL DEFAULT 'string',
  hidden_value     BOOLEAN NOT NULL DEFAULT FALSE,
  searchable_value TEXT,
  created_at       DATETIME NOT NULL,
  updated_at       DATETIME NOT NULL
);
INSERT INTO parameters_new (id, taxonomy_id, name, value, parameter_type, hidden_value, searchable_value, created_at, updated_at)
  SELECT id, taxonomy_id, name, value, parameter_type, hidden_value,
    CASE WHEN hidden_value THEN NULL
      WHEN substr(value, 1, 1) = '"' AND instr(value, '\u0000') = 0 THEN json_extract(value, '$')
      ELSE value END,
    created_at, updated_at
  FROM parameters;
-- Numbers of rows that are gone are not given again.
DELETE FROM sqlite_sequence WHERE name = 'parameters_new';
INSERT INTO sqlite_sequence (name, seq) SELECT 'parameters_new', seq FROM sqlite_sequence WHERE name = 'parameters';
DROP TABLE parameters;
ALTER TABLE parameters_new RENAME TO parameters;
CREATE UNIQUE INDEX parameters_name ON parameters (taxonomy_id, name);
CREATE UNIQUE INDEX parameters_global_name ON parameters (name) WHERE taxonomy_id IS NULL;
