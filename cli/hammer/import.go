package hammer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"roster/cli/hammer/apidoc"
	"roster/cli/hammer/output"
	"roster/cli/hammer/terminal"
	"roster/cli/hammer/value"
)

// importWorkers is the default of --workers: how many requests are under way at once.
const importWorkers = 16

func importCommand() *command {
	return &command{name: "import", kind: isLocal, needsDoc: true, resource: "users", action: "create",
		about:   "Create users from a file (CSV, JSON or YAML)",
		failure: "Could not import the users", run: importUsers,
		fields: output.Columns("Line=line, Login=login, Reason=reason"), details: columnHelp,
		extra: []*option{formatOption("csv, json or yaml (what the name of the file says)"),
			textOption("file", "File to read, - for the standard input; may be given without --file").require(),
			flagOption("dry-run", "Say what would be done, and do nothing"),
			flagOption("upsert", "Update users who exist and differ from the file; every run compares with the server"),
			flagOption("change-auth-source", "With --upsert, move existing users to the auth source of the file"),
			mapOption(),
			textOption("generate-passwords", "Generate passwords for new users who need one, and append "+
				"login and password to this file").showAs("FILE"),
			flagOption("must-change-passwords", "Generated passwords have to be changed before anything else"),
			textOption("disable-missing", "Afterwards, disable the users that this search finds and the file lacks").
				showAs("SEARCH"),
			newOption("max-disable", "Refuse if --disable-missing would disable more than this percentage of the "+
				"active users that the search finds (20)", parsePercent).showAs("PERCENT"),
			flagOption("restart", "Forget how far an earlier run came, and do every row again"),
			newOption("workers", "How many requests are under way at once (16)", parseNumber).showAs("NUMBER"),
			textOption("report", "CSV file for the refused rows").showAs("FILE"),
			separatorOption("Character that separates the cells of CSV, or tab (what the header shows)"),
			yesNoOption("csv-safe", "Whether cells of CSV are guarded against spreadsheets, as exports do it (yes)")}}
}

// importer is one import. Rows are independent: a refused one stops nothing.
type importer struct {
	*invocation
	// interrupted ends when the import should. Requests under way are finished, so that the journal is complete.
	interrupted context.Context
	rows        []userRow
	upsert      bool
	dry         bool
	journal     *journal
	// ids are the ids of the objects that the rows name, by resource and name; nil if there is no such object.
	ids map[string]map[string]any
	// ambiguous are the names, after their resource and a blank, that several objects have.
	ambiguous map[string]bool
	// existing are the users who exist, by login in lower case.
	existing map[string]existingUser
	// passwords receives generated passwords; nil if none are generated.
	passwords *passwordFile
	// missing are the users to disable, who are not in the file.
	missing []existingUser

	// mu guards what the workers share.
	mu     sync.Mutex
	counts map[outcome]int
	// refused are the refused rows, as records of the report.
	refused []any
	// done is how many rows were tried.
	done int
	// fatal ends the import.
	fatal error
}

// existingUser is a user who was there before, or is there now.
type existingUser struct {
	id    any
	login string
	// record is what the server has of the user, as far as it is known.
	record *value.Object
}

func importUsers(in *invocation) error {
	file := value.Text(in.values["file"])
	format, err := fileFormat(value.Text(nullToNil(in.values["format"])), file)
	if err != nil {
		return &usageError{err.Error(), in.command.path(in.program)}
	}
	raw, err := openFile(file, in.Stdin)
	if err != nil {
		return err
	}
	form, err := in.csvForm()
	if err != nil {
		return err
	}
	rows, err := readUsers(raw, format, form)
	if err != nil {
		return &failure{exitData, "Error: " + file + ": " + err.Error()}
	}
	im := &importer{invocation: in, interrupted: in.ctx, rows: rows, upsert: in.values["upsert"] == true,
		dry: in.values["dry_run"] == true,
		ids: map[string]map[string]any{}, ambiguous: map[string]bool{},
		existing: map[string]existingUser{}, counts: map[outcome]int{}}
	im.journal, err = openJournal(file, in.client.base.String(), in.values["restart"] == true, im.upsert)
	if err != nil {
		return err
	}
	defer im.journal.close()
	if err := errors.Join(im.resolveNames(), im.findExisting(), im.findMissing()); err != nil {
		return in.explainMissing(err)
	}
	if err := im.openPasswords(file); err != nil {
		return err
	}
	defer im.passwords.close()
	in.ctx = context.WithoutCancel(in.ctx)
	im.importRows()
	im.disableMissing()
	return im.report()
}

// resolveNames asks for every name of a role, tenant or source once, however many rows use it.
func (im *importer) resolveNames() error {
	if len(im.rows) > 0 {
		if err := im.resolveName(sourceColumn, internalSource); err != nil {
			return err
		}
	}
	for _, c := range userColumns {
		if c.refers == "" {
			continue
		}
		for _, row := range im.rows {
			names, err := c.names(row.values[c.name])
			if err != nil {
				continue // the row will be refused for it
			}
			for _, name := range names {
				if err := im.resolveName(c, name); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (im *importer) resolveName(c userColumn, name string) error {
	resource := c.refers
	if im.ids[resource] == nil {
		im.ids[resource] = map[string]any{}
	}
	if _, known := im.ids[resource][name]; known {
		return nil
	}
	im.ids[resource][name] = nil
	// The name of a tenant serves where it is no title and only one has it.
	for _, field := range slices.Compact([]string{c.nameKey(), "name"}) {
		s := searchable{name: field}
		// A name may have blanks around it in a table, and rarely they are its own.
		for _, spelled := range slices.Compact([]string{name, strings.TrimSpace(name)}) {
			rows, err := im.search(im.doc.Resource(resource), s.query([]string{spelled}, quoted))
			if err != nil && !isRefused(err) {
				return err
			}
			if rows = s.exactly([]string{spelled}, rows); len(rows) == 1 {
				im.ids[resource][name] = value.AsObject(rows[0]).Get("id")
				return nil
			}
			if len(rows) > 1 && c.nameKey() != field {
				im.ambiguous[resource+" "+name] = true
			}
		}
	}
	return nil
}

// loginsPerSearch bounds the length of a query.
const loginsPerSearch = 50

// findExisting looks up which users exist. Only --upsert and --dry-run need to know.
func (im *importer) findExisting() error {
	if !im.upsert && !im.dry {
		return nil
	}
	var logins []string
	for _, row := range im.rows {
		if l := row.login(); l != "" && !im.journal.has(row) {
			logins = append(logins, l)
		}
	}
	im.lookUp(logins, "=")
	// With = servers compare logins as they are written, but no two may differ in case only.
	im.lookUp(slices.DeleteFunc(logins, func(l string) bool {
		_, found := im.existing[foldLogin(l)]
		return found
	}), "~")
	return im.fatal
}

// lookUp searches for users by their logins with an operator, which may find others, too.
func (im *importer) lookUp(logins []string, operator string) {
	index := im.resource().Method("index")
	chunks := slices.Collect(slices.Chunk(logins, loginsPerSearch))
	parallel(importWorkers, len(chunks), im.stopped, func(i int) {
		var terms []string
		for _, l := range chunks[i] {
			terms = append(terms, "login "+operator+" "+quoted(l))
		}
		rows, err := im.allRows(index, value.NewObject("search", strings.Join(terms, " or ")))
		im.mu.Lock()
		defer im.mu.Unlock()
		if err != nil {
			im.fatal = err
		}
		for _, row := range rows {
			o := value.AsObject(row)
			login := value.Text(o.Get("login"))
			im.existing[foldLogin(login)] = existingUser{o.Get("id"), login, o}
		}
	})
}

func (im *importer) stopped() bool {
	im.mu.Lock()
	defer im.mu.Unlock()
	return im.fatal != nil || im.interrupted.Err() != nil
}

// outcome is what became of a row.
type outcome string

// Outcomes by which rows are counted.
const (
	created outcome = "created"
	updated outcome = "updated"
	skipped outcome = "done before"
	// unchanged users are as the file says.
	unchanged outcome = "unchanged"
	disabled  outcome = "disabled"
)

// refusal is an error that the server, or this side, refuses one row for. Any other error ends the import.
type refusal string

func (r refusal) Error() string { return string(r) }

func (im *importer) importRows() {
	workers := importWorkers
	if v := im.values["workers"]; v != nil {
		workers = min(max(value.Int(v), 1), 256)
	}
	bar := newProgress(im, "importing")
	// A login, in whatever case, is one person: which of two rows is right, the file does not say.
	first := map[string]userRow{}
	var single []userRow
	for _, row := range im.rows {
		key := foldLogin(row.login())
		earlier, twice := first[key]
		switch {
		case !twice || key == "":
			first[key] = row
			single = append(single, row)
		case !earlier.sameBut(row, "login"):
			im.record(row, "", refusal(fmt.Sprintf("the login is in line %d as well", earlier.line)))
		case im.upsert:
			im.record(row, unchanged, nil)
		default:
			im.record(row, skipped, nil)
		}
	}
	parallel(workers, len(single), im.stopped, func(i int) {
		im.importRow(single[i])
		bar.Update(im.progress(), len(im.rows))
	})
	bar.Finish(!im.stopped())
}

func (im *importer) progress() int {
	im.mu.Lock()
	defer im.mu.Unlock()
	return im.done
}

// importRow does one row and records what became of it.
func (im *importer) importRow(row userRow) {
	done, err := im.send(row)
	im.record(row, done, err)
}

func (im *importer) record(row userRow, done outcome, err error) {
	im.mu.Lock()
	defer im.mu.Unlock()
	im.done++
	if r, ok := errors.AsType[refusal](err); ok {
		im.refused = append(im.refused, value.NewObject("line", row.line, "login", row.login(), "reason",
			strings.ReplaceAll(string(r), "\n", "; ")))
		return
	}
	if err != nil {
		im.fatal = err
		return
	}
	im.counts[done]++
	if done == skipped || done == unchanged || im.dry {
		return
	}
	// An earlier failure of another row stays.
	if err := im.journal.add(row); err != nil {
		im.fatal = err
	}
}

// send does one row. The error is a refusal if the import can go on.
func (im *importer) send(row userRow) (outcome, error) {
	if im.journal.has(row) {
		return skipped, nil
	}
	attributes, err := im.attributes(row)
	if err != nil {
		return "", err
	}
	user, exists := im.existing[foldLogin(row.login())]
	if exists && im.upsert {
		return im.upsertRow(row, user, attributes)
	}
	generated, err := im.completeNew(attributes)
	if err != nil {
		return "", err
	}
	switch {
	case im.dry && exists:
		return "", refusal("Login has already been taken")
	case im.dry:
		return created, nil
	}
	if _, err := im.sendMethod(im.resource().Method("create"), value.NewObject("user", attributes)); err != nil {
		return "", refused(err)
	}
	return created, im.passwords.add(row.login(), generated)
}

// completeNew adds what a new user needs and the file leaves out: the source Internal, and a password if they are
// generated. It returns the generated password, or nothing.
func (im *importer) completeNew(attributes *value.Object) (string, error) {
	internal := im.ids[sourceColumn.refers][internalSource]
	if nullToNil(attributes.Get("auth_source_id")) == nil {
		if internal == nil {
			return "", refusal("auth_source is empty, and the server has no source \"" + internalSource + "\"")
		}
		attributes.Set("auth_source_id", internal)
	}
	if missing := im.missingColumns(attributes); len(missing) > 0 {
		return "", refusal(strings.Join(missing, ", ") + " is empty")
	}
	if attributes.Get("auth_source_id") != internal || value.Text(nullToNil(attributes.Get("password"))) != "" {
		return "", nil
	}
	if im.values["generate_passwords"] == nil {
		return "", refusal("password is empty: a new user of the source Internal needs one; --generate-passwords " +
			"FILE makes them")
	}
	password, err := newPassword()
	attributes.Set("password", password)
	if im.values["must_change_passwords"] == true {
		attributes.Set("must_change_password", true)
	}
	return password, err
}

// missingColumns returns the columns that a new user must have and the row leaves empty.
func (im *importer) missingColumns(attributes *value.Object) []string {
	user := im.resource().Method("create").Param("user")
	if user == nil {
		return nil
	}
	var missing []string
	for _, p := range user.Params {
		if !p.Required || p.Name == notRequired || nullToNil(attributes.Get(p.Name)) != nil {
			continue
		}
		name := p.Name
		for _, c := range userColumns {
			if c.key == p.Name {
				name = c.name
			}
		}
		missing = append(missing, name)
	}
	return missing
}

// notRequired is what hammer asks for although servers do without it.
const notRequired = "mail"

// refused returns the refusal of a row for an error of a request, or the error itself if it would meet every row: wrong
// credentials, a broken server, or none.
func refused(err error) error {
	if f, ok := errors.AsType[*failure](err); ok {
		return refusal(f.text)
	}
	s, ok := errors.AsType[*statusError](err)
	if !ok || s.status == 401 || s.status >= 500 {
		return err
	}
	message, _ := wording{}.explain(err)
	return refusal(message)
}

// attributes returns what is sent of a row.
func (im *importer) attributes(row userRow) (*value.Object, error) {
	if row.login() == "" {
		return nil, refusal("there is no login")
	}
	o := value.NewObject()
	for _, c := range userColumns {
		v, ok := row.values[c.name]
		if !ok {
			continue
		}
		sent, err := im.attribute(c, v)
		if err != nil {
			return nil, err
		}
		if sent != nil {
			o.Set(c.key, sent)
		}
	}
	return o, nil
}

// attribute returns what is sent of a cell, nil for nothing. Names become ids.
func (im *importer) attribute(c userColumn, v any) (any, error) {
	switch {
	case v == value.Null{} && c.many:
		return []any{}, nil // servers take no notice of a list that is null
	case v == value.Null{}:
		return value.Null{}, nil
	case c.name == "login":
		return strings.TrimSpace(value.Text(v)), nil
	case c.boolean:
		on, err := parseBool(value.Text(v))
		if err != nil {
			return nil, refusal(c.name + ": " + err.Error())
		}
		return on, nil
	case c.end && strings.TrimSpace(value.Text(v)) != "":
		end, err := parseEnd(value.Text(v), im.zone())
		if err != nil {
			return nil, refusal(c.name + ": " + err.Error())
		}
		return end.Format(time.RFC3339), nil
	case c.refers == "":
		return value.Text(v), nil
	}
	names, err := c.names(v)
	if err != nil {
		return nil, refusal(c.name + ": " + err.Error())
	}
	ids := []any{}
	for _, name := range names {
		id := im.ids[c.refers][name]
		if id == nil {
			one := strings.ReplaceAll(apidoc.Singular(c.refers), "_", " ")
			if im.ambiguous[c.refers+" "+name] {
				return nil, refusal(fmt.Sprintf("there is more than one %s %q: use the title", one, name))
			}
			return nil, refusal(fmt.Sprintf("%s %q not found", one, name))
		}
		ids = append(ids, id)
	}
	if c.many {
		return ids, nil
	}
	if len(ids) == 1 {
		return ids[0], nil
	}
	return nil, nil
}

// mostRefused bounds how many refused rows a person is shown, and how many users who are disabled.
const mostRefused = 50

// report prints the outcome of the import. Refused rows make the run a failure.
func (im *importer) report() error {
	slices.SortFunc(im.refused, func(a, b any) int { return rowNumber(a) - rowNumber(b) })
	if name := im.values["report"]; name != nil {
		if err := im.writeReport(value.Text(name)); err != nil {
			return err
		}
	}
	if err := im.showRefused(); err != nil {
		return err
	}
	im.showSummary()
	untried := len(im.rows) - im.done
	switch {
	case im.fatal != nil:
		if untried > 0 {
			fmt.Fprintf(im.out.Err, "%d rows were not tried. The same command goes on from here.\n", untried)
		}
		return im.fatal
	case im.interrupted.Err() != nil:
		fmt.Fprintf(im.out.Err, "%d rows were not tried. The same command goes on from here.\n", untried)
		return exitError(exitSoftware)
	case len(im.refused) > 0:
		return exitError(exitData)
	}
	if !im.dry {
		im.journal.remove()
	}
	return nil
}

func rowNumber(refused any) int { return value.Int(value.AsObject(refused).Get("line")) }

// writeReport writes the refused rows to a file.
func (im *importer) writeReport(file string) error {
	var b strings.Builder
	w := &output.Printer{Out: &b, Form: "csv", Separator: ",", Verbosity: output.Verbose, CSVSafe: im.csvSafe()}
	if err := w.List(im.command.fields, im.refused, output.Page{}); err != nil {
		return err
	}
	return writePrivate(file, []byte(b.String()))
}

// forPrograms reports whether the results are in a form that programs read.
func (im *importer) forPrograms() bool {
	return slices.Contains([]string{"json", "yaml", "csv"}, im.out.Form)
}

// showRefused prints the refused rows: to people the first ones, one a line.
func (im *importer) showRefused() error {
	if im.out.Form != "base" || im.out.Verbosity == output.Quiet {
		if len(im.refused) == 0 && !im.forPrograms() {
			return nil
		}
		return im.out.List(im.command.fields, im.refused, output.Page{})
	}
	for i, r := range im.refused {
		if i == mostRefused {
			fmt.Fprintf(im.out.Out, "... and %d more; --report writes them all.\n", len(im.refused)-i)
			break
		}
		o := value.AsObject(r)
		who := value.Text(o.Get("login"))
		if who != "" {
			who = " (" + who + ")"
		}
		place := "line " + value.Text(o.Get("line"))
		if value.Int(o.Get("line")) == 0 {
			place = "not in the file"
		}
		im.say(place + who + ": " + value.Text(o.Get("reason")))
	}
	return nil
}

// say prints a line to people. On a terminal, control characters are escaped.
func (im *importer) say(line string) {
	if terminal.Behind(im.out.Out) != nil {
		line = terminal.Escape(line)
	}
	fmt.Fprintln(im.out.Out, line)
}

// showSummary prints how many rows had which outcome. It must not spoil a result that a program reads.
func (im *importer) showSummary() {
	if im.out.Verbosity < output.Verbose || im.out.Form == "silent" {
		return
	}
	w := im.out.Out
	if im.forPrograms() {
		w = im.out.Err
	}
	would := ""
	if im.dry {
		would = "would be "
	}
	same := fmt.Sprintf("%d done before", im.counts[skipped])
	if im.upsert {
		same = fmt.Sprintf("%d unchanged", im.counts[unchanged])
	}
	gone := ""
	if im.values["disable_missing"] != nil {
		gone = fmt.Sprintf("%d %sdisabled, ", im.counts[disabled], would)
	}
	fmt.Fprintf(w, "%d %screated, %d %supdated, %s, %s%d refused.\n", im.counts[created], would, im.counts[updated],
		would, same, gone, len(im.refused))
}
