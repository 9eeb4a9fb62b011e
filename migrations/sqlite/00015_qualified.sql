-- +goose Up
-- What PostgreSQL changes does not exist here.
SELECT 1;
