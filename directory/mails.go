package directory

import (
	"context"
	"slices"
	"strings"

	"roster/directory/store"
	"roster/models"
	"roster/scopes"
)

// MailSubscription is a subscription with the kind of mail that it is for.
type MailSubscription struct {
	models.UserMailNotification
	Name        string
	Description *string
}

// MailNotifications lists the kinds of mail that users may subscribe to.
func (s *Service) MailNotifications(ctx context.Context, p *models.Principal,
	q store.ListQuery) (*store.List[models.MailNotification], error) {
	return store.Listing[models.MailNotification, models.MailNotification]{
		Store: s.Store, Caller: p, Query: q, Resource: scopes.MailNotifications, Views: Same[models.MailNotification],
	}.Read(ctx)
}

// MailNotification shows one kind of mail.
func (s *Service) MailNotification(ctx context.Context, p *models.Principal,
	ref store.Ref) (*models.MailNotification, error) {
	return store.Find[models.MailNotification](s.Read.WithContext(ctx), p, scopes.MailNotifications, models.View, ref,
		nil)
}

// MailSubscriptions lists what a user is subscribed to: the caller, or anybody whom the caller may view.
func (s *Service) MailSubscriptions(ctx context.Context, p *models.Principal,
	userID int64) ([]MailSubscription, error) {
	db := s.Read.WithContext(ctx)
	if _, err := s.owner(db, p, userID, models.View, scopes.Users, models.View); err != nil {
		return nil, err
	}
	list := []MailSubscription{}
	err := db.Table("user_mail_notifications s").Joins("JOIN mail_notifications m ON m.id = s.mail_notification_id").
		Where("s.user_id = ?", userID).Select("s.*, m.name, m.description").Order("s.id").Scan(&list).Error
	return list, err
}

// MailChange asks for a subscription; nil means that the caller said nothing.
type MailChange struct {
	Interval, Subscription, MailQuery *string
}

// Intervals are how often a mail may come.
var Intervals = []string{"Daily", "Weekly", "Monthly"}

// subscriptions are the states of mails that come when something happens.
var subscriptions = []string{"Subscribe", "Subscribe to my hosts", "Subscribe to all hosts", "Unsubscribe"}

// Subscribe adds or, with update, changes a subscription of a user: the caller's own, or any for an administrator. What
// is refused is not done (docs/spec/foreman.md, 14.3 and 19, row 33).
func (s *Service) Subscribe(ctx context.Context, p *models.Principal, userID, mailID int64, c MailChange,
	update bool) error {
	const reason = models.RuleForeignSubscription
	if err := mayMail(p, userID, reason); err != nil {
		return err
	}
	return s.change(ctx, p, func(t *tx) error {
		u, err := t.mailOwner(userID, reason)
		if err != nil {
			return err
		}
		kind, err := store.Take[models.MailNotification](t.DB, scopes.MailNotifications, store.Ref{ID: mailID})
		if err != nil {
			return err
		}
		interval, err := c.interval(kind)
		if err != nil {
			return err
		}
		row, err := store.First[models.UserMailNotification](t.Locking().
			Where("user_id = ? AND mail_notification_id = ?", u.ID, kind.ID))
		if err != nil {
			return err
		}
		if update && row == nil {
			return models.Refuse(models.Base, models.RuleNotSubscribed)
		}
		if !update && row != nil {
			return models.Refuse(models.Base, models.RuleSubscribed)
		}
		return t.saveSubscription(u, kind, row, interval, c.MailQuery)
	})
}

// mailOwner finds whose subscription changes, as long as the caller may change it.
func (t *tx) mailOwner(userID int64, reason models.Rule) (*models.User, error) {
	if err := mayMail(t.Caller, userID, reason); err != nil {
		return nil, err
	}
	return t.s.owner(t.DB, t.Caller, userID, models.View, scopes.Users, models.View)
}

func mayMail(p *models.Principal, userID int64, reason models.Rule) error {
	if p == nil || p.UserID == 0 {
		return store.ErrNobody
	}
	if !p.Admin && p.UserID != userID {
		return models.DeniedBecause(reason)
	}
	return nil
}

// interval returns the requested rhythm: a report has an interval, an alert a subscription.
func (c MailChange) interval(kind *models.MailNotification) (string, error) {
	given := c.Interval
	allowed := Intervals
	word := "Interval"
	if models.Deref(kind.SubscriptionType) == "alert" {
		given = c.Subscription
		allowed = subscriptions
		word = "Subscription"
	}
	if models.Blank(c.Interval) && models.Blank(c.Subscription) {
		return "", models.Refuse(models.Base, models.RuleNoRhythm)
	}
	if models.Blank(given) {
		return "", models.Refuse(models.Base, models.RuleRhythmMissing, word)
	}
	i := slices.IndexFunc(allowed, func(a string) bool { return strings.EqualFold(a, strings.TrimSpace(*given)) })
	if i < 0 {
		return "", models.Refuse(models.Base, models.RuleRhythmInvalid, word)
	}
	if c.MailQuery != nil && (!kind.Queryable || !models.Storable(*c.MailQuery) ||
		models.TooLong(*c.MailQuery, models.MaxLabel)) {
		return "", models.Refuse(models.Base, models.RuleMailQueryInvalid)
	}
	return allowed[i], nil
}

func (t *tx) saveSubscription(u *models.User, kind *models.MailNotification, row *models.UserMailNotification,
	interval string, query *string) error {
	var was store.AuditedValues
	if row == nil {
		row = &models.UserMailNotification{UserID: u.ID, MailNotificationID: kind.ID, CreatedAt: t.Time}
	} else {
		was = subscriptionFacts(row)
	}
	row.Interval = &interval
	row.UpdatedAt = t.Time
	if query != nil {
		row.MailQuery = query
	}
	if was == nil {
		if err := t.Create(row).Error; err != nil {
			return err
		}
	} else if err := t.Overwrite(row); err != nil {
		return err
	}
	return t.Audit(subscriptionRecord(row, u, kind), was, subscriptionFacts(row))
}

// Unsubscribe ends a subscription.
func (s *Service) Unsubscribe(ctx context.Context, p *models.Principal, userID, mailID int64) error {
	const reason = models.RuleForeignUnsubscription
	if err := mayMail(p, userID, reason); err != nil {
		return err
	}
	return s.change(ctx, p, func(t *tx) error {
		u, err := t.mailOwner(userID, reason)
		if err != nil {
			return err
		}
		kind, err := store.Take[models.MailNotification](t.DB, scopes.MailNotifications, store.Ref{ID: mailID})
		if err != nil {
			return err
		}
		row, err := store.First[models.UserMailNotification](t.Locking().
			Where("user_id = ? AND mail_notification_id = ?", u.ID, kind.ID))
		if err != nil {
			return err
		}
		if row == nil {
			return models.NotFoundError("mail_notification", store.Ref{ID: mailID}.String())
		}
		if err := t.Exec("DELETE FROM user_mail_notifications WHERE id = ?", row.ID).Error; err != nil {
			return err
		}
		return t.Audit(subscriptionRecord(row, u, kind), subscriptionFacts(row), nil)
	})
}

func subscriptionFacts(row *models.UserMailNotification) store.AuditedValues {
	return store.AuditedValues{store.Audited("user_id", &row.UserID),
		store.Audited("mail_notification_id", &row.MailNotificationID), store.Audited("interval", row.Interval),
		store.Audited("mail_query", row.MailQuery)}
}

func subscriptionRecord(row *models.UserMailNotification, u *models.User,
	kind *models.MailNotification) store.AuditSubject {
	return store.AuditSubject{ID: row.ID, Class: "UserMailNotification", Name: kind.Name, AssociatedID: u.ID,
		AssociatedClass: "User", AssociatedName: u.Login, OfOwner: true}
}
