package config

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// keySize is that of AES-256.
const keySize = 32

// Key is the 32-byte key that encrypts bind passwords at rest.
//
// When none is configured, a server on SQLite generates one into secret.key beside its database, mode 0600, and finds
// it there the next time. On PostgreSQL the answer is nil: several servers share one database, and keys that each of
// them made for itself could not read each other's secrets. What needs the key must then refuse.
func (c Config) Key() ([]byte, error) {
	if c.SecretKey != "" {
		return decodeKey(c.SecretKey)
	}
	path := c.keyPath()
	if path == "" {
		return nil, nil
	}
	return keyFile(path)
}

// keyPath is where the key is kept; empty where one is configured, and on PostgreSQL.
func (c Config) keyPath() string {
	path, ok := strings.CutPrefix(c.Database, "sqlite://")
	if !ok || c.SecretKey != "" {
		return ""
	}
	return filepath.Join(filepath.Dir(path), "secret.key")
}

// LacksKey reports whether Key would make a new key, beside a SQLite database that has none.
func (c Config) LacksKey() bool {
	path := c.keyPath()
	if path == "" {
		return false
	}
	_, err := os.Stat(path)
	return errors.Is(err, fs.ErrNotExist)
}

// KeepKey puts a key, which is text, where Key finds it, and returns that file. It returns nothing where a key is
// configured, or there already, or where keys are kept in no file: on PostgreSQL.
func (c Config) KeepKey(text string) (string, error) {
	key, err := decodeKey(text)
	if err != nil {
		return "", err
	}
	path := c.keyPath()
	if path == "" {
		return "", nil
	}
	if _, err := os.Stat(path); err == nil {
		return "", nil
	}
	return path, createKey(path, key)
}

func decodeKey(text string) ([]byte, error) {
	decoders := []func(string) ([]byte, error){
		hex.DecodeString, base64.StdEncoding.DecodeString, base64.RawStdEncoding.DecodeString,
		base64.URLEncoding.DecodeString, base64.RawURLEncoding.DecodeString,
	}
	for _, decode := range decoders {
		if key, err := decode(text); err == nil && len(key) == keySize {
			return key, nil
		}
	}
	return nil, errors.New("must be 32 bytes as 64 hexadecimal digits or in base64 (openssl rand -hex 32)")
}

// keyFile reads the key at path and makes it first if it is missing. It takes no key that others can read or replace.
func keyFile(path string) ([]byte, error) {
	if err := checkPrivate(path); err != nil {
		return nil, fmt.Errorf("read the secret key: %w", err)
	}
	content, err := ReadSecret(path)
	if errors.Is(err, fs.ErrNotExist) {
		key := make([]byte, keySize)
		rand.Read(key) // never fails: crypto/rand stops the program instead
		if err := createKey(path, key); err != nil {
			return nil, fmt.Errorf("create the secret key: %w", err)
		}
		content, err = ReadSecret(path)
	}
	if err != nil {
		return nil, fmt.Errorf("read the secret key: %w", err)
	}
	key, err := decodeKey(strings.TrimSpace(string(content)))
	if err != nil {
		return nil, fmt.Errorf("%s %w", path, err)
	}
	return key, nil
}

// createKey writes a whole file under another name and links it into place, so that of two servers that start at once
// one wins and neither reads half a key.
func createKey(path string, key []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(path), ".secret-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	if _, err := temp.WriteString(hex.EncodeToString(key) + "\n"); err != nil {
		return errors.Join(err, temp.Close())
	}
	if err := errors.Join(temp.Sync(), temp.Close()); err != nil {
		return err
	}
	if err := os.Link(temp.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}
