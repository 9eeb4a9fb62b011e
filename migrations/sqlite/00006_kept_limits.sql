-- +goose Up
-- Which kinds of tenants a role or a filter is limited by. A limit stays when its tenants are deleted: it gives nothing
-- then, until somebody sets it anew.
ALTER TABLE filters ADD COLUMN locations_limited BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE filters ADD COLUMN organizations_limited BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE roles ADD COLUMN locations_limited BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE roles ADD COLUMN organizations_limited BOOLEAN NOT NULL DEFAULT FALSE;

-- The limit as a query remembers tenants that are gone.
UPDATE filters SET
  locations_limited = COALESCE(taxonomy_search LIKE '%(location_id ^%', FALSE),
  organizations_limited = COALESCE(taxonomy_search LIKE '%(organization_id ^%', FALSE);
UPDATE roles SET
  locations_limited = EXISTS (SELECT 1 FROM role_taxonomies l JOIN taxonomies t ON t.id = l.taxonomy_id WHERE l.role_id = roles.id AND t.type = 'Location')
    OR EXISTS (SELECT 1 FROM filters f WHERE f.role_id = roles.id AND NOT f.override AND f.locations_limited),
  organizations_limited = EXISTS (SELECT 1 FROM role_taxonomies l JOIN taxonomies t ON t.id = l.taxonomy_id WHERE l.role_id = roles.id AND t.type = 'Organization')
    OR EXISTS (SELECT 1 FROM filters f WHERE f.role_id = roles.id AND NOT f.override AND f.organizations_limited);
