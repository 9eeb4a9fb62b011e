package models

import (
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"
)

func TestTidyFilter(t *testing.T) {
	for text, want := range map[string]string{
		"":           "",
		" \n":        "",
		"(sn=Multi)": "(sn=Multi)",
		"(&(objectClass=inetOrgPerson) (sn=Multi))": "(&(objectClass=inetOrgPerson)(sn=Multi))",
		"(&\n  (a=b)\r\n\t(| (c=d)\n (e=f) )\n)":    "(&(a=b)(|(c=d)(e=f)))",
		" ( & (a=b)(c=d))\n":                        "(&(a=b)(c=d))",
		"(! (employeeType=x))":                      "(!(employeeType=x))",
		"( ! ( employeeType = x ) )":                "(!(employeeType=x))",
		"( sn=Multi)":                               "(sn=Multi)",
		"(sn =Multi)":                               "(sn=Multi)",
		"(sn= Multi )":                              "(sn=Multi)",
		"(sn=\n Multi\n)":                           "(sn=Multi)",
		"(cn=Ann  B. Smith)":                        "(cn=Ann  B. Smith)",
		"(sn >=b)":                                  "(sn>=b)",
		"(sn ~= b)":                                 "(sn~=b)",
		"(sn <= b)":                                 "(sn<=b)",
		"(sn != b)":                                 "(!(sn=b))",
		"(sn=*)":                                    "(sn=*)",
		"( sn = * )":                                "(sn=*)",
		"(sn=Mul* )":                                "(sn=Mul*)",
		`(cn=\2a\20)`:                               `(cn=\2a\20)`,
		`(cn=a\29 b)`:                               `(cn=a\29 b)`,
		"( memberOf:1.2.840.113556.1.4.1941: = CN=x, DC=y)": "",
		"(memberOf:1.2.840.113556.1.4.1941:= CN=x, DC=y)":   "(memberOf:1.2.840.113556.1.4.1941:=CN=x, DC=y)",
		"( memberOf:1.2.840.113556.1.4.1941 :=CN=x)":        "(memberOf:1.2.840.113556.1.4.1941:=CN=x)",
		"(cn:dn:2.4.6.8.10:=Dino)":                          "(cn:dn:2.4.6.8.10:=Dino)",
		"(:caseExactMatch:=x)":                              "(:caseExactMatch:=x)",
		"(cn;lang-en = x)":                                  "(cn;lang-en=x)",
		"objectClass=x":                                     "(objectClass=x)",
		" objectClass = x ":                                 "(objectClass=x)",
		"& (a=b) (c=d)":                                     "(&(a=b)(c=d))",
		"! (a=b)":                                           "(!(a=b))",
		"(&)":                                               "(&)",
		"( | )":                                             "(|)",
		"( ( a=b ) )":                                       "(a=b)",
		"(&((a=b))(c=d))":                                   "(&(a=b)(c=d))",
		"(uid=шаша )":                                       "(uid=шаша)",
		"(s n=x)":                                           "",
		"(=x)":                                              "",
		"( =x)":                                             "",
		"(sn)":                                              "",
		"(sn\u00a0=x)":                                      "",
		"(a=b) (c=d)":                                       "",
		"(a=b":                                              "",
		"(& (a=b) c=d)":                                     "",
		"(& (a=b)":                                          "",
		"(!)":                                               "",
		"(! (a=b) (c=d))":                                   "",
		"(!a=b)":                                            "",
		"()":                                                "",
		"(":                                                 "",
		")":                                                 "",
		"(sn > = b)":                                        "",
		strings.Repeat("(", 4096):                           "",
	} {
		tidy, ok := TidyFilter(text)
		if none := strings.TrimSpace(text) == ""; ok != (want != "" || none) || ok && tidy != want {
			t.Errorf("%q: got %q, %t, want %q", text, tidy, ok, want)
		}
		if ok && tidy != "" {
			if _, err := ldap.CompileFilter(tidy); err != nil {
				t.Errorf("%q: %q does not compile: %v", text, tidy, err)
			}
		}
	}
}

// What was a filter without white space is the same filter, and what is tidy stays as it is.
func FuzzTidyFilter(f *testing.F) {
	f.Add("(&(objectClass=inetOrgPerson) (sn=Multi))")
	f.Add("(! (a=b))")
	f.Fuzz(func(t *testing.T, text string) {
		tidy, ok := TidyFilter(text)
		if !ok {
			return
		}
		again, ok := TidyFilter(tidy)
		if !ok || again != tidy {
			t.Errorf("%q is tidy as %q, which is as %q, %t", text, tidy, again, ok)
		}
	})
}
