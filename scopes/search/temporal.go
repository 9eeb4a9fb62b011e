package search

import "time"

// temporal compares points in time (docs/spec/search.md, 9.3) or calendar dates (docs/spec/search.md, 9.4). A text that
// is not a date is refused, where the original drops the condition and selects everything (docs/spec/search.md, 12, row
// 1); so is a date beyond the years that both databases can store.
func (c *compiler) temporal(f *Field, op Operator, values []string) (fragment, error) {
	if len(values) > MaxConditions {
		return fragment{}, errTooMany()
	}
	spans := make([]Span, len(values))
	for i, v := range values {
		span, ok := parseSpan(v, c.env)
		if !ok {
			return fragment{}, errInvalidValue(v, f)
		}
		spans[i] = span
	}
	if op == OpLike || op == OpNotLike {
		return fragment{}, errTypeOperator(op, f)
	}
	c.dates = append(c.dates, spans...)
	return c.spansTest(f, op, spans), nil
}

// spansTest treats a list as its members joined by "or" (docs/spec/search.md, 12, row 3).
func (c *compiler) spansTest(f *Field, op Operator, spans []Span) fragment {
	each := op
	word := OpOr
	switch op {
	case OpIn:
		each = OpEq
	case OpNotIn:
		each = OpNe
		word = OpAnd
	}
	if len(spans) == 0 {
		return f.list(op, "?", nil)
	}
	parts := make([]fragment, len(spans))
	for i, span := range spans {
		switch {
		case f.Texts:
			parts[i] = f.binary(each, "?", span.Date)
		case f.Type == Date:
			parts[i] = f.binary(each, ifPostgres(c.env, "CAST(? AS DATE)"), span.Date)
		default:
			parts[i] = c.spanTest(f, each, span)
		}
	}
	return join(word, parts)
}

// spanTest compares with a stretch of time: "=" is anywhere in it. After a day is after its end, but after a
// minute is after its beginning, because the column's seconds are part of the comparison then.
func (c *compiler) spanTest(f *Field, op Operator, s Span) fragment {
	start := c.bindTime(s.Start)
	end := c.bindTime(s.End)
	switch op {
	case OpEq:
		return join(OpAnd, []fragment{f.binary(OpGe, "?", start), f.binary(OpLt, "?", end)})
	case OpNe:
		return sqlf("NOT ("+f.Column+" >= ? AND "+f.Column+" < ?)", start, end)
	case OpGt:
		if s.whole() {
			return f.binary(OpGe, "?", end)
		}
	case OpLe:
		if s.whole() {
			return f.binary(OpLt, "?", end)
		}
	}
	return f.binary(op, "?", start)
}

// bindTime returns the value to bind for a point in time.
func (c *compiler) bindTime(t time.Time) any {
	if c.env.Dialect == PostgreSQL {
		return t.UTC()
	}
	return sqliteTime(t)
}

// sqliteTime writes a time as the driver stores it under _time_format=sqlite, always in UTC. SQLite compares such
// texts letter by letter, which is right because "+" sorts before "." and digits. The years have four digits; the
// one moment beyond them that can occur, the end of the year 9999, becomes the last one within.
func sqliteTime(t time.Time) string {
	if t = t.UTC(); t.Year() > maxYear {
		t = time.Date(maxYear, time.December, 31, 23, 59, 59, 999999999, time.UTC)
	}
	return t.Format("2006-01-02 15:04:05.999999999-07:00")
}
