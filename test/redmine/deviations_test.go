package redmine

// deviations are all recorded pairs that this server answers otherwise, by label.
var deviations = withLists(map[string]deviation{
})

// statusInLists are the lists of users: since version 6 they show the status (docs/spec/redmine.md, 10, version).
var statusInLists = []string{
	"list json default",
	"list xml default",
	"list status=2 registered",
	"list status=3 locked",
	"list status=1|3 (5.0)",
	"list name part",
	"list name with space",
	"list name with space reversed",
	"list name two tokens partial",
	"list name mail",
	"list name blank",
	"list name inactive with status",
	"list group_id",
	"list group_id xml",
	"list group_id two members",
	"list group_id+name",
	"list limit negative",
	"list page+offset",
	"list nometa json",
	"list nometa header",
	"list sort login desc",
	"list sort created_on desc",
	"list sort mail (5.0)",
	"list twofa=0 (5.0)",
	"list jsonp off",
	"list format param",
	"[B] list limit 10.7",
	"[B] list limit \" 3\"",
	"[B] list offset text",
	"[B] list sort two keys last wins",
	"[B] list name + sort + status",
	"[B] list XML limit >100",
	"[B] setting gravatar_enabled=1: list",
	"[B] setting jsonp_enabled=1: callback",
	"[B] custom field default value: list existing user without row",
	"[B] no custom fields defined: list",
	"[B] no custom fields defined: list xml",
}

func withLists(all map[string]deviation) map[string]deviation {
	for _, label := range statusInLists {
		if _, known := all[label]; !known {
			all[label] = deviation{reason: "17, version: lists show the status", mend: withoutStatus}
		}
	}
	return all
}
