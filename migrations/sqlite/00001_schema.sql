-- +goose Up
-- The whole schema of the directory. Rules that a row must obey whatever code writes it stand here as constraints;
-- SQLite cannot add a constraint later, so both dialects carry them from the first migration.

CREATE TABLE auth_sources (
  id                INTEGER PRIMARY KEY AUTOINCREMENT,
  type              TEXT NOT NULL CHECK (type IN ('AuthSourceInternal', 'AuthSourceHidden', 'AuthSourceExternal', 'AuthSourceLdap')),
  name              TEXT NOT NULL,
  host              TEXT,
  port              INTEGER,
  account           TEXT,
  account_password  TEXT,
  base_dn           TEXT,
  attr_login        TEXT,
  attr_firstname    TEXT,
  attr_lastname     TEXT,
  attr_mail         TEXT,
  attr_photo        TEXT,
  onthefly_register BOOLEAN NOT NULL DEFAULT FALSE,
  tls               BOOLEAN NOT NULL DEFAULT FALSE,
  ldap_filter       TEXT,
  server_type       TEXT,
  groups_base       TEXT,
  usergroup_sync    BOOLEAN NOT NULL DEFAULT TRUE,
  use_netgroups     BOOLEAN NOT NULL DEFAULT FALSE,
  created_at        DATETIME NOT NULL,
  updated_at        DATETIME NOT NULL,
  CHECK (type <> 'AuthSourceLdap' OR host IS NOT NULL)
);
CREATE UNIQUE INDEX auth_sources_name ON auth_sources (name);

-- Locations and organizations. ancestry holds the ids from the root to the parent, joined by "/".
CREATE TABLE taxonomies (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  type         TEXT NOT NULL CHECK (type IN ('Location', 'Organization')),
  name         TEXT NOT NULL CHECK (name <> ''),
  lower_name   TEXT NOT NULL,
  parent_id    INTEGER REFERENCES taxonomies (id) ON DELETE RESTRICT,
  ancestry     TEXT,
  title        TEXT NOT NULL,
  description  TEXT,
  ignore_types TEXT NOT NULL DEFAULT '[]',
  created_at   DATETIME NOT NULL,
  updated_at   DATETIME NOT NULL,
  CHECK (parent_id <> id)
);
CREATE UNIQUE INDEX taxonomies_sibling_name ON taxonomies (type, COALESCE(parent_id, 0), lower_name);
CREATE INDEX taxonomies_title ON taxonomies (type, title, id);
CREATE INDEX taxonomies_parent ON taxonomies (parent_id);

-- Every (ancestor, descendant) pair of the trees, each node being its own ancestor, so that no query walks a tree.
CREATE TABLE taxonomy_closure (
  ancestor_id   INTEGER NOT NULL REFERENCES taxonomies (id) ON DELETE CASCADE,
  descendant_id INTEGER NOT NULL REFERENCES taxonomies (id) ON DELETE CASCADE,
  PRIMARY KEY (ancestor_id, descendant_id)
);
CREATE INDEX taxonomy_closure_descendant ON taxonomy_closure (descendant_id, ancestor_id);

CREATE TABLE locations_organizations (
  location_id     INTEGER NOT NULL REFERENCES taxonomies (id) ON DELETE CASCADE,
  organization_id INTEGER NOT NULL REFERENCES taxonomies (id) ON DELETE CASCADE,
  PRIMARY KEY (location_id, organization_id)
);
CREATE INDEX locations_organizations_organization ON locations_organizations (organization_id, location_id);

CREATE TABLE users (
  id                      INTEGER PRIMARY KEY AUTOINCREMENT,
  login                   TEXT NOT NULL CHECK (login <> ''),
  lower_login             TEXT NOT NULL,
  firstname               TEXT,
  lastname                TEXT,
  mail                    TEXT,
  description             TEXT,
  admin                   BOOLEAN NOT NULL DEFAULT FALSE,
  disabled                BOOLEAN DEFAULT FALSE,
  hidden                  BOOLEAN NOT NULL DEFAULT FALSE,
  mail_enabled            BOOLEAN DEFAULT FALSE,
  timezone                TEXT,
  locale                  TEXT,
  auth_source_id          INTEGER NOT NULL REFERENCES auth_sources (id) ON DELETE RESTRICT,
  default_location_id     INTEGER REFERENCES taxonomies (id) ON DELETE SET NULL,
  default_organization_id INTEGER REFERENCES taxonomies (id) ON DELETE SET NULL,
  password_hash           TEXT,
  last_login_on           DATETIME,
  created_at              DATETIME NOT NULL,
  updated_at              DATETIME NOT NULL
);
CREATE UNIQUE INDEX users_lower_login ON users (lower_login);
CREATE INDEX users_login ON users (login, id);
-- The default order puts rows without a first name last, which SQLite can only read off an index of that very expression.
CREATE INDEX users_firstname ON users ((firstname IS NULL), firstname, id);
CREATE INDEX users_firstname_plain ON users (firstname, id);
CREATE INDEX users_lastname ON users (lastname, id);
CREATE INDEX users_mail ON users (mail, id);
CREATE INDEX users_last_login_on ON users (last_login_on, id);
CREATE INDEX users_auth_source ON users (auth_source_id, id);
CREATE INDEX users_default_location ON users (default_location_id) WHERE default_location_id IS NOT NULL;
CREATE INDEX users_default_organization ON users (default_organization_id) WHERE default_organization_id IS NOT NULL;
CREATE INDEX users_admin ON users (id) WHERE admin;

CREATE TABLE roles (
  id             INTEGER PRIMARY KEY AUTOINCREMENT,
  name           TEXT NOT NULL CHECK (name <> ''),
  builtin        INTEGER NOT NULL DEFAULT 0 CHECK (builtin IN (0, 1, 2)),
  description    TEXT,
  origin         TEXT,
  cloned_from_id INTEGER REFERENCES roles (id) ON DELETE SET NULL
);
CREATE UNIQUE INDEX roles_name ON roles (name);
CREATE UNIQUE INDEX roles_builtin ON roles (builtin) WHERE builtin <> 0;
CREATE INDEX roles_cloned_from ON roles (cloned_from_id);

CREATE TABLE permissions (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  name          TEXT NOT NULL,
  resource_type TEXT,
  created_at    DATETIME NOT NULL,
  updated_at    DATETIME NOT NULL
);
CREATE UNIQUE INDEX permissions_name ON permissions (name);

CREATE TABLE filters (
  id              INTEGER PRIMARY KEY AUTOINCREMENT,
  role_id         INTEGER NOT NULL REFERENCES roles (id) ON DELETE CASCADE,
  search          TEXT,
  taxonomy_search TEXT,
  override        BOOLEAN NOT NULL DEFAULT FALSE,
  created_at      DATETIME NOT NULL,
  updated_at      DATETIME NOT NULL
);
CREATE INDEX filters_role ON filters (role_id, id);

CREATE TABLE filter_permissions (
  filter_id     INTEGER NOT NULL REFERENCES filters (id) ON DELETE CASCADE,
  permission_id INTEGER NOT NULL REFERENCES permissions (id) ON DELETE CASCADE,
  PRIMARY KEY (filter_id, permission_id)
);
CREATE INDEX filter_permissions_permission ON filter_permissions (permission_id, filter_id);

CREATE TABLE usergroups (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  name       TEXT NOT NULL CHECK (name <> ''),
  admin      BOOLEAN NOT NULL DEFAULT FALSE,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL
);
CREATE UNIQUE INDEX usergroups_name ON usergroups (name);

CREATE TABLE usergroup_users (
  usergroup_id INTEGER NOT NULL REFERENCES usergroups (id) ON DELETE CASCADE,
  user_id      INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  PRIMARY KEY (usergroup_id, user_id)
);
CREATE INDEX usergroup_users_user ON usergroup_users (user_id, usergroup_id);

-- member_id is a group that is a member of usergroup_id: its users inherit the roles and the admin flag of usergroup_id.
CREATE TABLE usergroup_usergroups (
  usergroup_id INTEGER NOT NULL REFERENCES usergroups (id) ON DELETE CASCADE,
  member_id    INTEGER NOT NULL REFERENCES usergroups (id) ON DELETE CASCADE,
  PRIMARY KEY (usergroup_id, member_id),
  CHECK (usergroup_id <> member_id)
);
CREATE INDEX usergroup_usergroups_member ON usergroup_usergroups (member_id, usergroup_id);

-- Every (containing group, contained group) pair, each group containing itself, so that inherited membership is one join.
CREATE TABLE usergroup_closure (
  ancestor_id   INTEGER NOT NULL REFERENCES usergroups (id) ON DELETE CASCADE,
  descendant_id INTEGER NOT NULL REFERENCES usergroups (id) ON DELETE CASCADE,
  PRIMARY KEY (ancestor_id, descendant_id)
);
CREATE INDEX usergroup_closure_descendant ON usergroup_closure (descendant_id, ancestor_id);

CREATE TABLE external_usergroups (
  id             INTEGER PRIMARY KEY AUTOINCREMENT,
  name           TEXT NOT NULL CHECK (name <> ''),
  auth_source_id INTEGER NOT NULL REFERENCES auth_sources (id) ON DELETE CASCADE,
  usergroup_id   INTEGER NOT NULL REFERENCES usergroups (id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX external_usergroups_name ON external_usergroups (auth_source_id, name);
CREATE INDEX external_usergroups_usergroup ON external_usergroups (usergroup_id, id);

CREATE TABLE user_roles (
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  role_id INTEGER NOT NULL REFERENCES roles (id) ON DELETE CASCADE,
  PRIMARY KEY (user_id, role_id)
);
CREATE INDEX user_roles_role ON user_roles (role_id, user_id);

CREATE TABLE usergroup_roles (
  usergroup_id INTEGER NOT NULL REFERENCES usergroups (id) ON DELETE CASCADE,
  role_id      INTEGER NOT NULL REFERENCES roles (id) ON DELETE CASCADE,
  PRIMARY KEY (usergroup_id, role_id)
);
CREATE INDEX usergroup_roles_role ON usergroup_roles (role_id, usergroup_id);

CREATE TABLE user_taxonomies (
  user_id     INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  taxonomy_id INTEGER NOT NULL REFERENCES taxonomies (id) ON DELETE CASCADE,
  PRIMARY KEY (user_id, taxonomy_id)
);
CREATE INDEX user_taxonomies_taxonomy ON user_taxonomies (taxonomy_id, user_id);

CREATE TABLE role_taxonomies (
  role_id     INTEGER NOT NULL REFERENCES roles (id) ON DELETE CASCADE,
  taxonomy_id INTEGER NOT NULL REFERENCES taxonomies (id) ON DELETE CASCADE,
  PRIMARY KEY (role_id, taxonomy_id)
);
CREATE INDEX role_taxonomies_taxonomy ON role_taxonomies (taxonomy_id, role_id);

CREATE TABLE filter_taxonomies (
  filter_id   INTEGER NOT NULL REFERENCES filters (id) ON DELETE CASCADE,
  taxonomy_id INTEGER NOT NULL REFERENCES taxonomies (id) ON DELETE CASCADE,
  PRIMARY KEY (filter_id, taxonomy_id)
);
CREATE INDEX filter_taxonomies_taxonomy ON filter_taxonomies (taxonomy_id, filter_id);

CREATE TABLE auth_source_taxonomies (
  auth_source_id INTEGER NOT NULL REFERENCES auth_sources (id) ON DELETE CASCADE,
  taxonomy_id    INTEGER NOT NULL REFERENCES taxonomies (id) ON DELETE CASCADE,
  PRIMARY KEY (auth_source_id, taxonomy_id)
);
CREATE INDEX auth_source_taxonomies_taxonomy ON auth_source_taxonomies (taxonomy_id, auth_source_id);

CREATE TABLE personal_access_tokens (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id      INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  name         TEXT NOT NULL CHECK (name <> ''),
  token_hash   TEXT NOT NULL,
  expires_at   DATETIME,
  last_used_at DATETIME,
  revoked      BOOLEAN NOT NULL DEFAULT FALSE,
  created_at   DATETIME NOT NULL,
  updated_at   DATETIME NOT NULL
);
CREATE UNIQUE INDEX personal_access_tokens_token_hash ON personal_access_tokens (token_hash);
CREATE UNIQUE INDEX personal_access_tokens_name ON personal_access_tokens (user_id, name);

CREATE TABLE ssh_keys (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id     INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  name        TEXT NOT NULL CHECK (name <> ''),
  key         TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  length      INTEGER NOT NULL,
  created_at  DATETIME NOT NULL,
  updated_at  DATETIME NOT NULL
);
CREATE UNIQUE INDEX ssh_keys_fingerprint ON ssh_keys (user_id, fingerprint);

CREATE TABLE mail_notifications (
  id                INTEGER PRIMARY KEY AUTOINCREMENT,
  name              TEXT NOT NULL,
  description       TEXT,
  subscription_type TEXT,
  subscriptable     BOOLEAN NOT NULL DEFAULT TRUE,
  queryable         BOOLEAN NOT NULL DEFAULT FALSE,
  default_interval  TEXT,
  created_at        DATETIME NOT NULL,
  updated_at        DATETIME NOT NULL
);
CREATE UNIQUE INDEX mail_notifications_name ON mail_notifications (name);

CREATE TABLE user_mail_notifications (
  id                   INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id              INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  mail_notification_id INTEGER NOT NULL REFERENCES mail_notifications (id) ON DELETE CASCADE,
  last_sent            DATETIME,
  interval             TEXT,
  mail_query           TEXT,
  created_at           DATETIME NOT NULL,
  updated_at           DATETIME NOT NULL
);
CREATE UNIQUE INDEX user_mail_notifications_pair ON user_mail_notifications (user_id, mail_notification_id);

CREATE TABLE table_preferences (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  name       TEXT NOT NULL CHECK (name <> ''),
  columns    TEXT NOT NULL DEFAULT '[]',
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL
);
CREATE UNIQUE INDEX table_preferences_name ON table_preferences (user_id, name);

-- Only values that differ from the catalogue in models have a row; value is JSON.
CREATE TABLE settings (
  name       TEXT NOT NULL PRIMARY KEY,
  value      TEXT NOT NULL,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL
);

CREATE TABLE bookmarks (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  name       TEXT NOT NULL CHECK (name <> ''),
  controller TEXT NOT NULL,
  query      TEXT NOT NULL,
  public     BOOLEAN NOT NULL DEFAULT FALSE,
  owner_id   INTEGER REFERENCES users (id) ON DELETE CASCADE,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL
);
CREATE UNIQUE INDEX bookmarks_name ON bookmarks (controller, name, COALESCE(owner_id, 0));
CREATE INDEX bookmarks_owner ON bookmarks (owner_id);

-- The trail outlives what it tells of: no foreign keys to users or records.
CREATE TABLE audits (
  id              INTEGER PRIMARY KEY AUTOINCREMENT,
  auditable_id    INTEGER NOT NULL,
  auditable_type  TEXT NOT NULL,
  auditable_name  TEXT,
  associated_id   INTEGER,
  associated_type TEXT,
  associated_name TEXT,
  user_id         INTEGER,
  username        TEXT,
  action          TEXT NOT NULL CHECK (action IN ('create', 'update', 'destroy')),
  audited_changes TEXT NOT NULL DEFAULT '{}',
  version         INTEGER NOT NULL,
  comment         TEXT,
  remote_address  TEXT,
  request_uuid    TEXT,
  created_at      DATETIME NOT NULL
);
CREATE UNIQUE INDEX audits_version ON audits (auditable_type, auditable_id, version);
CREATE INDEX audits_created_at ON audits (created_at, id);
CREATE INDEX audits_user ON audits (user_id, id);

CREATE TABLE audit_taxonomies (
  audit_id    INTEGER NOT NULL REFERENCES audits (id) ON DELETE CASCADE,
  taxonomy_id INTEGER NOT NULL REFERENCES taxonomies (id) ON DELETE CASCADE,
  PRIMARY KEY (audit_id, taxonomy_id)
);
CREATE INDEX audit_taxonomies_taxonomy ON audit_taxonomies (taxonomy_id, audit_id);

-- token_hash is the SHA-256 of the cookie's value: a copy of this table opens no session.
CREATE TABLE sessions (
  token_hash TEXT NOT NULL PRIMARY KEY,
  user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  api        BOOLEAN NOT NULL DEFAULT TRUE,
  csrf_token TEXT,
  created_at DATETIME NOT NULL,
  expires_at DATETIME NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_expires_at ON sessions (expires_at);

-- Failed logins by client address, shared by all servers.
CREATE TABLE login_failures (
  address    TEXT NOT NULL PRIMARY KEY,
  failures   INTEGER NOT NULL,
  expires_at DATETIME NOT NULL
);

-- One tally a noun, spread over slots so that writers do not queue for one row. The sum of epoch changes with every
-- committed write; the sum of total is the number of visible rows, without counting them.
CREATE TABLE tallies (
  name  TEXT NOT NULL,
  slot  INTEGER NOT NULL,
  epoch INTEGER NOT NULL DEFAULT 0,
  total INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (name, slot)
);

WITH RECURSIVE slots (slot) AS (SELECT 0 UNION ALL SELECT slot + 1 FROM slots WHERE slot < 15)
INSERT INTO tallies (name, slot)
SELECT nouns.name, slots.slot FROM slots, (SELECT 'users' AS name UNION ALL SELECT 'refs' AS name) nouns;
