package bench

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"roster/config"
)

// rows is what pgx and database/sql have in common.
type rows interface {
	Next() bool
	Scan(...any) error
	Err() error
}

// conn runs statements, in or outside a transaction.
type conn interface {
	query(ctx context.Context, fn func(rows) error, statement string, args ...any) error
	exec(ctx context.Context, statement string, args ...any) error
}

// plain is the server by hand. It knows everything that Roster keeps in memory too: the references and who the caller
// is.
type plain struct {
	read     conn
	within   func(ctx context.Context, fn func(conn) error) error
	postgres bool
	names    map[int64]string
	kinds    map[int64]string
	token    [32]byte
}

type pgQuerier interface {
	Query(context.Context, string, ...any) (pgx.Rows, error)
}

type pgConn struct{ pgQuerier }

func (c pgConn) query(ctx context.Context, fn func(rows) error, statement string, args ...any) error {
	r, err := c.Query(ctx, statement, args...)
	if err != nil {
		return err
	}
	defer r.Close()
	for r.Next() {
		if err := fn(r); err != nil {
			return err
		}
	}
	return r.Err()
}

func (c pgConn) exec(ctx context.Context, statement string, args ...any) error {
	return c.query(ctx, func(rows) error { return nil }, statement, args...)
}

type sqlQuerier interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
	ExecContext(context.Context, string, ...any) (sql.Result, error)
}

type sqlConn struct{ sqlQuerier }

func (c sqlConn) query(ctx context.Context, fn func(rows) error, statement string, args ...any) error {
	r, err := c.QueryContext(ctx, statement, args...)
	if err != nil {
		return err
	}
	defer r.Close()
	for r.Next() {
		if err := fn(r); err != nil {
			return err
		}
	}
	return r.Err()
}

func (c sqlConn) exec(ctx context.Context, statement string, args ...any) error {
	_, err := c.ExecContext(ctx, statement, args...)
	return err
}

func newPlain(dsn string) (*plain, error) {
	ctx := context.Background()
	p := &plain{names: map[int64]string{}, kinds: map[int64]string{}, token: sha256.Sum256([]byte("admin:" + password))}
	if strings.HasPrefix(dsn, "postgres") {
		pool, err := pgxpool.New(ctx, dsn)
		if err != nil {
			return nil, err
		}
		p.postgres = true
		p.read = pgConn{pool}
		p.within = func(ctx context.Context, fn func(conn) error) error {
			return pgx.BeginFunc(ctx, pool, func(t pgx.Tx) error { return fn(pgConn{t}) })
		}
	} else {
		cfg := config.Default()
		cfg.Database = dsn
		db, err := config.Open(ctx, cfg, nil)
		if err != nil {
			return nil, err
		}
		reader, err := db.Read.DB()
		if err != nil {
			return nil, err
		}
		p.read = sqlConn{reader}
		p.within = func(ctx context.Context, fn func(conn) error) error {
			t, err := db.SQL().BeginTx(ctx, nil)
			if err != nil {
				return err
			}
			if err := fn(sqlConn{t}); err != nil {
				_ = t.Rollback()
				return err
			}
			return t.Commit()
		}
	}
	err := p.read.query(ctx, func(r rows) error {
		var id int64
		var kind, name string
		err := r.Scan(&id, &kind, &name)
		p.names[id] = name
		p.kinds[id] = kind
		return err
	}, "SELECT id, type, name FROM taxonomies")
	return p, err
}

func (p *plain) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, status, err := p.answer(r)
	if err != nil {
		status = http.StatusInternalServerError
		body = map[string]string{"error": err.Error()}
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func (p *plain) answer(r *http.Request) (any, int, error) {
	ctx := r.Context()
	login, secret, _ := r.BasicAuth()
	if sha256.Sum256([]byte(login+":"+secret)) != p.token {
		return nil, http.StatusUnauthorized, nil
	}
	total, err := p.caller(ctx, login)
	if err != nil {
		return nil, 0, err
	}
	path := strings.TrimPrefix(r.URL.Path, "/api/users")
	switch {
	case r.Method == http.MethodPost:
		var in struct{ User map[string]any }
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			return nil, 0, err
		}
		u, err := p.create(ctx, in.User)
		return u, http.StatusCreated, err
	case path == "":
		users, err := p.users(ctx, "WHERE users.hidden = false ORDER BY users.sort_name, users.id LIMIT 20")
		return map[string]any{"total": total, "subtotal": total, "page": 1, "per_page": 20, "search": nil, "sort": nil,
			"results": users}, 200, err
	}
	id, _ := strconv.ParseInt(path[1:], 10, 64)
	users, err := p.users(ctx, fmt.Sprintf("WHERE users.id = %s AND users.hidden = false LIMIT 1", p.mark(1)), id)
	if err != nil || len(users) == 0 {
		return nil, http.StatusNotFound, err
	}
	return users[0], 200, nil
}

func (p *plain) mark(n int) string {
	if p.postgres {
		return "$" + strconv.Itoa(n)
	}
	return "?" + strconv.Itoa(n)
}

// caller reads the caller's row and the counters, as every request begins.
func (p *plain) caller(ctx context.Context, login string) (total int64, err error) {
	var u user
	err = p.read.query(ctx, func(r rows) error {
		return r.Scan(append(u.columns(), new(int64), new(int64), &total)...)
	},
		"SELECT "+columns+
			`, t.a, t.b, t.c FROM users, (SELECT COALESCE(SUM(CASE WHEN name = 'users' THEN epoch ELSE 0 END), 0) AS a,
		COALESCE(SUM(CASE WHEN name = 'refs' THEN epoch ELSE 0 END), 0) AS b,
		COALESCE(SUM(CASE WHEN name = 'users' THEN total ELSE 0 END), 0) AS c
		FROM tallies) t WHERE users.lower_login = `+p.mark(1), login)
	return total, err
}

const columns = `users.id, users.login, users.firstname, users.lastname, users.mail, users.description, users.admin, users.disabled, users.mail_enabled,
	users.timezone, users.locale, users.auth_source_id, users.default_location_id,
	users.default_organization_id, users.last_login_on, users.created_at, users.updated_at`

type ref struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

type user struct {
	Firstname           *string    `json:"firstname"`
	Lastname            *string    `json:"lastname"`
	Mail                *string    `json:"mail"`
	MailEnabled         *bool      `json:"mail_enabled"`
	Admin               bool       `json:"admin"`
	AuthSourceID        int64      `json:"auth_source_id"`
	Disabled            *bool      `json:"disabled"`
	AuthSourceName      string     `json:"auth_source_name"`
	Timezone            *string    `json:"timezone"`
	Locale              *string    `json:"locale"`
	LastLoginOn         *time.Time `json:"last_login_on"`
	CreatedAt           time.Time  `json:"created_at"`
	UpdatedAt           time.Time  `json:"updated_at"`
	ID                  int64      `json:"id"`
	Login               string     `json:"login"`
	Description         *string    `json:"description"`
	SSHKeys             []ref      `json:"ssh_keys"`
	DefaultLocation     *int64     `json:"default_location"`
	Locations           []ref      `json:"locations"`
	DefaultOrganization *int64     `json:"default_organization"`
	Organizations       []ref      `json:"organizations"`
	EffectiveAdmin      bool       `json:"effective_admin"`
}

func (u *user) columns() []any {
	return []any{&u.ID, &u.Login, &u.Firstname, &u.Lastname, &u.Mail, &u.Description, &u.Admin, &u.Disabled,
		&u.MailEnabled,
		&u.Timezone, &u.Locale, &u.AuthSourceID, &u.DefaultLocation, &u.DefaultOrganization, &u.LastLoginOn,
		&u.CreatedAt, &u.UpdatedAt}
}

// users reads a page and its links: two statements.
func (p *plain) users(ctx context.Context, rest string, args ...any) ([]*user, error) {
	var list []*user
	at := map[int64]*user{}
	err := p.read.query(ctx, func(r rows) error {
		u := &user{AuthSourceName: "Internal"}
		list = append(list, u)
		err := r.Scan(u.columns()...)
		at[u.ID] = u
		return err
	}, "SELECT "+columns+" FROM users "+rest, args...)
	if err != nil {
		return nil, err
	}
	return list, p.links(ctx, list, at)
}

func (p *plain) links(ctx context.Context, list []*user, at map[int64]*user) error {
	ids := make([]int64, len(list))
	for i, u := range list {
		ids[i] = u.ID
	}
	var arg any = ids
	in := "user_id = ANY($1)"
	if !p.postgres {
		text, _ := json.Marshal(ids)
		arg = string(text)
		in = "user_id IN (SELECT value FROM json_each(?1))"
	}
	return p.read.query(ctx, func(r rows) error {
		var kind int
		var owner, id int64
		if err := r.Scan(&kind, &owner, &id); err != nil {
			return err
		}
		if kind == 0 && p.kinds[id] == "Location" {
			at[owner].Locations = append(at[owner].Locations, ref{id, p.names[id]})
		} else if kind == 0 {
			at[owner].Organizations = append(at[owner].Organizations, ref{id, p.names[id]})
		}
		return nil
	}, "SELECT 0, user_id, taxonomy_id FROM memberships WHERE state = 'active' AND "+in+
		" UNION ALL SELECT 1, user_id, role_id FROM user_roles WHERE "+in+
		" UNION ALL SELECT 2, user_id, usergroup_id FROM usergroup_users WHERE "+in+
		" UNION ALL SELECT 3, user_id, id FROM ssh_keys WHERE "+in, arg)
}

// create inserts a user with the same checks, links, audit and counter as Roster.
func (p *plain) create(ctx context.Context, in map[string]any) (*user, error) {
	u := &user{AuthSourceID: 3, AuthSourceName: "External", Login: in["login"].(string), CreatedAt: time.Now().UTC()}
	err := p.within(ctx, func(c conn) error { return p.insert(ctx, c, u, in) })
	if err != nil {
		return nil, err
	}
	return u, p.links(ctx, []*user{u}, map[int64]*user{u.ID: u})
}

func (p *plain) insert(ctx context.Context, c conn, u *user, in map[string]any) error {
	m := func(s string) string { // numbered marks for either database
		for n := 1; strings.Contains(s, "#"); n++ {
			s = strings.Replace(s, "#", p.mark(n), 1)
		}
		return s
	}
	one := func(into any, statement string, args ...any) error {
		return c.query(ctx, func(r rows) error { return r.Scan(into) }, m(statement), args...)
	}
	var n int64
	if p.postgres {
		if err := c.exec(ctx, "SELECT pg_advisory_xact_lock_shared($1)", 42); err != nil {
			return err
		}
	}
	for _, check := range []string{"SELECT COUNT(*) FROM users WHERE lower_login = #",
		"SELECT COUNT(*) FROM usergroups WHERE name = #"} {
		if err := one(&n, check, u.Login); err != nil {
			return err
		}
	}
	if err := one(&n, "SELECT id FROM auth_sources WHERE id = #", u.AuthSourceID); err != nil {
		return err
	}
	err := one(&u.ID,
		`INSERT INTO users (login, lower_login, firstname, mail, admin, disabled, hidden, mail_enabled, auth_source_id, created_at, updated_at)
		VALUES (#, #, #, #, false, false, false, false, #, #, #) RETURNING id`, u.Login, u.Login, in["firstname"], in["mail"], u.AuthSourceID, u.CreatedAt, u.CreatedAt)
	if err != nil {
		return err
	}
	if err := c.exec(ctx, m("INSERT INTO user_roles (user_id, role_id) VALUES (#, 1)"), u.ID); err != nil {
		return err
	}
	if err := one(&n, "SELECT COALESCE(MAX(version), 0) FROM audits WHERE auditable_type = 'User' AND auditable_id = #",
		u.ID); err != nil {
		return err
	}
	changes, _ := json.Marshal(in)
	err = c.exec(ctx,
		m(
			`INSERT INTO audits (auditable_id, auditable_type, auditable_name, action, audited_changes, version, user_id, username, created_at)
		VALUES (#, 'User', #, 'create', #, 1, 4, 'admin', #)`), u.ID, u.Login, string(changes), u.CreatedAt)
	if err != nil {
		return err
	}
	slot := int64(0) // SQLite has one
	if p.postgres {
		slot = u.ID % 16
	}
	return c.exec(ctx, m("UPDATE tallies SET epoch = epoch + 1, total = total + 1 WHERE name = 'users' AND slot = #"),
		slot)
}
