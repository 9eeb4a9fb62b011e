package login

import (
	"cmp"
	"context"
	"slices"

	"roster/directory"
	"roster/directory/secret"
	"roster/directory/store"
	"roster/gate"
	"roster/models"
)

const (
	// maxAskedAtOnce bounds how many sources one login asks side by side.
	maxAskedAtOnce = 16
)

// inquiry is a query to one source during a login. ask returns nil for a refusal. Only a real inquiry lets a person in;
// one with a made-up login is sent for the time that it takes.
type inquiry struct {
	real   bool
	ask    func(context.Context) *models.Identity
	source *models.AuthSource
	answer chan *models.Identity
}

// aboutNobody queries a source with a made-up login.
func (s *Service) aboutNobody(source *models.AuthSource, nobody string) inquiry {
	return inquiry{ask: func(ctx context.Context) *models.Identity {
		id, err := s.login(ctx, source, nobody, nobody)
		if err != nil {
			return nil
		}
		return id
	}}
}

// askAboutNobody queries every LDAP source with a made-up login, in the same way as for people with an account.
func (s *Service) askAboutNobody(ctx context.Context, r *store.Snapshot) error {
	nobody, err := secret.New(s.Rand)
	if err != nil {
		return err
	}
	askSideBySide(ctx, ldapSources(r), func(source *models.AuthSource) inquiry { return s.aboutNobody(source, nobody) })
	return nil
}

// ldapSources returns the LDAP sources by id.
func ldapSources(r *store.Snapshot) []*models.AuthSource {
	var sources []*models.AuthSource
	for _, source := range r.Sources {
		if source.Type == models.LdapSource {
			sources = append(sources, source)
		}
	}
	slices.SortFunc(sources, func(a, b *models.AuthSource) int { return cmp.Compare(a.ID, b.ID) })
	return sources
}

// askSideBySide queries all sources at once, with one deadline. It returns the first source, by id, that accepts a real
// inquiry, as soon as those before it have answered. A refusal waits for all sources, so that its time does not reveal
// which of them was queried with the real login.
func askSideBySide(
	ctx context.Context, sources []*models.AuthSource, about func(*models.AuthSource) inquiry,
) (*models.AuthSource, *models.Identity) {
	if len(sources) == 0 {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, directory.LoginTimeout)
	defer cancel()
	inquiries := make([]inquiry, len(sources))
	for i, source := range sources {
		inquiries[i] = about(source)
		inquiries[i].source = source
		inquiries[i].answer = make(chan *models.Identity, 1)
	}
	// The real ones come first, since they may end the wait.
	slices.SortStableFunc(inquiries, func(a, b inquiry) int { return cmp.Compare(rank(a), rank(b)) })
	go askAll(ctx, inquiries)
	for _, q := range inquiries {
		if id := q.wait(ctx); q.real && id != nil {
			return q.source, id
		}
	}
	return nil, nil
}

func rank(q inquiry) int {
	if q.real {
		return 0
	}
	return 1
}

// askAll makes the inquiries, a bounded number at once.
func askAll(ctx context.Context, inquiries []inquiry) {
	atOnce := make(chan struct{}, maxAskedAtOnce)
	for _, q := range inquiries {
		if gate.Take(ctx, atOnce) != nil {
			return
		}
		go func() {
			defer func() { <-atOnce }()
			q.answer <- q.ask(ctx)
		}()
	}
}

// wait returns the answer, nil where none has come in time.
func (q inquiry) wait(ctx context.Context) *models.Identity {
	select {
	case id := <-q.answer:
		return id
	case <-ctx.Done():
	}
	select {
	case id := <-q.answer:
		return id
	default:
		return nil
	}
}
