// Package cvatfixture turns the fixtures of recorded vectors of CVAT into what CVAT's own `manage.py dumpdata` would
// write of them, so that tests bring them in as an operator brings in a real CVAT. Only tests import it.
package cvatfixture

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Variable names the directory with the file of vectors.
const Variable = "ROSTER_CVAT_VECTORS"

// File is the name of the file of vectors in that directory.
const File = "cvat-vectors.json"

// Vectors are the fixtures of a file of vectors.
type Vectors struct {
	Fixtures struct {
		F1 F1 `json:"F1"`
		F2 F2 `json:"F2"`
	} `json:"fixtures"`
}

// F1 is the state of most vectors: 21 users and two organizations. Everybody has the same password.
type F1 struct {
	Password          string   `json:"PW"`
	UserColumns       []string `json:"users_columns"`
	Users             [][]any  `json:"users"`
	OrgColumns        []string `json:"orgs_columns"`
	Orgs              [][]any  `json:"orgs"`
	MembershipColumns []string `json:"memberships_columns"`
	Memberships       [][]any  `json:"memberships"`
	InvitationColumns []string `json:"invitations_columns"`
	Invitations       [][]any  `json:"invitations"`
}

// F2 is the state of CVAT's unit tests: users by the group of each. The password of each is the name.
type F2 struct {
	Users map[string]string `json:"users"`
}

// Read reads the fixtures from the file of vectors in a directory.
func Read(dir string) (*Vectors, error) {
	text, err := os.ReadFile(filepath.Join(dir, File))
	if err != nil {
		return nil, err
	}
	v := &Vectors{}
	return v, json.Unmarshal(text, v)
}

// Row is one object of a dump.
type Row struct {
	Model  string         `json:"model"`
	PK     any            `json:"pk"`
	Fields map[string]any `json:"fields"`
}

// Dump writes rows as a dump.
func Dump(rows []Row) []byte {
	text, err := json.Marshal(rows)
	if err != nil {
		panic(err) // of rows that no caller makes
	}
	return text
}

// rounds are so few that tests lose no time on passwords.
const rounds = 20

// PasswordHash hashes a password as Django does by default, with few rounds.
func PasswordHash(password, salt string) string {
	sum, err := pbkdf2.Key(sha256.New, password, []byte(salt), rounds, sha256.Size)
	if err != nil {
		panic(err) // of sizes that are constant here
	}
	return fmt.Sprintf("pbkdf2_sha256$%d$%s$%s", rounds, salt, base64.StdEncoding.EncodeToString(sum))
}

// groups are the system groups of version 2.15, which has one more than later ones.
var groups = []string{"admin", "business", "user", "worker"}

func groupRows(names []string) []Row {
	rows := make([]Row, len(names))
	for i, name := range names {
		rows[i] = Row{"auth.group", i + 1, map[string]any{"name": name, "permissions": []any{}}}
	}
	return rows
}

// named are the values of a row by its columns.
func named(columns []string, values []any) map[string]any {
	row := map[string]any{}
	for i, column := range columns {
		row[column] = values[i]
	}
	return row
}

// Dump returns the fixture as a dump, with natural keys of groups and users.
func (f *F1) Dump() []byte {
	rows := groupRows(groups)
	hash := PasswordHash(f.Password, "abcdefghijklmnopqrstuv")
	names := map[any]string{}
	for _, values := range f.Users {
		x := named(f.UserColumns, values)
		names[x["id"]] = fmt.Sprint(x["username"])
		x["password"] = hash
		rows = append(rows, userRow(x))
	}
	for _, values := range f.Orgs {
		x := named(f.OrgColumns, values)
		rows = append(rows, Row{"organizations.organization", x["id"], map[string]any{
			"slug": x["slug"], "name": x["name"], "description": "", "created_date": x["created_date"],
			"updated_date": x["created_date"], "contact": x["contact"], "owner": []any{names[x["owner_id"]]},
		}})
	}
	members := map[[2]any]any{}
	for _, values := range f.Memberships {
		x := named(f.MembershipColumns, values)
		members[[2]any{x["org"], x["user"]}] = x["id"]
		rows = append(rows, Row{"organizations.membership", x["id"], map[string]any{
			"user": []any{names[x["user"]]}, "organization": x["org"], "is_active": x["is_active"],
			"joined_date": x["joined_date"], "role": x["role"],
		}})
	}
	for _, values := range f.Invitations {
		x := named(f.InvitationColumns, values)
		key := sha256.Sum256([]byte(fmt.Sprint("invitation of ", x["user"], " into ", x["org"])))
		var sent any
		if x["expired"] != nil {
			sent = x["created_date"]
		}
		rows = append(rows, Row{"organizations.invitation", hex.EncodeToString(key[:]), map[string]any{
			"created_date": x["created_date"], "sent_date": sent, "owner": []any{names[x["owner_id"]]},
			"membership": members[[2]any{x["org"], x["user"]}],
		}})
	}
	return Dump(rows)
}

// userRow is an account from its columns.
func userRow(x map[string]any) Row {
	in := []any{}
	if list, ok := x["groups"].([]any); ok {
		for _, group := range list {
			in = append(in, []any{group})
		}
	}
	return Row{"auth.user", x["id"], map[string]any{
		"password": x["password"], "last_login": nil, "is_superuser": x["is_superuser"], "username": x["username"],
		"first_name": x["first_name"], "last_name": x["last_name"], "email": x["email"], "is_staff": x["is_staff"],
		"is_active": x["is_active"], "date_joined": x["date_joined"], "groups": in, "user_permissions": []any{},
	}}
}

// Dump returns the fixture as a dump. Everybody but superusers is in the group user, too, as CVAT does it.
func (f *F2) Dump() []byte {
	rows := groupRows([]string{"admin", "business", "user", "worker", "annotator", "somebody"})
	for i, name := range slices.Sorted(maps.Keys(f.Users)) {
		admin := f.Users[name] == "admin"
		in := []any{f.Users[name]}
		if !admin && f.Users[name] != "user" {
			in = append(in, "user")
		}
		rows = append(rows, userRow(map[string]any{
			"id": i + 1, "username": name, "password": PasswordHash(name, "vutsrqponmlkjihgfedcba"),
			"is_superuser": admin, "is_staff": admin, "is_active": true, "first_name": "", "last_name": "", "email": "",
			"date_joined": "2024-01-01T00:00:00Z", "groups": in,
		}))
	}
	return Dump(rows)
}

// Lines returns some columns of rows, each row in one text.
func (f *F1) Lines(rows [][]any, columns ...int) []string {
	lines := make([]string, len(rows))
	for i, row := range rows {
		texts := make([]string, len(columns))
		for place, column := range columns {
			texts[place] = fmt.Sprint(row[column])
		}
		lines[i] = strings.Join(texts, " ")
	}
	return lines
}
