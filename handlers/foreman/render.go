package foreman

import (
	"bytes"
	"crypto/md5"
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

// send answers with a whole body that clients may revalidate (spec, section 17).
func (c *call) send(status int, body []byte) error {
	// MD5 names the content here; it guards nothing.
	sum := md5.Sum(body)
	tag := `W/"` + hex.EncodeToString(sum[:]) + `"`
	h := c.Response().Header()
	h.Set("ETag", tag)
	h.Set("Cache-Control", "max-age=0, private, must-revalidate")
	if status == http.StatusOK && c.Request().Method == http.MethodGet && c.Request().Header.Get("If-None-Match") == tag {
		return c.NoContent(http.StatusNotModified)
	}
	return c.Blob(status, contentType, body)
}

// stamp is a time as bodies show it: seconds, in the caller's zone (spec, section 5).
type stamp struct {
	at   *time.Time
	zone *time.Location
}

// MarshalJSON writes "2024-01-10 08:00:00 UTC", or the offset of another zone, or null.
func (s stamp) MarshalJSON() ([]byte, error) {
	if s.at == nil {
		return []byte("null"), nil
	}
	layout := `"2006-01-02 15:04:05 -0700"`
	if s.zone == time.UTC || s.zone.String() == "Etc/UTC" {
		layout = `"2006-01-02 15:04:05 UTC"`
	}
	return s.at.In(s.zone).AppendFormat(make([]byte, 0, len(layout)+2), layout), nil
}

// isoStamp is a time as raw dumps show it: ISO 8601 with milliseconds.
type isoStamp stamp

// MarshalJSON writes "2019-12-03T16:30:10.986Z", or null.
func (s isoStamp) MarshalJSON() ([]byte, error) {
	if s.at == nil {
		return []byte("null"), nil
	}
	return s.at.In(s.zone).AppendFormat(nil, `"2006-01-02T15:04:05.000Z07:00"`), nil
}

func (c *call) stamp(t time.Time) stamp      { return stamp{&t, c.p.Zone} }
func (c *call) stampPtr(t *time.Time) stamp  { return stamp{t, c.p.Zone} }
func (c *call) iso(t time.Time) isoStamp     { return isoStamp{&t, c.p.Zone} }
func (c *call) isoPtr(t *time.Time) isoStamp { return isoStamp{t, c.p.Zone} }
