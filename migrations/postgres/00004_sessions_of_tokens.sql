-- +goose Up
-- A session that a personal access token opened ends with it. Of those that are open nobody knows what opened them.
DELETE FROM sessions;
ALTER TABLE sessions ADD COLUMN token_id BIGINT REFERENCES personal_access_tokens (id) ON DELETE CASCADE;
CREATE INDEX sessions_token ON sessions (token_id);
