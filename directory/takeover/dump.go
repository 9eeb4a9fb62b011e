package takeover

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// kind is how a field of a dump becomes a column.
type kind int

const (
	textField   kind = iota // also of dates
	numberField             // a number of its own
	flagField
	jsonField
	linkField // the number of another row, or the list with its natural key
)

// dumpField is a field of a model, and the column that Django keeps it in.
type dumpField struct {
	name, column string
	kind         kind
}

func texts(names ...string) []dumpField { return fieldsOf(textField, names) }

func flags(names ...string) []dumpField { return fieldsOf(flagField, names) }

func links(names ...string) []dumpField { return fieldsOf(linkField, names) }

func fieldsOf(k kind, names []string) []dumpField {
	list := make([]dumpField, len(names))
	for i, name := range names {
		list[i] = dumpField{name: name, column: name, kind: k}
		if k == linkField {
			list[i].column = name + "_id"
		}
	}
	return list
}

// dumpTable is a model of a dump, and the table that Django keeps it in.
type dumpTable struct {
	name string
	// key is the column of the primary key, a number or, where named says so, a text.
	key    string
	named  bool
	fields []dumpField
}

// dumpTables are the models that are read. All others are counted.
var dumpTables = map[string]dumpTable{
	"auth.user": {name: "auth_user", key: "id", fields: slices.Concat(
		texts("password", "last_login", "username", "first_name", "last_name", "email", "date_joined"),
		flags("is_superuser", "is_staff", "is_active"))},
	"auth.group": {name: "auth_group", key: "id", fields: texts("name")},
	"account.emailaddress": {name: "account_emailaddress", key: "id", fields: slices.Concat(
		texts("email"), flags("verified", "primary"), links("user"))},
	"authtoken.token": {name: "authtoken_token", key: "key", named: true, fields: slices.Concat(
		texts("created"), links("user"))},
	"organizations.organization": {name: "organizations_organization", key: "id", fields: slices.Concat(
		texts("slug", "name", "description", "created_date", "updated_date"), fieldsOf(jsonField, []string{"contact"}),
		links("owner"))},
	"organizations.membership": {name: "organizations_membership", key: "id", fields: slices.Concat(
		texts("joined_date", "role"), flags("is_active"), links("user", "organization"))},
	"organizations.invitation": {name: "organizations_invitation", key: "key", named: true, fields: slices.Concat(
		texts("created_date", "sent_date"), links("owner", "membership"))},
	"access_tokens.accesstoken": {name: "access_tokens_accesstoken", key: "id", fields: slices.Concat(
		texts("prefix", "hashed_key", "created", "name", "expiry_date", "updated_date", "last_used_date"),
		flags("revoked", "read_only"), links("owner"))},
}

// groupLinks ties users and groups. Django keeps it in a table, and dumps it as a list of each user.
const groupLinks = "auth_user_groups"

// Bounds of a dump: bytes that one row may have, models that are named, and rows that are named as they come twice.
const (
	maxRow     = 64 << 20
	maxModels  = 500
	maxStrange = 1000
)

// dumpReader brings the rows of a dump into the tables of a database.
type dumpReader struct {
	ctx     context.Context
	tx      *sql.Tx
	source  *Source
	inserts map[string]*sql.Stmt
	skipped map[string]int
}

// OpenDump reads what `manage.py dumpdata` of a Django has written, as JSON in the order of its own choice, compressed
// by gzip or not. It keeps the rows that it knows in a temporary database, which goes with the source, so that a dump
// of any size is read. The source is named by the oldest account, whatever the dump is called: a later dump of the same
// installation is the same source. The caller closes it.
func OpenDump(ctx context.Context, dump io.Reader) (*Source, error) {
	s := &Source{columns: map[string][]string{}, mended: map[string]bool{}}
	var err error
	if s.db, err = sql.Open("sqlite", ""); err != nil { // an empty name is a temporary file that nobody else sees
		return nil, err
	}
	s.db.SetMaxOpenConns(1)
	if err := s.load(ctx, dump); err != nil {
		if s.tx != nil {
			_ = s.tx.Rollback()
		}
		_ = s.db.Close()
		return nil, fmt.Errorf("read the dump: %w", err)
	}
	return s, nil
}

func (s *Source) load(ctx context.Context, dump io.Reader) error {
	if _, err := s.db.ExecContext(ctx, "PRAGMA journal_mode = OFF"); err != nil {
		return err
	}
	var err error
	// The transaction lives as long as the source, whatever becomes of the context of opening it.
	if s.tx, err = s.db.BeginTx(context.WithoutCancel(ctx), nil); err != nil {
		return err
	}
	r := &dumpReader{ctx: ctx, tx: s.tx, source: s, inserts: map[string]*sql.Stmt{}, skipped: map[string]int{}}
	for _, step := range []func() error{r.tables, func() error { return r.read(dump) }, r.resolve, r.name} {
		if err := step(); err != nil {
			return err
		}
	}
	for _, model := range slices.Sorted(maps.Keys(r.skipped)) {
		s.notes = append(s.notes, Note{Noun: "model", Name: model, Text: fmt.Sprintf("rows that mean nothing here: %d",
			r.skipped[model])})
	}
	return nil
}

// tables makes the tables, and readies the statements that fill them.
func (r *dumpReader) tables() error {
	for _, t := range dumpTables {
		names := []string{t.key}
		for _, f := range t.fields {
			names = append(names, f.column)
		}
		if err := r.table(t.name, names...); err != nil {
			return err
		}
		if _, err := r.tx.ExecContext(r.ctx, fmt.Sprintf("CREATE UNIQUE INDEX %s_key ON %s (%s)", t.name, t.name,
			t.key)); err != nil {
			return err
		}
	}
	return r.table(groupLinks, "user_id", "group_id")
}

func (r *dumpReader) table(name string, columns ...string) error {
	quoted := `"` + strings.Join(columns, `", "`) + `"`
	if _, err := r.tx.ExecContext(r.ctx, fmt.Sprintf("CREATE TABLE %s (%s)", name, quoted)); err != nil {
		return err
	}
	var err error
	r.inserts[name], err = r.tx.PrepareContext(r.ctx, fmt.Sprintf("INSERT OR IGNORE INTO %s (%s) VALUES (%s)", name,
		quoted, "?"+strings.Repeat(", ?", len(columns)-1)))
	return err
}

// dumpRow is one object of a dump.
type dumpRow struct {
	Model  string          `json:"model"`
	PK     json.RawMessage `json:"pk"`
	Fields json.RawMessage `json:"fields"`
}

// errNoList reports something that is no dump.
var errNoList = errors.New("it is no list of rows in JSON")

// read reads the rows one by one.
func (r *dumpReader) read(dump io.Reader) error {
	plain, err := unpacked(dump)
	if err != nil {
		return err
	}
	bounded := &boundedReader{r: plain, left: maxRow}
	decoder := json.NewDecoder(bounded)
	if begin, err := decoder.Token(); err != nil || begin != json.Delim('[') {
		return errors.Join(errNoList, err)
	}
	for n := 1; decoder.More(); n++ {
		if err := r.ctx.Err(); err != nil {
			return err
		}
		var row dumpRow
		if err := decoder.Decode(&row); err != nil {
			return fmt.Errorf("row %d: %w", n, whole(err))
		}
		if err := r.row(row); err != nil {
			return fmt.Errorf("row %d, %s: %w", n, printable(row.Model), err)
		}
		bounded.left = maxRow
	}
	if _, err := decoder.Token(); err != nil {
		return fmt.Errorf("it ends too early: %w", whole(err))
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is more behind its end")
	}
	return nil
}

// whole names the end of a dump that comes too early.
func whole(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// printable shortens a text of a dump for a message.
func printable(text string) string {
	const most = 80
	return strconv.Quote(text[:min(most, len(text))])
}

// unpacked returns the text of a dump, without what packed it and what marks its encoding.
func unpacked(dump io.Reader) (io.Reader, error) {
	buffered := bufio.NewReaderSize(dump, 1<<16)
	if head, _ := buffered.Peek(2); bytes.Equal(head, []byte{0x1f, 0x8b}) {
		zipped, err := gzip.NewReader(buffered)
		if err != nil {
			return nil, err
		}
		buffered = bufio.NewReaderSize(zipped, 1<<16)
	}
	if head, _ := buffered.Peek(3); string(head) == "\uFEFF" {
		_, _ = buffered.Discard(len(head))
	}
	return buffered, nil
}

// boundedReader fails when more is read than is left until somebody sets that anew.
type boundedReader struct {
	r    io.Reader
	left int
}

func (b *boundedReader) Read(p []byte) (int, error) {
	if b.left == 0 {
		return 0, fmt.Errorf("it has more than %d bytes", maxRow)
	}
	n, err := b.r.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

// row keeps a row of a known model, and counts any other.
func (r *dumpReader) row(row dumpRow) error {
	t, known := dumpTables[strings.ToLower(row.Model)]
	if !known {
		model := strings.Trim(printable(row.Model), `"`)
		if _, counted := r.skipped[model]; !counted && len(r.skipped) >= maxModels {
			model = "others"
		}
		r.skipped[model]++
		return nil
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(row.Fields, &fields); err != nil {
		return fmt.Errorf("its fields: %w", err)
	}
	if row.PK == nil && fields[t.key] == nil {
		return errors.New("it has no key: make the dump without --natural-primary")
	}
	key := value(numberField, row.PK)
	if t.named {
		key = value(textField, row.PK)
	}
	values := []any{key}
	for _, f := range t.fields {
		values = append(values, value(f.kind, fields[f.name]))
	}
	done, err := r.inserts[t.name].ExecContext(r.ctx, values...)
	if err != nil {
		return err
	}
	if n, _ := done.RowsAffected(); n == 0 {
		if len(r.source.notes) < maxStrange {
			id, _ := key.(int64)
			r.source.notes = append(r.source.notes, Note{Noun: row.Model, ID: id,
				Text: "is in the dump more than once: the first one counts"})
		}
		return nil
	}
	return r.groupsOf(t, key, fields["groups"])
}

// groupsOf keeps which groups a user is in.
func (r *dumpReader) groupsOf(t dumpTable, user any, groups json.RawMessage) error {
	var list []json.RawMessage
	if t.name != "auth_user" || json.Unmarshal(groups, &list) != nil {
		return nil
	}
	for _, group := range list {
		if _, err := r.inserts[groupLinks].ExecContext(r.ctx, user, value(linkField, group)); err != nil {
			return err
		}
	}
	return nil
}

// nowhere is the number of a row that is referred to, but is not there.
const nowhere = -1

// value returns a value for a column. What is not of the kind of the field is null, or no reference.
func value(k kind, raw json.RawMessage) any {
	if raw == nil || string(raw) == "null" {
		return nil
	}
	text := string(raw)
	isText := raw[0] == '"' && json.Unmarshal(raw, &text) == nil
	switch k {
	case numberField, linkField:
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return n
		}
		var natural []string
		if k == linkField && json.Unmarshal(raw, &natural) == nil && len(natural) == 1 {
			return natural[0]
		}
		if k == linkField {
			return nowhere
		}
		return nil
	case flagField:
		return slices.Contains([]string{"true", "True", "1"}, text)
	case jsonField:
		return string(raw) // as it is, also a text
	}
	if !isText && (raw[0] == '{' || raw[0] == '[') {
		return nil
	}
	return text
}

// resolve replaces the natural keys of references by numbers, and readies the reading in the order of users.
func (r *dumpReader) resolve() error {
	const byName = "UPDATE %s SET %s = COALESCE((SELECT t.id FROM %s t WHERE t.%s = %[1]s.%[2]s), %[5]d) " +
		"WHERE TYPEOF(%[2]s) = 'text'"
	statements := []string{
		"CREATE INDEX auth_user_name ON auth_user (username)", "CREATE INDEX auth_group_name ON auth_group (name)",
		fmt.Sprintf(byName, groupLinks, "group_id", "auth_group", "name", nowhere),
		"CREATE INDEX groups_of ON " + groupLinks + " (user_id, group_id)",
	}
	for _, t := range dumpTables {
		for _, f := range t.fields {
			if f.kind != linkField {
				continue
			}
			if f.name == "user" || f.name == "owner" {
				statements = append(statements, fmt.Sprintf(byName, t.name, f.column, "auth_user", "username", nowhere))
			} else {
				statements = append(statements, fmt.Sprintf("UPDATE %s SET %s = %d WHERE TYPEOF(%[2]s) = 'text'",
					t.name, f.column, nowhere))
			}
			statements = append(statements, fmt.Sprintf("CREATE INDEX %s_%s ON %[1]s (%[2]s)", t.name, f.column))
		}
	}
	for _, statement := range statements {
		if _, err := r.tx.ExecContext(r.ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// name names the source by its oldest account, which stays what it is from dump to dump.
func (r *dumpReader) name() error {
	digest := sha256.New()
	err := r.source.each(r.ctx, "SELECT id, date_joined FROM auth_user WHERE "+inRange+" ORDER BY id LIMIT 1",
		func(x row) error {
			fmt.Fprintln(digest, x.number("id"), x.text("date_joined"))
			return nil
		})
	r.source.Name = "dump:" + hex.EncodeToString(digest.Sum(nil))[:16]
	return err
}
