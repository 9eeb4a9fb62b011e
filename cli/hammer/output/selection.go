package output

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// selection is what --fields and --show-ids ask for.
type selection struct {
	// sets are DEFAULT, ALL and THIN.
	sets map[string]bool
	// labels are in lower case, with the labels of containers in front, and * for any text.
	labels  []string
	showIDs bool
}

// choose returns the fields that --fields asks for.
func (p *Printer) choose(fields []Field) []Field {
	if p.WarnUnknown && !p.told {
		p.told = true
		p.warnUnknown(fields)
	}
	return p.selection(p.Fields).choose(fields)
}

// warnUnknown warns of names that choose no field.
func (p *Printer) warnUnknown(fields []Field) {
	for _, name := range p.Fields {
		if slices.Contains(fieldSets, name) || len(p.selection([]string{name}).choose(fields)) > 0 {
			continue
		}
		var labels []string
		for _, f := range fields {
			if f.kind != identity || p.ShowIDs {
				labels = append(labels, f.label)
			}
		}
		fmt.Fprintf(p.Err, "Warning: there is no field '%s'. The fields are %s.\n", escapedFor(p.Err, name),
			strings.Join(labels, ", "))
	}
}

// fieldSets are the names of sets of fields.
var fieldSets = []string{"DEFAULT", "ALL", "THIN"}

// selection reads the names that --fields gave: of sets, or labels in any letter case.
func (p *Printer) selection(names []string) selection {
	s := selection{sets: map[string]bool{}, showIDs: p.ShowIDs}
	for _, name := range names {
		if slices.Contains(fieldSets, name) {
			s.sets[name] = true
		} else {
			s.labels = append(s.labels, strings.ToLower(name))
		}
	}
	if len(names) == 0 {
		s.sets["DEFAULT"] = true
	}
	return s
}

// choose returns the fields that are asked for.
func (s selection) choose(fields []Field) []Field { return s.filter(fields, "", false) }

// filter chooses among the fields of a container. The container's label is above, and thin if it belongs to THIN.
func (s selection) filter(fields []Field, above string, thin bool) []Field {
	var kept []Field
	for _, f := range fields {
		if f.kind == identity && !s.showIDs {
			continue
		}
		label := strings.ToLower(path.Join(above, f.label))
		// path.Join drops an empty label: the fields of a list of references have none.
		if f.label == "" && above != "" {
			label = above + "/"
		}
		inThin := thin || f.thin
		inSet := s.sets["ALL"] || s.sets["DEFAULT"] && !f.beyond || s.sets["THIN"] && inThin
		if !inSet && !wanted(label, s.labels) {
			continue
		}
		if f.container() {
			f.fields = s.filter(f.fields, strings.TrimSuffix(label, "/"), inThin)
		}
		kept = append(kept, f)
	}
	return kept
}

// wanted reports whether a label is asked for: by itself, by a label above it, below it, or by a pattern.
func wanted(label string, labels []string) bool {
	for _, l := range labels {
		if strings.HasPrefix(l, label+"/") || l == label {
			return true
		}
		for part := label; part != "." && part != "/"; part = path.Dir(part) {
			if globMatch(l, part) {
				return true
			}
		}
	}
	return false
}

// globMatch matches with * for any text.
func globMatch(pattern, s string) bool {
	head, rest, star := strings.Cut(pattern, "*")
	if !star {
		return pattern == s
	}
	if !strings.HasPrefix(s, head) {
		return false
	}
	for i := len(head); i <= len(s); i++ {
		if globMatch(rest, s[i:]) {
			return true
		}
	}
	return false
}
