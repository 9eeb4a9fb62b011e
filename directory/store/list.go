package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"gorm.io/gorm"

	"roster/models"
	"roster/scopes"
	"roster/scopes/search"
)

// ListQuery is what every list may be asked for.
type ListQuery struct {
	// Search is a query of the search language, Order one of its fields with an optional direction; blank for none.
	Search, Order string
	// Page starts at 1. PerPage 0 means all rows.
	Page, PerPage int64
	// Parents restrict the list to the rows inside them.
	Parents []Parent
	// Node describes rows, too, and may name internal fields; nil describes all. Listed is what Search and Node agree
	// on.
	Node search.Node
	// Sort takes the place of Order: the fields to sort by, internal ones among them.
	Sort []search.SortKey
	// Rest describes which of the listed rows the page may have. It is not counted with.
	Rest search.Node
	// Skip is how many rows to leave out besides those of the pages before.
	Skip int64
}

// searches reports whether a query narrows the list.
func (q ListQuery) searches() bool { return strings.TrimSpace(q.Search) != "" || q.Node != nil }

// sorts reports whether the list has another order than its own.
func (q ListQuery) sorts() bool { return strings.TrimSpace(q.Order) != "" || len(q.Sort) > 0 }

// before is how many rows come before the page.
func (q ListQuery) before() int64 { return max(0, q.Page-1)*q.PerPage + q.Skip }

// text names what the list is searched by.
func (q ListQuery) text() string {
	if q.Node == nil {
		return q.Search
	}
	// No text begins like this, so that none names the same count.
	return fmt.Sprintf("\x00%q %q", search.Notation(q.Node), q.Search)
}

// Totals count a list: all rows that the caller may see, and those that match the search.
type Totals struct {
	Total, Subtotal int64
}

// List is what a list request found.
type List[V any] struct {
	Totals
	rows iter.Seq2[V, error]
}

// Rows yields the rows of the page in order, once. The last pair is an error where reading them fails. Memory is
// bounded whatever the page holds: long lists are read as they are consumed, with a connection that is given back at
// the end, or with the request.
func (l *List[V]) Rows() iter.Seq2[V, error] { return l.rows }

// Listed returns a list whose rows are known already.
func Listed[V any](t Totals, rows []V) *List[V] {
	return &List[V]{t, func(yield func(V, error) bool) {
		for _, v := range rows {
			if !yield(v, nil) {
				return
			}
		}
	}}
}

// Listing is one list request: rows of T, shown as V.
type Listing[T, V any] struct {
	Store  *Store
	Caller *models.Principal
	Query  ListQuery
	// Resource declares which rows the caller may list. Within replaces that where the verb has looked whose rows they
	// are.
	Resource *scopes.Resource
	Within   scopes.Scope
	// Kind names the lists that differ in Within, so that their counts are told apart.
	Kind string
	// Revision is the one that makes counts worth remembering; empty for small tables, which are counted.
	Revision string
	// Kept returns the total without parents, if somebody keeps it; may be nil.
	Kept func() (int64, bool)
	// Found says that nobody asks for the total: where the list is searched, only what the search finds is counted.
	Found bool
	// Views turns the rows of a page, or of a part of a stream, into what is shown.
	Views func([]T) ([]V, error)
	// people says how many users the caller sees, where the list is of users and that is known before; nil elsewhere.
	people *PeopleCount
	// after is the place where the page begins, where the page before it was read lately.
	after scopes.Mark
}

// streamFrom is the page size above which rows are streamed instead of collected.
const streamFrom = 1000

// Read counts the list and reads its page, or opens the stream of a long one. Refused are callers who may not see the
// resource at all, and queries that are wrong or ask for too much.
func (l Listing[T, V]) Read(ctx context.Context) (*List[V], error) {
	ctx, end := l.Store.begin(ctx, Reading, l.Resource.Name)
	list, err := l.read(ctx)
	if err != nil && ctx.Err() == nil && l.Store.replicaFailed(err) && routeOf(ctx).stay() {
		list, err = l.read(ctx)
	}
	end(err)
	return list, err
}

func (l Listing[T, V]) read(ctx context.Context) (*List[V], error) {
	if l.Within == nil {
		if err := Admitted(l.Caller, l.Resource); err != nil {
			return nil, err
		}
	}
	streaming := l.Query.PerPage == 0 || l.Query.PerPage > streamFrom
	leaveStreams := func() {}
	waiting, stopWaiting := context.WithTimeout(ctx, entryWait)
	defer stopWaiting()
	if streaming {
		var err error
		if leaveStreams, err = l.Store.streams.Enter(waiting, l.Caller.Turn()); err != nil {
			return nil, Busy(err)
		}
	}
	if l.costly() {
		leave, err := l.Store.EnterSearch(waiting, l.Caller)
		if err != nil {
			leaveStreams()
			return nil, err
		}
		defer leave()
	}
	bounded, cancel := WithSearchTimeout(ctx)
	defer cancel()
	totals := Totals{}
	err := l.countPeople(bounded)
	if err == nil {
		l.after = l.place()
		totals, err = l.totals(bounded)
	}
	if err != nil {
		leaveStreams()
		return nil, QueryError(err)
	}
	if streaming {
		return l.stream(ctx, totals, leaveStreams)
	}
	rows, err := l.fetchPage(bounded, totals)
	if err != nil {
		return nil, QueryError(err)
	}
	views, err := l.Views(rows)
	if err != nil {
		return nil, err
	}
	return Listed(totals, views), nil
}

const (
	// MaxSearchesEach is how many costly lists of one caller are under way at once, searches first of all.
	MaxSearchesEach = 2
	// SearchTimeout bounds the database's work on one list, other than that of streams; the statement is cancelled
	// then.
	SearchTimeout = 10 * time.Second
	// maxStreams is how many lists may be streamed at once: each holds a connection for as long as the database takes.
	maxStreams = 2
	// entryWait is how long a list waits for its places. The context of a stream ends with the connection only.
	entryWait = 30 * time.Second
	// MaxStreamsEach is how many of them one caller may have.
	MaxStreamsEach = 1
)

// EnterSearch waits for a place to search.
func (s *Store) EnterSearch(ctx context.Context, p *models.Principal) (leave func(), err error) {
	if leave, err = s.searches.Enter(ctx, p.Turn()); err != nil {
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
func (l Listing[T, V]) rows(db *gorm.DB) *gorm.DB { return l.rowsBy(db, l.way()) }

func (l Listing[T, V]) rowsBy(db *gorm.DB, way scopes.Way) *gorm.DB {
	within := l.Within
	if within == nil {
		within = l.Resource.ListedBy(l.Caller, way)
	}
	db = db.Model(new(T)).Scopes(within)
	for _, parent := range l.Query.Parents {
		db = db.Scopes(scopes.Under(l.Resource, parent.Class, parent.ID))
	}
	return db
}

func (l Listing[T, V]) matching(db *gorm.DB) *gorm.DB {
	return l.rows(db).Scopes(scopes.Matching(l.Caller, l.Resource, l.Query.Search),
		scopes.MatchingTree(l.Caller, l.Resource, l.Query.Node))
}

func (l Listing[T, V]) searching() bool { return l.Query.searches() }

// order is the scope that sorts the list.
func (l Listing[T, V]) order() scopes.Scope {
	if len(l.Query.Sort) > 0 {
		return scopes.Sorted(l.Caller, l.Resource, l.Query.Sort)
	}
	return scopes.Ordered(l.Caller, l.Resource, l.Query.Order)
}

// tellsTime reports whether what the list is searched by may select other rows a moment later.
func (l Listing[T, V]) tellsTime() bool {
	return strings.TrimSpace(l.Query.Search) != "" && scopes.TellsTime(l.Caller, l.Resource, l.Query.Search) ||
		l.Query.Node != nil && l.Resource.Search.Temporal(l.Query.Node)
}

// costly reports whether the list may take long: it searches or sorts, or the caller's tenants and filters limit it.
func (l Listing[T, V]) costly() bool {
	return (l.searching() || l.Query.sorts() || !l.Caller.Admin) && !l.light()
}

// light reports whether the list is one of active users by login or of all users by number, for somebody who sees all:
// an index has its order, and few rows are passed over.
func (l Listing[T, V]) light() bool {
	if l.Resource != scopes.Users || !l.Caller.Admin || strings.TrimSpace(l.Query.Search+l.Query.Order) != "" ||
		len(l.Query.Sort) != 1 {
		return false
	}
	if l.Query.Sort[0].Field == "id" {
		return l.Query.Node == nil
	}
	return l.Query.Sort[0].Field == scopes.Users.Label &&
		reflect.DeepEqual(l.Query.Node, scopes.WithStatus(models.UserActive))
}

// pool returns the handle to read with: what may take long has a pool of its own, see config.
func (l Listing[T, V]) pool(ctx context.Context) *gorm.DB {
	if l.costly() {
		return l.Store.Search.WithContext(ctx)
	}
	return l.Store.Read.WithContext(ctx)
}

// totals counts, unless the numbers are kept or remembered.
func (l Listing[T, V]) totals(ctx context.Context) (Totals, error) {
	var t Totals
	var err error
	if l.Found && l.searching() {
		t.Subtotal, err = l.count(l.Query.text(), l.matching(l.pool(ctx)))
		t.Total = t.Subtotal
		return t, TooSlow(ctx, err)
	}
	if t.Total, err = l.total(ctx); err != nil || !l.searching() {
		t.Subtotal = t.Total
		return t, err
	}
	t.Subtotal, err = l.count(l.Query.text(), l.matching(l.pool(ctx)))
	return t, TooSlow(ctx, err)
}

func (l Listing[T, V]) total(ctx context.Context) (int64, error) {
	if len(l.Query.Parents) == 0 {
		if l.people != nil {
			return l.people.Total, nil
		}
		if l.Kept != nil {
			if n, ok := l.Kept(); ok {
				return n, nil
			}
		}
	}
	n, err := l.count("", l.rows(l.pool(ctx)))
	return n, TooSlow(ctx, err)
}

func (l Listing[T, V]) count(search string, db *gorm.DB) (int64, error) {
	var epochs func() (int64, error)
	if tenants := l.watched(); tenants != nil {
		epochs = func() (int64, error) { return l.Store.epochsOf(db.Statement.Context, tenants) }
	}
	return l.Store.counts.get(l.key(search), l.Caller.Seen.Users, epochs, func() (int64, error) {
		var n int64
		err := db.Count(&n).Error
		return n, err
	})
}

// key names a count: who counts, in which context, under which parents, with which query, at which state of the
// directory. Queries about time, the caller's filters among them, mean something else each moment and are never
// remembered.
func (l Listing[T, V]) key(search string) string {
	tellsTime := func(g models.Grant) bool { return scopes.TellsTime(l.Caller, l.Resource, g.Search) }
	if l.Revision == "" || search != "" && l.tellsTime() ||
		slices.ContainsFunc(l.Caller.Grants[l.Resource.Can(models.View)], tellsTime) {
		return ""
	}
	return fmt.Sprint(l.Revision, l.Resource.Name, l.Kind, peopleKey(l.Caller), l.Query.Parents, search)
}

func (l Listing[T, V]) fetchPage(ctx context.Context, t Totals) ([]T, error) {
	if rows, whole, err := l.keptPage(ctx); whole || err != nil {
		return rows, TooSlow(ctx, err)
	}
	db := l.pool(ctx)
	if first := l.firstPeople(); first != nil {
		db = db.Model(new(T)).Scopes(scopes.NotHidden, first)
	} else if way, unaided := l.unaided(t); unaided {
		db = l.rowsBy(db, way).Scopes(scopes.MatchingUnaided(l.Caller, l.Resource, l.Query.Search, l.Query.Node))
	} else {
		db = l.matching(db)
	}
	db = db.Scopes(scopes.MatchingTree(l.Caller, l.Resource, l.Query.Rest))
	ordered := l.order()
	page := scopes.Stretch(l.Query.before(), l.Query.PerPage)
	switch {
	case l.after != (scopes.Mark{}):
		db = db.Scopes(scopes.After(l.after), ordered, scopes.Page(1, l.Query.PerPage))
	case l.deep():
		// Which rows the page has is read from indexes alone, if one has the order; only these are read whole.
		ids := db.Scopes(ordered, page).Select(l.Resource.Table + ".id")
		db = l.pool(ctx).Model(new(T)).Where(l.Resource.Table+".id IN (?)", ids).Scopes(ordered)
	default:
		db = db.Scopes(ordered, page)
	}
	rows, err := fetchInto(make([]T, 0, min(l.Query.PerPage, t.Subtotal)), db, l.Resource)
	if err == nil {
		l.keepPlace(rows)
		l.keepPage(rows)
	}
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
func Fetch[T any](db *gorm.DB, r *scopes.Resource) ([]T, error) { return fetchInto[T](nil, db, r) }

// fetchInto appends all rows of a statement to a list.
func fetchInto[T any](list []T, db *gorm.DB, r *scopes.Resource) ([]T, error) {
	rows, scan, err := read[T](db.Model(new(T)), r)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		list = append(list, *new(T))
		if err := scan(&list[len(list)-1]); err != nil {
			return nil, err
		}
	}
	return list, rows.Err()
}

// stream opens the statement of a long list, so that its errors become answers, and reads it as the rows are asked for.
// What hangs on each part of it is read beside it. Only a few streams run at once, so that there is always a connection
// left for that. leave is called when the stream is closed: at the end of the rows, or of the request.
func (l Listing[T, V]) stream(ctx context.Context, t Totals, leave func()) (*List[V], error) {
	db := l.matching(l.pool(ctx)).Scopes(l.order())
	if l.Query.PerPage != 0 {
		db = db.Scopes(scopes.Stretch(l.Query.before(), l.Query.PerPage))
	}
	rows, scan, err := read[T](db, l.Resource)
	if err != nil {
		leave()
		return nil, QueryError(err)
	}
	closed := sync.OnceFunc(func() {
		rows.Close()
		leave()
	})
	stop := context.AfterFunc(ctx, closed)
	return &List[V]{t, func(yield func(V, error) bool) {
		defer closed()
		defer stop()
		l.yieldAll(ctx, rows, scan, yield)
	}}, nil
}

// streamChunk is how many rows of a stream are put together at a time.
const streamChunk = 500

// yieldAll yields the views of all rows, a chunk at a time.
func (l Listing[T, V]) yieldAll(ctx context.Context, rows *sql.Rows, scan func(*T) error,
	yield func(V, error) bool) {
	var none V
	chunk := make([]T, 0, streamChunk)
	flush := func() bool {
		views, err := l.Views(chunk)
		if err != nil {
			yield(none, err)
			return false
		}
		chunk = chunk[:0]
		for _, v := range views {
			if !yield(v, nil) {
				return false
			}
		}
		return true
	}
	for rows.Next() {
		chunk = append(chunk, *new(T))
		if err := scan(&chunk[len(chunk)-1]); err != nil {
			yield(none, err)
			return
		}
		if len(chunk) == streamChunk && !flush() {
			return
		}
	}
	// Rows that were closed because the request ended look as if they were all.
	if err := cmp.Or(rows.Err(), ctx.Err()); err != nil {
		yield(none, err)
		return
	}
	flush()
}
