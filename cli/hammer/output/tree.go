package output

import (
	"fmt"

	"roster/cli/hammer/value"
)

// data prints rows as one list, even if they come in chunks.
func (p *Printer) data(fields []Field, rows []any, c chunk) {
	trees := make([]any, len(rows))
	for i, row := range rows {
		trees[i] = tree(fields, row)
	}
	if p.Form == "yaml" {
		s := value.FormatYAML(trees)
		if !c.first {
			s = s[len("---\n"):]
		}
		fmt.Fprint(p.Out, s)
		return
	}
	s := value.PrettyJSON(trees)
	if !c.last {
		s = s[:len(s)-2] + ","
	}
	if !c.first {
		s = s[2:]
	}
	fmt.Fprintln(p.Out, s)
}

// tree returns a record as an object of labels and values, for JSON and YAML.
func tree(fields []Field, data any) *value.Object {
	out := value.NewObject()
	for _, f := range displayed(fields, data, false) {
		v := f.value(data)
		if f.container() {
			out.Set(f.label, f.memberTrees(v))
		} else {
			out.Set(f.label, f.data(v))
		}
	}
	return out
}

// memberTrees returns the trees of a container's members: one for a block, an object for a numbered list, else a list.
func (f Field) memberTrees(v any) any {
	members := []any{}
	numbered := value.NewObject()
	for i, item := range f.members(v) {
		o := tree(f.fields, item)
		member := any(o)
		if len(f.fields) == 1 && f.fields[0].label == "" && len(o.Pairs) == 1 {
			member = o.Pairs[0].Value
		}
		members = append(members, member)
		numbered.Set(fmt.Sprint(i+1), member)
	}
	switch {
	case f.kind == block && len(members) > 0:
		return members[0]
	case f.numbered:
		return numbered
	}
	return members
}
