package directory

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"reflect"
	"strings"

	"gorm.io/gorm"

	"roster/directory/store"
	"roster/models"
	"roster/scopes"
)

// ExternalUsergroupView is an external group with its source.
type ExternalUsergroupView struct {
	models.ExternalUsergroup
	Source *models.AuthSource
}

// ExternalUsergroupChange is a requested change of an external group.
type ExternalUsergroupChange struct {
	Name           models.Opt[string]
	AuthSourceID   models.Opt[int64]
	AuthSourceName models.Opt[string]
}

// ExternalUsergroups lists the external groups under a parent.
func (s *Service) ExternalUsergroups(ctx context.Context, p *models.Principal,
	q store.ListQuery) (*store.List[*ExternalUsergroupView], error) {
	r, err := s.SnapshotFor(ctx, p)
	if err != nil {
		return nil, err
	}
	return store.Listing[models.ExternalUsergroup, *ExternalUsergroupView]{
		Store: s.Store, Caller: p, Query: q, Resource: scopes.ExternalUsergroups,
		Views: func(rows []models.ExternalUsergroup) ([]*ExternalUsergroupView, error) {
			views := make([]*ExternalUsergroupView, len(rows))
			for i, row := range rows {
				views[i] = &ExternalUsergroupView{row, r.Sources[row.AuthSourceID]}
			}
			return views, nil
		},
	}.Read(ctx)
}

// ExternalUsergroup shows one external group.
func (s *Service) ExternalUsergroup(ctx context.Context, p *models.Principal, ref store.Ref,
	parents ...store.Parent) (*ExternalUsergroupView, error) {
	db := s.Read.WithContext(ctx)
	row, err := store.Find[models.ExternalUsergroup](db, p, scopes.ExternalUsergroups, models.View, ref, parents)
	if err != nil {
		return nil, err
	}
	return externalView(db, row)
}

func externalView(db *gorm.DB, row *models.ExternalUsergroup) (*ExternalUsergroupView, error) {
	source, err := store.First[models.AuthSource](db.Omit("account_password").Where("id = ?", row.AuthSourceID))
	return &ExternalUsergroupView{*row, source}, err
}

// CreateExternalUsergroup ties a group of an auth source to a user group. Since its members will get what the user
// group confers, the caller must be allowed to hand that out (docs/spec/foreman.md, 8.5 and 10.4).
func (s *Service) CreateExternalUsergroup(ctx context.Context, p *models.Principal, usergroup int64,
	c ExternalUsergroupChange) (*ExternalUsergroupView, error) {
	if err := store.Require(p, scopes.ExternalUsergroups, models.Create); err != nil {
		return nil, err
	}
	if err := s.inSource(ctx, p, nil, usergroup, c); err != nil {
		return nil, err
	}
	v, err := s.saveExternal(ctx, p, func(t *tx) (*models.ExternalUsergroup, error) {
		return nil, store.Require(t.Caller, scopes.ExternalUsergroups, models.Create)
	}, usergroup, c)
	if err != nil {
		return nil, err
	}
	s.refreshed(ctx, &v.ExternalUsergroup)
	return v, nil
}

// refreshed brings the members of a group up to date after a change of what it is tied to. The change stands even if
// the server does not answer now: the next login or refresh asks again.
func (s *Service) refreshed(ctx context.Context, rows ...*models.ExternalUsergroup) {
	for _, row := range rows {
		if err := s.refreshGroup(ctx, row.UsergroupID, row.AuthSourceID); err != nil {
			s.Log.WarnContext(ctx, "members of an external group were not refreshed", slog.String("name", row.Name),
				slog.String("error", err.Error()))
		}
	}
}

// UpdateExternalUsergroup changes an external group.
func (s *Service) UpdateExternalUsergroup(ctx context.Context, p *models.Principal, ref store.Ref,
	c ExternalUsergroupChange, parents ...store.Parent) (*ExternalUsergroupView, error) {
	editable := func(db *gorm.DB) (*models.ExternalUsergroup, error) {
		return store.Find[models.ExternalUsergroup](db, p, scopes.ExternalUsergroups, models.Edit, ref, parents)
	}
	before, err := editable(s.Read.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	if err := s.inSource(ctx, p, before, 0, c); err != nil {
		return nil, models.About(before.ID, err)
	}
	v, err := s.saveExternal(ctx, p, func(t *tx) (*models.ExternalUsergroup, error) { return editable(t.Locking()) }, 0,
		c)
	if err != nil {
		return nil, err
	}
	s.refreshed(ctx, before, &v.ExternalUsergroup)
	return v, nil
}

// externalState is an external group with the tenants of its source, which its audits concern.
type externalState struct {
	models.ExternalUsergroup
	tenants []int64
}

func (e *externalState) facts() store.AuditedValues {
	return store.AuditedValues{store.Audited("name", &e.Name), store.Audited("auth_source_id", &e.AuthSourceID),
		store.Audited("usergroup_id", &e.UsergroupID)}
}

func (e *externalState) record() store.AuditSubject {
	return store.AuditSubject{ID: e.ID, Class: "ExternalUsergroup", Name: e.Name, AssociatedID: e.UsergroupID,
		AssociatedClass: "Usergroup", Tenants: e.tenants}
}

// saveExternal changes the external group that read returns, or adds one to a user group.
func (s *Service) saveExternal(ctx context.Context, p *models.Principal, read func(*tx) (*models.ExternalUsergroup,
	error), usergroup int64, c ExternalUsergroupChange) (*ExternalUsergroupView, error) {
	var v *ExternalUsergroupView
	err := s.change(ctx, p, func(t *tx) error {
		if err := t.holdGroups(true); err != nil {
			return err
		}
		row, err := read(t)
		if err != nil {
			return err
		}
		after, err := t.saveExternal(row, usergroup, c)
		if err != nil {
			return err
		}
		v, err = externalView(t.DB, after)
		return err
	})
	return v, taken(err, "name")
}

// saveExternal makes a change of an external group, or adds one to a user group where row is nil, under LockGroups.
func (t *tx) saveExternal(row *models.ExternalUsergroup, usergroup int64,
	c ExternalUsergroupChange) (*models.ExternalUsergroup, error) {
	var before *externalState
	after := &externalState{ExternalUsergroup: models.ExternalUsergroup{UsergroupID: usergroup}}
	if row != nil {
		before = &externalState{ExternalUsergroup: *row}
		after.ExternalUsergroup = *row
	}
	err := save(t, before, after, steps{
		apply: func() error { return t.applyExternal(&after.ExternalUsergroup, c) },
		check: func() error { return t.checkExternal(row, &after.ExternalUsergroup) },
		write: func() error { return t.writeExternal(row, &after.ExternalUsergroup) },
		settle: func() error {
			var err error
			after.tenants, err = t.LinkedIDs(store.AuthSourceTenants, after.AuthSourceID)
			return err
		},
		bumps: []string{store.RevisionSnapshot},
	})
	return &after.ExternalUsergroup, err
}

// mayTie refuses external groups for a user group that the caller may not tie, or that no auth source knows. It asks
// LDAP servers, so it runs before the transaction.
func (s *Service) mayTie(ctx context.Context, p *models.Principal, list []ExternalUsergroupChange) error {
	if len(list) == 0 {
		return nil
	}
	if len(list) > MaxNestedExternals {
		return models.Refuse("external_usergroups", models.RuleTooMany, MaxNestedExternals)
	}
	if err := store.Require(p, scopes.ExternalUsergroups, models.Create); err != nil {
		return err
	}
	for _, c := range list {
		if err := s.inSource(ctx, p, nil, 0, c); err != nil {
			return nestedExternal(err)
		}
	}
	return nil
}

// MaxNestedExternals bounds how many external groups one change of a user group may bring: each is looked up.
const MaxNestedExternals = 20

// tie adds the external groups that a change of a user group brings.
func (t *tx) tie(usergroup int64, list []ExternalUsergroupChange) ([]*models.ExternalUsergroup, error) {
	var tied []*models.ExternalUsergroup
	for _, c := range list {
		if err := store.Require(t.Caller, scopes.ExternalUsergroups, models.Create); err != nil {
			return nil, err
		}
		row, err := t.saveExternal(nil, usergroup, c)
		if err != nil {
			return nil, nestedExternal(err)
		}
		tied = append(tied, row)
	}
	return tied, nil
}

// nestedExternal is what the rules that an external group breaks mean for the user group that brings it
// (docs/spec/foreman.md, 10.1).
func nestedExternal(err error) error {
	if models.KindOf(err) == models.Invalid {
		return models.Refuse("external_usergroups", models.RuleInvalid)
	}
	return err
}

func (t *tx) applyExternal(row *models.ExternalUsergroup, c ExternalUsergroupChange) error {
	c.Name.Apply(&row.Name)
	row.Name = strings.TrimSpace(row.Name)
	c.AuthSourceID.Apply(&row.AuthSourceID)
	if c.AuthSourceName.Set {
		ids, err := t.resolve(sourcesTarget(t.Caller), ByNames(c.AuthSourceName.Value))
		if err != nil {
			return err
		}
		row.AuthSourceID = ids[0]
	}
	return nil
}

func (t *tx) checkExternal(before, after *models.ExternalUsergroup) error {
	errs := after.Validate()
	if after.AuthSourceID != 0 {
		source, err := store.First[models.AuthSource](t.Scopes(scopes.WritableSources(t.Caller)).
			Where("auth_sources.id = ?", after.AuthSourceID))
		if err != nil {
			return err
		}
		if source == nil {
			return models.MissingIDs("AuthSource", []int64{after.AuthSourceID}, []int64{after.AuthSourceID})
		}
		errs.Check(source.Type != models.HiddenSource && source.Type != models.InternalSource, "auth_source",
			models.RuleSourceNotPermitted)
		errs.Check(!unsyncable(source, after.Name), "name", models.RuleSpecialGroup)
	}
	if models.Storable(after.Name) {
		var n int64
		if err := t.Model(after).Where("auth_source_id = ? AND name = ? AND id <> ?", after.AuthSourceID, after.Name,
			after.ID).Count(&n).Error; err != nil {
			return err
		}
		errs.Check(n == 0, "name", models.RuleTaken)
	}
	if !t.Caller.Admin && (before == nil || *before != *after) {
		if err := t.holdAuthority(); err != nil {
			return err
		}
		state := &groupState{Usergroup: models.Usergroup{ID: after.UsergroupID}}
		roles, admin, err := t.confers(state)
		if err != nil {
			return err
		}
		errs.Check(!admin, models.Base, models.RuleAdminFlag)
		errs.Check(mayAssign(t.Caller, roles), models.Base, models.RuleEscalation)
		if err := t.authorizeTie(&errs, roles, after.UsergroupID, after.AuthSourceID); err != nil {
			return err
		}
	}
	return errs.Err()
}

func (t *tx) writeExternal(before, after *models.ExternalUsergroup) error {
	if before == nil {
		return t.Create(after).Error
	}
	if reflect.DeepEqual(before, after) {
		return nil
	}
	if err := t.Overwrite(after); err != nil {
		return err
	}
	return t.untie(before)
}

// untie removes the people of a source from a user group whose tie is gone or changed. It is for sources that cannot be
// asked and report groups at login only. Members by another tie of the source return with their next login.
func (t *tx) untie(was *models.ExternalUsergroup) error {
	source, err := store.First[models.AuthSource](t.Where("id = ? AND type <> ?", was.AuthSourceID, models.LdapSource))
	if err != nil || source == nil {
		return err
	}
	var came []int64
	err = t.Model(&models.User{}).Where("auth_source_id = ?", source.ID).
		Where("id IN (SELECT user_id FROM usergroup_users WHERE usergroup_id = ?)", was.UsergroupID).Pluck("id",
		&came).Error
	if err != nil {
		return err
	}
	return t.changeMembers(was.UsergroupID, func(users []int64) []int64 { return store.Without(users, came) })
}

// RefreshExternalUsergroup synchronizes the members of the owning group with the LDAP server. A server that does not
// answer is an Invalid error, and nothing changes.
func (s *Service) RefreshExternalUsergroup(ctx context.Context, p *models.Principal, ref store.Ref,
	parents ...store.Parent) (*models.ExternalUsergroup, error) {
	if err := p.MayChange(); err != nil {
		return nil, err
	}
	row, err := store.Find[models.ExternalUsergroup](s.Read.WithContext(ctx), p, scopes.ExternalUsergroups, models.Edit,
		ref, parents)
	if err != nil {
		return nil, err
	}
	// A refresh removes members as well as adding them.
	t := s.reading(ctx, p)
	if _, admin, err := t.confers(&groupState{Usergroup: models.Usergroup{ID: row.UsergroupID}}); err != nil || admin &&
		!p.Admin {
		return nil, cmp.Or(err, models.Refuse(models.Base, models.RuleAdminFlag))
	}
	err = s.refreshGroup(ctx, row.UsergroupID, row.AuthSourceID)
	var known *models.Error
	switch {
	case err == nil:
	case !errors.As(err, &known) || known.Rule == models.RuleLDAPUnreachable:
		err = models.Refuse("auth_source_id", models.RuleLDAPTrouble, *s.trouble(ctx, p, row.Name, err))
	}
	return row, err
}

// DeleteExternalUsergroup unties an external group.
func (s *Service) DeleteExternalUsergroup(ctx context.Context, p *models.Principal, ref store.Ref,
	parents ...store.Parent) (*models.ExternalUsergroup, error) {
	var gone *models.ExternalUsergroup
	err := s.change(ctx, p, func(t *tx) error {
		if err := t.holdGroups(true); err != nil {
			return err
		}
		var err error
		if gone, err = store.Find[models.ExternalUsergroup](t.Locking(), t.Caller, scopes.ExternalUsergroups,
			models.Destroy, ref, parents); err != nil {
			return err
		}
		if _, admin, err := t.confers(&groupState{Usergroup: models.Usergroup{ID: gone.UsergroupID}}); err != nil ||
			admin && !t.Caller.Admin {
			return cmp.Or(err, models.Refuse(models.Base, models.RuleAdminFlag))
		}
		if err := t.Exec("DELETE FROM external_usergroups WHERE id = ?", gone.ID).Error; err != nil {
			return err
		}
		if err := t.untie(gone); err != nil {
			return err
		}
		t.Bump(store.RevisionSnapshot, 0)
		state := &externalState{ExternalUsergroup: *gone}
		if state.tenants, err = t.LinkedIDs(store.AuthSourceTenants, gone.AuthSourceID); err != nil {
			return err
		}
		return t.Audit(state.record(), state.facts(), nil)
	})
	if err == nil {
		s.refreshed(ctx, gone)
	}
	return gone, err
}
