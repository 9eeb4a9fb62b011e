package foreman

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"

	"roster/directory"
	"roster/handlers/web"
)

// envelope is the frame of every list (docs/spec/foreman.md, 4.1), up to the rows.
type envelope struct {
	Total    int64   `json:"total"`
	Subtotal int64   `json:"subtotal"`
	Page     int64   `json:"page"`
	PerPage  int64   `json:"per_page"`
	Search   *string `json:"search"`
	// CanCreate and CanEdit are present with include_permissions.
	CanCreate *bool    `json:"can_create,omitempty"`
	CanEdit   *bool    `json:"can_edit,omitempty"`
	Sort      sortedBy `json:"sort"`
}

type sortedBy struct {
	By    *string `json:"by"`
	Order *string `json:"order"`
}

// lister writes a list: the envelope when the totals are known, then row after row. A list that outgrows its buffer is
// streamed from there on, so memory does not follow the table.
type lister struct {
	c    *call
	q    directory.ListQuery
	root string
	// defaultSort is what the envelope shows without an order.
	defaultSort string
	buf         *bytes.Buffer
	enc         *json.Encoder
	rows        int
	// stream takes the answer once it is larger than the buffer; nil until then.
	stream *web.Stream
}

// buffers are those of lists that have been answered, so that not every list has one grow again.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// flushAt is the size from which an answer is streamed, in bytes.
const flushAt = 1 << 20

// list answers with a list, each row as render shows it. err is what the verb said.
func list[V, W any](c *call, q directory.ListQuery, l *directory.List[V], err error, render func(V) W) error {
	return sortedList(c, q, "", l, err, render)
}

// sortedList is list, and shows by which field the rows are sorted when no order is asked for.
func sortedList[V, W any](c *call, q directory.ListQuery, by string, l *directory.List[V], err error,
	render func(V) W) error {
	if err != nil {
		return err
	}
	w := &lister{c: c, q: q, root: "results", defaultSort: by, buf: buffers.Get().(*bytes.Buffer)}
	w.buf.Reset()
	defer buffers.Put(w.buf)
	if name := c.text("root_name"); name != "" && name != "false" {
		w.root = name
	}
	w.enc = json.NewEncoder(w.buf)
	w.enc.SetEscapeHTML(false)
	w.head(l.Totals)
	for v, err := range l.Rows() {
		if err == nil {
			err = w.row(render(v))
		}
		if err != nil {
			w.abort()
			return err
		}
	}
	return w.end()
}

// abort breaks an answer off that is under way, so that nobody takes it for whole.
func (l *lister) abort() {
	if l.stream != nil {
		l.stream.Abort()
	}
}

// head writes the envelope.
func (l *lister) head(t directory.Totals) {
	e := envelope{Total: t.Total, Subtotal: t.Subtotal, Page: l.q.Page, PerPage: l.q.PerPage, Sort: l.sorted()}
	if l.q.PerPage == 0 {
		e.PerPage = t.Total
	}
	if _, sent := l.c.value("search"); sent {
		e.Search = &l.q.Search
	}
	if _, asked := l.c.value("include_permissions"); asked {
		create := l.c.p.Can("create_" + l.c.route.Resource)
		edit := l.c.route.Resource == "users" || l.c.p.Can("edit_"+l.c.route.Resource)
		e.CanCreate = &create
		e.CanEdit = &edit
	}
	text := encode(e)
	l.buf.Write(text[:len(text)-1])
	l.buf.WriteByte(',')
	l.buf.Write(encode(l.root))
	l.buf.WriteString(":[")
}

func (l *lister) sorted() sortedBy {
	order := l.q.Order
	if strings.TrimSpace(order) == "" {
		order = l.defaultSort
	}
	words := strings.Fields(order)
	if len(words) == 0 {
		return sortedBy{}
	}
	direction := "ASC"
	if len(words) > 1 {
		direction = words[1]
	}
	return sortedBy{&words[0], &direction}
}

// row adds one row.
func (l *lister) row(v any) error {
	if l.rows++; l.rows > 1 {
		l.buf.WriteByte(',')
	}
	if err := l.enc.Encode(v); err != nil {
		return err
	}
	l.buf.Truncate(l.buf.Len() - 1) // the encoder's line break
	if l.buf.Len() < flushAt {
		return nil
	}
	return l.flush()
}

func (l *lister) flush() error {
	if l.stream == nil {
		res := l.c.Response()
		res.Header().Set("Content-Type", contentType)
		res.WriteHeader(http.StatusOK)
		l.stream = web.NewStream(res)
	}
	_, err := l.stream.Write(l.buf.Bytes())
	l.buf.Reset()
	return err
}

func (l *lister) end() error {
	l.buf.WriteString("]}")
	if l.stream != nil {
		return errors.Join(l.flush(), l.stream.Close())
	}
	return l.c.send(http.StatusOK, l.buf.Bytes())
}

// listQuery reads what a list is asked for. Parents are the parameters besides the path that restrict it.
func (c *call) listQuery(parents ...string) (directory.ListQuery, error) {
	q, err := c.pageQuery()
	if err != nil {
		return q, err
	}
	if q.Parents, err = c.parents(parents...); err != nil {
		return q, err
	}
	if q.PerPage == 0 || q.PerPage > streamedFrom {
		c.SetRequest(c.Request().WithContext(web.Unbounded(c)))
	}
	return q, nil
}

// streamedFrom is the page size from which a list may take longer than other requests.
const streamedFrom = 1000

// ok answers with a record. err is what the verb said.
func ok[T any, W any](c *call, v T, err error, render func(T) W) error {
	return answer(c, http.StatusOK, v, err, render)
}

// created answers with a new record.
func created[T any, W any](c *call, v T, err error, render func(T) W) error {
	return answer(c, http.StatusCreated, v, err, render)
}

func answer[T any, W any](c *call, status int, v T, err error, render func(T) W) error {
	if err != nil {
		return err
	}
	return c.send(status, encode(c.rooted(render(v))))
}

// rooted wraps a record when root_name asks for it (docs/spec/foreman.md, 4.8).
func (c *call) rooted(v any) any {
	name := c.text("root_name")
	if name == "" || name == "false" || c.Request().Method == http.MethodDelete {
		return v
	}
	return map[string]any{name: v}
}
