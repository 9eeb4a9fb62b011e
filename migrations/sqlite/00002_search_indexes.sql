-- +goose Up
-- "~" finds candidates by the trigrams of their folded texts, and compares those. The index keeps no texts and no
-- positions: a candidate has all trigrams of the pattern, somewhere.
CREATE VIRTUAL TABLE users_trigrams USING fts5 (
  login, firstname, lastname, mail, description, tokenize = 'trigram', detail = 'column', content = '', contentless_delete = 1
);
INSERT INTO users_trigrams (rowid, login, firstname, lastname, mail, description)
  SELECT id, fold(login), fold(firstname), fold(lastname), fold(mail), fold(description) FROM users;

-- +goose StatementBegin
CREATE TRIGGER users_trigrams_insert AFTER INSERT ON users BEGIN
  INSERT INTO users_trigrams (rowid, login, firstname, lastname, mail, description)
    VALUES (NEW.id, fold(NEW.login), fold(NEW.firstname), fold(NEW.lastname), fold(NEW.mail), fold(NEW.description));
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER users_trigrams_delete AFTER DELETE ON users BEGIN
  DELETE FROM users_trigrams WHERE rowid = OLD.id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER users_trigrams_update AFTER UPDATE OF id, login, firstname, lastname, mail, description ON users
WHEN OLD.id <> NEW.id OR OLD.login IS NOT NEW.login OR OLD.firstname IS NOT NEW.firstname OR OLD.lastname IS NOT NEW.lastname
  OR OLD.mail IS NOT NEW.mail OR OLD.description IS NOT NEW.description BEGIN
  DELETE FROM users_trigrams WHERE rowid = OLD.id;
  INSERT INTO users_trigrams (rowid, login, firstname, lastname, mail, description)
    VALUES (NEW.id, fold(NEW.login), fold(NEW.firstname), fold(NEW.lastname), fold(NEW.mail), fold(NEW.description));
END;
-- +goose StatementEnd
