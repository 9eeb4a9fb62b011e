package hammer

import (
	"strings"

	"roster/cli/hammer/value"
)

// The functions here prepare records for showing: names put together, defaults put in. The keys that they add exist on
// this side only.

func fullName(o *value.Object) error {
	o.Set("full_name", value.Text(o.Get("firstname"))+" "+value.Text(o.Get("lastname")))
	return nil
}

func describeUser(o *value.Object) error {
	for _, key := range []string{"locale", "timezone"} {
		if o.Has(key) && o.Get(key) == nil {
			o.Set(key, "default")
		}
	}
	_ = fullName(o)
	own, ok := o.Get("usergroups").([]any)
	if !ok {
		// Without the list, groups of its own cannot be told from inherited ones; hammer ends here, too (hammer.md 5).
		return softwareError("no implicit conversion of nil into Array")
	}
	mine := map[string]bool{}
	for _, g := range own {
		mine[value.Inspect(g)] = true
	}
	inherited := []any{}
	for _, g := range value.AsList(o.Get("cached_usergroups")) {
		if !mine[value.Inspect(g)] {
			inherited = append(inherited, g)
		}
	}
	o.Set("cached_usergroups", inherited)
	return nil
}

// authSourceOf finds the source of an external group, whatever its kind.
func authSourceOf(o *value.Object) error {
	for _, p := range o.Pairs {
		if strings.HasPrefix(p.Key, "auth_source") {
			o.Set("_auth_source", p.Value)
			return nil
		}
	}
	return nil
}

func miscellaneous(o *value.Object) error {
	if o.Get("resource_type") == nil {
		o.Set("resource_type", "(Miscellaneous)")
	}
	return nil
}

func describeFilter(o *value.Object) error {
	_ = miscellaneous(o)
	if o.Get("search") == nil {
		o.Set("search", "none")
	}
	names := []any{}
	for _, p := range value.AsList(o.Get("permissions")) {
		names = append(names, value.AsObject(p).Get("name"))
	}
	o.Set("permissions", names)
	return nil
}

func settingText(o *value.Object) error {
	o.Set("value", value.Text(o.Get("value")))
	return nil
}

func describeAudit(o *value.Object) error {
	changes := []any{}
	if audited := value.AsObject(o.Get("audited_changes")); audited != nil {
		for _, p := range audited.Pairs {
			switch change := p.Value.(type) {
			case nil:
			case []any:
				c := value.NewObject("attribute", p.Key, "value", nil, "old", nil, "new", nil)
				if len(change) > 0 {
					c.Set("old", value.Text(change[0]))
				}
				if len(change) > 1 {
					c.Set("new", change[1])
				}
				changes = append(changes, c)
			default:
				changes = append(changes, value.NewObject("attribute", p.Key, "value", change, "old", nil, "new", nil))
			}
		}
	}
	o.Set("changes", changes)
	return nil
}
