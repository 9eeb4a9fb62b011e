-- +goose Up
-- Indexes for searches.

-- Ascending orders of the search language put rows without a value first (spec of the search language, section 13). An
-- index that does so, too, is read for them in either direction, and serves comparisons as well as any other. The default
-- order of users wants rows without a first name last and keeps its own.
CREATE INDEX users_firstname_plain ON users (firstname NULLS FIRST, id);
DROP INDEX users_lastname;
CREATE INDEX users_lastname ON users (lastname NULLS FIRST, id);
DROP INDEX users_mail;
CREATE INDEX users_mail ON users (mail NULLS FIRST, id);
DROP INDEX users_last_login_on;
CREATE INDEX users_last_login_on ON users (last_login_on NULLS FIRST, id);

-- Counts that depend on nothing else of a user are made from this index.
CREATE INDEX users_state ON users (id) INCLUDE (disabled) WHERE NOT hidden;

-- "~" finds texts by their trigrams. Where the extension may not be created, such searches read the whole table, as they
-- do without it; whoever creates it later runs the CREATE INDEX below by hand.
-- +goose StatementBegin
DO $$
DECLARE
  home TEXT;
BEGIN
  BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
  EXCEPTION WHEN insufficient_privilege OR undefined_file OR feature_not_supported THEN
    RAISE WARNING 'searches for parts of texts are slow without the extension pg_trgm: %', SQLERRM;
  END;
  SELECT quote_ident(n.nspname) INTO home FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pg_trgm';
  IF home IS NOT NULL THEN
    EXECUTE format('CREATE INDEX users_trigrams ON users USING gin (login %1$s.gin_trgm_ops, firstname %1$s.gin_trgm_ops,'
      ' lastname %1$s.gin_trgm_ops, mail %1$s.gin_trgm_ops, description %1$s.gin_trgm_ops)', home);
  END IF;
END
$$;
-- +goose StatementEnd
