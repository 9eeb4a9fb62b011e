-- +goose Up
-- SQLite has one writer at a time, so nobody queues for a row, and every request reads all slots: one for each noun does.
UPDATE tallies SET
  epoch = (SELECT SUM(t.epoch) FROM tallies t WHERE t.name = tallies.name),
  total = (SELECT SUM(t.total) FROM tallies t WHERE t.name = tallies.name)
WHERE slot = 0;
DELETE FROM tallies WHERE slot <> 0;
