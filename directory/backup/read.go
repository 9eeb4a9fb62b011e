package backup

import (
	"archive/tar"
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"path"
	"strings"

	"filippo.io/age"
	"github.com/klauspost/compress/zstd"
)

// Bounds of what is read of a file that may be damaged.
const (
	maxHeader  = 4 << 20
	maxPart    = 256 << 20
	maxDecoder = 256 << 20
)

// ageIntro begins every file that age has written.
const ageIntro = "age-encryption.org/"

// opened is a backup that is read from its beginning.
type opened struct {
	tar    *tar.Reader
	packed *zstd.Decoder
	header *Header
	sum    string
	// manifest is there when all is read.
	manifest Manifest
}

// open reads as far as the header.
func open(from io.Reader, identities []age.Identity) (*opened, error) {
	from, err := decrypted(bufio.NewReaderSize(from, 1<<16), identities)
	if err != nil {
		return nil, err
	}
	packed, err := zstd.NewReader(from, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxDecoder))
	if err != nil {
		return nil, damaged(err)
	}
	o := &opened{tar: tar.NewReader(packed), packed: packed}
	if err := o.readHeader(); err != nil {
		packed.Close()
		return nil, err
	}
	return o, nil
}

func decrypted(from *bufio.Reader, identities []age.Identity) (io.Reader, error) {
	intro, err := from.Peek(len(ageIntro))
	if err != nil || string(intro) != ageIntro {
		return from, nil // what it is instead is seen by whoever unpacks it
	}
	plain, err := age.Decrypt(from, identities...)
	if none := new(age.NoIdentityMatchError); errors.As(err, &none) || err != nil && len(identities) == 0 {
		return nil, ErrEncrypted
	}
	if err != nil {
		return nil, damaged(err)
	}
	return plain, nil
}

func (o *opened) readHeader() error {
	entry, err := o.tar.Next()
	if err != nil {
		return damaged(err)
	}
	if entry.Name != "header.json" {
		return fmt.Errorf("%w: it begins with %q", ErrDamaged, entry.Name)
	}
	text, err := o.content(entry, maxHeader)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	o.sum = hex.EncodeToString(sum[:])
	if err := json.Unmarshal(text, &o.header); err != nil || o.header == nil {
		return damaged(err)
	}
	if o.header.Format > organizationFormat {
		return fmt.Errorf("the backup has the layout %d, but this program reads those up to %d: use a newer roster",
			o.header.Format, organizationFormat)
	}
	if o.header.Format < format || (o.header.Format == organizationFormat) != (o.header.Organization != nil) {
		return fmt.Errorf("%w: it does not say what it is of", ErrDamaged)
	}
	return nil
}

func (o *opened) content(entry *tar.Header, most int64) ([]byte, error) {
	if entry.Size > most {
		return nil, fmt.Errorf("%w: %s has %d bytes", ErrDamaged, entry.Name, entry.Size)
	}
	text := make([]byte, entry.Size)
	if _, err := io.ReadFull(o.tar, text); err != nil {
		return nil, damaged(err)
	}
	return text, nil
}

// parts calls part with each part of the tables, in their order, and checks that all is as the manifest says. part may
// be nil.
func (o *opened) parts(part func(t Table, lines []byte) error) error {
	defer o.packed.Close()
	found := map[string]Digest{}
	var sum hash.Hash
	at := -1 // the table that is read
	end := func() {
		if at >= 0 {
			d := found[o.header.Tables[at].Name]
			d.SHA256 = sumOf(sum)
			found[o.header.Tables[at].Name] = d
		}
		sum = sha256.New()
	}
	for {
		entry, err := o.tar.Next()
		if err != nil {
			return damaged(err) // without a manifest, an end is one that comes too early
		}
		text, err := o.content(entry, maxPart)
		if err != nil {
			return err
		}
		if entry.Name == "manifest.json" {
			for end(); at+1 < len(o.header.Tables); end() {
				at++
			}
			return o.compare(text, found)
		}
		name := path.Base(path.Dir(entry.Name))
		for at < 0 || o.header.Tables[at].Name != name {
			end()
			if at++; at >= len(o.header.Tables) {
				return fmt.Errorf("%w: %s is out of order", ErrDamaged, entry.Name)
			}
		}
		sum.Write(text)
		d := found[name]
		d.Rows += int64(bytes.Count(text, []byte("\n")))
		found[name] = d
		if part == nil {
			continue
		}
		if err := part(o.header.Tables[at], text); err != nil {
			return err
		}
	}
}

// compare reads the manifest, and the end of the archive behind it.
func (o *opened) compare(text []byte, found map[string]Digest) error {
	if err := json.Unmarshal(text, &o.manifest); err != nil {
		return damaged(err)
	}
	m := &o.manifest
	if m.Header != o.sum {
		return fmt.Errorf("%w: header.json has changed", ErrDamaged)
	}
	for _, t := range o.header.Tables {
		if m.Tables[t.Name] != found[t.Name] || found[t.Name].Rows != t.Rows {
			return fmt.Errorf("%w: %s is not what was written", ErrDamaged, t.Name)
		}
	}
	if _, err := o.tar.Next(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: something follows the manifest", ErrDamaged)
	}
	if _, err := io.Copy(io.Discard, o.packed); err != nil {
		return damaged(err)
	}
	return nil
}

// damaged is the error for a file that cannot be read on.
func damaged(err error) error {
	switch {
	case err == nil:
		return ErrDamaged
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%w: it ends too early", ErrDamaged)
	case errors.Is(err, zstd.ErrMagicMismatch):
		return fmt.Errorf("%w: it is none that roster has written", ErrDamaged)
	}
	return fmt.Errorf("%w: %s", ErrDamaged, strings.TrimPrefix(err.Error(), "archive/tar: "))
}

// Check reads a whole backup and returns its header. An error wraps ErrDamaged where the file is not what was written,
// or is ErrEncrypted.
func Check(from io.Reader, identities []age.Identity) (*Header, error) {
	o, err := open(from, identities)
	if err != nil {
		return nil, err
	}
	return o.header, o.parts(nil)
}
