package store

import (
	"context"
	"fmt"
	"time"

	"github.com/maypok86/otter/v2"
	"github.com/maypok86/otter/v2/stats"

	"roster/scopes"
)

// places remembers where pages end, so that whoever walks through a list reads each page at the cost of the first.
type places = otter.Cache[string, scopes.Mark]

func newPlaces() *places {
	return otter.Must(&otter.Options[string, scopes.Mark]{
		MaximumSize: 10_000, ExpiryCalculator: otter.ExpiryWriting[string, scopes.Mark](5 * time.Minute),
		StatsRecorder: stats.NewCounter(),
	})
}

// pages remembers which rows pages have, so that a page is read again by the numbers of its rows alone.
type pages = otter.Cache[string, []int64]

func newPages() *pages {
	return otter.Must(&otter.Options[string, []int64]{
		MaximumSize: 10_000, ExpiryCalculator: otter.ExpiryWriting[string, []int64](5 * time.Minute),
		StatsRecorder: stats.NewCounter(),
	})
}

// maxKeptPage bounds the pages that are remembered, in rows.
const maxKeptPage = 100

// kept reports whether the rows of the page may be remembered: those of a list of people without a search, whose every
// change counts.
func (l Listing[T, V]) kept() bool {
	return l.people != nil && l.people.Epoch != 0 && l.marked() && !l.searching() && len(l.Query.Parents) == 0 &&
		l.Query.PerPage > 0 && l.Query.PerPage <= maxKeptPage
}

// keptPage reads a page whose rows are remembered. Each row is looked up as any other is; where one of them is not what
// it was, it reports false.
func (l Listing[T, V]) keptPage(ctx context.Context) ([]T, bool, error) {
	if !l.kept() {
		return nil, false, nil
	}
	ids, ok := l.Store.pages.GetIfPresent(l.placeKey(l.Query.Page))
	if !ok {
		return nil, false, nil
	}
	condition, list := l.Store.InIDs(l.Resource.Table+".id", ids)
	// Few rows are looked up by their numbers, which needs no plan of its own each time.
	db := l.rowsBy(l.Store.Read.WithContext(ctx), scopes.ByRow).Where(condition, list).
		Scopes(scopes.Ordered(l.Caller, l.Resource, l.Query.Order))
	rows, err := fetchInto(make([]T, 0, len(ids)), db, l.Resource)
	return rows, err == nil && len(rows) == len(ids), err
}

// keepPage remembers the rows of a page.
func (l Listing[T, V]) keepPage(rows []T) {
	if !l.kept() {
		return
	}
	ids := make([]int64, len(rows))
	for i := range rows {
		ids[i] = any(&rows[i]).(placed).Place().ID
	}
	l.Store.pages.Set(l.placeKey(l.Query.Page), ids)
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
	return ok && l.Within == nil && !l.Query.sorts() && l.Query.Skip == 0 && l.Query.Rest == nil &&
		!l.tellsTime()
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
