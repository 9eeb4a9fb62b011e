package search

import "strings"

// fragment is a piece of a condition. It is a complete operand: what it consists of is in parentheses where needed.
type fragment struct {
	sql   string
	args  []any
	known bool // true or false, never NULL

	// selective fragments are worth an index: they hold for few of many rows.
	selective bool
	// keys are queries, with the same arguments as sql, that together select the keys of the rows that meet the
	// condition. Empty where the condition can only be asked of a row.
	keys []string
}

// never is the condition that no row meets, always the one that every row meets.
var (
	never  = fragment{sql: "1 = 0", known: true, selective: true}
	always = fragment{sql: "1 = 1", known: true}
)

func sqlf(sql string, args ...any) fragment { return fragment{sql: sql, args: args} }

// join puts fragments between parentheses with an operator between them.
func join(op Operator, parts []fragment) fragment {
	if len(parts) == 1 {
		return parts[0]
	}
	out := fragment{known: true, selective: op == OpOr}
	for _, p := range parts {
		out.args = append(out.args, p.args...)
		out.known = out.known && p.known
		if op == OpAnd {
			out.selective = out.selective || p.selective
		} else {
			out.selective = out.selective && p.selective
		}
	}
	out.sql = "(" + strings.Join(texts(parts), " "+strings.ToUpper(string(op))+" ") + ")"
	return out
}

func texts(parts []fragment) []string {
	out := make([]string, len(parts))
	for i, p := range parts {
		out[i] = p.sql
	}
	return out
}

// not includes the rows for which the operand is NULL (docs/spec/search.md, 5), which plain NOT would lose.
func not(f fragment) fragment {
	if !f.known {
		f.sql = "COALESCE(" + f.sql + ", FALSE)"
	}
	return fragment{sql: "NOT (" + f.sql + ")", args: f.args, known: true}
}

// Bounds on unions: SQLite takes no more than 500 queries in one, and PostgreSQL plans each union as a join, which took
// it 1.6 seconds for 200 of them. Conditions beyond the bounds are asked of the rows that the others leave.
const (
	maxSelects = 100
	maxUnions  = 20
)

// or joins alternatives. As soon as one of them looks into another table, no database finds the rows by indexes:
// PostgreSQL took 340 ms for a bare word among 500,000 users. Written as the union of what each alternative finds,
// the same took 3 ms. That needs alternatives that can be asked for their keys, and pays only where all of them
// are selective, since one that is not reads the whole table anyway. A negated condition is asked of each row.
func (c *compiler) or(parts []fragment) fragment {
	var own, others []fragment
	selects := 1
	for _, p := range parts {
		if !p.selective {
			return join(OpOr, parts)
		}
		if selects += len(p.keys); len(p.keys) == 0 {
			own = append(own, p)
		} else {
			others = append(others, p)
		}
	}
	if len(parts) == 1 || len(others) == 0 || selects > maxSelects || c.unions == maxUnions || c.negated {
		return join(OpOr, parts)
	}
	c.unions++
	return c.union(own, others)
}

// union selects the rows of the definition's table that meet one of their own conditions, and those found otherwise.
func (c *compiler) union(own, others []fragment) fragment {
	out := fragment{known: true, selective: true}
	if len(own) > 0 {
		o := join(OpOr, own)
		out.keys = []string{"SELECT " + c.def.Key + " FROM " + c.def.Table + " WHERE " + o.sql}
		out.args = o.args
	}
	for _, p := range others {
		out.keys = append(out.keys, p.keys...)
		out.args = append(out.args, p.args...)
	}
	out.sql = c.def.Key + " IN (" + strings.Join(out.keys, " UNION ALL ") + ")"
	return out
}
