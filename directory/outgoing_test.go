package directory_test

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"roster/config"
	"roster/directory"
	"roster/directory/login"
	"roster/directory/secret"
	"roster/directory/seed"
	"roster/models"
	"roster/test/dbtest"
	"roster/test/mailtest"
	"roster/test/servertest"
)

// mailing is a directory that sends mail.
type mailing struct {
	t      *testing.T
	db     *config.Database
	clock  *servertest.Clock
	server *mailtest.Server
	dir    *directory.Service
	log    *bytes.Buffer
}

// newMailing makes a directory with a mail server, on each database.
func newMailing(t *testing.T, test func(m *mailing)) {
	dbtest.Each(t, func(t *testing.T, db *config.Database) {
		m := &mailing{t: t, db: db, clock: servertest.NewClock(servertest.SeedTime), log: &bytes.Buffer{},
			server: mailtest.Start(t, false)}
		m.dir = m.beside()
		if _, err := seed.Apply(t.Context(), m.dir, servertest.AdminPassword); err != nil {
			t.Fatal(err)
		}
		m.set("delivery_method", "smtp")
		m.set("smtp_address", "localhost")
		m.set("smtp_port", fmt.Sprint(m.server.Port))
		m.set("email_reply_address", "roster@example.com")
		m.set("email_subject_prefix", "[company]")
		test(m)
	})
}

// beside is another server on the same database.
func (m *mailing) beside() *directory.Service {
	dir, err := directory.New(directory.Options{
		Write: m.db.Write, Read: m.db.Read, Search: m.db.Search, Dialect: m.db.Dialect, Now: m.clock.Now,
		Rand: rand.Reader, Log: slog.New(slog.NewTextHandler(m.log, nil)), SecretKey: bytes.Repeat([]byte{7}, 32),
		Hash: secret.HashCost{Memory: 64, Passes: 1}, MailRoots: m.server.Roots,
	})
	if err != nil {
		m.t.Fatal(err)
	}
	return dir
}

func (m *mailing) set(name, value string) {
	m.t.Helper()
	if _, err := m.dir.UpdateSetting(m.t.Context(), m.system(), name, value); err != nil {
		m.t.Fatal(name, err)
	}
}

func (m *mailing) system() *models.Principal {
	p := models.System()
	r, err := m.dir.LatestSnapshot(m.t.Context())
	if err != nil {
		m.t.Fatal(err)
	}
	p.Seen.Refs = r.Revision
	return p
}

// create adds a user with a mail address.
func (m *mailing) create(login string, c directory.UserChange) *directory.UserView {
	m.t.Helper()
	mail := login + "@example.com"
	c.Login = models.Some(login)
	c.Mail = models.Some(&mail)
	c.AuthSourceID = models.Some(int64(1))
	c.Limits.PasswordOptional = true
	v, err := m.dir.CreateUser(m.t.Context(), m.system(), c)
	if err != nil {
		m.t.Fatal(err)
	}
	return v
}

func (m *mailing) send(want int) {
	m.t.Helper()
	if sent, err := m.dir.SendMail(m.t.Context()); sent != want || err != nil {
		m.t.Errorf("%d mails were sent, want %d: %v", sent, want, err)
	}
}

func (m *mailing) queued() int64 {
	var n int64
	if err := m.db.Read.Model(&models.OutgoingMail{}).Count(&n).Error; err != nil {
		m.t.Fatal(err)
	}
	return n
}

// A generated password reaches its user by mail alone, and lets in.
func TestMail_GeneratedPassword(t *testing.T) {
	t.Parallel()
	newMailing(t, func(m *mailing) {
		v := m.create("ann", directory.UserChange{GeneratePassword: true, MustChangePassword: models.Some(true)})
		if v.NotMailed {
			m.t.Error("the mail was not queued")
		}
		var row models.OutgoingMail
		if err := m.db.Read.First(&row).Error; err != nil || !strings.HasPrefix(row.Sealed, "v1:") {
			m.t.Fatalf("the message is kept as %+v: %v", row, err)
		}
		m.send(1)
		m.send(0)
		mails := m.server.Mails()
		if len(mails) != 1 || m.queued() != 0 {
			m.t.Fatalf("got %d mails, %d are queued", len(mails), m.queued())
		}
		got := mails[0]
		if got.To != "ann@example.com" || got.From != "roster@example.com" || !got.Encrypted ||
			!strings.Contains(got.Body, "Subject: [company] Your account information") {
			m.t.Errorf("got %+v", got)
		}
		password := regexp.MustCompile(`(?m)^Password: (\S+)\r$`).FindStringSubmatch(got.Body)
		if password == nil || len(password[1]) < 16 || !strings.Contains(got.Body, "text/html") ||
			!strings.Contains(got.Body, "Please change the password") {
			m.t.Fatalf("the mail says %s", got.Body)
		}
		l, err := login.New(m.dir).Login(m.t.Context(), login.Credentials{Login: "ann", Password: password[1]})
		if err != nil || !l.MustChangePassword {
			m.t.Errorf("the password does not let in as it should: %+v: %v", l, err)
		}
		if strings.Contains(m.log.String(), password[1]) {
			m.t.Error("the password is in the log")
		}
		var told int64
		m.db.Read.Model(&models.Audit{}).Where("audited_changes LIKE ?", "%"+password[1]+"%").Count(&told)
		if told != 0 {
			m.t.Error("the password is in an audit")
		}
	})
}

// A server that cannot take a message gets it again later; one that never will, does not.
func TestMail_Retries(t *testing.T) {
	t.Parallel()
	newMailing(t, func(m *mailing) {
		m.create("ann", directory.UserChange{Inform: true, Password: models.Some("secret123")})
		m.server.Fail(mailtest.Later, mailtest.Later)
		m.send(0)
		m.send(0) // it is not due yet
		m.clock.Advance(time.Minute)
		m.send(0)
		m.clock.Advance(time.Minute)
		m.send(0)
		m.clock.Advance(time.Minute)
		m.send(1)
		m.server.Fail(mailtest.Never)
		m.create("bob", directory.UserChange{Inform: true})
		m.send(0)
		m.clock.Advance(24 * time.Hour)
		m.send(0)
		var row models.OutgoingMail
		if err := m.db.Read.First(&row).Error; err != nil ||
			!strings.Contains(models.Deref(row.Failure), "no such mailbox") {
			m.t.Errorf("what was given up is kept as %+v: %v", row, err)
		}
		if !strings.Contains(m.log.String(), "given_up=true") {
			m.t.Errorf("the log says %s", m.log)
		}
		m.clock.Advance(7 * 24 * time.Hour)
		if err := m.dir.ForgetMail(m.t.Context()); err != nil || m.queued() != 0 {
			m.t.Errorf("%d messages are kept: %v", m.queued(), err)
		}
	})
}

// Of several servers each message is sent by one, and a server that goes down with one leaves it to the others.
func TestMail_SeveralServers(t *testing.T) {
	t.Parallel()
	newMailing(t, func(m *mailing) {
		const people = 20
		for i := range people {
			m.create(fmt.Sprint("user", i), directory.UserChange{Inform: true})
		}
		var workers sync.WaitGroup
		for range 3 {
			dir := m.beside()
			workers.Go(func() {
				if _, err := dir.SendMail(m.t.Context()); err != nil {
					m.t.Error(err)
				}
			})
		}
		workers.Wait()
		var to []string
		for _, mail := range m.server.Mails() {
			to = append(to, mail.To)
		}
		slices.Sort(to)
		if len(to) != people || len(slices.Compact(to)) != people {
			m.t.Errorf("the mails went to %q", to)
		}
		m.create("late", directory.UserChange{Inform: true})
		taken := "UPDATE outgoing_mails SET due_at = ?, attempts = 1" // as a server that went down leaves it
		if err := m.db.Write.Exec(taken, m.clock.Now().Add(time.Minute)).Error; err != nil {
			m.t.Fatal(err)
		}
		m.send(0)
		m.clock.Advance(2 * time.Minute)
		m.send(1)
	})
}

// Connections are encrypted where they can be, certificates are checked, and logins are made.
func TestMail_Servers(t *testing.T) {
	t.Parallel()
	newMailing(t, func(m *mailing) {
		m.server.User = "roster"
		m.server.Password = "smtp secret"
		m.set("smtp_user_name", "roster")
		m.set("smtp_password", "smtp secret")
		for i, way := range []string{"plain", "login"} {
			m.set("smtp_authentication", way)
			m.create(way, directory.UserChange{Inform: true})
			m.send(1)
			if mails := m.server.Mails(); len(mails) != i+1 || mails[i].User != "roster" || !mails[i].Encrypted {
				m.t.Errorf("%s: got %+v", way, mails)
			}
		}
		m.set("smtp_password", "wrong")
		m.create("wrong", directory.UserChange{Inform: true})
		m.send(0)
		if strings.Contains(m.log.String(), "smtp secret") {
			m.t.Error("the password of the mail server is in the log")
		}
	})
	newMailing(t, func(m *mailing) {
		m.server.Roots = nil // nobody signs for the server
		m.dir = m.beside()
		m.create("ann", directory.UserChange{Inform: true})
		m.send(0)
		m.set("smtp_openssl_verify_mode", "none")
		m.clock.Advance(time.Hour)
		m.send(1)
	})
}

// Without a mail server nothing is queued, and whoever asked is told.
func TestMail_NotConfigured(t *testing.T) {
	t.Parallel()
	newMailing(t, func(m *mailing) {
		for _, off := range [][2]string{{"delivery_method", "sendmail"}, {"smtp_address", ""}} {
			m.set("delivery_method", "smtp")
			m.set(off[0], off[1])
			v := m.create("user-"+off[0], directory.UserChange{GeneratePassword: true})
			if !v.NotMailed || m.queued() != 0 {
				m.t.Errorf("%s: not mailed %v, %d queued", off, v.NotMailed, m.queued())
			}
		}
	})
}

// The welcome mail goes to new people where the installation wants it, and hostile names stay text.
func TestMail_Welcome(t *testing.T) {
	t.Parallel()
	newMailing(t, func(m *mailing) {
		m.create("ann", directory.UserChange{Password: models.Some("secret123")})
		m.send(0)
		m.set("send_welcome_email", "true")
		m.set("email_subject_prefix", "[a]\r\nBcc: all@example.com")
		name := "<b>Ann</b>{{.Password}}"
		m.create("eve", directory.UserChange{Password: models.Some("secret123"), Firstname: models.Some(&name)})
		m.send(1)
		body := m.server.Mails()[0].Body
		if strings.Contains(body, "<b>Ann") && !strings.Contains(body, "&lt;b&gt;Ann") ||
			regexp.MustCompile(`(?m)^Bcc:`).MatchString(body) || strings.Contains(body, "secret123") {
			m.t.Errorf("the mail says %s", body)
		}
	})
}
