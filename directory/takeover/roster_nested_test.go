package takeover_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"roster/config"
	"roster/directory/takeover"
	"roster/test/dbtest"
)

// A small file with a long chain of groups is refused, instead of making millions of rows out of it.
func TestRoster_NestedTooDeep(t *testing.T) {
	t.Parallel()
	const n = 2100
	s := directoryAt(t, dbtest.SQLite(t), 0)
	s.Clock.Advance(time.Second)
	acme := s.Organization("Acme")
	s.Execute(fmt.Sprintf("INSERT INTO usergroups (id, name, created_at, updated_at) WITH RECURSIVE c(x) AS (SELECT "+
		"1000 UNION ALL SELECT x + 1 FROM c WHERE x < %d) SELECT x, 'g' || x, NOW, NOW FROM c, (SELECT "+
		"'2024-05-06 07:08:09+00:00' AS NOW)", 999+n))
	s.Execute("INSERT INTO usergroup_usergroups (usergroup_id, member_id) SELECT id, id + 1 FROM usergroups WHERE " +
		"id >= 1000 AND id + 1 IN (SELECT id FROM usergroups)")
	s.Execute(fmt.Sprintf("INSERT INTO memberships (usergroup_id, taxonomy_id) SELECT id, %d FROM usergroups WHERE "+
		"id >= 1000", acme))
	there := asDatabase(t, written(t, s, "Acme"))
	dbtest.Each(t, func(t *testing.T, db *config.Database) {
		to := directoryAt(t, db, time.Hour)
		_, err := takeover.Roster(t.Context(), to.Dir, there, takeover.Options{})
		if !errors.Is(err, takeover.ErrInconsistent) {
			t.Errorf("got %v", err)
		}
	})
}
