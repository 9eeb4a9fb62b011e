package foreman

import (
	"roster/directory"
	"roster/models"
)

// association reads the three spellings of a list of references: things_ids, thing_names and things. The last one
// counts: the objects of tenants, the names of everything else (docs/spec/foreman.md, 3.4).
func (a attrs) association(singular, plural, label string) (models.Opt[directory.Refs], error) {
	var refs models.Opt[directory.Refs]
	take := func(ids models.Opt[[]int64], names models.Opt[[]string]) {
		if ids.Set {
			refs = models.Some(directory.Refs{IDs: ids.Value})
		}
		if names.Set {
			refs = models.Some(directory.Refs{Names: names.Value})
		}
	}
	ids, names, err := a.objects(plural, label)
	if err != nil {
		return refs, err
	}
	if label != "title" {
		take(ids, names)
	}
	take(a.ids(singular+"_ids"), a.names(singular+"_names"))
	if label == "title" {
		take(ids, names)
	}
	return refs, nil
}
