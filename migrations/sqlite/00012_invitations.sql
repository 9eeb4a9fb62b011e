-- +goose Up
-- What people say about an organization of theirs, as a JSON object.
ALTER TABLE taxonomies ADD COLUMN contact TEXT;

-- Who was asked into an organization, and by whom. The membership waits until the answer; an invitation that was
-- accepted is kept.
CREATE TABLE invitations (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  key           TEXT NOT NULL CHECK (key <> ''),
  membership_id INTEGER NOT NULL REFERENCES memberships (id) ON DELETE CASCADE,
  owner_id      INTEGER REFERENCES users (id) ON DELETE SET NULL,
  created_at    DATETIME NOT NULL,
  sent_at       DATETIME
);
CREATE UNIQUE INDEX invitations_key ON invitations (key);
CREATE UNIQUE INDEX invitations_membership ON invitations (membership_id);
CREATE INDEX invitations_owner ON invitations (owner_id);
CREATE INDEX invitations_created ON invitations (created_at, id);

-- Personal access tokens that only read, and that end when nobody uses them for some days. Two tokens of a user may
-- have one name, where the dialect allows that.
ALTER TABLE personal_access_tokens ADD COLUMN read_only BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE personal_access_tokens ADD COLUMN idle_days INTEGER;
DROP INDEX personal_access_tokens_name;
CREATE INDEX personal_access_tokens_name ON personal_access_tokens (user_id, name);

-- Secrets that a server hands out and takes back, by their hash: of logins, and for a new password or a confirmed mail
-- address.
CREATE TABLE account_tokens (
  token_hash TEXT NOT NULL PRIMARY KEY,
  user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  purpose    TEXT NOT NULL CHECK (purpose IN ('login', 'password_reset', 'mail_confirmation')),
  created_at DATETIME NOT NULL,
  expires_at DATETIME
);
CREATE INDEX account_tokens_user ON account_tokens (user_id, purpose, created_at);
CREATE INDEX account_tokens_expiry ON account_tokens (expires_at) WHERE expires_at IS NOT NULL;
