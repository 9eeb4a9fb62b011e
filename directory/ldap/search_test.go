package ldap

import (
	"errors"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/go-ldap/ldap/v3"
)

// The values of an attribute are those under its name with whatever options.
func TestValuesIn(t *testing.T) {
	for what, test := range map[string]struct {
		attributes map[string][]string
		want       []string
		next       int
	}{
		"plain":             {map[string][]string{"member": {"a", "b"}}, []string{"a", "b"}, 0},
		"in another case":   {map[string][]string{"MEMBER": {"a"}}, []string{"a"}, 0},
		"first range":       {map[string][]string{"member": {}, "member;range=0-1": {"a", "b"}}, []string{"a", "b"}, 2},
		"last range":        {map[string][]string{"member;range=2-*": {"c"}}, []string{"c"}, 0},
		"in capitals":       {map[string][]string{"Member;Range=0-1499": {"a"}}, []string{"a"}, 1500},
		"language":          {map[string][]string{"member;lang-en": {"b"}, "member": {"a"}}, []string{"a", "b"}, 0},
		"several options":   {map[string][]string{"member;binary;range=0-4": {"a"}}, []string{"a"}, 5},
		"no range":          {map[string][]string{"member;range=x-y": {"a"}}, []string{"a"}, 0},
		"a range below 0":   {map[string][]string{"member;range=0--5": {"a"}}, []string{"a"}, 0},
		"a range too far":   {map[string][]string{"member;range=0-9999999999": {"a"}}, []string{"a"}, 0},
		"another attribute": {map[string][]string{"members": {"a"}, "member2;range=0-1": {"b"}}, nil, 0},
	} {
		values, next := valuesIn(ldap.NewEntry("cn=x", test.attributes), "member")
		if !slices.Equal(values, test.want) || next != test.next {
			t.Errorf("%s: got %v, %d, want %v, %d", what, values, next, test.want, test.next)
		}
	}
}

// Everything is asked once, a few at a time, until something fails.
func TestSideBySide(t *testing.T) {
	for _, n := range []int{0, 1, maxAtOnce, 1000} {
		asked := make([]atomic.Int64, n)
		var under, most atomic.Int64
		err := sideBySide(n, func(i int) error {
			most.Store(max(most.Load(), under.Add(1)))
			defer under.Add(-1)
			asked[i].Add(1)
			return nil
		})
		if err != nil || most.Load() > maxAtOnce {
			t.Errorf("%d: got %v, %d at once", n, err, most.Load())
		}
		for i := range asked {
			if asked[i].Load() != 1 {
				t.Errorf("%d of %d was asked %d times", i, n, asked[i].Load())
			}
		}
	}
	var asked atomic.Int64
	failed := errors.New("failed")
	err := sideBySide(1000, func(i int) error {
		asked.Add(1)
		if i == 10 {
			return failed
		}
		return nil
	})
	if !errors.Is(err, failed) {
		t.Errorf("got %v", err)
	}
}

// A view is below cn=compat where the base is not.
func TestIsView(t *testing.T) {
	const base = "dc=example,dc=com"
	for dn, want := range map[string]bool{
		"uid=ann,cn=users,cn=compat," + base: true, "uid=ann, cn=users, CN = Compat, " + base: true,
		"uid=ann,cn=users,cn=accounts," + base: false, "cn=compat,cn=groups,cn=accounts," + base: false,
		"uid=compat,cn=users,cn=accounts," + base: false, "uid=ann,ou=compat," + base: false, "": false, "nonsense": false,
	} {
		if got := isView(base, dn); got != want {
			t.Errorf("%s: got %t", dn, got)
		}
		if isView("cn=users,cn=compat,"+base, dn) {
			t.Errorf("%s is a view of a base of views", dn)
		}
	}
}
