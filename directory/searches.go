package directory

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"roster/directory/store"
	"roster/models"
	"roster/scopes"
)

// Explanation says how a query is understood and what it costs.
type Explanation struct {
	Query string
	scopes.Reading
	// Message describes the mistake in the query or the order; the other parts are then incomplete.
	Message string
	// Page is the statement that reads the first page, Count the one that counts the matching rows.
	Page, Count Statement
}

// Statement is SQL with the values that it is run with, and the database's plan for it, a step a line.
type Statement struct {
	SQL  string
	Args []any
	Plan []string
}

// ReadQuery reads a query by the rules of the language alone. It needs no database and knows no fields.
func ReadQuery(query string) Explanation {
	e := Explanation{Query: query}
	var err error
	if e.Reading, err = scopes.Read(query); err != nil {
		e.Message = err.Error()
	}
	return e
}

// Operator returns the principal for an operator of the server, who need not log in: the user with that login or, if it
// is blank, an administrator. A blank zone is the user's own.
func (s *Service) Operator(ctx context.Context, login, zone string) (*models.Principal, error) {
	p := models.System()
	if login == "" {
		r, err := s.LatestSnapshot(ctx)
		if err != nil {
			return nil, err
		}
		p.Customs = r.CustomFields()
	} else {
		row, err := s.AccountNamed(ctx, login)
		if err != nil {
			return nil, err
		}
		if row == nil {
			return nil, models.NotFoundError("user", login)
		}
		if p, err = s.PrincipalOf(ctx, row, "", ""); err != nil {
			return nil, err
		}
	}
	if zone == "" {
		return p, nil
	}
	at, err := models.LoadZone(zone)
	if err != nil {
		return nil, fmt.Errorf("there is no time zone called %q", zone)
	}
	in := *p
	in.Zone = at
	return &in, nil
}

// Explain says how a list of the API would understand a query and an order of the caller's. Mistakes in them are part
// of the explanation; the error is about everything else.
func (s *Service) Explain(ctx context.Context, p *models.Principal, resource, query,
	order string) (Explanation, error) {
	e := Explanation{Query: query}
	r := scopes.Named(resource)
	if r == nil {
		return e, fmt.Errorf("there is no resource called %q, only %s", resource, strings.Join(scopes.Names(), ", "))
	}
	if err := store.Admitted(p, r); err != nil {
		return e, err
	}
	db := s.Search.WithContext(ctx)
	reading, err := r.Read(p, query, scopes.Env(db, p))
	if e.Reading = reading; err == nil {
		err = s.statements(db, p, r, &e, order)
	}
	if message, mistaken := scopes.Mistake(err); mistaken {
		e.Message = message
		err = nil
	}
	return e, err
}

// statements writes the statements that the list would run, and asks for their plans.
func (s *Service) statements(db *gorm.DB, p *models.Principal, r *scopes.Resource, e *Explanation, order string) error {
	matching := func() *gorm.DB {
		rows := from(db.Session(&gorm.Session{DryRun: true}), r).Scopes(r.Listed(p))
		return rows.Scopes(scopes.Matching(p, r, e.Query))
	}
	ordered := scopes.Ordered(p, r, order)
	if r == scopes.Settings {
		ordered = scopes.OrderedByName(p, r, order)
	}
	var n int64
	var rows []map[string]any
	for _, made := range []struct {
		statement *Statement
		of        *gorm.DB
	}{
		{&e.Count, matching().Count(&n)},
		{&e.Page, matching().Select(r.Table+".*").Scopes(ordered, scopes.Page(1, explainedRows)).Find(&rows)},
	} {
		if err := made.of.Error; err != nil {
			return err
		}
		made.statement.SQL = made.of.Statement.SQL.String()
		made.statement.Args = made.of.Statement.Vars
		plan, err := s.plan(db, made.statement)
		if err != nil {
			return err
		}
		made.statement.Plan = plan
	}
	return nil
}

// explainedRows is the length of the page that is explained.
const explainedRows = 20

// plan asks the database how it would run a statement.
func (s *Service) plan(db *gorm.DB, statement *Statement) ([]string, error) {
	pool, err := db.DB()
	if err != nil {
		return nil, err
	}
	ask := "EXPLAIN QUERY PLAN "
	if s.Postgres {
		ask = "EXPLAIN "
	}
	rows, err := pool.QueryContext(db.Statement.Context, ask+statement.SQL, statement.Args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var plan []string
	depths := map[int]int{}
	for rows.Next() {
		var step string
		if s.Postgres {
			err = rows.Scan(&step)
		} else {
			step, err = sqliteStep(rows, depths)
		}
		if err != nil {
			return nil, err
		}
		plan = append(plan, step)
	}
	return plan, rows.Err()
}

// sqliteStep reads a step and indents it, which PostgreSQL does by itself.
func sqliteStep(rows *sql.Rows, depths map[int]int) (string, error) {
	var id, parent, unused int
	var step string
	err := rows.Scan(&id, &parent, &unused, &step)
	depths[id] = depths[parent] + 1
	return strings.Repeat("  ", depths[parent]) + step, err
}

// from names a resource's table for statements that read no model. Settings are no table of the database.
func from(db *gorm.DB, r *scopes.Resource) *gorm.DB {
	if r == scopes.Settings {
		return settingsTable(db)
	}
	return db.Table(r.Table)
}

// Complete continues a half-typed search in a list of the API (docs/spec/search.md, 14). It offers only values that
// occur in records that the list would show to the caller. Its errors are those of the list: who may not list is
// refused, and a query that cannot be read is a bad request about SubjectSearch.
func (s *Service) Complete(ctx context.Context, p *models.Principal, resource,
	query string) ([]scopes.Suggestion, error) {
	r := scopes.Named(resource)
	if r == nil {
		return nil, fmt.Errorf("there is no resource called %q, only %s", resource, strings.Join(scopes.Names(), ", "))
	}
	if err := store.Admitted(p, r); err != nil {
		return nil, err
	}
	leave, err := s.EnterSearch(ctx, p)
	if err != nil {
		return nil, err
	}
	defer leave()
	ctx, cancel := store.WithSearchTimeout(ctx)
	defer cancel()
	db := s.Search.WithContext(ctx)
	suggestions, err := r.Complete(db, p, query, func() *gorm.DB { return from(db, r).Scopes(r.Listed(p)) })
	return suggestions, store.QueryError(store.TooSlow(ctx, err))
}
