-- +goose Up
-- Users and groups take their numbers from one sequence, so that a number names either. Those that were given stay.
-- +goose StatementBegin
DO $$
DECLARE
  users BIGINT;
  groups BIGINT;
BEGIN
  SELECT CASE WHEN is_called THEN last_value ELSE 0 END INTO users FROM users_id_seq;
  SELECT CASE WHEN is_called THEN last_value ELSE 0 END INTO groups FROM usergroups_id_seq;
  SELECT GREATEST(users, groups, (SELECT MAX(id) FROM users), (SELECT MAX(id) FROM usergroups)) INTO users;
  IF users > 0 THEN
    PERFORM setval('users_id_seq', users);
  END IF;
END
$$;
-- +goose StatementEnd
ALTER TABLE usergroups ALTER COLUMN id DROP IDENTITY;
ALTER TABLE usergroups ALTER COLUMN id SET DEFAULT nextval('users_id_seq');

-- Why an account is not active: it waits for activation, or it is locked.
ALTER TABLE users ADD COLUMN registered BOOLEAN NOT NULL DEFAULT FALSE;

-- A short name of an organization or a location that stays when it is renamed.
ALTER TABLE taxonomies ADD COLUMN slug TEXT COLLATE "C" CHECK (slug <> '');
UPDATE taxonomies SET slug = 'organization-' || id WHERE type = 'Organization';
UPDATE taxonomies t SET slug = made.slug FROM (
  SELECT id, slug, ROW_NUMBER() OVER (PARTITION BY slug ORDER BY id) AS n FROM (
    SELECT id, REPLACE(lower_name, ' ', '-') AS slug FROM taxonomies
    WHERE type = 'Organization' AND LENGTH(name) <= 90 AND lower_name ~ '^[a-z][a-z0-9]*([ -][a-z0-9]+)*$') names
  WHERE slug !~ '^organization-[0-9]+$') made WHERE made.id = t.id AND made.n = 1;
CREATE UNIQUE INDEX taxonomies_slug ON taxonomies (slug);

-- Lists of a tenant's people are read in the order of names; groups have theirs, too.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION memberships_name() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  NEW.sort_name := COALESCE((SELECT sort_name FROM users WHERE id = NEW.user_id),
    (SELECT fold(name) FROM usergroups WHERE id = NEW.usergroup_id));
  RETURN NEW;
END
$$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION usergroups_renamed() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  UPDATE memberships SET sort_name = fold(NEW.name) WHERE usergroup_id = NEW.id;
  RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER usergroups_renamed AFTER UPDATE OF name ON usergroups FOR EACH ROW
  WHEN (OLD.name IS DISTINCT FROM NEW.name) EXECUTE FUNCTION usergroups_renamed();
