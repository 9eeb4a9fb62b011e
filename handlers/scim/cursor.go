package scim

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"time"

	"roster/handlers/scim/schema"
	"roster/scopes/search"
)

// cursorLife is how long a cursor may be used.
const cursorLife = time.Hour

// cursor is where a page of a list begins or, backwards, ends (docs/spec/scim.md, 5). Clients get it sealed.
type cursor struct {
	// Type is the place of the resource's type among those of the list, Row the resource's number.
	Type int   `json:"t"`
	Row  int64 `json:"r"`
	// Value is what the list is sorted by; nil for no value.
	Value *string `json:"v"`
	Back  bool    `json:"b"`
	// Query is a digest of the request, Made when the cursor was made, in seconds.
	Query string `json:"q"`
	Made  int64  `json:"m"`
}

// sealer makes cursors of texts and texts of cursors.
type sealer struct{ cipher.AEAD }

// newSealer takes the key of the installation or, without one, a key of this process.
func newSealer(key []byte) sealer {
	if len(key) == 0 {
		key = make([]byte, 32)
		_, _ = rand.Read(key)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // the key is always of the right length
	}
	gcm, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err)
	}
	return sealer{gcm}
}

func (s sealer) seal(c cursor) string {
	return base64.RawURLEncoding.EncodeToString(s.Seal(nil, nil, schema.JSON(c), nil))
}

// Errors of cursors.
const (
	invalidCursor = "invalidCursor"
	expiredCursor = "expiredCursor"
	invalidCount  = "invalidCount"
)

// open reads a cursor that belongs to a request.
func (s sealer) open(text, query string, now time.Time) (cursor, error) {
	var c cursor
	data, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		data, err = s.Open(nil, nil, data, nil)
	}
	if err != nil || json.Unmarshal(data, &c) != nil || c.Query != query {
		return c, schema.Wrong(invalidCursor, "the cursor is not one of this list")
	}
	if now.Sub(time.Unix(c.Made, 0)).Abs() > cursorLife {
		return c, schema.Wrong(expiredCursor, "the cursor has expired")
	}
	return c, nil
}

// digest identifies a request.
func digest(parts ...string) string {
	sum := sha256.Sum256(schema.JSON(parts))
	return base64.RawStdEncoding.EncodeToString(sum[:16])
}

// valueOf is what a list is sorted by, of a resource.
func (o order) valueOf(r *resource) *string {
	v, known := r.columns[o.name]
	switch o.name {
	case "":
		v = o.kept(r)
	case "created_on":
		v = r.created.UTC().Format(time.RFC3339Nano)
	case "changed_on":
		v = r.changed.UTC().Format(time.RFC3339Nano)
	default:
		if !known {
			v = nil
		}
	}
	switch v := v.(type) {
	case string:
		return &v
	case *string:
		return v
	case bool:
		return new(strconv.FormatBool(v))
	case json.Number:
		return new(v.String())
	}
	return nil
}

// kept is the value in the document.
func (o order) kept(r *resource) any {
	var v any = r.doc
	for _, step := range o.key.Path {
		switch at := v.(type) {
		case schema.Document:
			v = at[step]
		case []any:
			if len(at) == 0 {
				return nil
			}
			v = at[0]
		}
	}
	return v
}

// beyond is the tree of the rows behind a place in the order.
func (o order) beyond(c cursor, desc bool) search.Node {
	byRow := search.OpGt
	after := search.After
	if desc {
		byRow = search.OpLt
		after = search.Before
	}
	row := &search.Compare{Op: byRow, Field: "id", Values: []string{strconv.FormatInt(c.Row, 10)}}
	if o.at == nil {
		return row
	}
	has := o.datum(search.Has, nil)
	missing := &search.Not{X: has}
	if c.Value == nil {
		if desc {
			return search.Or(has, search.And(missing, row))
		}
		return search.And(missing, row)
	}
	parts := []search.Node{search.And(o.same(*c.Value), row)}
	if o.key.Type == search.Boolean {
		if (*c.Value == "true") == desc {
			parts = append(parts, o.same(strconv.FormatBool(!desc)))
		}
	} else {
		parts = append(parts, o.datum(after, o.operand(*c.Value)))
	}
	if !desc {
		parts = append(parts, missing)
	}
	return search.Or(parts...)
}

// same is the tree of the rows with a value.
func (o order) same(value string) search.Node {
	if o.key.Type == search.Boolean && o.name != "" {
		return &search.Compare{Op: search.OpEq, Field: o.name, Values: []string{value}}
	}
	return o.datum(search.Equals, o.operand(value))
}

func (o order) operand(value string) any {
	switch o.key.Type {
	case search.Datetime:
		at, _ := schema.Time(value)
		return at
	case search.Decimal:
		f, _ := strconv.ParseFloat(value, 64)
		return f
	case search.Boolean:
		return value == "true"
	}
	return value
}

func (o order) datum(op search.DatumOp, operand any) search.Node {
	if o.key.Type == search.Boolean && o.name != "" {
		return everything // a switch is on or off
	}
	return &search.Datum{Field: o.key.Field, Path: o.key.Path, Op: op, Type: o.key.Type, Value: operand,
		Exact: o.key.Exact || o.key.Type == search.Datetime}
}
