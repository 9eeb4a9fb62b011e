package scopes_test

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"gorm.io/gorm"

	"roster/config"
	"roster/models"
	"roster/scopes"
	"roster/test/dbtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

type answer struct {
	IDs   []int64 `json:"ids"`
	Error string  `json:"error"`
	Fails bool    `json:"fails"` // an internal error of the original
}

type people struct {
	Now    time.Time `json:"now"`
	Tables map[string]struct {
		Rows []map[string]any `json:"rows"`
	} `json:"tables"`
	Cases []struct {
		Query      string            `json:"query"`
		Order      *string           `json:"order"`
		Ordered    bool              `json:"ordered"`
		ByDatabase map[string]answer `json:"by_database"`
		answer
	} `json:"cases"`
}

func read[T any](t *testing.T, path string) T {
	t.Helper()
	var v T
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, &v)
	}
	if err != nil {
		t.Fatal(path, ": ", err)
	}
	return v
}

// The users of the vectors, in the real tables, are found by the real definition as the vectors and the decisions say.
func TestUsers_Vectors(t *testing.T) {
	fixture := read[people](t, "search/testdata/match_foreman_user.json")
	decided := read[map[string]answer](t, "search/testdata/decided_foreman_user.json")
	dbtest.Each(t, func(t *testing.T, db *config.Database) {
		settle(t, db.Write, fixture)
		p := models.System()
		read := db.Search.Session(&gorm.Session{NowFunc: func() time.Time { return fixture.Now }})
		for _, c := range fixture.Cases {
			want, isDecided := decided[c.Query]
			if !isDecided {
				want = c.answer
			}
			if by, ok := c.ByDatabase[db.Dialect]; ok && !isDecided {
				want = by
			}
			order := "id"
			if c.Order != nil {
				order = *c.Order
			}
			// Without an order people come by first name on both databases alike, those without one last.
			if want.Fails || order == "" {
				continue
			}
			var got answer
			err := read.Model(&models.User{}).Scopes(scopes.Matching(p, scopes.Users, c.Query),
				scopes.Ordered(p, scopes.Users, order)).Pluck("users.id", &got.IDs).Error
			message, mistaken := scopes.Mistake(err)
			if got.Error = message; err != nil && !mistaken {
				t.Errorf("%s: %v", c.Query, err)
				continue
			}
			if !c.Ordered {
				slices.Sort(got.IDs)
			}
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s, order %s (-want +got):\n%s", c.Query, order, diff)
			}
		}
	})
}

// settle puts the rows of the fixture where the schema has them.
func settle(t *testing.T, db *gorm.DB, f people) {
	t.Helper()
	insert := func(table string, row map[string]any) {
		t.Helper()
		if err := db.Table(table).Create(maps.Clone(row)).Error; err != nil { // GORM writes into the map
			t.Fatalf("%s %v: %v", table, row, err)
		}
	}
	stamped := func(row map[string]any, more map[string]any) map[string]any {
		all := map[string]any{"created_at": f.Now, "updated_at": f.Now}
		maps.Copy(all, row)
		maps.Copy(all, more)
		return all
	}
	pair := func(row map[string]any, as, from, bs, to string) map[string]any {
		return map[string]any{as: row[from], bs: row[to]}
	}
	each := func(table string, use func(map[string]any)) {
		for _, row := range f.Tables[table].Rows {
			use(row)
		}
	}
	each("auth_sources",
		func(row map[string]any) { insert("auth_sources", stamped(row, map[string]any{"host": "ldap.example"})) })
	each("taxonomies", func(row map[string]any) {
		insert("taxonomies", stamped(row, map[string]any{"lower_name": row["name"]}))
	})
	each("roles", func(row map[string]any) { insert("roles", row) })
	each("users", func(row map[string]any) {
		at, err := time.Parse(time.DateTime, models.Deref(ptr(row["last_login_on"])))
		last := map[string]any{"lower_login": row["login"]}
		if err == nil {
			last["last_login_on"] = at.UTC()
		}
		insert("users", stamped(row, last))
	})
	each("usergroups", func(row map[string]any) {
		insert("usergroups", stamped(row, nil))
		insert("usergroup_closure", pair(row, "ancestor_id", "id", "descendant_id", "id"))
	})
	each("usergroup_members", func(row map[string]any) {
		if row["member_type"] == "User" {
			insert("usergroup_users", pair(row, "usergroup_id", "usergroup_id", "user_id", "member_id"))
		} else {
			insert("usergroup_closure", pair(row, "ancestor_id", "usergroup_id", "descendant_id", "member_id"))
		}
	})
	each("user_roles", func(row map[string]any) {
		if row["owner_type"] == "User" {
			insert("user_roles", pair(row, "user_id", "owner_id", "role_id", "role_id"))
		} else {
			insert("usergroup_roles", pair(row, "usergroup_id", "owner_id", "role_id", "role_id"))
		}
	})
	each("taxable_taxonomies", func(row map[string]any) {
		if row["taxable_type"] == "User" {
			insert("memberships", pair(row, "user_id", "taxable_id", "taxonomy_id", "taxonomy_id"))
		}
	})
}

func ptr(v any) *string {
	if text, ok := v.(string); ok {
		return &text
	}
	return nil
}
