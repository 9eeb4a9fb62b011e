package search

import (
	"slices"
	"strings"
	"time"
)

// maxValues bounds how many values are offered at once.
const maxValues = 20

// ValueLookup finds values of a field that the caller may see, for completion. It selects the distinct values of
// the query's column, sorted, from wherever the field's column is, under the query's condition and whatever else
// keeps hidden rows hidden.
type ValueLookup func(ValueQuery) ([]string, error)

// ValueQuery asks for values of one field.
type ValueQuery struct {
	Field *Field
	Where Condition // on the field's Column
	Limit int
}

// complete suggests values that begin with what was typed.
func (f *Field) complete(typed string, env Env, lookup ValueLookup) ([]string, error) {
	switch {
	case len(f.Set) > 0:
		return startingWith(f.labels(), typed), nil
	case f.Completion != Values:
		return nil, nil
	case f.Type.temporal():
		return startingWith(dateWords(env), typed), nil
	}
	words := startingWith(slices.Clone(f.Special), typed)
	if lookup == nil || f.Column == "" || !storable(typed) {
		return words, nil
	}
	found, err := lookup(ValueQuery{Field: f, Where: f.beginning(typed, env), Limit: maxValues - len(words)})
	if err != nil {
		return nil, err
	}
	for _, v := range found {
		words = append(words, f.literal(v))
	}
	return words[:min(len(words), maxValues)], nil
}

func (f *Field) labels() []string {
	labels := make([]string, len(f.Set))
	for i, v := range f.Set {
		labels[i] = v.Label
	}
	return labels
}

// startingWith keeps the words that begin with the typed text, quoted or not.
func startingWith(words []string, typed string) []string {
	return slices.DeleteFunc(words, func(w string) bool { return !beginsWith(strings.TrimPrefix(w, `"`), typed) })
}

// beginning is the condition that a value exists and begins with the typed text.
func (f *Field) beginning(typed string, env Env) Condition {
	column := "CAST(" + f.Column + " AS TEXT)"
	if f.Type.textual() {
		column = f.folded()
		typed = Fold(typed)
	}
	cond := Condition{SQL: f.Column + " IS NOT NULL"}
	if typed == "" {
		return cond
	}
	like := ` LIKE ? ESCAPE '\'`
	if env.Dialect == PostgreSQL {
		like = " LIKE ?"
	}
	return Condition{SQL: "(" + cond.SQL + " AND " + column + like + ")", Args: []any{likePattern(typed + "*")}}
}

// literal writes a value as a query needs it.
func (f *Field) literal(value string) string {
	if !f.Type.textual() {
		return value
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value) + `"`
}

// dateWords are dates worth offering today.
func dateWords(env Env) []string {
	now := env.Now.In(env.zone())
	words := []string{`"30 minutes ago"`, `"1 hour ago"`, `"2 hours ago"`, "Today", "Yesterday", "Tomorrow"}
	for days := 2; days <= 5; days++ {
		words = append(words, daysBefore(now, days).Format("Monday"))
	}
	return append(words, `"6 days ago"`, daysBefore(now, 7).Format(`"Jan 02,2006"`), `"2 weeks from now"`)
}

func daysBefore(now time.Time, days int) time.Time { return now.AddDate(0, 0, -days) }
