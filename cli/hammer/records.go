package hammer

import "strings"

// The functions here prepare records for showing: names put together, defaults put in. The keys that they add exist on
// this side only.

func fullName(o *object) error {
	o.set("full_name", rubyText(o.get("firstname"))+" "+rubyText(o.get("lastname")))
	return nil
}

func describeUser(o *object) error {
	for _, key := range []string{"locale", "timezone"} {
		if o.has(key) && o.get(key) == nil {
			o.set(key, "default")
		}
	}
	_ = fullName(o)
	own, ok := o.get("usergroups").([]any)
	if !ok {
		// Without the list, groups of its own cannot be told from inherited ones; hammer ends here, too
		// (docs/spec/hammer.md, 5).
		return softwareError("no implicit conversion of nil into Array")
	}
	mine := map[string]bool{}
	for _, g := range own {
		mine[inspect(g)] = true
	}
	inherited := []any{}
	for _, g := range list(o.get("cached_usergroups")) {
		if !mine[inspect(g)] {
			inherited = append(inherited, g)
		}
	}
	o.set("cached_usergroups", inherited)
	return nil
}

// authSourceOf finds the source of an external group, whatever its kind.
func authSourceOf(o *object) error {
	for _, p := range o.pairs {
		if strings.HasPrefix(p.key, "auth_source") {
			o.set("_auth_source", p.value)
			return nil
		}
	}
	return nil
}

func miscellaneous(o *object) error {
	if o.get("resource_type") == nil {
		o.set("resource_type", "(Miscellaneous)")
	}
	return nil
}

func describeFilter(o *object) error {
	_ = miscellaneous(o)
	if o.get("search") == nil {
		o.set("search", "none")
	}
	names := []any{}
	for _, p := range list(o.get("permissions")) {
		names = append(names, record(p).get("name"))
	}
	o.set("permissions", names)
	return nil
}

func settingText(o *object) error {
	o.set("value", rubyText(o.get("value")))
	return nil
}

func describeAudit(o *object) error {
	changes := []any{}
	if audited := record(o.get("audited_changes")); audited != nil {
		for _, p := range audited.pairs {
			switch change := p.value.(type) {
			case nil:
			case []any:
				c := newObject("attribute", p.key, "value", nil, "old", nil, "new", nil)
				if len(change) > 0 {
					c.set("old", rubyText(change[0]))
				}
				if len(change) > 1 {
					c.set("new", change[1])
				}
				changes = append(changes, c)
			default:
				changes = append(changes, newObject("attribute", p.key, "value", change, "old", nil, "new", nil))
			}
		}
	}
	o.set("changes", changes)
	return nil
}
