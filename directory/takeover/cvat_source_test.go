package takeover_test

import (
	"bytes"
	"compress/gzip"
	"database/sql"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"roster/config"
	"roster/directory/takeover"
	"roster/test/cvatfixture"
	"roster/test/dbtest"
	"roster/test/servertest"
)

// annotation is a CVAT that a test fills, in the form of a dump.
type annotation struct {
	t    *testing.T
	kind string
	rows []cvatfixture.Row
	// db is the database, and dsn its address, where the kind is one.
	db  *sql.DB
	dsn string
	// last is what was opened last.
	last *takeover.Source
	// old says that the database is of version 2.15.
	old bool
}

// annotations are the forms in which a CVAT comes.
var annotations = []string{"dump", "natural dump", "zipped dump", "postgres"}

// annotated is the CVAT of testdata.
func annotated(t *testing.T, kind string) *annotation {
	t.Helper()
	text, err := os.ReadFile("testdata/cvat.json")
	if err != nil {
		t.Fatal(err)
	}
	a := &annotation{t: t, kind: kind}
	if err := json.Unmarshal(text, &a.rows); err != nil {
		t.Fatal(err)
	}
	return a
}

// eachAnnotation runs a test for every form of source, on every database.
func eachAnnotation(t *testing.T, test func(t *testing.T, s *servertest.Server, a *annotation)) {
	t.Parallel()
	for _, kind := range annotations {
		t.Run("from "+kind, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, db *config.Database) { test(t, fresh(t, db), annotated(t, kind)) })
		})
	}
}

// add adds a row.
func (a *annotation) add(model string, pk any, fields map[string]any) {
	a.rows = append(a.rows, cvatfixture.Row{Model: model, PK: pk, Fields: fields})
}

// row returns the fields of a row.
func (a *annotation) row(model string, pk float64) map[string]any {
	a.t.Helper()
	for _, r := range a.rows {
		if r.Model == model && r.PK == any(pk) {
			return r.Fields
		}
	}
	a.t.Fatalf("there is no %s %v", model, pk)
	return nil
}

// without leaves out the rows of some models, and some fields of all others.
func (a *annotation) without(models, fields []string) {
	var rows []cvatfixture.Row
	for _, r := range a.rows {
		skip := false
		for _, model := range models {
			skip = skip || r.Model == model
		}
		for _, field := range fields {
			delete(r.Fields, field)
		}
		if !skip {
			rows = append(rows, r)
		}
	}
	a.rows = rows
}

// open opens the source as it is now.
func (a *annotation) open() *takeover.Source {
	a.t.Helper()
	if a.last != nil {
		a.last.Close() // or the database could not be made anew
	}
	var err error
	if a.kind == "postgres" {
		a.fill()
		a.last, err = takeover.Open(a.t.Context(), a.dsn)
	} else {
		a.last, err = takeover.OpenDump(a.t.Context(), bytes.NewReader(a.dump()))
	}
	if err != nil {
		a.t.Fatal(err)
	}
	a.t.Cleanup(func() { a.last.Close() })
	return a.last
}

// dump writes the rows as the kind asks for.
func (a *annotation) dump() []byte {
	rows := a.rows
	if a.kind == "natural dump" {
		rows = a.natural()
	}
	text := cvatfixture.Dump(rows)
	if a.kind != "zipped dump" {
		return text
	}
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write(text)
	w.Close()
	return b.Bytes()
}

// natural replaces references to users and groups by their natural keys.
func (a *annotation) natural() []cvatfixture.Row {
	names := map[string]map[any]any{"auth.user": {}, "auth.group": {}}
	for _, r := range slices.Backward(a.rows) { // so that of two rows with one key the first one counts
		switch r.Model {
		case "auth.user":
			names[r.Model][r.PK] = r.Fields["username"]
		case "auth.group":
			names[r.Model][r.PK] = r.Fields["name"]
		}
	}
	keyOf := func(model string, pk any) any {
		number, isNumber := pk.(float64)
		if name, ok := names[model][number]; ok && isNumber {
			return []any{name}
		}
		return pk
	}
	rows := make([]cvatfixture.Row, len(a.rows))
	for i, r := range a.rows {
		fields := map[string]any{}
		for name, value := range r.Fields {
			fields[name] = value
			if name == "user" || name == "owner" {
				fields[name] = keyOf("auth.user", value)
			}
		}
		if list, ok := r.Fields["groups"].([]any); ok {
			groups := []any{}
			for _, group := range list {
				groups = append(groups, keyOf("auth.group", group))
			}
			fields["groups"] = groups
		}
		rows[i] = cvatfixture.Row{Model: r.Model, PK: r.PK, Fields: fields}
	}
	return rows
}

// annotationTables are the tables of CVAT that matter, by the model that each of them keeps. Those in brackets came
// after version 2.15.
var annotationTables = map[string]string{
	"auth.user": "auth_user (id bigint, password varchar(128), last_login timestamptz, is_superuser boolean, " +
		"username varchar(150), first_name varchar(150), last_name varchar(150), email varchar(254), is_staff boolean, " +
		"is_active boolean, date_joined timestamptz)",
	"auth.group":           "auth_group (id bigint, name varchar(150))",
	"":                     "auth_user_groups (id bigserial, user_id bigint, group_id bigint)",
	"account.emailaddress": `account_emailaddress (id bigint, email text, verified boolean, "primary" boolean, user_id bigint)`,
	"authtoken.token":      "authtoken_token (key text, created timestamptz, user_id bigint)",
	"organizations.organization": "organizations_organization (id bigint, slug varchar(16), name varchar(64), " +
		"description text, created_date timestamptz, updated_date timestamptz, contact jsonb, owner_id bigint)",
	"organizations.membership": "organizations_membership (id bigint, is_active boolean, joined_date timestamptz, " +
		"role varchar(16), organization_id bigint, user_id bigint)",
	"organizations.invitation": "organizations_invitation (key text, created_date timestamptz, [sent_date timestamptz, ]" +
		"membership_id bigint, owner_id bigint)",
	"access_tokens.accesstoken": "[access_tokens_accesstoken (prefix varchar(8), hashed_key varchar(150), " +
		"created timestamptz, name varchar(50), revoked boolean, expiry_date timestamptz, id bigint, " +
		"updated_date timestamptz, last_used_date timestamptz, read_only boolean, owner_id bigint)]",
}

// fill makes the database, and fills it with the rows.
func (a *annotation) fill() {
	a.t.Helper()
	if a.db == nil {
		a.dsn = dbtest.Postgres(a.t)
		var err error
		if a.db, err = sql.Open("pgx", a.dsn); err != nil {
			a.t.Fatal(err)
		}
		a.t.Cleanup(func() { a.db.Close() })
	}
	a.run("DROP SCHEMA public CASCADE")
	a.run("CREATE SCHEMA public")
	records := map[string][]map[string]any{}
	for _, r := range a.rows {
		record := map[string]any{"id": r.PK, "key": r.PK}
		for name, value := range r.Fields {
			record[name] = value
			record[name+"_id"] = value
		}
		records[r.Model] = append(records[r.Model], record)
		groups, _ := r.Fields["groups"].([]any)
		for i, group := range groups {
			records[""] = append(records[""], map[string]any{"id": i, "user_id": r.PK, "group_id": group})
		}
	}
	for model, table := range annotationTables {
		later := strings.NewReplacer("[", "", "]", "")
		if head, rest, has := strings.Cut(table, "["); a.old && has {
			_, end, _ := strings.Cut(rest, "]")
			table = head + end
		}
		table = later.Replace(table)
		if table == "" {
			continue
		}
		a.run("CREATE TABLE " + table)
		name, _, _ := strings.Cut(table, " ")
		text, err := json.Marshal(records[model])
		if err != nil {
			a.t.Fatal(err)
		}
		if records[model] != nil {
			a.run("INSERT INTO "+name+" SELECT * FROM json_populate_recordset(NULL::"+name+", $1::text::json)", string(text))
		}
	}
}

func (a *annotation) run(statement string, args ...any) {
	a.t.Helper()
	if _, err := a.db.Exec(statement, args...); err != nil {
		a.t.Fatalf("%s: %v", statement, err)
	}
}
