package directory

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"time"

	"gorm.io/gorm"

	"roster/directory/secret"
	"roster/directory/store"
	"roster/models"
	"roster/scopes"
)

// owner finds the user in a path under whom something is kept: the caller, who needs no permission, or another user
// whom the caller may view or edit, as onUser says, and for whom the caller may perform the action
// (docs/spec/foreman.md, 14.1).
func (s *Service) owner(db *gorm.DB, p *models.Principal, userID int64, onUser models.Action, r *scopes.Resource,
	a models.Action) (*models.User, error) {
	if p == nil || p.UserID == 0 {
		return nil, store.ErrNobody
	}
	if userID != p.UserID {
		if err := store.Require(p, r, a); err != nil {
			return nil, err
		}
		// A caller who may only view a user, because a tenant is open to all, changes nothing under that user.
		if !a.Looks() {
			db = db.Scopes(scopes.Writable(p, scopes.Users))
		}
	}
	u, err := s.findUser(db, p, onUser, store.Ref{ID: userID}, nil)
	if models.KindOf(err) == models.NotFound {
		return nil, models.MissingIDs("User", []int64{userID}, []int64{userID})
	}
	return u, err
}

// ownedScope limits the rows under another user to those that the filters of the permission cover.
func ownedScope(p *models.Principal, r *scopes.Resource, a models.Action, userID int64) scopes.Scope {
	return func(db *gorm.DB) *gorm.DB {
		db = db.Scopes(scopes.Under(r, "User", userID))
		if userID == p.UserID {
			return db
		}
		return db.Scopes(scopes.Authorized(p, r.Can(a), r))
	}
}

// findOwned reads something that is kept under a user.
func findOwned[T any](s *Service, db *gorm.DB, p *models.Principal, onUser models.Action, r *scopes.Resource,
	a models.Action, userID int64, ref store.Ref) (*T, *models.User, error) {
	u, err := s.owner(db, p, userID, onUser, r, a)
	if err != nil {
		return nil, nil, err
	}
	row, err := store.Take[T](db.Scopes(ownedScope(p, r, a, userID)), r, ref)
	return row, u, err
}

// listOwned lists the rows that belong to a user.
func listOwned[T any](ctx context.Context, s *Service, p *models.Principal, r *scopes.Resource, userID int64,
	q store.ListQuery) (*store.List[T], error) {
	if _, err := s.owner(s.Read.WithContext(ctx), p, userID, models.View, r, models.View); err != nil {
		return nil, err
	}
	return store.Listing[T, T]{Store: s.Store, Caller: p, Query: q, Resource: r,
		Within: ownedScope(p, r, models.View, userID), Views: Same[T]}.Read(ctx)
}

// TokenChange is a requested change of a token.
type TokenChange struct {
	Name models.Opt[string]
	// ExpiresAt is a text in any usual form of date and time, read in the caller's zone when it names none.
	ExpiresAt models.Opt[*string]
	// Expiry is the same as a point in time; it goes before ExpiresAt.
	Expiry models.Opt[*time.Time]
	// ReadOnly says whether the token lets its holder look, and change nothing.
	ReadOnly models.Opt[bool]
	// IdleDays is after how many days without use a new token ends; nil for never.
	IdleDays models.Opt[*int64]
	Limits   TokenLimits
}

// TokenLimits are those of a dialect.
type TokenLimits struct {
	// Most is how many live tokens a user may have; 0 for any number.
	Most int64
	// Name is the length limit of names, in characters; 0 for none.
	Name int
	// NamesShared lets tokens of a user have the same name, PastAllowed lets a token end before it begins.
	NamesShared, PastAllowed bool
}

// Tokens lists the personal access tokens of a user, active or not.
func (s *Service) Tokens(ctx context.Context, p *models.Principal, userID int64,
	q store.ListQuery) (*store.List[models.PersonalAccessToken], error) {
	return listOwned[models.PersonalAccessToken](ctx, s, p, scopes.Tokens, userID, q)
}

// Token shows one token of a user.
func (s *Service) Token(ctx context.Context, p *models.Principal, userID int64,
	ref store.Ref) (*models.PersonalAccessToken, error) {
	row, _, err := findOwned[models.PersonalAccessToken](s, s.Read.WithContext(ctx), p, models.View, scopes.Tokens,
		models.View, userID, ref)
	return row, err
}

// tokenBytes of randomness are in a token's secret.
const tokenBytes = 16

// CreateToken adds a token to a user. The secret is returned only here: the row keeps its digest.
func (s *Service) CreateToken(ctx context.Context, p *models.Principal, userID int64,
	c TokenChange) (*models.PersonalAccessToken, string, error) {
	raw := make([]byte, tokenBytes)
	if _, err := io.ReadFull(s.Rand, raw); err != nil {
		return nil, "", err
	}
	token := base64.RawURLEncoding.EncodeToString(raw)
	var row models.PersonalAccessToken
	err := s.change(ctx, p, func(t *tx) error {
		u, err := s.owner(t.DB, t.Caller, userID, models.View, scopes.Tokens, models.Create)
		if err != nil {
			return err
		}
		if err := t.mayTouch(u, true); err != nil {
			return err
		}
		if err := t.LockCaller(); err != nil {
			return err
		}
		if err := t.holdTokens(u.ID, c.Limits); err != nil {
			return err
		}
		row = models.PersonalAccessToken{UserID: u.ID, Name: strings.TrimSpace(c.Name.Value),
			TokenHash: secret.TokenHash(token), CreatedAt: t.Time, UpdatedAt: t.Time}
		if err := t.checkToken(&row, c); err != nil {
			return err
		}
		if err := t.Create(&row).Error; err != nil {
			return err
		}
		if u.ID != t.Caller.UserID {
			if err := t.covered(models.Create, scopes.Tokens, row.ID); err != nil {
				return err
			}
		}
		return t.Audit(tokenRecord(&row, u), nil, tokenFacts(&row))
	})
	if err != nil {
		return nil, "", taken(err, "name")
	}
	return &row, token, nil
}

// holdTokens lets one change after the other add tokens to a user, and refuses one too many.
func (t *tx) holdTokens(user int64, l TokenLimits) error {
	if err := t.Locking().Select("id").Take(&models.User{}, user).Error; err != nil {
		return err
	}
	if l.Most <= 0 {
		return nil
	}
	var live int64
	err := t.Model(&models.PersonalAccessToken{}).Where("user_id = ?", user).Scopes(scopes.LiveTokens(t.Time)).
		Count(&live).Error
	if err == nil && live >= l.Most {
		err = models.Fail(models.Invalid, models.RuleTooManyTokens, l.Most)
	}
	return err
}

// TokenLength is that of every secret that CreateToken makes; nothing else is looked up.
var TokenLength = base64.RawURLEncoding.EncodedLen(tokenBytes)

func (t *tx) checkToken(row *models.PersonalAccessToken, c TokenChange) error {
	errs := labelErrors(row.Name)
	errs.Check(c.Limits.Name == 0 || !models.TooLong(row.Name, c.Limits.Name), "name", models.RuleTooLong,
		c.Limits.Name)
	if !c.Limits.NamesShared {
		if err := t.checkFree(&errs, row.Name, row, "user_id = ? AND name = ? AND id <> ?", row.UserID, row.Name,
			row.ID); err != nil {
			return err
		}
	}
	c.ReadOnly.Apply(&row.ReadOnly)
	if row.ID == 0 {
		c.IdleDays.Apply(&row.IdleDays)
	}
	if c.Expiry.Set {
		row.ExpiresAt = c.Expiry.Value
		errs.Check(c.Limits.PastAllowed || row.ExpiresAt == nil || !row.ExpiresAt.Before(t.Time), "expires_at",
			models.RulePast)
	} else if text := models.BlankToNil(c.ExpiresAt.Value); text != nil {
		at, err := parseTime(*text, t.Caller.Zone)
		switch {
		case err != nil:
			errs.Add("expires_at", models.RuleUnreadableTime, *text)
		case at.Before(t.Time):
			errs.Add("expires_at", models.RulePast)
		default:
			row.ExpiresAt = &at
		}
	}
	return errs.Err()
}

// labelErrors checks the required name of something that users own.
func labelErrors(name string) models.FieldErrors {
	g := models.Usergroup{Name: name}
	return g.Validate()
}

// timeLayouts are the forms in which callers write a moment; those without an offset mean the caller's zone.
var timeLayouts = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05Z0700", "2006-01-02 15:04:05 MST", "2006-01-02 15:04:05 -0700",
	"2006-01-02 15:04:05 -07:00",
	"2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02",
	"2006/01/02", time.RFC1123Z, time.RFC1123,
}

// knownZone reports whether a time without an offset that names a zone names one that is known: Go takes any other
// abbreviation for UTC.
func knownZone(at time.Time, layout string, zone *time.Location) bool {
	name, offset := at.Zone()
	return !strings.HasSuffix(layout, "MST") || offset != 0 || name == "UTC" || name == "GMT" || at.Location() == zone
}

func parseTime(text string, zone *time.Location) (time.Time, error) {
	text = strings.TrimSpace(text)
	for _, layout := range timeLayouts {
		at, err := time.ParseInLocation(layout, text, zone)
		if err == nil && !knownZone(at, layout, zone) {
			continue
		}
		if at = at.UTC(); err == nil && at.Year() > 0 && at.Year() < 10000 {
			return at.Truncate(time.Microsecond), nil
		}
	}
	return time.Time{}, fmt.Errorf("directory: %q is no time", text)
}

// RevokeToken ends a token for good, and with it the sessions that it opened; the row stays (docs/spec/foreman.md,
// 14.1).
func (s *Service) RevokeToken(ctx context.Context, p *models.Principal, userID int64,
	ref store.Ref) (*models.PersonalAccessToken, error) {
	var row *models.PersonalAccessToken
	err := s.change(ctx, p, func(t *tx) error {
		found, u, err := findOwned[models.PersonalAccessToken](s, t.Locking(), t.Caller, models.Edit, scopes.Tokens,
			models.Revoke, userID, ref)
		if err != nil {
			return err
		}
		if err := t.mayTouch(u, false); err != nil {
			return err
		}
		row = found
		if row.Revoked {
			return nil
		}
		return t.revokeToken(row, u)
	})
	return row, err
}

func tokenFacts(row *models.PersonalAccessToken) store.AuditedValues {
	return store.AuditedValues{store.Audited("name", &row.Name), store.Audited("user_id", &row.UserID),
		store.AuditedTime("expires_at", row.ExpiresAt), store.Audited("revoked", &row.Revoked),
		store.Audited("read_only", ifTrue(row.ReadOnly))}
}

func tokenRecord(row *models.PersonalAccessToken, u *models.User) store.AuditSubject {
	return store.AuditSubject{ID: row.ID, Class: "PersonalAccessToken", Name: row.Name, AssociatedID: u.ID,
		AssociatedClass: "User", AssociatedName: u.Login, OfOwner: true}
}
