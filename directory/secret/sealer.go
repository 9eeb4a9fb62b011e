package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"errors"
	"io"
	"strings"

	"roster/models"
)

// keyBytes is the length of the key under which secrets are sealed.
const keyBytes = 32

// Sealer encrypts secrets that have to be read again, such as the passwords of LDAP sources, under the installation's
// key.
type Sealer struct {
	key  []byte
	rand io.Reader
}

// NewSealer returns a sealer under a key of 32 bytes. With any other key it refuses to work.
func NewSealer(key []byte, random io.Reader) Sealer { return Sealer{key: key, rand: random} }

// Seal encrypts a secret for the database: AES-GCM with a random nonce in front.
func (s Sealer) Seal(text string) (string, error) {
	gcm, err := s.cipher()
	if err != nil {
		return "", err
	}
	nonce := make([]byte, gcm.NonceSize())
	if _, err := io.ReadFull(s.rand, nonce); err != nil {
		return "", err
	}
	return "v1:" + base64.RawStdEncoding.EncodeToString(gcm.Seal(nonce, nonce, []byte(text), nil)), nil
}

// ErrSealed is the error for what another key has sealed.
var ErrSealed = errors.New("the stored secret cannot be decrypted: ROSTER_SECRET_KEY is not the key with " +
	"which it was stored")

// Unseal returns a sealed secret.
func (s Sealer) Unseal(sealed string) (string, error) {
	gcm, err := s.cipher()
	if err != nil {
		return "", err
	}
	text, ok := strings.CutPrefix(sealed, "v1:")
	data, err := base64.RawStdEncoding.DecodeString(text)
	if !ok || err != nil || len(data) < gcm.NonceSize() {
		return "", ErrSealed
	}
	secret, err := gcm.Open(nil, data[:gcm.NonceSize()], data[gcm.NonceSize():], nil)
	if err != nil {
		return "", ErrSealed
	}
	return string(secret), nil
}

func (s Sealer) cipher() (cipher.AEAD, error) {
	if len(s.key) != keyBytes {
		return nil, models.Fail(models.Unavailable, models.RuleNoSecretKey)
	}
	block, err := aes.NewCipher(s.key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
