package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"roster/models"
	"roster/scopes"
)

// ListQuery is what every list may be asked for.
type ListQuery struct {
	// Search is a query of the search language, Order one of its fields with an optional direction; blank for none.
	Search, Order string
	// Page starts at 1. PerPage 0 means all rows.
	Page, PerPage int64
	// Parents restrict the list to the rows inside them.
	Parents []Parent
}

// Totals count a list: all rows that the caller may see, and those that match the search.
type Totals struct {
	Total, Subtotal int64
}

// List is one list request: rows of T, shown as V. Its run calls head once with the totals and then each for every
// row in order. Memory is bounded whatever PerPage is: long lists are read as they are consumed.
type List[T, V any] struct {
	Store  *Store
	Caller *models.Principal
	Query  ListQuery
	// resource declares which rows the caller may list; within replaces that where the verb has looked whose rows they
	// are.
	Resource *scopes.Resource
	Within   scopes.Scope
	// tally names the noun whose epoch makes counts worth remembering; empty for small tables, which are counted.
	Revision string
	// kept returns the stored total without parents, if there is one; may be nil.
	Kept  func() (int64, bool)
	Views func([]T) ([]V, error)
}

// streamFrom is the page size above which rows are streamed instead of collected.
const streamFrom = 1000

// Run reads the list: it calls head once with the totals, and then each for every row of the page. Refused are callers
// who may not see the resource at all, and queries that are wrong or ask for too much.
func (l List[T, V]) Run(ctx context.Context, head func(Totals) error, each func(V) error) error {
	if l.Within == nil {
		if err := Admitted(l.Caller, l.Resource); err != nil {
			return err
		}
	}
	if l.costly() {
		leave, err := l.Store.EnterSearch(ctx, l.Caller)
		if err != nil {
			return err
		}
		defer leave()
	}
	bounded, cancel := WithSearchTimeout(ctx)
	defer cancel()
	totals, err := l.totals(bounded)
	if err != nil {
		return QueryError(err)
	}
	if l.Query.PerPage == 0 || l.Query.PerPage > streamFrom {
		return l.stream(ctx, totals, head, each)
	}
	rows, err := l.fetchPage(bounded)
	if err != nil {
		return QueryError(err)
	}
	return l.page(rows, totals, head, each)
}

const (
	// MaxSearchesEach is how many costly lists of one caller are under way at once, searches first of all.
	MaxSearchesEach = 2
	// SearchTimeout bounds the database's work on one list, other than that of streams; the statement is cancelled
	// then.
	SearchTimeout = 10 * time.Second
	// maxStreams is how many lists may be streamed at once: each holds a connection for as long as the database takes.
	maxStreams = 2
	// MaxStreamsEach is how many of them one caller may have.
	MaxStreamsEach = 1
)

// EnterSearch waits for a place to search.
func (s *Store) EnterSearch(ctx context.Context, p *models.Principal) (leave func(), err error) {
	if leave, err = s.searches.Enter(ctx, p.UserID); err != nil {
		return nil, Busy(err)
	}
	return leave, nil
}

// Busy says that too many wait for a place.
func Busy(err error) error {
	return models.Fail(models.Unavailable, models.RuleBusy).Because(err)
}

// WithSearchTimeout bounds the work of the database on a list. TooSlow words what it took too long for.
func WithSearchTimeout(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, SearchTimeout, errTooSlow)
}

var errTooSlow = models.Fail(models.Unavailable, models.RuleTooSlow, int(SearchTimeout/time.Second))

// TooSlow replaces the error of a statement whose patience has ended.
func TooSlow(ctx context.Context, err error) error {
	if err != nil && errors.Is(context.Cause(ctx), errTooSlow) {
		return errTooSlow
	}
	return err
}

// rows selects what the caller may see, without the search.
func (l List[T, V]) rows(db *gorm.DB) *gorm.DB {
	within := l.Within
	if within == nil {
		within = l.Resource.Listed(l.Caller)
	}
	db = db.Model(new(T)).Scopes(within)
	for _, parent := range l.Query.Parents {
		db = db.Scopes(scopes.Under(l.Resource, parent.Class, parent.ID))
	}
	return db
}

func (l List[T, V]) matching(db *gorm.DB) *gorm.DB {
	return l.rows(db).Scopes(scopes.Matching(l.Caller, l.Resource, l.Query.Search))
}

func (l List[T, V]) searching() bool { return strings.TrimSpace(l.Query.Search) != "" }

// costly reports whether the list may take long: it searches or sorts, or the caller's tenants and filters limit it.
func (l List[T, V]) costly() bool {
	return l.searching() || strings.TrimSpace(l.Query.Order) != "" || !l.Caller.Admin
}

// pool returns the handle to read with: what may take long has a pool of its own, see config.
func (l List[T, V]) pool(ctx context.Context) *gorm.DB {
	if l.costly() {
		return l.Store.Search.WithContext(ctx)
	}
	return l.Store.Read.WithContext(ctx)
}

// totals counts, unless the numbers are kept or remembered.
func (l List[T, V]) totals(ctx context.Context) (Totals, error) {
	var t Totals
	var err error
	if t.Total, err = l.total(ctx); err != nil || !l.searching() {
		t.Subtotal = t.Total
		return t, err
	}
	t.Subtotal, err = l.count(l.Query.Search, l.matching(l.pool(ctx)))
	return t, TooSlow(ctx, err)
}

func (l List[T, V]) total(ctx context.Context) (int64, error) {
	if l.Kept != nil && len(l.Query.Parents) == 0 {
		if n, ok := l.Kept(); ok {
			return n, nil
		}
	}
	n, err := l.count("", l.rows(l.pool(ctx)))
	return n, TooSlow(ctx, err)
}

func (l List[T, V]) count(search string, db *gorm.DB) (int64, error) {
	return l.Store.counts.get(l.key(search), func() (int64, error) {
		var n int64
		err := db.Count(&n).Error
		return n, err
	})
}

// key names a count: who counts, in which context, under which parents, with which query, at which state of the
// directory. Queries about time, the caller's filters among them, mean something else each moment and are never
// remembered.
func (l List[T, V]) key(search string) string {
	tellsTime := func(g models.Grant) bool { return scopes.TellsTime(l.Resource, g.Search) }
	if l.Revision == "" || search != "" && scopes.TellsTime(l.Resource, search) ||
		slices.ContainsFunc(l.Caller.Grants[l.Resource.Can(models.View)], tellsTime) {
		return ""
	}
	return fmt.Sprint(l.Revision, l.Caller.Seen.Users, l.Caller.Seen.Refs, l.Caller.UserID, l.Caller.Context.LocationID,
		l.Caller.Context.OrganizationID, l.Query.Parents, search)
}

func (l List[T, V]) page(rows []T, t Totals, head func(Totals) error, each func(V) error) error {
	views, err := l.Views(rows)
	if err != nil {
		return err
	}
	if err := head(t); err != nil {
		return err
	}
	return eachOf(views, each)
}

func (l List[T, V]) fetchPage(ctx context.Context) ([]T, error) {
	db := l.matching(l.pool(ctx)).Scopes(scopes.Ordered(l.Caller, l.Resource, l.Query.Order),
		scopes.Page(l.Query.Page, l.Query.PerPage))
	rows, err := Fetch[T](db, l.Resource)
	return rows, TooSlow(ctx, err)
}

// scanned are models that know where their columns go.
type scanned interface {
	Columns() []string
	Targets() []any
}

// read opens a statement and returns a function that scans its rows, without reflection for models that allow it.
func read[T any](db *gorm.DB, r *scopes.Resource) (*sql.Rows, func(*T) error, error) {
	columns, ok := any(new(T)).(scanned)
	if ok {
		db = db.Select(r.Table + "." + strings.Join(columns.Columns(), ", "+r.Table+"."))
	}
	rows, err := db.Rows()
	if err != nil {
		return nil, nil, err
	}
	if ok {
		return rows, func(row *T) error { return rows.Scan(any(row).(scanned).Targets()...) }, nil
	}
	return rows, func(row *T) error { return db.ScanRows(rows, row) }, nil
}

// Fetch reads all rows of a statement.
func Fetch[T any](db *gorm.DB, r *scopes.Resource) ([]T, error) {
	rows, scan, err := read[T](db.Model(new(T)), r)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []T
	for rows.Next() {
		list = append(list, *new(T))
		if err := scan(&list[len(list)-1]); err != nil {
			return nil, err
		}
	}
	return list, rows.Err()
}

func eachOf[V any](list []V, each func(V) error) error {
	for _, v := range list {
		if err := each(v); err != nil {
			return err
		}
	}
	return nil
}

// stream reads the rows through one open statement, and what hangs on each chunk beside it. Only a few streams run at
// once, so that there is always a connection left for that. The statement is opened before head, so that its errors
// become answers.
func (l List[T, V]) stream(ctx context.Context, t Totals, head func(Totals) error, each func(V) error) error {
	db := l.matching(l.pool(ctx)).Scopes(scopes.Ordered(l.Caller, l.Resource, l.Query.Order))
	if l.Query.PerPage != 0 {
		db = db.Scopes(scopes.Page(l.Query.Page, l.Query.PerPage))
	}
	leave, err := l.Store.streams.Enter(ctx, l.Caller.UserID)
	if err != nil {
		return Busy(err)
	}
	defer leave()
	rows, scan, err := read[T](db, l.Resource)
	if err != nil {
		return QueryError(err)
	}
	defer rows.Close()
	if err := head(t); err != nil {
		return err
	}
	chunk := make([]T, 0, streamChunk)
	flush := func() error {
		views, err := l.Views(chunk)
		chunk = chunk[:0]
		if err != nil {
			return err
		}
		return eachOf(views, each)
	}
	for rows.Next() {
		var row T
		if err := scan(&row); err != nil {
			return err
		}
		if chunk = append(chunk, row); len(chunk) == streamChunk {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return flush()
}

// streamChunk is how many rows of a stream are put together at a time.
const streamChunk = 500
