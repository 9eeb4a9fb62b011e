package directory

import (
	"context"
	"sync"
	"time"

	"roster/directory/secret"
	"roster/directory/store"
	"roster/models"
)

// LDAP queries the servers of LDAP sources. The sources are passed without their bind password, which is a parameter of
// its own. Answers are bounded in size, and every call ends with its context. An error has the kind models.Unavailable
// if the server cannot be reached, breaks off or does not answer; errors of a server that answers have another kind.
type LDAP interface {
	// Login finds a person and checks the password. It returns nil without an error if either is wrong. The login is
	// unchecked input.
	Login(ctx context.Context, source *models.AuthSource, bindPassword, login, password string) (*models.Identity,
		error)
	// Person finds a person without a password, nil where there is none.
	Person(ctx context.Context, source *models.AuthSource, bindPassword, login string) (*models.Identity, error)
	// Members returns the logins of the members of a group, those of groups inside it included, and whether there is
	// such a group.
	Members(ctx context.Context, source *models.AuthSource, bindPassword, group string) (logins []string, found bool,
		err error)
	// Test reports whether the server answers to what the source says.
	Test(ctx context.Context, source *models.AuthSource, bindPassword string) error
}

var errNoLDAP = models.Fail(models.Unavailable, models.RuleNoLDAP)

// Servers limits queries to the servers of LDAP sources: a bounded number at once for each, and none for a while after
// one did not answer. It is safe for concurrent use.
type Servers struct {
	ldap   LDAP
	store  *store.Store
	sealer secret.Sealer
	// asking bounds how many questions to each source are under way, so that a server that hangs does not take this one
	// with it, nor the people of others.
	asking gates
	// rests keep logins from servers that did not answer.
	breakers breakers
}

const (
	maxAsking = 16 // of one source at a time
	// ldapPatience bounds one question of an administrator's, from the first packet to the last.
	questionTimeout = 10 * time.Second
)

func newServers(ldap LDAP, base *store.Store, sealer secret.Sealer) *Servers {
	return &Servers{ldap: ldap, store: base, sealer: sealer, breakers: breakers{now: base.Now, log: base.Log}}
}

// gates are one gate for each source.
type gates struct {
	mu sync.Mutex
	by map[int64]places
}

func (g *gates) of(source int64) places {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.by == nil {
		g.by = map[int64]places{}
	}
	if g.by[source] == nil {
		g.by[source] = make(places, maxAsking)
	}
	return g.by[source]
}

// Question is a query to a source's server.
type Question func(ctx context.Context, ldap LDAP, source *models.AuthSource, bindPassword string) error

// sourceToAsk reads a source as it is kept, with its bind password in the clear beside it.
func (v *Servers) sourceToAsk(ctx context.Context, id int64) (*models.AuthSource, string, error) {
	if v.ldap == nil {
		return nil, "", errNoLDAP
	}
	source, err := store.First[models.AuthSource](v.store.Read.WithContext(ctx).Where("id = ?", id))
	if err != nil {
		return nil, "", err
	}
	if source == nil {
		return nil, "", models.Fail(models.Unavailable, models.RuleSourceGone)
	}
	if source.AccountPassword == nil {
		return source, "", nil
	}
	bindPassword, err := v.sealer.Unseal(*source.AccountPassword)
	source.AccountPassword = nil
	return source, bindPassword, err
}

// ask puts a question of an administrator's to the server of a source, whether or not it rests.
func (v *Servers) ask(ctx context.Context, id int64, question Question) error {
	source, bindPassword, err := v.sourceToAsk(ctx, id)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, questionTimeout)
	defer cancel()
	asking := v.asking.of(id)
	if err := asking.enter(ctx); err != nil {
		return err
	}
	defer asking.leave()
	return question(ctx, v.ldap, source, bindPassword)
}
