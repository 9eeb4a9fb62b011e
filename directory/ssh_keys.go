package directory

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
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
	checkKeyText(&errs, row.Key)
	if len(errs) == 0 {
		readKey(&errs, row)
	}
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

func checkKeyText(errs *models.FieldErrors, key string) {
	if key == "" {
		errs.Add("key", models.RuleBlank)
		return
	}
	errs.Check(strings.HasPrefix(key, "ssh-") || strings.HasPrefix(key, "ecdsa-") || strings.HasPrefix(key, "sk-"),
		"key", models.RuleKeyFormat)
	errs.Check(!strings.ContainsAny(key, "\r\n"), "key", models.RuleKeyLines)
	errs.Check(models.Storable(key), "key", models.RuleInvalid)
	errs.Check(len(key) <= MaxSSHKey, "key", models.RuleTooLong, MaxSSHKey)
}

// readKey works out fingerprint and length.
func readKey(errs *models.FieldErrors, row *models.SSHKey) {
	key, _, _, rest, err := ssh.ParseAuthorizedKey([]byte(row.Key))
	if err != nil || len(rest) > 0 {
		errs.Add("key", models.RuleKeyUnreadable)
		return
	}
	row.Fingerprint = strings.TrimPrefix(ssh.FingerprintSHA256(key), "SHA256:")
	if row.Length = keyBits(key); row.Length == 0 {
		errs.Add("length", models.RuleKeyLength)
	}
}

// keyBits is the strength by which people know a key, in bits.
func keyBits(key ssh.PublicKey) int64 {
	crypto, ok := key.(ssh.CryptoPublicKey)
	if !ok {
		return 0
	}
	switch k := crypto.CryptoPublicKey().(type) {
	case *rsa.PublicKey:
		return int64(k.N.BitLen())
	case *ecdsa.PublicKey:
		return int64(k.Curve.Params().BitSize)
	case ed25519.PublicKey:
		return int64(len(k) * 8)
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
