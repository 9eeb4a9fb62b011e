-- +goose Up
-- When an account or a membership ends, and whether that has happened: expired and ended are set with the state that
-- the end brings about, so that moving the end undoes no other decision.
ALTER TABLE users ADD COLUMN expires_at TIMESTAMPTZ;
ALTER TABLE users ADD COLUMN expired BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE memberships ADD COLUMN expires_at TIMESTAMPTZ;
ALTER TABLE memberships ADD COLUMN ended BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX users_expires_at ON users (expires_at) WHERE expires_at IS NOT NULL;
-- What has not ended yet.
CREATE INDEX users_ending ON users (expires_at) WHERE expires_at IS NOT NULL AND NOT expired;
CREATE INDEX memberships_ending ON memberships (expires_at) WHERE expires_at IS NOT NULL AND NOT ended;
