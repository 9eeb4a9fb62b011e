package directory

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"roster/directory/mail"
	"roster/directory/store"
	"roster/models"
)

// Mail waits in a table, which is written with the change that it tells of, and is sent by whichever server comes
// first.
const (
	// mailTries is how often a message is tried before it is given up.
	mailTries = 12
	// mailLease is how long a server that tries a message has it for itself.
	mailLease = 2 * time.Minute
	// mailPauseMost bounds the pause between two tries, which doubles from a minute on.
	mailPauseMost = 6 * time.Hour
	// mailKept is how long a message is kept that was given up.
	mailKept = 7 * 24 * time.Hour
	// maxMailFailure is how much is kept of why a message was not sent, in characters.
	maxMailFailure = 500
)

// SendsMail reports whether this installation sends mail at all: the settings name a server for it.
func (s *Service) SendsMail(ctx context.Context) (bool, error) {
	r, err := s.LatestSnapshot(ctx)
	return err == nil && sendsMail(r), err
}

func sendsMail(r *store.Snapshot) bool {
	return r.Setting("delivery_method") == "smtp" && r.Setting("smtp_address") != ""
}

// queueMail writes a message to a user, which goes out after the change. Where the installation sends no mail, or the
// user has no address, it reports false. Messages may hold passwords, so they are sealed.
func (t *tx) queueMail(kind mail.Kind, u *models.User, account mail.Account) (bool, error) {
	row, err := t.composeMail(kind, u, account)
	if row == nil || err != nil {
		return false, err
	}
	row.UserID = &u.ID
	return true, t.Create(row).Error
}

// composeMail returns the row of a message to a user, nil where none is sent.
func (t *tx) composeMail(kind mail.Kind, u *models.User, account mail.Account) (*models.OutgoingMail, error) {
	r, err := t.Snapshot()
	if err != nil || !sendsMail(r) || models.Blank(u.Mail) {
		return nil, err
	}
	account.Name = u.Name()
	account.Login = u.Login
	message, err := mail.Compose(kind, r.Setting("email_subject_prefix"), account)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(message)
	if err != nil {
		return nil, err
	}
	sealed, err := t.s.sealer.Seal(string(text))
	if models.KindOf(err) == models.Unavailable { // there is no secret key: nothing waits that anybody could read
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &models.OutgoingMail{Kind: string(kind), Recipient: *u.Mail, Sealed: sealed, CreatedAt: t.Time,
		DueAt: t.Time}, nil
}

// mailUser queues what a change of a user says should be mailed, and notes in the state if something could not be.
func (t *tx) mailUser(before, after *userState, c UserChange) error {
	if c.Inform || c.GeneratePassword {
		return t.informUser(after, c)
	}
	if before != nil {
		return nil
	}
	r, err := t.Snapshot()
	if err != nil || !r.SettingBool("send_welcome_email") {
		return err
	}
	_, err = t.queueMail(mail.Welcome, &after.User, mail.Account{})
	return err
}

// informUser mails what to log in with. People whose password this server does not keep are told who does; those who
// already know theirs, and those who cannot log in, get no mail.
func (t *tx) informUser(after *userState, c UserChange) error {
	r, err := t.Snapshot()
	if err != nil {
		return err
	}
	account := mail.Account{MustChange: after.MustChangePassword}
	if c.wantsPassword {
		account.Password = cmp.Or(c.generated, c.Password.Value)
	}
	if source := r.Sources[after.AuthSourceID]; source != nil && source.Type != models.InternalSource {
		account.Elsewhere = source.Name
	}
	if after.IsDisabled() || after.ID == t.Caller.UserID && !c.GeneratePassword {
		return nil
	}
	sent, err := t.queueMail(mail.Information, &after.User, account)
	after.notMailed = !sent
	return err
}

// SendMail sends the messages that are due, one after the other, and returns how many went out. Any number of servers
// may do so at once: each message is sent by one of them. A message whose server goes down meanwhile is sent again.
func (s *Service) SendMail(ctx context.Context) (sent int, err error) {
	r, err := s.LatestSnapshot(ctx)
	if err != nil || !sendsMail(r) {
		return 0, err
	}
	server, err := s.mailServer(r)
	if err != nil {
		return 0, err
	}
	for ctx.Err() == nil {
		row, err := s.nextMail(ctx)
		if row == nil || err != nil {
			return sent, err
		}
		ok, err := s.deliver(ctx, server, row)
		if err != nil {
			return sent, err
		}
		if ok {
			sent++
		}
	}
	return sent, nil
}

// mailServer is the server that the settings name.
func (s *Service) mailServer(r *store.Snapshot) (mail.Server, error) {
	server := mail.Server{
		Host: r.Setting("smtp_address"), Port: int(r.SettingInt("smtp_port")), From: r.Setting("email_reply_address"),
		Implicit: r.SettingInt("smtp_port") == mail.Submissions,
		Domain:   r.Setting("smtp_domain"), StartTLS: r.SettingBool("smtp_enable_starttls_auto"),
		Unverified: r.Setting("smtp_openssl_verify_mode") == "none", Roots: s.mailRoots,
		Authentication: r.Setting("smtp_authentication"), User: r.Setting("smtp_user_name"),
	}
	sealed := r.Setting("smtp_password")
	if sealed == "" {
		return server, nil
	}
	var err error
	server.Password, err = s.sealer.Unseal(sealed)
	return server, err
}

// nextMail takes a message that is due for some time, nil when there is none.
func (s *Service) nextMail(ctx context.Context) (*models.OutgoingMail, error) {
	now := s.Now()
	lock := ""
	if s.Postgres {
		lock = " FOR UPDATE SKIP LOCKED"
	}
	var rows []models.OutgoingMail
	err := s.Write.WithContext(ctx).Raw("UPDATE outgoing_mails SET due_at = ?, attempts = attempts + 1 WHERE id = ("+
		"SELECT id FROM outgoing_mails WHERE due_at <= ? AND attempts < ? ORDER BY due_at, id LIMIT 1"+lock+
		") RETURNING *", now.Add(mailLease), now, mailTries).Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return &rows[0], nil
}

// deliver tries a message once. It is deleted when it is sent, and tried again later when it is not.
func (s *Service) deliver(ctx context.Context, server mail.Server, row *models.OutgoingMail) (bool, error) {
	failure := s.tryMail(ctx, server, row)
	db := s.Write.WithContext(context.WithoutCancel(ctx))
	if failure == nil {
		s.mails.sent.Add(1)
		return true, db.Delete(row).Error
	}
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	again := s.Now().Add(mailPause(row.Attempts))
	attempts := row.Attempts
	if mail.Refused(failure) {
		attempts = mailTries
	}
	s.mails.failed.Add(1)
	level := slog.LevelInfo
	if attempts >= mailTries {
		level = slog.LevelWarn
	}
	s.Log.Log(ctx, level, "a mail was not sent", slog.Int64("mail", row.ID), slog.String("kind", row.Kind),
		slog.Int64("attempts", attempts), slog.Bool("given_up", attempts >= mailTries),
		slog.String("error", failure.Error()))
	reason := []rune(failure.Error())
	text := string(reason[:min(len(reason), maxMailFailure)])
	return false, db.Model(row).UpdateColumns(map[string]any{"due_at": again, "attempts": attempts,
		"failure": text}).Error
}

func (s *Service) tryMail(ctx context.Context, server mail.Server, row *models.OutgoingMail) error {
	text, err := s.sealer.Unseal(row.Sealed)
	if err != nil {
		return err
	}
	var message mail.Message
	if err := json.Unmarshal([]byte(text), &message); err != nil {
		return fmt.Errorf("what is stored is no message: %w", err)
	}
	return mail.Send(ctx, server, row.Recipient, message)
}

// mailPause is how long a message waits after so many tries.
func mailPause(attempts int64) time.Duration {
	return min(time.Minute<<min(attempts-1, 20), mailPauseMost)
}

// ForgetMail deletes messages that were given up some time ago.
func (s *Service) ForgetMail(ctx context.Context) error {
	return s.Write.WithContext(ctx).Where("attempts >= ? AND created_at < ?", mailTries, s.Now().Add(-mailKept)).
		Delete(&models.OutgoingMail{}).Error
}
