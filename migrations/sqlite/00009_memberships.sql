-- +goose Up
-- A membership ties a user or a group to a tenant, with the roles that are held there. It takes the place of the plain
-- assignment, which is a membership without roles.
CREATE TABLE memberships (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id      BIGINT REFERENCES users (id) ON DELETE CASCADE,
  usergroup_id BIGINT REFERENCES usergroups (id) ON DELETE CASCADE,
  taxonomy_id  BIGINT NOT NULL REFERENCES taxonomies (id) ON DELETE CASCADE,
  state        TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'invited', 'suspended')),
  source       TEXT NOT NULL DEFAULT 'manual' CHECK (source IN ('manual', 'ldap', 'scim', 'invitation')),
  joined_at    DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now') || '+00:00'),
  -- That of the user: lists of a tenant's people are read in its order.
  sort_name    TEXT,
  CHECK ((user_id IS NULL) <> (usergroup_id IS NULL))
);
INSERT INTO memberships (user_id, taxonomy_id, joined_at, sort_name)
  SELECT l.user_id, l.taxonomy_id, u.created_at, u.sort_name FROM user_taxonomies l JOIN users u ON u.id = l.user_id
  ORDER BY l.user_id, l.taxonomy_id;
DROP TABLE user_taxonomies;
CREATE UNIQUE INDEX memberships_user ON memberships (user_id, taxonomy_id);
CREATE UNIQUE INDEX memberships_usergroup ON memberships (usergroup_id, taxonomy_id) WHERE usergroup_id IS NOT NULL;
CREATE INDEX memberships_taxonomy ON memberships (taxonomy_id, sort_name, user_id);

CREATE TABLE membership_roles (
  membership_id BIGINT NOT NULL REFERENCES memberships (id) ON DELETE CASCADE,
  role_id       BIGINT NOT NULL REFERENCES roles (id) ON DELETE CASCADE,
  PRIMARY KEY (membership_id, role_id)
);
CREATE INDEX membership_roles_role ON membership_roles (role_id, membership_id);

-- The copy of the name follows the original. Whoever writes many rows brings it along.
-- +goose StatementBegin
CREATE TRIGGER memberships_named AFTER INSERT ON memberships WHEN NEW.sort_name IS NULL BEGIN
  UPDATE memberships SET sort_name = (SELECT sort_name FROM users WHERE id = NEW.user_id) WHERE id = NEW.id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER users_renamed AFTER UPDATE OF firstname ON users WHEN OLD.firstname IS NOT NEW.firstname BEGIN
  UPDATE memberships SET sort_name = NEW.sort_name WHERE user_id = NEW.id;
END;
-- +goose StatementEnd

-- What changed in a tenant: epoch counts every change of its people, moves those of who they are. SQLite has one writer and
-- one slot.
CREATE TABLE tenant_revisions (
  taxonomy_id BIGINT NOT NULL REFERENCES taxonomies (id) ON DELETE CASCADE,
  slot        BIGINT NOT NULL,
  epoch       BIGINT NOT NULL DEFAULT 0,
  moves       BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (taxonomy_id, slot)
);
