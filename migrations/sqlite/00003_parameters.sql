-- +goose Up
-- What clients want to be known about a tenant, and about those below it. value is JSON.
CREATE TABLE parameters (
  id             INTEGER PRIMARY KEY AUTOINCREMENT,
  taxonomy_id    INTEGER NOT NULL REFERENCES taxonomies (id) ON DELETE CASCADE,
  name           TEXT NOT NULL CHECK (name <> ''),
  value          TEXT NOT NULL,
  parameter_type TEXT NOT NULL DEFAULT 'string',
  hidden_value   BOOLEAN NOT NULL DEFAULT FALSE,
  created_at     DATETIME NOT NULL,
  updated_at     DATETIME NOT NULL
);
CREATE UNIQUE INDEX parameters_name ON parameters (taxonomy_id, name);
