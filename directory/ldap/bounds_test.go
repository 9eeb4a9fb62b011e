package ldap

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"testing"
)

// The netgroups around a user are those in which everybody inside includes the user.
func TestGroupsAround(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		groups := map[string]netgroup{}
		for i := range 12 {
			g := netgroup{}
			if random.IntN(4) == 0 {
				g.users = append(g.users, "ann")
			}
			for range random.IntN(3) {
				g.inside = append(g.inside, fmt.Sprint(random.IntN(13)))
			}
			groups[fmt.Sprint(i)] = g
		}
		around := groupsAround(groups, "ann")
		for name := range groups {
			if want := slices.Contains(everybodyIn(groups, name), "ann"); around[name] != want {
				t.Fatalf("%s of %v: got %t, want %t", name, groups, around[name], want)
			}
		}
	}
	// Ten thousand groups that are all inside each other are read in passing.
	groups := map[string]netgroup{"0": {users: []string{"ann"}}}
	for i := range maxEntries {
		g := groups[fmt.Sprint(i)]
		for j := range 12 {
			g.inside = append(g.inside, fmt.Sprint((i*7+j*311)%maxEntries))
		}
		groups[fmt.Sprint(i)] = g
	}
	if n := len(groupsAround(groups, "ann")); n != maxEntries {
		t.Errorf("%d groups are around, want %d", n, maxEntries)
	}
}

// endless is a connection that always has more.
type endless struct{ net.Conn }

func (endless) Read(p []byte) (int, error) { return len(p), nil }
func (endless) Close() error               { return nil }

// What is small is read at once; what is large has to have a place, which it gives back.
func TestBounded_LargeAnswersHavePlaces(t *testing.T) {
	large := make(chan struct{}, 1)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	open := func() *bounded { return &bounded{Conn: endless{}, ctx: ended, large: large, left: maxAnswer} }
	read := func(b *bounded, n int) error {
		for left := n; left > 0; {
			got, err := b.Read(make([]byte, min(left, 1<<16)))
			if err != nil {
				return err
			}
			left -= got
		}
		return nil
	}
	first := open()
	second := open()
	for _, b := range []*bounded{first, second} {
		if err := read(b, largeAnswer); err != nil {
			t.Fatal(err)
		}
	}
	if err := read(first, largeAnswer); err != nil {
		t.Fatal(err)
	}
	if err := read(second, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want to wait in vain", err)
	}
	if err := errors.Join(first.Close(), first.Close()); err != nil {
		t.Fatal(err)
	}
	if err := read(second, maxAnswer-largeAnswer); err != nil {
		t.Fatal(err)
	}
	if err := read(second, 1); !errors.Is(err, errTooMuch) {
		t.Errorf("got %v, want too much", err)
	}
	second.Close()
	if len(large) != 0 {
		t.Error("a place is held by nobody")
	}
}
