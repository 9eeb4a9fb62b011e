-- +goose Up
-- What other products know of an account: how it is reached, and what it has to do before it may go on.
ALTER TABLE users ADD COLUMN must_change_password BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE users ADD COLUMN password_changed_at DATETIME;
ALTER TABLE users ADD COLUMN mail_notification TEXT;
ALTER TABLE users ADD COLUMN hide_mail BOOLEAN;
ALTER TABLE users ADD COLUMN second_factor TEXT;

-- Mail addresses beyond the first, which is users.mail.
CREATE TABLE user_mails (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id       INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  address       TEXT NOT NULL CHECK (address <> ''),
  lower_address TEXT NOT NULL,
  notify        BOOLEAN NOT NULL DEFAULT TRUE,
  created_at    DATETIME NOT NULL,
  updated_at    DATETIME NOT NULL
);
CREATE UNIQUE INDEX user_mails_user ON user_mails (user_id, lower_address);
CREATE INDEX user_mails_address ON user_mails (lower_address, user_id);

-- The key by which a user's programs get in. It is found by its hash, and shown from what is sealed.
CREATE TABLE api_keys (
  user_id    INTEGER PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
  key_hash   TEXT NOT NULL,
  sealed     TEXT NOT NULL,
  created_at DATETIME NOT NULL,
  used_at    DATETIME
);
CREATE UNIQUE INDEX api_keys_hash ON api_keys (key_hash);

-- Fields that an installation adds to its users or groups.
CREATE TABLE custom_fields (
  id              INTEGER PRIMARY KEY AUTOINCREMENT,
  subject         TEXT NOT NULL CHECK (subject IN ('user', 'usergroup')),
  name            TEXT NOT NULL CHECK (name <> ''),
  format          TEXT NOT NULL CHECK (format IN ('string', 'text', 'int', 'float', 'date', 'bool', 'list', 'link')),
  pattern         TEXT NOT NULL DEFAULT '',
  min_length      INTEGER,
  max_length      INTEGER,
  required        BOOLEAN NOT NULL DEFAULT FALSE,
  is_filter       BOOLEAN NOT NULL DEFAULT TRUE,
  searchable      BOOLEAN NOT NULL DEFAULT FALSE,
  multiple        BOOLEAN NOT NULL DEFAULT FALSE,
  default_value   TEXT,
  visible         BOOLEAN NOT NULL DEFAULT TRUE,
  editable        BOOLEAN NOT NULL DEFAULT TRUE,
  position        INTEGER NOT NULL,
  possible_values TEXT NOT NULL DEFAULT '[]',
  description     TEXT,
  created_at      DATETIME NOT NULL,
  updated_at      DATETIME NOT NULL
);
CREATE UNIQUE INDEX custom_fields_name ON custom_fields (subject, fold(name));
CREATE INDEX custom_fields_position ON custom_fields (position, id);

-- A field of several values has a row for each, numbered by place.
CREATE TABLE custom_values (
  custom_field_id INTEGER NOT NULL REFERENCES custom_fields (id) ON DELETE CASCADE,
  user_id         INTEGER REFERENCES users (id) ON DELETE CASCADE,
  usergroup_id    INTEGER REFERENCES usergroups (id) ON DELETE CASCADE,
  place           INTEGER NOT NULL DEFAULT 0,
  value           TEXT NOT NULL,
  CHECK ((user_id IS NULL) <> (usergroup_id IS NULL))
);
CREATE UNIQUE INDEX custom_values_user ON custom_values (user_id, custom_field_id, place);
CREATE UNIQUE INDEX custom_values_usergroup ON custom_values (usergroup_id, custom_field_id, place)
  WHERE usergroup_id IS NOT NULL;
CREATE INDEX custom_values_value ON custom_values (custom_field_id, value, user_id);

-- Mail on its way: written with the change that it tells of, sent by whichever server comes first. What it says is
-- sealed.
CREATE TABLE outgoing_mails (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id    INTEGER REFERENCES users (id) ON DELETE CASCADE,
  kind       TEXT NOT NULL,
  recipient  TEXT NOT NULL,
  sealed     TEXT NOT NULL,
  created_at DATETIME NOT NULL,
  due_at     DATETIME NOT NULL,
  attempts   INTEGER NOT NULL DEFAULT 0,
  failure    TEXT
);
CREATE INDEX outgoing_mails_due ON outgoing_mails (due_at, id);
CREATE INDEX outgoing_mails_user ON outgoing_mails (user_id);

-- Where roles stand in lists that people have put in order.
ALTER TABLE roles ADD COLUMN position INTEGER;

-- Which row of another product's database became which one here.
CREATE TABLE takeovers (
  source TEXT NOT NULL,
  noun   TEXT NOT NULL,
  old_id INTEGER NOT NULL,
  new_id INTEGER NOT NULL,
  PRIMARY KEY (source, noun, old_id)
);
