package models

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestOpt(t *testing.T) {
	target := 1
	Opt[int]{}.Apply(&target)
	if target != 1 {
		t.Errorf("got %d: an attribute that is not carried was written", target)
	}
	Opt[int]{Set: true}.Apply(&target)
	if target != 0 {
		t.Errorf("got %d: nothing was carried, and not written", target)
	}
	Some(5).Apply(&target)
	if target != 5 {
		t.Errorf("got %d, want 5", target)
	}
}

// A list reads back as it was written, whatever is in it.
func TestStringList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := StringList(rapid.SliceOf(rapid.String()).Draw(t, "list"))
		stored, err := list.Value()
		if err != nil {
			t.Fatal(err)
		}
		for _, form := range []any{stored, []byte(stored.(string))} {
			var got StringList
			if err := got.Scan(form); err != nil {
				t.Fatal(err)
			}
			if strings.Join(got, "\x00") != strings.Join(list, "\x00") || len(got) != len(list) {
				t.Fatalf("got %q, want %q", got, list)
			}
		}
	})
	if stored, err := StringList(nil).Value(); stored != "[]" || err != nil {
		t.Errorf("none: got %v, %v", stored, err)
	}
	got := StringList{"x"}
	if err := got.Scan(nil); err != nil || got != nil {
		t.Errorf("null: got %v, %v", got, err)
	}
	for _, bad := range []any{5, "no list", []byte("{}")} {
		if err := got.Scan(bad); err == nil {
			t.Errorf("%v was read", bad)
		}
	}
}

func TestTexts(t *testing.T) {
	if Deref[string](nil) != "" || Deref(text("x")) != "x" {
		t.Error("Deref")
	}
	if Trimmed(nil) != nil || *Trimmed(text(" \u2003x\n")) != "x" || *Trimmed(text(" ")) != "" {
		t.Error("Trimmed")
	}
	if !Blank(nil) || !Blank(text("\t ")) || Blank(text("x")) {
		t.Error("Blank")
	}
	if BlankToNil(text(" ")) != nil || *BlankToNil(text(" x")) != " x" {
		t.Error("BlankToNil")
	}
	if TooLong("ééé", 3) || !TooLong("éééé", 3) || TooLong("", 0) {
		t.Error("TooLong counts characters")
	}
	for s, want := range map[string]bool{"": true, "é漢🔑": true, "a\x00": false, "\xff": false, "\xed\xa0\x80": false} {
		if got := Storable(s); got != want {
			t.Errorf("Storable(%q): got %t, want %t", s, got, want)
		}
	}
}

func TestFieldErrors(t *testing.T) {
	var errs FieldErrors
	if errs.Err() != nil {
		t.Error("no errors are an error")
	}
	errs.Check(true, "login", RuleBlank)
	errs.Add("login", RuleInvalid)
	errs.Add("login", RuleInvalid)
	errs.Check(false, "mail", RuleInvalid)
	want := FieldErrors{broken("login", RuleInvalid), broken("mail", RuleInvalid)}
	if diff := cmp.Diff(errs, want); diff != "" {
		t.Errorf("got (-), want (+):\n%s", diff)
	}
	err := errs.Err()
	if KindOf(err) != Invalid || err.Error() != "login invalid; mail invalid" {
		t.Errorf("got %v, %v", KindOf(err), err)
	}
	about := About(7, fmt.Errorf("wrapped: %w", err))
	var e *Error
	if !errors.As(about, &e) || e.Record != 7 || len(e.Fields) != 2 {
		t.Errorf("got %+v", about)
	}
	if again := errors.As(err, &e); !again || e.Record != 0 {
		t.Error("About changed the error that it was given")
	}
	other := errors.New("other")
	if got := About(7, other); got != other {
		t.Errorf("got %v, want the error as it was", got)
	}
}

// What nobody classified is the server's fault and never shown.
func TestKindOf(t *testing.T) {
	for _, test := range []struct {
		err  error
		want Kind
	}{
		{nil, Internal}, {errors.New("x"), Internal}, {NotFoundError("user", "5"), NotFound},
		{fmt.Errorf("x: %w", Denied("view_users")), Forbidden},
		{MissingIDs("Role", []int64{1, 2}, []int64{2}), Invalid}, {MissingName("Role", "x"), Invalid},
		{Refuse("login", "x"), Invalid}, {DeniedBecause("x"), Forbidden},
	} {
		if got := KindOf(test.err); got != test.want {
			t.Errorf("%v: got %v, want %v", test.err, got, test.want)
		}
	}
	cause := errors.New("the cause")
	if err := Fail(Unavailable, "text", 7).Because(cause); !errors.Is(err, cause) ||
		err.Error() != "text 7: the cause" {
		t.Errorf("got %v", err)
	}
}

func TestPrincipal_Can(t *testing.T) {
	grants := map[string][]Grant{"view_users": {{FilterID: 1}}, "edit_users": {}}
	for name, test := range map[string]struct {
		p    *Principal
		want bool
	}{
		"nobody": {nil, false}, "the zero principal": {&Principal{Grants: grants}, false},
		"the zero administrator": {&Principal{Admin: true}, false},
		"who has a grant":        {&Principal{UserID: 1, Grants: grants}, true},
		"an administrator":       {&Principal{UserID: 1, Admin: true}, true},
		"who has none":           {&Principal{UserID: 1}, false}, "the system": {System(), true},
	} {
		if got := test.p.Can("view_users"); got != test.want {
			t.Errorf("%s: got %t, want %t", name, got, test.want)
		}
	}
	if (&Principal{UserID: 1, Grants: grants}).Can("edit_users") {
		t.Error("an empty list of grants grants something")
	}
	if !(Grant{}).Unlimited() || (Grant{Search: "x"}).Unlimited() || (Grant{Locations: []int64{1}}).Unlimited() ||
		(Grant{Organizations: []int64{1}}).Unlimited() {
		t.Error("Unlimited")
	}
	if p := (&Principal{DirectRoles: []int64{3}, Roles: []int64{3, 4}}); !p.HoldsRole(3) || p.HoldsRole(4) {
		t.Error("HoldsRole counts inherited roles")
	}
}

// Changes keep their order and values on their way through JSON.
func TestChanges(t *testing.T) {
	changes := Changes{{Attr: "login", Value: "b<>&"}, {Attr: "admin", Value: false},
		{Attr: "role_ids", Value: []int64{1, 2}}, {Attr: "a"}, {Attr: "first", Value: []any{nil, "x"}}}
	stored, err := changes.Value()
	if err != nil {
		t.Fatal(err)
	}
	var got Changes
	if err := got.Scan(stored); err != nil {
		t.Fatal(err)
	}
	again, err := got.Value()
	if err != nil || again != stored {
		t.Errorf("got %v, %v, want %v", again, err, stored)
	}
	if got[0].Attr != "login" || got[4].Attr != "first" || fmt.Sprintf("%s", got[2].Value) != "[1,2]" {
		t.Errorf("got %v", got)
	}
	if stored, _ := (Changes{}).Value(); stored != "{}" {
		t.Errorf("none: got %v", stored)
	}
	for _, bad := range []any{5, "", nil} {
		if err := got.Scan(bad); err == nil {
			t.Errorf("%v was read", bad)
		}
	}
}
