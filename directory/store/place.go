package store

import (
	"fmt"
	"time"

	"github.com/maypok86/otter/v2"

	"roster/scopes"
)

// places remembers where pages end, so that whoever walks through a list reads each page at the cost of the first.
type places = otter.Cache[string, scopes.Mark]

func newPlaces() *places {
	return otter.Must(&otter.Options[string, scopes.Mark]{
		MaximumSize: 10_000, ExpiryCalculator: otter.ExpiryWriting[string, scopes.Mark](5 * time.Minute),
	})
}

// placed are rows that know their place in the default order of their list.
type placed interface{ Place() scopes.Mark }

// place returns where the page begins, the zero Mark where that is not known.
func (l Listing[T, V]) place() scopes.Mark {
	if l.Query.Page < 2 || !l.marked() {
		return scopes.Mark{}
	}
	mark, _ := l.Store.places.GetIfPresent(l.placeKey(l.Query.Page))
	return mark
}

// keepPlace remembers where the page ends, unless it is the last one.
func (l Listing[T, V]) keepPlace(rows []T) {
	if !l.marked() || l.Query.PerPage == 0 || int64(len(rows)) < l.Query.PerPage {
		return
	}
	l.Store.places.Set(l.placeKey(l.Query.Page+1), any(&rows[len(rows)-1]).(placed).Place())
}

// marked reports whether the list is one in whose order places are known, and whose rows only change with a revision.
func (l Listing[T, V]) marked() bool {
	_, ok := any(new(T)).(placed)
	return ok && l.Within == nil && !l.Query.sorts() && l.Query.Skip == 0 && !l.tellsTime()
}

// placeKey names a page of a list at a state of the directory: that of the people whom the caller may see, where every
// change of them counts there, or else that of all users.
func (l Listing[T, V]) placeKey(page int64) string {
	state := fmt.Sprint("all ", l.Caller.Seen.Users)
	if l.people != nil && l.people.Epoch != 0 {
		state = fmt.Sprint("seen ", l.people.Epoch)
	}
	return fmt.Sprint(state, " ", peopleKey(l.Caller), l.Query.Parents, l.Query.PerPage, " ", page, " ", l.Query.text())
}

// deepFrom is the number of rows before a page from which they are skipped by their ids.
const deepFrom = 1000

// deep reports whether so many rows come before the page that they are not read whole.
func (l Listing[T, V]) deep() bool {
	return l.Resource == scopes.Users && l.Query.PerPage > 0 && l.Query.before() > deepFrom
}
