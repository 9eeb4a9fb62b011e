package login

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"strconv"
	"time"

	"roster/directory"
	"roster/directory/store"
	"roster/models"
)

// recentFor is how long an external answer is reused. A person who is locked out there stays in for at most that long.
const recentFor = time.Minute

// authenticateAsserted returns the account of a person for whom an external authority vouches. It opens accounts of
// external sources only: an authority that lets people choose their names must not open the administrator's account.
// New accounts are created in the source that the settings name.
func (s *Service) authenticateAsserted(ctx context.Context, r *store.Snapshot,
	id *models.Identity) (*store.Account, error) {
	if id.Login == "" || !models.Storable(id.Login) {
		return nil, store.ErrCredentials
	}
	row, err := s.AccountNamed(ctx, id.Login)
	if err != nil {
		return nil, err
	}
	if row == nil {
		source := externalSource(r)
		if source == nil {
			return nil, store.ErrCredentials
		}
		return s.register(ctx, source, id)
	}
	if r, err = s.SnapshotAt(ctx, row.Seen.Refs); err != nil {
		return nil, err
	}
	if source := r.Sources[row.AuthSourceID]; row.Hidden || source == nil || source.Type != models.ExternalSource ||
		!models.SameName(row.Login, id.Login) {
		return nil, store.ErrCredentials
	}
	return s.syncUser(ctx, row, id)
}

// externalSource returns the source in which accounts for such people are created, nil if none are to be.
func externalSource(r *store.Snapshot) *models.AuthSource {
	name := r.Setting(directory.SettingExternalSource)
	for _, source := range r.Sources {
		if source.Type == models.ExternalSource && source.Name == name {
			return source
		}
	}
	return nil
}

// changeFrom returns the attributes that an authority reports, as a change.
func changeFrom(id *models.Identity) directory.UserChange {
	var c directory.UserChange
	for _, attr := range []struct {
		from *string
		to   *models.Opt[*string]
	}{{id.Firstname, &c.Firstname}, {id.Lastname, &c.Lastname}, {id.Mail, &c.Mail}} {
		if text := models.BlankToNil(attr.from); text != nil {
			*attr.to = models.Some(models.Trimmed(text))
		}
	}
	return c
}

// withoutInvalid tries a change of a person's attributes, and once more without those that break a rule, which it logs:
// a mail address that this directory does not take must not keep a person out.
func (s *Service) withoutInvalid(ctx context.Context, login string, c *directory.UserChange, try func() error) error {
	err := try()
	var e *models.Error
	if !errors.As(err, &e) || len(e.Fields) == 0 {
		return err
	}
	for _, f := range e.Fields {
		switch f.Attr {
		case "firstname":
			c.Firstname = models.Opt[*string]{}
		case "lastname":
			c.Lastname = models.Opt[*string]{}
		case "mail":
			c.Mail = models.Opt[*string]{}
		default:
			return err
		}
	}
	s.Log.WarnContext(ctx, "attributes of an external user are left out", slog.String("login", login),
		slog.String("error", e.Fields.String()))
	return try()
}

// register creates a person in a source, with the source's tenants.
func (s *Service) register(ctx context.Context, source *models.AuthSource,
	id *models.Identity) (*store.Account, error) {
	c := changeFrom(id)
	c.Login = models.Some(id.Login)
	c.AuthSourceID = models.Some(source.ID)
	var err error
	if c.Tenants, err = s.dir.TenantsOfSource(ctx, source.ID); err != nil {
		return nil, err
	}
	err = s.withoutInvalid(ctx, id.Login, &c, func() error {
		_, err := s.dir.CreateUser(ctx, models.System(), c)
		return err
	})
	if models.KindOf(err) == models.Invalid {
		// Another request may have created the same account a moment ago; if not, there is none.
		s.Log.WarnContext(ctx, "an external user cannot be created", slog.String("login", id.Login),
			slog.String("source", source.Name), slog.String("error", err.Error()))
		err = nil
	}
	if err != nil {
		return nil, err
	}
	row, err := s.AccountNamed(ctx, id.Login)
	if err != nil {
		return nil, err
	}
	if row == nil || row.AuthSourceID != source.ID {
		return nil, store.ErrCredentials
	}
	return s.syncUser(ctx, row, id)
}

// syncUser updates an account from what its authority reports, and returns the updated row.
func (s *Service) syncUser(ctx context.Context, row *store.Account, id *models.Identity) (*store.Account, error) {
	text, err := json.Marshal(id)
	if err != nil {
		return nil, err
	}
	key := s.dir.Passwords.Digest("welcomed", strconv.FormatInt(row.ID, 10), strconv.FormatInt(row.Seen.Refs, 10),
		row.UpdatedAt.String(), string(text))
	if _, ok := s.recent.GetIfPresent(key); ok {
		return row, nil
	}
	changed, err := s.syncAttributes(ctx, row, id)
	if err != nil {
		return nil, err
	}
	moved, err := s.syncGroups(ctx, row, id)
	if err != nil {
		return nil, err
	}
	s.recent.Set(key, struct{}{})
	if changed || moved {
		return s.AccountNamed(ctx, row.Login)
	}
	return row, nil
}

// syncAttributes updates the attributes that differ from what the authority reports.
func (s *Service) syncAttributes(ctx context.Context, row *store.Account, id *models.Identity) (bool, error) {
	c := changeFrom(id)
	differs := func(told models.Opt[*string], kept *string) bool {
		return told.Set && models.Deref(told.Value) != models.Deref(kept)
	}
	if !differs(c.Firstname, row.Firstname) && !differs(c.Lastname, row.Lastname) && !differs(c.Mail, row.Mail) {
		return false, nil
	}
	err := s.withoutInvalid(ctx, row.Login, &c, func() error {
		_, err := s.dir.UpdateUser(ctx, models.System(), store.Ref{ID: row.ID}, c)
		return err
	})
	if models.KindOf(err) == models.Invalid {
		s.Log.WarnContext(ctx, "the attributes of an external user cannot be updated", slog.String("login", row.Login),
			slog.String("error", err.Error()))
		return false, nil
	}
	return true, err
}

// syncGroups makes the person a member of those user groups that are tied to the person's groups in the source, and of
// no others of that source (docs/spec/foreman.md, 10.4). It reports whether anything changed.
func (s *Service) syncGroups(ctx context.Context, row *store.Account, id *models.Identity) (bool, error) {
	if !id.GroupsTold {
		return false, nil
	}
	var ties []models.ExternalUsergroup
	if err := s.Read.WithContext(ctx).Where("auth_source_id = ?", row.AuthSourceID).Find(&ties).Error; err != nil ||
		len(ties) == 0 {
		return false, err
	}
	var have []int64
	if err := s.Read.WithContext(ctx).Table("usergroup_users").Where("user_id = ?", row.ID).Pluck("usergroup_id",
		&have).Error; err != nil {
		return false, err
	}
	wanted := map[int64]bool{}
	for _, tie := range ties {
		isMember := slices.ContainsFunc(id.Groups, func(name string) bool { return models.SameName(name, tie.Name) })
		wanted[tie.UsergroupID] = wanted[tie.UsergroupID] || isMember
	}
	changed := false
	for usergroup, in := range wanted {
		if in == slices.Contains(have, usergroup) {
			continue
		}
		err := s.dir.ChangeMembers(ctx, usergroup, func(users []int64) []int64 {
			users = store.Without(users, []int64{row.ID})
			if in {
				users = append(users, row.ID)
			}
			return users
		})
		if models.KindOf(err) == models.Invalid {
			// The last administrator stays one, and gets in.
			s.Log.WarnContext(ctx, "the groups of an external user cannot be updated", slog.String("login", row.Login),
				slog.Int64("usergroup_id", usergroup), slog.String("error", err.Error()))
			continue
		}
		if err != nil {
			return changed, err
		}
		changed = true
	}
	return changed, nil
}
