package cvat

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"roster/directory"
	"roster/handlers/web"
)

// Bounds of pages.
const (
	defaultPageSize = 10
	// mostOfPages bounds the number and the size of a page, so that their product is a number.
	mostOfPages = math.MaxInt32
	// streamedFrom is the page size from which a list may take longer than other requests.
	streamedFrom = 1000
	// flushAt is the size from which an answer is streamed, in bytes.
	flushAt = 1 << 20
)

// page is which part of a list is asked for (docs/spec/cvat.md, 10).
type page struct {
	number int64
	last   bool
	// size is 0 for all rows.
	size int64
}

var errNoPage = refusal{http.StatusNotFound, detail{"Invalid page."}}

// page reads page and page_size.
func (c *call) page() (page, error) {
	p := page{number: 1, size: defaultPageSize}
	switch text, _ := c.queried("page_size"); text {
	case "all":
		p.size = 0
	default:
		if n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64); err == nil && n > 0 {
			p.size = min(n, mostOfPages)
		}
	}
	switch text, _ := c.queried("page"); text {
	case "":
	case "last":
		p.last = true
	default:
		n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
		if err != nil && !errors.Is(err, strconv.ErrRange) || n < 1 {
			return p, errNoPage
		}
		p.number = min(n, mostOfPages)
	}
	return p, nil
}

// pages is how many pages a list has; an empty one has one.
func (p page) pages(count int64) int64 {
	if p.size == 0 || count == 0 {
		return 1
	}
	return (count-1)/p.size + 1
}

// lister reads a list by a query.
type lister[V any] func(q directory.ListQuery) (*directory.List[V], error)

// list answers with a page of what a verb lists, each row as render shows it. newest is the field that lists are sorted
// by without an order.
func list[V, W any](c *call, fields filterFields, newest string, verb lister[V], render func(V) W) error {
	p, mistake := c.page()
	node, err := c.filter(fields)
	if err != nil {
		mistake = err
	} else if mistake == nil && p.size == 0 && p.number > 1 {
		mistake = errNoPage
	}
	q := directory.ListQuery{Node: node, Sort: c.order(fields, newest)}
	if mistake != nil {
		q.Node = nil
		return cmp.Or(countFirst(q, &p, verb), mistake) // who may not list anything is told that first
	}
	if p.last {
		if err := countFirst(q, &p, verb); err != nil {
			return err
		}
	}
	q.Page = p.number
	q.PerPage = p.size
	if p.size == 0 || p.size > streamedFrom {
		c.SetRequest(c.Request().WithContext(web.Unbounded(c)))
	}
	l, err := verb(q)
	if err != nil {
		return err
	}
	if p.number > p.pages(l.Subtotal) {
		for _, err := range l.Rows() { // a long list holds a connection until its reader stops
			return cmp.Or(err, error(errNoPage))
		}
		return errNoPage
	}
	return writeList(c, p, l, render)
}

// countFirst asks a list how long it is, and so which page is the last one.
func countFirst[V any](q directory.ListQuery, p *page, verb lister[V]) error {
	q.Page = 1
	q.PerPage = 1
	l, err := verb(q)
	if err != nil {
		return err
	}
	if p.last {
		p.number = p.pages(l.Subtotal)
	}
	return nil
}

// envelope is the frame of every list, up to the rows.
type envelope struct {
	Count    int64   `json:"count"`
	Next     *string `json:"next"`
	Previous *string `json:"previous"`
}

// link is the address of another page, nil where there is none. The first page has no number in it.
func (c *call) link(number, pages int64) *string {
	if number < 1 || number > pages {
		return nil
	}
	query := url.Values{}
	for name, values := range c.QueryParams() {
		query[name] = values
	}
	query.Set("page", strconv.FormatInt(number, 10))
	if number == 1 {
		query.Del("page")
	}
	address := c.base() + strings.TrimPrefix(c.Request().URL.EscapedPath(), Prefix)
	if text := query.Encode(); text != "" {
		address += "?" + text
	}
	return &address
}

// buffers are those of lists that have been answered, so that not every list has one grow again.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// writer writes a list. One that outgrows its buffer is streamed from there on, so that memory does not follow the
// table.
type writer struct {
	c      *call
	buf    *bytes.Buffer
	enc    *json.Encoder
	rows   int
	stream *web.Stream
}

func writeList[V, W any](c *call, p page, l *directory.List[V], render func(V) W) error {
	w := &writer{c: c, buf: buffers.Get().(*bytes.Buffer)}
	w.buf.Reset()
	defer buffers.Put(w.buf)
	w.enc = json.NewEncoder(w.buf)
	w.enc.SetEscapeHTML(false)
	pages := p.pages(l.Subtotal)
	head := encode(envelope{l.Subtotal, c.link(p.number+1, pages), c.link(p.number-1, pages)})
	w.buf.Write(head[:len(head)-1])
	w.buf.WriteString(`,"results":[`)
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
func (w *writer) abort() {
	if w.stream != nil {
		w.stream.Abort()
	}
}

// row adds one row.
func (w *writer) row(v any) error {
	if w.rows++; w.rows > 1 {
		w.buf.WriteByte(',')
	}
	if err := w.enc.Encode(v); err != nil {
		return err
	}
	w.buf.Truncate(w.buf.Len() - 1) // the encoder's line break
	if w.buf.Len() < flushAt {
		return nil
	}
	return w.flush()
}

func (w *writer) flush() error {
	if w.stream == nil {
		res := w.c.Response()
		res.Header().Set("Content-Type", mediaType)
		res.WriteHeader(http.StatusOK)
		w.stream = web.NewStream(res)
	}
	_, err := w.stream.Write(w.buf.Bytes())
	w.buf.Reset()
	return err
}

func (w *writer) end() error {
	w.buf.WriteString("]}")
	if w.stream != nil {
		return errors.Join(w.flush(), w.stream.Close())
	}
	return w.c.Blob(http.StatusOK, mediaType, w.buf.Bytes())
}
