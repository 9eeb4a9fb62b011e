package search

import (
	"math"
	"strconv"
	"strings"
)

// integers compares whole numbers. The texts are parsed here, because PostgreSQL fails on a text that is not a number,
// and SQLite compares it by its affinity rules (docs/spec/search.md, 12, row 5).
func (c *compiler) integers(f *Field, op Operator, values []string) (fragment, error) {
	numbers := make([]number, len(values))
	for i, v := range values {
		n, ok := parseInteger(v)
		if !ok {
			return fragment{}, errInvalidValue(v, f)
		}
		numbers[i] = n
	}
	// The cast lets PostgreSQL compare a narrower column with a number that does not fit it.
	return numberTest(f, op, numbers, ifPostgres(c.env, "CAST(? AS BIGINT)")), nil
}

// decimals compares numbers with a fraction.
func (c *compiler) decimals(f *Field, op Operator, values []string) (fragment, error) {
	numbers := make([]number, len(values))
	for i, v := range values {
		n, ok := parseDecimal(v, c.env.Dialect)
		if !ok {
			return fragment{}, errInvalidValue(v, f)
		}
		numbers[i] = n
	}
	return numberTest(f, op, numbers, ifPostgres(c.env, "CAST(? AS NUMERIC)")), nil
}

func ifPostgres(env Env, cast string) string {
	if env.Dialect == PostgreSQL {
		return cast
	}
	return "?"
}

// number is a value to bind, or, with beyond other than 0, one on that side of everything a column can hold.
type number struct {
	bind   any
	beyond int
}

func parseInteger(text string) (number, bool) {
	text = strings.TrimSpace(text)
	if !IsInteger(strings.TrimPrefix(text, "+")) || strings.HasPrefix(text, "+-") {
		return number{}, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return number{beyond: side(text)}, true
	}
	return number{bind: n}, true
}

func side(text string) int {
	if strings.HasPrefix(text, "-") {
		return -1
	}
	return 1
}

// IsNumeric accepts whole numbers and decimal fractions: what bare words must look like to meet a decimal column.
func IsNumeric(value string) bool {
	whole, fraction, dotted := strings.Cut(value, ".")
	return IsInteger(whole) && (!dotted || fraction != "" && strings.Trim(fraction, "0123456789") == "")
}

// parseDecimal accepts an exponent too. PostgreSQL gets the digits as they are, for they may be more than a float
// holds; SQLite keeps floats.
func parseDecimal(text string, dialect Dialect) (number, bool) {
	text = strings.TrimSpace(text)
	if strings.Trim(text, "+-.0123456789eE") != "" {
		return number{}, false
	}
	n, err := strconv.ParseFloat(text, 64)
	switch {
	case err != nil && !math.IsInf(n, 0):
		return number{}, false
	case math.Abs(n) > 1e300:
		return number{beyond: side(text)}, true
	case math.Abs(n) < 1e-300:
		return number{bind: bindDecimal("0", 0, dialect)}, true
	}
	return number{bind: bindDecimal(text, n, dialect)}, true
}

func bindDecimal(text string, n float64, dialect Dialect) any {
	if dialect == PostgreSQL {
		return text
	}
	return n
}

func numberTest(f *Field, op Operator, numbers []number, placeholder string) fragment {
	if op.lists() {
		return f.list(op, placeholder, withinRange(numbers))
	}
	if n := numbers[0]; n.beyond == 0 {
		return f.binary(op, placeholder, n.bind)
	}
	return f.beyond(op, numbers[0].beyond)
}

// withinRange drops the members of a list that no column can hold: they change nothing in it.
func withinRange(numbers []number) []any {
	var out []any
	for _, n := range numbers {
		if n.beyond == 0 {
			out = append(out, n.bind)
		}
	}
	return out
}

// beyond compares with a number greater (side 1) or less (side -1) than any that the column can hold: either every
// row with a value matches, or none does.
func (f *Field) beyond(op Operator, side int) fragment {
	holds := op == OpNe
	switch op {
	case OpLt, OpLe:
		holds = side > 0
	case OpGt, OpGe:
		holds = side < 0
	}
	if !holds {
		return never
	}
	return fragment{sql: f.Column + " IS NOT NULL", known: true}
}
