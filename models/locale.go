package models

import "slices"

// Locales are the languages that an account may prefer: those of the users API document, and Georgian, which newer
// servers add.
var Locales = []string{
	"ca", "cs_CZ", "de", "en", "en_GB", "es", "fr", "gl", "it", "ja", "ka", "ko", "nl_NL", "pl", "pt_BR", "ru", "sv_SE",
	"zh_CN", "zh_TW",
}

// ValidLocale reports whether the language is offered.
func ValidLocale(name string) bool { return slices.Contains(Locales, name) }
