package backup

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// timeLayout is how times are written: in UTC, with as many digits as both kinds of databases keep.
const timeLayout = "2006-01-02T15:04:05.000000Z"

// rowScanner reads rows of a table and writes them as lines.
type rowScanner struct {
	columns []Column
	values  []any
	targets []any
}

func newRowScanner(t Table) *rowScanner {
	s := &rowScanner{columns: t.Columns, values: make([]any, len(t.Columns)), targets: make([]any, len(t.Columns))}
	for i := range s.values {
		s.targets[i] = &s.values[i]
	}
	return s
}

// line appends the row at which rows stand.
func (s *rowScanner) line(to []byte, rows *sql.Rows) ([]byte, error) {
	if err := rows.Scan(s.targets...); err != nil {
		return to, err
	}
	to = append(to, '[')
	for i, c := range s.columns {
		if i > 0 {
			to = append(to, ',')
		}
		var err error
		if to, err = appendValue(to, c, s.values[i]); err != nil {
			return to, err
		}
	}
	return append(to, ']', '\n'), nil
}

func appendValue(to []byte, c Column, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(to, "null"...), nil
	case int64:
		if c.Kind == kindBoolean {
			return strconv.AppendBool(to, v != 0), nil
		}
		if c.Kind == kindInteger {
			return strconv.AppendInt(to, v, 10), nil
		}
	case bool:
		if c.Kind == kindBoolean {
			return strconv.AppendBool(to, v), nil
		}
	case time.Time:
		if c.Kind == kindTime {
			to = append(to, '"')
			return append(v.UTC().Truncate(time.Microsecond).AppendFormat(to, timeLayout), '"'), nil
		}
	case string:
		if c.Kind == kindText {
			return appendText(to, v), nil
		}
	case []byte:
		if c.Kind == kindText {
			return appendText(to, string(v)), nil
		}
	}
	return to, fmt.Errorf("the column %s holds a %T, which is no %s", c.Name, v, c.Kind)
}

// appendText writes a text as JSON does. Most need no escapes.
func appendText(to []byte, s string) []byte {
	for i := range len(s) {
		if s[i] < ' ' || s[i] == '"' || s[i] == '\\' || s[i] >= 0x7f {
			var b bytes.Buffer
			e := json.NewEncoder(&b)
			e.SetEscapeHTML(false)
			_ = e.Encode(s) // a text can always be written
			return append(to, bytes.TrimRight(b.Bytes(), "\n")...)
		}
	}
	to = append(to, '"')
	to = append(to, s...)
	return append(to, '"')
}

var errRow = errors.New("a row cannot be read")

// parseRow reads a line into values for the columns of a table.
func parseRow(line []byte, columns []Column, values []any) error {
	var parts []json.RawMessage
	if err := json.Unmarshal(line, &parts); err != nil || len(parts) != len(columns) {
		return errRow
	}
	for i, c := range columns {
		v, err := parseValue(parts[i], c.Kind)
		if err != nil {
			return fmt.Errorf("%w: %s", errRow, c.Name)
		}
		values[i] = v
	}
	return nil
}

func parseValue(text []byte, kind string) (any, error) {
	if string(text) == "null" {
		return nil, nil
	}
	switch kind {
	case kindInteger:
		return strconv.ParseInt(string(text), 10, 64)
	case kindBoolean:
		return strconv.ParseBool(string(text))
	}
	var s string
	if err := json.Unmarshal(text, &s); err != nil {
		return nil, err
	}
	if kind == kindTime {
		return time.Parse(timeLayout, s)
	}
	return s, nil
}
