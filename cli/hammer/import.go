package hammer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"roster/cli/hammer/apidoc"
	"roster/cli/hammer/output"
	"roster/cli/hammer/value"
)

// importWorkers is how many requests are under way at once unless --workers says otherwise.
const importWorkers = 16

func importCommand() *command {
	return &command{name: "import", kind: isLocal, needsDoc: true, resource: "users", action: "create",
		about:   "Create users from a file (CSV, JSON or YAML)",
		failure: "Could not import the users", run: importUsers,
		fields: output.Columns("Row=row, Login=login, Reason=reason"),
		extra: []*option{formatOption("csv, json or yaml (what the name of the file says)"),
			textOption("file", "File to read, - for the standard input; may be given without --file").require(),
			flagOption("dry-run", "Say what would be done, and do nothing"),
			flagOption("upsert", "Update users who exist already"),
			flagOption("restart", "Forget how far an earlier run came, and do every row again"),
			newOption("workers", "How many requests are under way at once (16)", parseNumber).showAs("NUMBER"),
			textOption("report", "CSV file for the refused rows").showAs("FILE"),
			yesNoOption("csv-safe", "Whether cells of CSV are guarded against spreadsheets, as exports do it (yes)")}}
}

// importer is one import. Rows are independent: a refused one stops nothing.
type importer struct {
	*invocation
	// interrupted ends when the import should: what is under way is finished, so that the journal is right.
	interrupted context.Context
	rows        []userRow
	upsert      bool
	dry         bool
	journal     *journal
	// ids are the names that the rows use, by resource and name; existing are users that are there, by login in lower
	// case.
	ids      map[string]map[string]any
	existing map[string]any

	mu      sync.Mutex
	counts  map[string]int
	refused []any
	done    int
	fatal   error
}

func importUsers(in *invocation) error {
	file := value.Text(in.values["file"])
	format, err := fileFormat(value.Text(orNil(in.values["format"])), file)
	if err != nil {
		return &usageError{err.Error(), in.command.path(in.program)}
	}
	raw, err := openFile(file, in.Stdin)
	if err != nil {
		return err
	}
	rows, err := readUsers(raw, format, in.csvSafe())
	if err != nil {
		return &failure{exitData, "Error: " + file + ": " + err.Error()}
	}
	im := &importer{invocation: in, interrupted: in.ctx, rows: rows, upsert: in.values["upsert"] == true,
		dry: in.values["dry_run"] == true,
		ids: map[string]map[string]any{}, existing: map[string]any{}, counts: map[string]int{}}
	if im.journal, err = openJournal(file, in.client.base.String(), in.values["restart"] == true); err != nil {
		return err
	}
	defer im.journal.close()
	if err := errors.Join(im.resolveNames(), im.findExisting()); err != nil {
		return in.explainMissing(err)
	}
	in.ctx = context.WithoutCancel(in.ctx)
	im.work()
	return im.report()
}

// resolveNames asks for every name of a role, tenant or source once, however many rows use it.
func (im *importer) resolveNames() error {
	for _, c := range userColumns {
		if c.refers == "" {
			continue
		}
		for _, row := range im.rows {
			names, err := members(row.values[c.name])
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
	if _, known := im.ids[resource][name]; known || name == "NIL" {
		return nil
	}
	im.ids[resource][name] = nil
	rows, err := im.search(im.doc.Resource(resource), c.nameKey()+" = "+quoted(name))
	if err != nil {
		if s, ok := errors.AsType[*statusError](err); ok && s.status == 400 {
			return nil
		}
		return err
	}
	if len(rows) == 1 {
		im.ids[resource][name] = value.AsObject(rows[0]).Get("id")
	}
	return nil
}

// loginsPerSearch bounds the length of a query.
const loginsPerSearch = 50

// findExisting says which users are there already; only --upsert and --dry-run need to know.
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
	chunks := slices.Collect(slices.Chunk(logins, loginsPerSearch))
	parallel(importWorkers, len(chunks), im.stopped, func(i int) {
		var terms []string
		for _, l := range chunks[i] {
			terms = append(terms, "login = "+quoted(l))
		}
		rows, err := im.search(im.resource(), strings.Join(terms, " or "))
		im.mu.Lock()
		defer im.mu.Unlock()
		if err != nil {
			im.fatal = err
		}
		for _, row := range rows {
			o := value.AsObject(row)
			im.existing[strings.ToLower(value.Text(o.Get("login")))] = o.Get("id")
		}
	})
	return im.fatal
}

func (im *importer) stopped() bool {
	im.mu.Lock()
	defer im.mu.Unlock()
	return im.fatal != nil || im.interrupted.Err() != nil
}

// outcome of a row: how it is counted, or why it was refused.
const (
	created = "created"
	updated = "updated"
	skipped = "done before"
)

func (im *importer) work() {
	workers := importWorkers
	if v := im.values["workers"]; v != nil {
		workers = min(max(value.Int(v), 1), 256)
	}
	bar := newProgress(im, "importing")
	// Rows of the same login, or one that differs in case only, must not overtake each other.
	seen := map[string]bool{}
	var later []int
	var now []int
	for i, row := range im.rows {
		key := strings.ToLower(row.login())
		if seen[key] {
			later = append(later, i)
			continue
		}
		seen[key] = true
		now = append(now, i)
	}
	run := func(i int) { im.one(im.rows[i]); bar.Update(im.progress(), len(im.rows)) }
	parallel(workers, len(now), im.stopped, func(i int) { run(now[i]) })
	parallel(1, len(later), im.stopped, func(i int) { run(later[i]) })
	bar.Finish(!im.stopped())
}

func (im *importer) progress() int {
	im.mu.Lock()
	defer im.mu.Unlock()
	return im.done
}

func (im *importer) one(row userRow) {
	outcome, reason, err := im.send(row)
	im.mu.Lock()
	defer im.mu.Unlock()
	im.done++
	switch {
	case err != nil:
		im.fatal = err
		return
	case reason != "":
		im.refused = append(im.refused, value.NewObject("row", row.line, "login", row.login(), "reason",
			strings.ReplaceAll(reason, "\n", "; ")))
		return
	}
	im.counts[outcome]++
	if outcome != skipped && !im.dry {
		im.fatal = im.journal.add(row)
	}
}

// send does one row. A reason is why the server, or this side, refuses it; an error ends the import.
func (im *importer) send(row userRow) (outcome, reason string, err error) {
	if im.journal.has(row) {
		return skipped, "", nil
	}
	attributes, reason := im.attributes(row)
	if reason != "" {
		return "", reason, nil
	}
	im.mu.Lock()
	id, exists := im.existing[strings.ToLower(row.login())]
	im.mu.Unlock()
	action, params := "create", value.NewObject("user", attributes)
	if outcome = created; exists && im.upsert {
		action, outcome = "update", updated
		params = value.NewObject("id", id, "user", attributes)
	}
	if im.dry {
		if exists && !im.upsert {
			return "", "Login has already been taken", nil
		}
		if action == "create" {
			if f, ok := errors.AsType[*failure](im.checkRequired(im.resource().Method(action), params)); ok {
				return "", f.text, nil
			}
			if row.values["auth_source"] == "Internal" && row.values["password"] == nil {
				return "", "a new user of the internal source needs a password", nil
			}
		}
		im.mu.Lock()
		im.existing[strings.ToLower(row.login())] = "new"
		im.mu.Unlock()
		return outcome, "", nil
	}
	answer, err := im.callMethod(im.resource().Method(action), params)
	if err != nil {
		if s, ok := errors.AsType[*statusError](err); ok && (s.status == 401 || s.status >= 500) {
			return "", "", err
		}
		_, isStatus := errors.AsType[*statusError](err)
		f, isFailure := errors.AsType[*failure](err)
		if !isStatus && !isFailure {
			return "", "", err
		}
		message, _ := explain(err, nil)
		if isFailure {
			message = f.text
		}
		return "", message, nil
	}
	im.mu.Lock()
	im.existing[strings.ToLower(row.login())] = value.AsObject(unwrap(answer)).Get("id")
	im.mu.Unlock()
	return outcome, "", nil
}

// attributes are what is sent of a row; a reason tells why nothing can be.
func (im *importer) attributes(row userRow) (*value.Object, string) {
	o := value.NewObject()
	if row.login() == "" {
		return nil, "there is no login"
	}
	for _, c := range userColumns {
		v, ok := row.values[c.name]
		switch {
		case !ok:
			continue
		case v == "NIL":
			o.Set(c.key, value.Null{})
			continue
		case c.boolean:
			on, err := parseBool(value.Text(v))
			if err != nil {
				return nil, c.name + ": " + err.Error()
			}
			o.Set(c.key, on)
			continue
		case c.refers == "":
			o.Set(c.key, value.Text(v))
			continue
		}
		names, err := members(v)
		if err != nil {
			return nil, c.name + ": " + err.Error()
		}
		ids := []any{}
		for _, name := range names {
			id := im.ids[c.refers][name]
			if id == nil {
				return nil, fmt.Sprintf("%s %q not found", strings.ReplaceAll(apidoc.Singular(c.refers), "_", " "), name)
			}
			ids = append(ids, id)
		}
		if c.many {
			o.Set(c.key, ids)
		} else if len(ids) == 1 {
			o.Set(c.key, ids[0])
		}
	}
	return o, ""
}

// mostRefused bounds how many refused rows a person is shown.
const mostRefused = 50

// report says what became of the rows. Refused rows make the run a failure.
func (im *importer) report() error {
	slices.SortFunc(im.refused, func(a, b any) int {
		return value.Int(value.AsObject(a).Get("row")) - value.Int(value.AsObject(b).Get("row"))
	})
	if name := im.values["report"]; name != nil {
		w := &output.Printer{Form: "csv", Separator: ",", Verbosity: output.Verbose, CSVSafe: im.csvSafe()}
		var b strings.Builder
		w.Out = &b
		_ = w.List(im.command.fields, im.refused, output.Page{})
		if err := writePrivate(value.Text(name), []byte(b.String())); err != nil {
			return err
		}
	}
	form := im.out.Form
	if form == "base" {
		im.out.Form = "table"
	}
	shown := im.refused
	if form == "base" && len(shown) > mostRefused {
		shown = shown[:mostRefused]
	}
	if len(shown) > 0 || form == "json" || form == "yaml" || form == "csv" {
		if err := im.out.List(im.command.fields, shown, output.Page{}); err != nil {
			return err
		}
	}
	if more := len(im.refused) - len(shown); more > 0 {
		fmt.Fprintf(im.out.Out, "... and %d more; --report writes them all.\n", more)
	}
	if im.out.Form = form; im.out.Verbosity >= output.Verbose && form != "silent" {
		// The summary must not spoil a result that a program reads.
		w := im.out.Out
		if form == "json" || form == "yaml" || form == "csv" {
			w = im.out.Err
		}
		word := ""
		if im.dry {
			word = "would be "
		}
		fmt.Fprintf(w, "%d %screated, %d %supdated, %d done before, %d refused.\n", im.counts[created], word,
			im.counts[updated], word, im.counts[skipped], len(im.refused))
	}
	rest := len(im.rows) - im.done
	switch {
	case im.fatal != nil:
		if rest > 0 {
			fmt.Fprintf(im.out.Err, "%d rows were not tried. The same command goes on from here.\n", rest)
		}
		return im.fatal
	case im.interrupted.Err() != nil:
		fmt.Fprintf(im.out.Err, "%d rows were not tried. The same command goes on from here.\n", rest)
		return mute(exitSoftware)
	case len(im.refused) > 0:
		return mute(exitData)
	}
	if !im.dry {
		im.journal.remove()
	}
	return nil
}
