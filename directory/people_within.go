package directory

import (
	"context"
	"errors"
	"slices"

	"roster/directory/store"
	"roster/models"
	"roster/scopes"
)

// UsersWithin lists people as those see them who are in an organization with them: administrators see all, members of
// an organization everybody who belongs to it, and others themselves (docs/spec/cvat.md, 9).
func (s *Service) UsersWithin(ctx context.Context, p *models.Principal, w Within,
	q store.ListQuery) (*store.List[*UserView], error) {
	if p == nil || p.UserID == 0 {
		return nil, store.ErrNobody
	}
	if !w.Given && p.Admin {
		return s.Users(ctx, p, q)
	}
	r, err := s.SnapshotFor(ctx, p)
	if err != nil {
		return nil, err
	}
	l := store.Listing[listedUser, *UserView]{
		Store: s.Store, Caller: p, Query: q, Resource: scopes.Colleagues,
		Views: func(rows []listedUser) ([]*UserView, error) { return s.userViews(ctx, p, r, listed(rows), false) },
	}
	switch {
	case w.Organization != 0:
		if err := s.reading(ctx, p).mustBelong(w.Organization); err != nil {
			return nil, err
		}
		l.Revision = store.RevisionUsers
		l.Query.Parents = append(slices.Clone(q.Parents), organizationParent(w.Organization))
	case w.Given && p.Admin:
		l.Within = scopes.Both(scopes.NotHidden, scopes.InNoOrganization)
	case w.Given:
		l.Within = scopes.Both(scopes.OnlyUser(p.UserID), scopes.InNoOrganization)
	default:
		l.Within = scopes.OnlyUser(p.UserID)
	}
	return l.Read(ctx)
}

func organizationParent(id int64) store.Parent {
	return store.Parent{Class: string(models.OrganizationKind), ID: id}
}

// UserWithin shows one of the people whom UsersWithin lists, and everybody the own account. Others are refused.
func (s *Service) UserWithin(ctx context.Context, p *models.Principal, w Within, id int64) (*UserView, error) {
	if p == nil || p.UserID == 0 {
		return nil, store.ErrNobody
	}
	db := s.Read.WithContext(ctx).Scopes(scopes.NotHidden)
	u, err := store.Take[models.User](db, scopes.Colleagues, store.Ref{ID: id})
	if err != nil {
		return nil, err
	}
	if !p.Admin && u.ID != p.UserID {
		t := s.reading(ctx, p)
		if err := t.mustBelong(w.Organization); err != nil {
			return nil, err
		}
		there, err := t.isMember(w.Organization, id)
		if err != nil {
			return nil, err
		}
		if !there {
			return nil, models.DeniedBecause(models.RuleOutsider)
		}
	}
	return s.userViewOf(ctx, p, u)
}

// ShippedGroups makes the user groups that stand for system groups, where they are missing and no user has the name.
func (s *Service) ShippedGroups(ctx context.Context) error {
	r, err := s.LatestSnapshot(ctx)
	if err != nil {
		return err
	}
	for _, name := range []models.SystemGroup{models.SystemUser, models.SystemWorker} {
		there := false
		for _, g := range r.Groups {
			there = there || g.Name == string(name)
		}
		if there {
			continue
		}
		c := UsergroupChange{Name: models.Some(string(name))}
		_, err := s.CreateUsergroup(ctx, models.System(), c)
		// Another request was faster, or a user is called like that, and there is no such group.
		if err != nil && !brokeRule(err, "name", models.RuleTaken, models.RuleUserHasName) {
			return err
		}
	}
	return nil
}

// brokeRule reports whether an error is about one of some rules that an attribute breaks.
func brokeRule(err error, attr string, rules ...models.Rule) bool {
	broken, ok := asError(err)
	return ok && slices.ContainsFunc(broken.Fields, func(f models.FieldError) bool {
		return f.Attr == attr && slices.Contains(rules, f.Rule)
	})
}

// DeleteSelf removes the caller's own account, unless no administrator would be left.
func (s *Service) DeleteSelf(ctx context.Context, p *models.Principal) error {
	return s.change(ctx, p, func(t *tx) error { return t.deleteSelf() })
}

func (t *tx) deleteSelf() error {
	u, err := store.Take[models.User](t.Locking(), scopes.Users, store.Ref{ID: t.Caller.UserID})
	if err != nil {
		return err
	}
	return models.About(u.ID, t.deleteUser(u))
}

// asError returns the refusal in an error, if there is one.
func asError(err error) (*models.Error, bool) {
	var refused *models.Error
	ok := errors.As(err, &refused)
	return refused, ok
}
