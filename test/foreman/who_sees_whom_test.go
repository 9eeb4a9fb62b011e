package foreman

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roster/config"
)

// tenantsGuide has the table that the test below works out.
const tenantsGuide = "../../docs/concepts/tenants.md"

// A viewer is a row of the table: where the person is, and how the role with view_users comes to hold.
type viewer struct {
	person, role string
	in           []string
	// limited are the organizations of the role, heldIn the one of the membership that has it. Without either the role
	// is held everywhere.
	limited, heldIn, context string
	admin                    bool
}

var viewers = []viewer{
	{person: "Stadtwerke", in: []string{"Stadtwerke"}, role: "held everywhere"},
	{person: "Netze", in: []string{"Netze"}, role: "held everywhere"},
	{person: "Netze and Wasser", in: []string{"Netze", "Wasser"}, role: "held everywhere"},
	{person: "no organization", role: "held everywhere"},
	{person: "Stadtwerke", in: []string{"Stadtwerke"}, role: "limited to Stadtwerke", limited: "Stadtwerke"},
	{person: "Stadtwerke", in: []string{"Stadtwerke"}, role: "limited to Netze", limited: "Netze"},
	{person: "Netze", in: []string{"Netze"}, role: "limited to Stadtwerke", limited: "Stadtwerke"},
	{person: "Netze", in: []string{"Netze"}, role: "limited to Netze", limited: "Netze"},
	{person: "Stadtwerke and Netze", in: []string{"Stadtwerke", "Netze"}, role: "limited to Netze", limited: "Netze"},
	{person: "Stadtwerke", in: []string{"Stadtwerke"}, role: "held in Stadtwerke", heldIn: "Stadtwerke"},
	{person: "Netze", in: []string{"Netze"}, role: "held in Netze", heldIn: "Netze"},
	{person: "Stadtwerke and Netze", in: []string{"Stadtwerke", "Netze"}, role: "held in Netze", heldIn: "Netze"},
	{person: "Stadtwerke", in: []string{"Stadtwerke"}, role: "held everywhere, works in Netze", context: "Netze"},
	{person: "Netze", in: []string{"Netze"}, role: "held everywhere, works in Stadtwerke", context: "Stadtwerke"},
	{person: "any place", role: "administrator", admin: true},
}

// seen are the columns of the table: one person in each place.
var seen = []struct{ login, in string }{
	{"otto", "Stadtwerke"}, {"netti", "Netze"}, {"willi", "Wasser"}, {"nina", ""},
}

// The guide's table of who sees whom is what the server does.
func TestTenants_WhoSeesWhom(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		table := whoSeesWhom(s)
		text, err := os.ReadFile(tenantsGuide)
		if err != nil {
			t.Fatal(err)
		}
		header, _, _ := strings.Cut(table, "\n")
		before, rest, found := strings.Cut(string(text), header)
		_, after, ends := strings.Cut(rest, "\n\n")
		if !found || !ends {
			t.Fatalf("%s has no table that begins with %s", tenantsGuide, header)
		}
		if os.Getenv("ROSTER_UPDATE") != "" && s.DB.Dialect == config.SQLite {
			if err := os.WriteFile(tenantsGuide, []byte(before+table+"\n"+after), 0o644); err != nil {
				t.Fatal(err)
			}
			return
		}
		if diff := cmp.Diff(header+strings.TrimSuffix(rest, after), table+"\n"); diff != "" {
			t.Errorf("the guide (-), the server (+); ROSTER_UPDATE=1 writes it:\n%s", diff)
		}
	})
}

func whoSeesWhom(s *server) string {
	place := object{"location_ids": []int64{s.Location("Place")}}
	ids := map[string]int64{"Stadtwerke": s.Organization("Stadtwerke")}
	ids["Netze"] = s.Organization("Netze", ids["Stadtwerke"])
	ids["Wasser"] = s.Organization("Wasser", ids["Stadtwerke"])
	organizations := func(names ...string) object {
		list := []int64{}
		for _, name := range names {
			if name != "" {
				list = append(list, ids[name])
			}
		}
		return object{"organization_ids": list}
	}
	for _, p := range seen {
		s.User(p.login, place, organizations(p.in))
	}
	table := "| the person is in | the role is | sees Stadtwerke | sees Netze | sees Wasser | " +
		"sees no organization |\n|---|---|---|---|---|---|\n"
	for i, v := range viewers {
		role := s.NewRole(fmt.Sprint("role ", i), "view_users", "view_organizations")
		attributes := []object{place, organizations(v.in...), {"admin": v.admin}}
		if v.limited != "" {
			s.Admin().Put(fmt.Sprint("/api/roles/", role), object{"role": organizations(v.limited)}).Expect(200)
		}
		if v.heldIn == "" {
			attributes = append(attributes, object{"role_ids": []int64{role}})
		}
		account := s.User(fmt.Sprint("viewer", i), attributes...)
		if v.heldIn != "" {
			s.Admin().Put(memberPath(ids[v.heldIn], account.ID), holdingRoles(role)).Expect(200)
		}
		path := "/api/users?per_page=all&search=" + "login+!~+viewer"
		if v.context != "" {
			path += fmt.Sprint("&organization_id=", ids[v.context])
		}
		answer := s.By(account).Get(path)
		table += fmt.Sprintf("| %s | %s |", v.person, v.role)
		for _, p := range seen {
			table += " " + reach(answer, p.login) + " |"
		}
		table += "\n"
	}
	return table
}

// reach is a cell of the table.
func reach(a *answer, login string) string {
	if a.Status == 404 {
		return "refused"
	}
	if slices.Contains(a.Expect(200).Column("login"), any(login)) {
		return "yes"
	}
	return "no"
}
