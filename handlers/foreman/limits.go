package foreman

import (
	"fmt"
	"time"

	"roster/directory"
	"roster/handlers/web"
	"roster/models"
	"roster/scopes"
)

// Limit is a bound on what one request may ask for, as the documentation prints it.
type Limit struct {
	// What is the bounded thing, Bound its limit, and Answer the answer to a request beyond it.
	What, Bound, Answer string
}

// Limits lists the bounds of requests. Foreman's own clients stay inside all of them.
func Limits(bodyLimit int64) []Limit {
	const refused = "422, which names the attribute"
	waits := func(n int) string { return fmt.Sprintf("%d at once for each caller; others wait", n) }
	number := func(n int) string { return fmt.Sprint(n) }
	return []Limit{
		{"body of a request", fmt.Sprintf("%d bytes, %d values (a list or an object counts twice)", bodyLimit,
			web.MaxValues), "413"},
		{"body larger than 64 KiB", waits(maxLargeBodiesEach) + fmt.Sprintf("; it arrives within %d seconds",
			largeBodyPatience/time.Second), "503 when the request has waited too long"},
		{"body of somebody who is not let in", fmt.Sprintf("looked at up to %d bytes, for its syntax alone",
			web.MaxStrangerBody), "401"},
		{"list of references by name", number(directory.MaxReferenceNames) + ", repeats count once", refused},
		{"list of references by id", number(directory.MaxReferenceIDs) + ", repeats count once", refused},
		{"parameters of a tenant in one request", number(directory.MaxParameters), refused},
		{"description, search of a filter", fmt.Sprintf("%d characters; audits keep the first %d", models.MaxText,
			directory.MaxAuditedText), refused},
		{"classes that a tenant is open to", number(models.MaxClasses), refused},
		{"groups around a group, groups inside a group, however nested",
			fmt.Sprintf("%d, %d", directory.MaxGroupsAround, directory.MaxGroupsInside), refused},
		{"columns of a table preference", fmt.Sprintf("%d, of %d bytes together; a user keeps %d preferences",
			directory.MaxColumns, directory.MaxColumnsText,
			directory.MaxPreferences), refused},
		{"SSH keys of a user", fmt.Sprintf("%d, each of %d bytes", directory.MaxSSHKeys, directory.MaxSSHKey), refused},
		{"search",
			fmt.Sprintf("%d conditions, %d comparisons (a word without a field makes one for each text of a row)",
				scopes.MaxConditions, scopes.MaxComparisons), "400"},
		{"search, sorted list, or list of a caller who is no administrator, under way",
			waits(directory.MaxSearchesEach), "503 when the request has waited too long"},
		{"work of the database on such a list, streams aside",
			fmt.Sprintf("%d seconds", directory.SearchTimeout/time.Second), "503"},
		{"list of more than 1000 rows", waits(directory.MaxStreamsEach), "503 when the request has waited too long"},
		{"reader of a long list", "10 seconds for 64 KiB", "the connection is cut"},
	}
}
