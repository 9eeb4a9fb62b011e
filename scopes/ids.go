package scopes

import (
	"database/sql/driver"
	"encoding/json"
	"strconv"

	"roster/scopes/search"
)

// JSONList is a list of ids as one bound value, so that the statement's text does not depend on its length.
type JSONList []int64

// Value implements driver.Valuer: a JSON array.
func (l JSONList) Value() (driver.Value, error) {
	if l == nil {
		return "[]", nil
	}
	text, err := json.Marshal([]int64(l))
	return string(text), err
}

// ArrayLiteral is the same in PostgreSQL's notation.
type ArrayLiteral []int64

// Value implements driver.Valuer.
func (l ArrayLiteral) Value() (driver.Value, error) {
	b := []byte{'{'}
	for i, id := range l {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, id, 10)
	}
	return string(append(b, '}')), nil
}

// InIDs returns the condition "column is one of the ids" and its value.
func InIDs(d search.Dialect, column string, ids []int64) (string, any) {
	if d == search.PostgreSQL {
		// Bound as text: the driver would take an array apart and put it together again, which costs more than the
		// rest. In a subquery, because a scan of the whole table, as in one that was never analyzed, would read the
		// text for each row.
		return column + " = ANY((SELECT " + boundArray + ")::BIGINT[])", ArrayLiteral(ids)
	}
	return column + " IN (SELECT value FROM json_each(?))", JSONList(ids)
}

// boundArray is a list of ids that is bound as one value. Its type is known when the statement is prepared, so that it
// is read once, where the cast of a text would be made for each row.
const boundArray = "CAST(? AS BIGINT[])"
