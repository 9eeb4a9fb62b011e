package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"time"

	smtp "github.com/wneessen/go-mail"
)

// Server is a mail server, and how to talk to it.
type Server struct {
	Host string
	Port int
	// From is the address that mail comes from, Domain the name that this server says it has.
	From, Domain string
	// Implicit encrypts from the beginning, StartTLS where the server offers it.
	Implicit, StartTLS bool
	// Unverified accepts any certificate. Roots are those that sign certificates; nil means the system's.
	Unverified bool
	Roots      *x509.CertPool
	// Authentication is plain, login or cram_md5, or empty for none.
	Authentication string
	User, Password string
}

// Submissions is the port on which connections are encrypted from the beginning.
const Submissions = 465

// timeout bounds the talk with a mail server about one message.
const timeout = 30 * time.Second

// authentications are the ways to log in to a mail server.
var authentications = map[string]smtp.SMTPAuthType{
	"plain": smtp.SMTPAuthPlain, "login": smtp.SMTPAuthLogin, "cram_md5": smtp.SMTPAuthCramMD5,
}

// Refused reports whether an error of Send is final: the server will never take the message.
func Refused(err error) bool {
	var failure *smtp.SendError
	return errors.As(err, &failure) && !failure.IsTemp() && failure.ErrorCode() >= 500
}

// Send hands a message to the server. Its errors hold no part of the message.
func Send(ctx context.Context, s Server, to string, m Message) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	message := smtp.NewMsg()
	if err := message.From(s.From); err != nil {
		return fmt.Errorf("the address of the sender: %w", err)
	}
	if err := message.To(to); err != nil {
		return fmt.Errorf("the address of the recipient: %w", err)
	}
	message.Subject(strings.Join(strings.Fields(m.Subject), " "))
	message.SetBodyString(smtp.TypeTextPlain, m.Text)
	message.AddAlternativeString(smtp.TypeTextHTML, m.HTML)
	message.SetGenHeader("Auto-Submitted", "auto-generated")
	client, err := smtp.NewClient(s.Host, s.options()...)
	if err != nil {
		return err
	}
	return client.DialAndSendWithContext(ctx, message)
}

func (s Server) options() []smtp.Option {
	policy := smtp.NoTLS
	if s.StartTLS {
		policy = smtp.TLSOpportunistic
	}
	options := []smtp.Option{
		smtp.WithPort(s.Port), smtp.WithTimeout(timeout), smtp.WithTLSPolicy(policy),
		smtp.WithTLSConfig(&tls.Config{
			ServerName: s.Host, MinVersion: tls.VersionTLS12, RootCAs: s.Roots,
			InsecureSkipVerify: s.Unverified, //nolint:gosec // an administrator says so
		}),
	}
	if s.Domain != "" {
		options = append(options, smtp.WithHELO(s.Domain))
	}
	if s.Implicit {
		options = append(options, smtp.WithSSL())
	}
	if kind, ok := authentications[s.Authentication]; ok {
		options = append(options, smtp.WithSMTPAuth(kind), smtp.WithUsername(s.User), smtp.WithPassword(s.Password))
	}
	return options
}
