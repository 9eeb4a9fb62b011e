package hammer

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"roster/cli/hammer/output"
	"roster/cli/hammer/terminal"
	"roster/cli/hammer/value"
)

// upsertRow updates a user who exists, if the server has something else than the file.
func (im *importer) upsertRow(row userRow, user existingUser, attributes *value.Object) (outcome, error) {
	if user.login != "" && user.login != row.login() {
		attributes.Remove("login") // it says who that is, and stays if it is written in another case
	}
	record, err := im.recordOf(user, attributes)
	if err != nil {
		return "", refused(err)
	}
	if err := im.checkSource(record, attributes); err != nil {
		return "", err
	}
	if sameUser(record, attributes) {
		return unchanged, nil
	}
	if im.dry {
		return updated, nil
	}
	params := value.NewObject("id", user.id, "user", attributes)
	if _, err := im.callMethod(im.resource().Method("update"), params); err != nil {
		return "", refused(err)
	}
	return updated, nil
}

// recordOf returns what the server has of a user. Lists may leave out what is compared.
func (im *importer) recordOf(user existingUser, attributes *value.Object) (*value.Object, error) {
	whole := user.record != nil
	for _, c := range userColumns {
		if whole && attributes.Has(c.key) && !c.secret {
			_, whole = c.onServer(user.record)
		}
	}
	if whole {
		return user.record, nil
	}
	answer, err := im.callMethod(im.resource().Method("show"), value.NewObject("id", user.id))
	return value.AsObject(unwrap(answer)), err
}

// onServer returns the value of the column in a record, with ids instead of names, and whether the record has one.
func (c userColumn) onServer(o *value.Object) (any, bool) {
	switch {
	case c.many:
		ids := []string{}
		for _, item := range value.AsList(o.Get(c.name)) {
			ids = append(ids, value.Text(value.AsObject(item).Get("id")))
		}
		slices.Sort(ids)
		return slices.Compact(ids), o.Has(c.name)
	case o.Has(c.key) || c.end && o.Has("id"):
		return o.Get(c.key), true
	case c.refers != "":
		return value.AsObject(o.Get(c.name)).Get("id"), o.Has(c.name)
	}
	return nil, false
}

// sameUser reports whether a record has the attributes already. A password cannot be compared: it is never the same.
func sameUser(record, attributes *value.Object) bool {
	for _, c := range userColumns {
		if !attributes.Has(c.key) {
			continue
		}
		have, known := c.onServer(record)
		if !known || !c.same(have, attributes.Get(c.key)) {
			return false
		}
	}
	return true
}

// same reports whether the server has the value that would be sent. Nothing is the same as an empty text.
func (c userColumn) same(have, sent any) bool {
	switch {
	case c.many:
		ids := []string{}
		for _, id := range value.AsList(sent) {
			ids = append(ids, value.Text(id))
		}
		slices.Sort(ids)
		had, _ := have.([]string)
		return slices.Equal(had, slices.Compact(ids))
	case c.boolean:
		return (have == true) == (sent == true)
	case c.end:
		return sameEnd(value.Text(nullToNil(have)), value.Text(nullToNil(sent)))
	}
	return value.Text(have) == value.Text(sent)
}

// sameEnd reports whether two texts are the same second.
func sameEnd(a, b string) bool {
	at, err := parseEnd(a, time.UTC)
	if err != nil {
		return a == b
	}
	other, err := parseEnd(b, time.UTC)
	return err == nil && at.Truncate(time.Second).Equal(other.Truncate(time.Second))
}

// checkSource refuses to move a user to another auth source, unless that is asked for: the password would be another.
func (im *importer) checkSource(record, attributes *value.Object) error {
	sent := nullToNil(attributes.Get(sourceColumn.key))
	have, known := sourceColumn.onServer(record)
	if sent == nil || !known || sourceColumn.same(have, sent) || im.values["change_auth_source"] == true {
		return nil
	}
	return refusal(fmt.Sprintf("auth_source is %q, and the user has %q; --change-auth-source changes it",
		im.sourceName(sent), value.Text(record.Get("auth_source_name"))))
}

// sourceName returns the name of an auth source that the file names.
func (im *importer) sourceName(id any) string {
	for name, known := range im.ids[sourceColumn.refers] {
		if known == id {
			return strings.TrimSpace(name)
		}
	}
	return value.Text(id)
}

// maxDisable is the default of --max-disable, in percent.
const maxDisable = 20

// findMissing finds the users to disable. It fails if they are too many: half a file must not lock out everybody.
func (im *importer) findMissing() error {
	search := nullToNil(im.values["disable_missing"])
	if search == nil {
		if im.values["max_disable"] != nil {
			return &usageError{"Option '--max-disable' is for --disable-missing.", im.command.path(im.program)}
		}
		return nil
	}
	if strings.TrimSpace(value.Text(search)) == "" {
		return &usageError{"Option '--disable-missing': the search is empty.", im.command.path(im.program)}
	}
	found, err := im.allRows(im.resource().Method("index"), value.NewObject("search", search))
	if err != nil {
		return err
	}
	inFile := map[string]bool{}
	for _, row := range im.rows {
		if row.login() == "" {
			return &failure{exitData, fmt.Sprintf("Error: line %d: there is no login. Nothing was done, since "+
				"--disable-missing needs to know everybody in the file.", row.line)}
		}
		inFile[foldLogin(row.login())] = true
	}
	active := 0
	for _, v := range found {
		o := value.AsObject(v)
		login := value.Text(o.Get("login"))
		if login == "" || o.Get("disabled") == true {
			continue
		}
		active++
		if !inFile[foldLogin(login)] {
			im.missing = append(im.missing, existingUser{id: o.Get("id"), login: login})
		}
	}
	if active == 0 {
		fmt.Fprintf(im.out.Err, "Warning: --disable-missing '%s' finds no active user.\n",
			terminal.Escape(value.Text(search)))
	}
	limit := maxDisable
	if v := im.values["max_disable"]; v != nil {
		limit = value.Int(v)
	}
	if len(im.missing)*100 > limit*active {
		return &failure{exitData, fmt.Sprintf("Error: --disable-missing would disable %d of %d active users, which is "+
			"more than %d %%. Nothing was done. Check the file and the search, or allow more with --max-disable.",
			len(im.missing), active, limit)}
	}
	return nil
}

// disableMissing disables the users whom the file lacks, unless the import ended early.
func (im *importer) disableMissing() {
	for i, user := range im.missing {
		if im.stopped() {
			return
		}
		if !im.dry {
			params := value.NewObject("id", user.id, "user", value.NewObject("disabled", true))
			if _, err := im.callMethod(im.resource().Method("update"), params); err != nil {
				im.recordMissing(user, refused(err))
				continue
			}
		}
		im.recordMissing(user, nil)
		im.sayDisabled(i, user)
	}
}

// recordMissing notes what became of a user whom the file lacks.
func (im *importer) recordMissing(user existingUser, err error) {
	im.mu.Lock()
	defer im.mu.Unlock()
	r, isRefusal := err.(refusal)
	switch {
	case isRefusal:
		im.refused = append(im.refused, value.NewObject("line", 0, "login", user.login, "reason",
			strings.ReplaceAll(string(r), "\n", "; ")))
	case err != nil:
		im.fatal = err
	default:
		im.counts[disabled]++
	}
}

// sayDisabled tells people who is disabled.
func (im *importer) sayDisabled(i int, user existingUser) {
	if im.out.Form != "base" || im.out.Verbosity == output.Quiet || i > mostRefused {
		return
	}
	word := "was"
	if im.dry {
		word = "would be"
	}
	if i == mostRefused {
		fmt.Fprintf(im.out.Out, "... and %d more.\n", len(im.missing)-i)
		return
	}
	im.say(user.login + " " + word + " disabled: not in the file")
}
