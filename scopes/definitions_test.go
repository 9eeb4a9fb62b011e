package scopes_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roster/config"
	"roster/models"
	"roster/scopes"
	"roster/scopes/search"
	"roster/test/dbtest"
)

// What may be searched (docs/spec/foreman.md, 16.1), a field a line: the type (T text, I integer, D time, B true or
// false, S named values, X text that code compares), "free" for what bare words look into, and "v", "-" or "n" for
// completion with values, with the name alone, and with nothing.
var documented = map[*scopes.Resource]string{
	scopes.Users: `id I n
login T free v
firstname T free v
lastname T free v
mail T free v
description T free -
admin B v
last_login_on D v
expires_at D v
disabled B v
must_change_password B v
role T free v
role_id I n
any_role T -
usergroup T free v
auth_source_type T free v
auth_source T free v`,
	scopes.Usergroups: `id I n
name T free v
role T free v
role_id I n`,
	scopes.Roles: `id I n
name T free v
builtin B v
description T free -
locked B v
permission T -`,
	scopes.Filters: `id I n
search T free -
override B v
limited B v
unlimited B v
role_id I n
role T free v
resource T free v
permission T free v`,
	scopes.Permissions: `id I n
name T free v
resource_type T free v`,
	scopes.Locations: `id I free n
description T -
title T free v
name T free -
location_id I n`,
	scopes.Organizations: `id I free n
description T -
title T free v
name T free -
organization_id I n`,
	scopes.AuthSources: "id I n\nname T free v",
	scopes.LdapSources: "id I n\nname T free v",
	scopes.Tokens:      "id I n\nname T free v\nuser_id I n",
	scopes.SSHKeys:     "id I n\nname T free v\nuser_id I n",
	scopes.MailNotifications: `id I n
name T free v
description T free -
user T free v`,
	scopes.Audits: `id I free n
request_uuid T -
username T free v
remote_address T free -
comment T free -
authored_by_user T v
authored_by_user.id I n
changes T free -
time D free v
action T free v
type S v
auditable_id I n
user T v
host T n
hostgroup T n
hostgroup_title T n
os T n
os_title T n
parameter T n
provisioning_template T n
partition_table T n
puppetclass T n
interface_fqdn T n
interface_ip T n
interface_mac T n
setting T v`,
}

const tenantsOf = "\nlocation T v\nlocation_id I n\norganization T v\norganization_id I n\n" +
	"location_title T n\norganization_title T n"

func TestDefinitions(t *testing.T) {
	for _, n := range []*scopes.Resource{scopes.Users, scopes.Filters, scopes.AuthSources, scopes.LdapSources,
		scopes.Audits} {
		documented[n] += tenantsOf
	}
	for n, want := range documented {
		var lines []string
		for _, f := range n.Search.Fields {
			lines = append(lines, describe(f))
		}
		if diff := cmp.Diff(want, strings.Join(lines, "\n")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", n.Class, diff)
		}
	}
}

func describe(f search.Field) string {
	kind := map[search.Type]string{search.Text: "T", search.LongText: "T", search.Integer: "I", search.Datetime: "D",
		search.Boolean: "B"}[f.Type]
	if len(f.Set) > 0 {
		if kind = "S"; f.Set[0].Value == true {
			kind = "B"
		}
	}
	free := ""
	if !f.Explicit && f.Set == nil {
		free = " free"
	}
	return fmt.Sprint(f.Name, " ", kind, free, " ", map[search.Completion]string{search.Values: "v",
		search.NameOnly: "-", search.Hidden: "n"}[f.Completion])
}

// Every field of every noun makes a statement that both databases take, with every operator, in both orders.
func TestDefinitions_Run(t *testing.T) {
	p := models.System()
	dbtest.Each(t, func(t *testing.T, db *config.Database) {
		for _, resource := range scopes.Names() {
			n := scopes.Named(resource)
			table := n.Table
			if n == scopes.Settings {
				table = "(SELECT 'a' AS name, 'b' AS description, 'c' AS full_name, 'd' AS category) settings"
			}
			rows := func(s scopes.Scope) error {
				var ones []int
				return db.Search.Table(table).Scopes(s).Select("1 AS one").Scan(&ones).Error
			}
			for _, f := range n.Search.Fields {
				for _, query := range queriesOf(f) {
					if err := rows(scopes.Matching(p, n, query)); err != nil {
						t.Errorf("%s: %s: %v", resource, query, err)
					}
				}
				for _, direction := range []string{"", " desc"} {
					order := scopes.Ordered(p, n, f.Name+direction)
					if n == scopes.Settings {
						order = scopes.OrderedByName(p, n, f.Name+direction)
					}
					if err := rows(order); (err == nil) != (f.Column != "") {
						t.Errorf("%s: order %s%s: %v", resource, f.Name, direction, err)
					}
				}
			}
		}
	})
}

// queriesOf are the comparisons that are not mistakes.
func queriesOf(f search.Field) []string {
	value := "x"
	ops := []string{"=", "!=", "~", "!~", "^", "!^", ">", "<="}
	switch {
	case f.Virtual != nil:
		value = "true"
	case len(f.Set) > 0:
		value = f.Set[0].Label
		ops = []string{"=", "!="}
	case f.Type == search.Integer:
		value = "7"
		ops = []string{"=", "!=", "^", "!^", ">", "<="}
	case f.Type == search.Datetime:
		value = "yesterday"
		ops = []string{"=", "!=", "^", "!^", ">", "<="}
	}
	var queries []string
	for _, op := range ops {
		queries = append(queries, f.Name+" "+op+" "+value, "not ("+f.Name+" "+op+" "+value+")",
			f.Name+" "+op+" "+value+" or other")
	}
	if f.Column != "" {
		queries = append(queries, "has "+f.Name, "null? "+f.Name, "not has "+f.Name)
	}
	return queries
}
