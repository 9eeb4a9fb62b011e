package foreman

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

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
	buf         bytes.Buffer
	enc         *json.Encoder
	rows        int
	// stream takes the answer once it is larger than the buffer; nil until then.
	stream *web.Stream
}

// flushAt is the size from which an answer is streamed, in bytes.
const flushAt = 1 << 20

// list answers with what a verb lists.
func (c *call) list(q directory.ListQuery, run func(l *lister) error) error {
	l := &lister{c: c, q: q, root: "results"}
	if name := c.text("root_name"); name != "" && name != "false" {
		l.root = name
	}
	l.enc = json.NewEncoder(&l.buf)
	l.enc.SetEscapeHTML(false)
	if err := run(l); err != nil {
		if l.stream != nil {
			l.stream.Abort()
		}
		return err
	}
	return l.end()
}

// head writes the envelope.
func (l *lister) head(t directory.Totals) error {
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
		e.CanCreate, e.CanEdit = &create, &edit
	}
	text := encode(e)
	l.buf.Write(text[:len(text)-1])
	l.buf.WriteByte(',')
	l.buf.Write(encode(l.root))
	l.buf.WriteString(":[")
	return nil
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
