package apidoc

import (
	"slices"
	"strings"
)

// irregular are the plurals that follow no rule; the others follow docs/spec/hammer.md, 2.
var irregular = map[string]string{"medium": "media", "ping": "ping", "home": "home"}

// Plural returns the plural of a resource's name.
func Plural(word string) string {
	if p, ok := irregular[word]; ok {
		return p
	}
	switch {
	case strings.HasSuffix(word, "y") && !strings.HasSuffix(word, "ey"):
		return strings.TrimSuffix(word, "y") + "ies"
	case hasAnySuffix(word, "s", "x", "z", "ch", "sh"):
		return word + "es"
	}
	return word + "s"
}

// Singular returns the singular of a resource's name.
func Singular(word string) string {
	for one, many := range irregular {
		if many == word {
			return one
		}
	}
	switch {
	case strings.HasSuffix(word, "ies"):
		return strings.TrimSuffix(word, "ies") + "y"
	case hasAnySuffix(word, "ses", "xes", "zes", "ches", "shes"):
		return strings.TrimSuffix(word, "es")
	}
	return strings.TrimSuffix(word, "s")
}

func hasAnySuffix(s string, suffixes ...string) bool {
	return slices.ContainsFunc(suffixes, func(suffix string) bool { return strings.HasSuffix(s, suffix) })
}
