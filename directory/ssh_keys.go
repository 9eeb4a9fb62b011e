package directory

import (
	"context"
	"crypto/dsa" //nolint:staticcheck // keys of this kind are kept, not used
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/base64"
	"strings"

	"golang.org/x/crypto/ssh"

	"roster/directory/store"
	"roster/models"
	"roster/scopes"
)

// SSHKeyChange is a requested change of a key.
type SSHKeyChange struct {
	Name, Key models.Opt[string]
}

// SSHKeys lists the public keys of a user.
func (s *Service) SSHKeys(ctx context.Context, p *models.Principal, userID int64,
	q store.ListQuery) (*store.List[models.SSHKey], error) {
	return listOwned[models.SSHKey](ctx, s, p, scopes.SSHKeys, userID, q)
}

// SSHKey shows one key of a user.
func (s *Service) SSHKey(ctx context.Context, p *models.Principal, userID int64,
	ref store.Ref) (*models.SSHKey, error) {
	row, _, err := findOwned[models.SSHKey](s, s.Read.WithContext(ctx), p, models.View, scopes.SSHKeys, models.View,
		userID, ref)
	return row, err
}

// CreateSSHKey adds a public key to a user (docs/spec/foreman.md, 14.2).
func (s *Service) CreateSSHKey(ctx context.Context, p *models.Principal, userID int64,
	c SSHKeyChange) (*models.SSHKey, error) {
	var row models.SSHKey
	err := s.change(ctx, p, func(t *tx) error {
		u, err := s.owner(t.DB, t.Caller, userID, models.View, scopes.SSHKeys, models.Create)
		if err != nil {
			return err
		}
		if err := t.mayTouch(u, true); err != nil {
			return err
		}
		if err := t.LockCaller(); err != nil {
			return err
		}
		row = models.SSHKey{UserID: u.ID, Name: strings.TrimSpace(c.Name.Value), Key: strings.TrimSpace(c.Key.Value),
			CreatedAt: t.Time, UpdatedAt: t.Time}
		if err := t.checkSSHKey(&row); err != nil {
			return err
		}
		if err := t.Create(&row).Error; err != nil {
			return err
		}
		if u.ID != t.Caller.UserID {
			if err := t.covered(models.Create, scopes.SSHKeys, row.ID); err != nil {
				return err
			}
		}
		t.Bump(store.RevisionUsers, 0) // lists of users show keys
		return t.Audit(sshKeyRecord(&row, u), nil, sshKeyFacts(&row))
	})
	return &row, taken(err, "fingerprint")
}

const (
	// MaxSSHKeys bounds how many keys a user has: lists of users show them all.
	MaxSSHKeys = 100
	// MaxSSHKey bounds a key, in bytes; one of RSA with 16,384 bits has 2,800.
	MaxSSHKey = 16 << 10
)

func (t *tx) checkSSHKey(row *models.SSHKey) error {
	errs := labelErrors(row.Name)
	var kept int64
	if err := t.Model(row).Where("user_id = ?", row.UserID).Count(&kept).Error; err != nil {
		return err
	}
	errs.Check(kept < MaxSSHKeys, models.Base, models.RuleTooManyKeys, MaxSSHKeys)
	checkKeyText(&errs, row)
	if row.Fingerprint != "" {
		var n int64
		if err := t.Model(row).Where("user_id = ? AND fingerprint = ?", row.UserID, row.Fingerprint).
			Count(&n).Error; err != nil {
			return err
		}
		errs.Check(n == 0, "fingerprint", models.RuleTaken)
	}
	return errs.Err()
}

// checkKeyText reports everything that is wrong with the text of a key, and works out fingerprint and length.
func checkKeyText(errs *models.FieldErrors, row *models.SSHKey) {
	text := row.Key
	switch {
	case text == "":
		errs.Add("key", models.RuleBlank)
		return
	case !models.Storable(text):
		errs.Add("key", models.RuleInvalid)
		return
	case len(text) > MaxSSHKey:
		errs.Add("key", models.RuleTooLong, MaxSSHKey)
		return
	}
	lines := strings.ContainsAny(text, "\r\n")
	key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(text))
	errs.Check(err == nil, "key", models.RuleKeyUnreadable)
	errs.Check(strings.HasPrefix(text, "ssh-") || strings.HasPrefix(text, "ecdsa-") || strings.HasPrefix(text, "sk-"),
		"key", models.RuleKeyFormat)
	errs.Check(!lines, "key", models.RuleKeyLines)
	if err != nil {
		errs.Add("fingerprint", models.RuleNotGenerated)
		errs.Add("length", models.RuleKeyLength)
		return
	}
	row.Fingerprint = strings.TrimPrefix(ssh.FingerprintSHA256(key), "SHA256:")
	if row.Length = keyBits(key); row.Length == 0 || !lines && !isCanonical(text) {
		errs.Add("length", models.RuleKeyLength)
	}
}

// isCanonical reports whether the Base64 of a key is what encoding its bytes gives. A parser that does not look reads
// keys that are damaged at the end; OpenSSH does not.
func isCanonical(key string) bool {
	fields := strings.Fields(key)
	for i, word := range fields {
		if i > 0 && strings.HasPrefix(word, "AAAA") {
			_, err := base64.StdEncoding.Strict().DecodeString(word)
			return err == nil
		}
	}
	return false
}

// minRSABits is the least length of an RSA key that OpenSSH reads.
const minRSABits = 1024

// keyBits is the strength by which people know a key, in bits. That of a security key is its curve's.
func keyBits(key ssh.PublicKey) int64 {
	if key.Type() == ssh.KeyAlgoSKED25519 || key.Type() == ssh.KeyAlgoSKECDSA256 {
		return 256
	}
	crypto, ok := key.(ssh.CryptoPublicKey)
	if !ok {
		return 0
	}
	switch k := crypto.CryptoPublicKey().(type) {
	case *rsa.PublicKey:
		if k.N.Sign() <= 0 || k.N.BitLen() < minRSABits {
			return 0
		}
		return int64(k.N.BitLen())
	case *ecdsa.PublicKey:
		return int64(k.Curve.Params().BitSize)
	case ed25519.PublicKey:
		return int64(len(k) * 8)
	case *dsa.PublicKey:
		return int64(k.P.BitLen())
	}
	return 0
}

// DeleteSSHKey removes a key of a user.
func (s *Service) DeleteSSHKey(ctx context.Context, p *models.Principal, userID int64,
	ref store.Ref) (*models.SSHKey, error) {
	var gone *models.SSHKey
	err := s.change(ctx, p, func(t *tx) error {
		row, u, err := findOwned[models.SSHKey](s, t.Locking(), t.Caller, models.Edit, scopes.SSHKeys, models.Destroy,
			userID, ref)
		if err != nil {
			return err
		}
		if err := t.mayTouch(u, false); err != nil {
			return err
		}
		gone = row
		if err := t.Exec("DELETE FROM ssh_keys WHERE id = ?", row.ID).Error; err != nil {
			return err
		}
		t.Bump(store.RevisionUsers, 0)
		return t.Audit(sshKeyRecord(row, u), sshKeyFacts(row), nil)
	})
	return gone, err
}

func sshKeyFacts(row *models.SSHKey) store.AuditedValues {
	return store.AuditedValues{store.Audited("name", &row.Name), store.Audited("key", &row.Key),
		store.Audited("fingerprint", &row.Fingerprint), store.Audited("user_id", &row.UserID),
		store.Audited("length", &row.Length)}
}

func sshKeyRecord(row *models.SSHKey, u *models.User) store.AuditSubject {
	return store.AuditSubject{ID: row.ID, Class: "SshKey", Name: row.Name, AssociatedID: u.ID, AssociatedClass: "User",
		AssociatedName: u.Login, OfOwner: true}
}
