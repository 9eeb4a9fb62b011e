package foreman

import (
	"roster/directory"
	"roster/models"
)

// association reads the three spellings of a list of references: things_ids, thing_names and things. The one that is
// read last wins, in the order that the spec's section 3.4 gives for tenants; users' roles come in the other order.
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
	take(ids, names)
	take(a.ids(singular+"_ids"), a.names(singular+"_names"))
	return refs, nil
}
