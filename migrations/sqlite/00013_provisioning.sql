-- +goose Up
-- Tokens by which the identity provider of an organization keeps its people up to date. Only the hash is kept.
CREATE TABLE scim_tokens (
  id              INTEGER PRIMARY KEY AUTOINCREMENT,
  organization_id INTEGER NOT NULL REFERENCES taxonomies (id) ON DELETE CASCADE,
  name            TEXT NOT NULL CHECK (name <> ''),
  token_hash      TEXT NOT NULL,
  read_only       BOOLEAN NOT NULL DEFAULT FALSE,
  networks        TEXT NOT NULL DEFAULT '[]',
  expires_at      DATETIME,
  revoked         BOOLEAN NOT NULL DEFAULT FALSE,
  last_used_at    DATETIME,
  last_address    TEXT,
  created_by      INTEGER REFERENCES users (id) ON DELETE SET NULL,
  created_at      DATETIME NOT NULL,
  updated_at      DATETIME NOT NULL
);
CREATE UNIQUE INDEX scim_tokens_hash ON scim_tokens (token_hash);
CREATE INDEX scim_tokens_organization ON scim_tokens (organization_id, id);

-- What an organization's identity provider knows of a resource here: how it is called there, and what is kept for it.
-- Nothing of one organization shows in another.
CREATE TABLE scim_links (
  id              INTEGER PRIMARY KEY AUTOINCREMENT,
  organization_id INTEGER NOT NULL REFERENCES taxonomies (id) ON DELETE CASCADE,
  resource_type   TEXT NOT NULL,
  uuid            TEXT NOT NULL,
  user_id         INTEGER REFERENCES users (id) ON DELETE CASCADE,
  usergroup_id    INTEGER REFERENCES usergroups (id) ON DELETE CASCADE,
  external_id     TEXT,
  display_name    TEXT,
  extra           TEXT NOT NULL DEFAULT '{}',
  version         INTEGER NOT NULL DEFAULT 1,
  provisioned     BOOLEAN NOT NULL DEFAULT FALSE,
  suspended       BOOLEAN NOT NULL DEFAULT FALSE,
  suspended_at    DATETIME,
  locked          BOOLEAN NOT NULL DEFAULT FALSE,
  created_at      DATETIME NOT NULL,
  updated_at      DATETIME NOT NULL,
  deleted_at      DATETIME
);
CREATE UNIQUE INDEX scim_links_uuid ON scim_links (uuid);
CREATE UNIQUE INDEX scim_links_user ON scim_links (organization_id, user_id) WHERE user_id IS NOT NULL;
CREATE UNIQUE INDEX scim_links_usergroup ON scim_links (organization_id, usergroup_id) WHERE usergroup_id IS NOT NULL;
CREATE INDEX scim_links_of_user ON scim_links (user_id);
CREATE INDEX scim_links_of_usergroup ON scim_links (usergroup_id);
CREATE INDEX scim_links_type ON scim_links (organization_id, resource_type, id);
CREATE INDEX scim_links_external ON scim_links (organization_id, external_id) WHERE external_id IS NOT NULL;
CREATE UNIQUE INDEX scim_links_group_name ON scim_links (organization_id, fold(display_name))
  WHERE usergroup_id IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX scim_links_suspended ON scim_links (organization_id, suspended_at) WHERE suspended_at IS NOT NULL;
CREATE INDEX scim_links_deleted ON scim_links (deleted_at) WHERE deleted_at IS NOT NULL;
