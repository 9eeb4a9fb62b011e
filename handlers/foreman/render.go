package foreman

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"time"
)

const contentType = "application/json; charset=utf-8"

// encode writes JSON without escaping HTML. It serves values of the dialect's own types, which always encode.
func encode(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// send answers with a whole body that clients may revalidate (docs/spec/foreman.md, 17).
func (c *call) send(status int, body []byte) error {
	sum := sha256.Sum256(body)
	tag := `W/"` + hex.EncodeToString(sum[:16]) + `"`
	h := c.Response().Header()
	h.Set("ETag", tag)
	h.Set("Cache-Control", "max-age=0, private, must-revalidate")
	reads := c.Request().Method == http.MethodGet || c.Request().Method == http.MethodHead
	if status == http.StatusOK && reads && c.Request().Header.Get("If-None-Match") == tag {
		return c.NoContent(http.StatusNotModified)
	}
	return c.Blob(status, contentType, body)
}

// stamp is a time as bodies show it: "2024-01-10 08:00:00 UTC", or the offset of another zone, in the caller's zone;
// nil is null (docs/spec/foreman.md, 5). It is text, and no type with an encoder of its own, because lists are full of
// them.
type stamp *string

// isoStamp is a time as raw dumps show it: ISO 8601 with milliseconds, "2019-12-03T16:30:10.986Z".
type isoStamp *string

const (
	utcLayout    = "2006-01-02 15:04:05 UTC"
	offsetLayout = "2006-01-02 15:04:05 -0700"
	isoLayout    = "2006-01-02T15:04:05.000Z07:00"
)

func (c *call) stamp(t time.Time) stamp { return c.stampPtr(&t) }

func (c *call) stampPtr(t *time.Time) stamp {
	if t == nil {
		return nil
	}
	layout := offsetLayout
	if c.p.Zone == time.UTC || c.p.Zone.String() == "Etc/UTC" {
		layout = utcLayout
	}
	text := t.In(c.p.Zone).Format(layout)
	return &text
}

func (c *call) iso(t time.Time) isoStamp { return c.isoPtr(&t) }

func (c *call) isoPtr(t *time.Time) isoStamp {
	if t == nil {
		return nil
	}
	text := t.In(c.p.Zone).Format(isoLayout)
	return &text
}
