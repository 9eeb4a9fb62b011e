-- +goose Up
-- Rows are sorted by their folded texts. Lists of users want rows without a first name last, which is what the greatest
-- letter does; orders of the search language want rows without a value first, as SQLite has them.
ALTER TABLE users ADD COLUMN sort_name TEXT GENERATED ALWAYS AS (COALESCE(fold(firstname), char(1114111))) VIRTUAL;
DROP INDEX users_firstname;
CREATE INDEX users_sort_name ON users (sort_name, id) WHERE NOT hidden;
CREATE INDEX users_by_firstname ON users (fold(firstname), id);
CREATE INDEX users_by_lastname ON users (fold(lastname), id);
CREATE INDEX users_by_mail ON users (fold(mail), id);
DROP INDEX taxonomies_title;
CREATE INDEX taxonomies_title ON taxonomies (type, fold(title), id);
CREATE INDEX usergroups_by_name ON usergroups (fold(name), id);
CREATE INDEX roles_by_name ON roles (fold(name), id);
