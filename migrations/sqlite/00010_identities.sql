-- +goose Up
-- Users and groups take their numbers from one sequence, so that a number names either. Those that were given stay.
INSERT INTO sqlite_sequence (name, seq) SELECT n.name, 0 FROM (SELECT 'users' AS name UNION SELECT 'usergroups') n
  WHERE n.name NOT IN (SELECT name FROM sqlite_sequence);
UPDATE sqlite_sequence SET seq = (SELECT MAX(seq) FROM sqlite_sequence WHERE name IN ('users', 'usergroups'))
  WHERE name IN ('users', 'usergroups');
-- +goose StatementBegin
CREATE TRIGGER users_numbered AFTER INSERT ON users BEGIN
  UPDATE sqlite_sequence SET seq = NEW.id WHERE name = 'usergroups' AND seq < NEW.id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER usergroups_numbered AFTER INSERT ON usergroups BEGIN
  UPDATE sqlite_sequence SET seq = NEW.id WHERE name = 'users' AND seq < NEW.id;
END;
-- +goose StatementEnd

-- Why an account is not active: it waits for activation, or it is locked.
ALTER TABLE users ADD COLUMN registered BOOLEAN NOT NULL DEFAULT FALSE;

-- A short name of an organization or a location that stays when it is renamed.
ALTER TABLE taxonomies ADD COLUMN slug TEXT CHECK (slug <> '');
UPDATE taxonomies SET slug = 'organization-' || id WHERE type = 'Organization';
UPDATE taxonomies SET slug = made.slug FROM (
  SELECT id, slug, ROW_NUMBER() OVER (PARTITION BY slug ORDER BY id) AS n FROM (
    SELECT id, REPLACE(lower_name, ' ', '-') AS slug FROM taxonomies
    WHERE type = 'Organization' AND LENGTH(name) <= 90 AND lower_name GLOB '[a-z]*'
      AND lower_name NOT GLOB '*[^a-z0-9 -]*' AND lower_name NOT GLOB '*[ -][ -]*' AND lower_name NOT GLOB '*[ -]') names
  WHERE slug NOT GLOB 'organization-[0-9]*') made WHERE made.id = taxonomies.id AND made.n = 1;
CREATE UNIQUE INDEX taxonomies_slug ON taxonomies (slug);

-- Lists of a tenant's people are read in the order of names; groups have theirs, too.
DROP TRIGGER memberships_named;
-- +goose StatementBegin
CREATE TRIGGER memberships_named AFTER INSERT ON memberships WHEN NEW.sort_name IS NULL BEGIN
  UPDATE memberships SET sort_name = COALESCE((SELECT sort_name FROM users WHERE id = NEW.user_id),
    (SELECT fold(name) FROM usergroups WHERE id = NEW.usergroup_id)) WHERE id = NEW.id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER usergroups_renamed AFTER UPDATE OF name ON usergroups WHEN OLD.name IS NOT NEW.name BEGIN
  UPDATE memberships SET sort_name = fold(NEW.name) WHERE usergroup_id = NEW.id;
END;
-- +goose StatementEnd
