package hammer

import "strings"

// quoted writes a text as one word of a search, whatever is in it. It is for texts that the server gave, which other
// people wrote; what the caller typed goes between plain quotation marks, as hammer sends it.
func quoted(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}
