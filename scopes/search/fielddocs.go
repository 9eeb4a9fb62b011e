package search

import "sort"

// FieldDoc describes a field to the readers of the documentation: either the type of its values, or the values. What
// the code of a virtual field compares counts as text.
type FieldDoc struct {
	Name   string   `json:"name"`
	Type   string   `json:"type,omitempty"`
	Values []string `json:"values,omitempty"`
}

// Names documents the fields by name and alias, sorted. Fields that completion hides are documented all the same:
// clients search by them.
func (d *Definition) Names() []FieldDoc {
	var docs []FieldDoc
	for i := range d.Fields {
		f := &d.Fields[i]
		for _, name := range append([]string{f.Name}, f.Aliases...) {
			docs = append(docs, f.doc(name))
		}
	}
	sort.SliceStable(docs, func(i, j int) bool { return docs[i].Name < docs[j].Name })
	return docs
}

func (f *Field) doc(name string) FieldDoc {
	doc := FieldDoc{Name: name}
	for _, v := range f.Set {
		doc.Values = append(doc.Values, v.Label)
	}
	switch {
	case doc.Values != nil:
	case f.Virtual != nil:
		doc.Type = string(Text)
	default:
		doc.Type = string(f.Type)
	}
	return doc
}
