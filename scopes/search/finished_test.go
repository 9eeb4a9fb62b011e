package search

import "testing"

func TestFinished(t *testing.T) {
	for query, want := range map[string]string{
		"":                                  "",
		"admin = false":                     "",
		"null? role":                        "",
		"admin = false and (role = Manager": "a parenthesis ( is not closed",
		"usergroup = it and":                "a value is missing after and",
		"login =":                           "a value is missing after =",
		"not":                               "a value is missing after not",
		`login = "ann`:                      `a quote " is not closed`,
		`login = "ann\"`:                    `a quote " is not closed`,
		`login = "a(nn"`:                    "",
		`login = a"b`:                       "",
		"(login = ann) or (login = bob)":    "",
		"login ^ (ann, bob)":                "",
		"((login = ann)":                    "a parenthesis ( is not closed",
		"login = ann,":                      "",
	} {
		got := ""
		if err := Finished(query); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("Finished(%q) = %q, want %q", query, got, want)
		}
	}
}
