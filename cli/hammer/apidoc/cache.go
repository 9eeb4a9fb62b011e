package apidoc

import (
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Cache keeps the document of one server, by its checksum, with a file per resource, so that a run reads only what it
// uses. A Cache without a directory keeps nothing.
type Cache struct{ Dir string }

var validChecksum = regexp.MustCompile(`^[0-9A-Za-z_-]{1,128}$`)

// indexFile lists the names of the resources.
const indexFile = "resources"

// Load returns the document with a checksum, and an error if it is not cached.
func (c *Cache) Load(checksum string) (*Document, error) {
	if c.Dir == "" || !validChecksum.MatchString(checksum) {
		return nil, fs.ErrNotExist
	}
	dir := filepath.Join(c.Dir, checksum)
	index, err := os.ReadFile(filepath.Join(dir, indexFile))
	if err != nil {
		return nil, err
	}
	return newDocument(strings.FieldsSeq(string(index)), func(name string) ([]byte, error) {
		return os.ReadFile(filepath.Join(dir, name+".json"))
	}), nil
}

// Store replaces what is cached for this server. Other processes see the old document or the new one, nothing between.
func (c *Cache) Store(checksum string, d *Document) error {
	if c.Dir == "" || !validChecksum.MatchString(checksum) {
		return nil
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return err
	}
	fresh, err := os.MkdirTemp(c.Dir, ".new")
	if err != nil {
		return err
	}
	defer os.RemoveAll(fresh)
	names := slices.Sorted(maps.Keys(d.names))
	for _, name := range names {
		if err := d.writeResource(name, filepath.Join(fresh, name+".json")); err != nil {
			return err
		}
	}
	index := []byte(strings.Join(names, "\n") + "\n")
	if err := os.WriteFile(filepath.Join(fresh, indexFile), index, 0o600); err != nil {
		return err
	}
	c.Drop()
	return os.Rename(fresh, filepath.Join(c.Dir, checksum))
}

// writeResource writes the parts of a resource that are read: the examples and texts of a document are most of its
// size.
func (d *Document) writeResource(name, file string) error {
	if !validChecksum.MatchString(name) || name == indexFile {
		return errors.New("a resource has an odd name")
	}
	raw, err := d.read(name)
	if err != nil {
		return err
	}
	var r Resource
	if err := json.Unmarshal(raw, &r); err != nil {
		return err
	}
	small, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return os.WriteFile(file, small, 0o600)
}

// Drop forgets every document of this server.
func (c *Cache) Drop() {
	entries, _ := os.ReadDir(c.Dir)
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".new") {
			os.RemoveAll(filepath.Join(c.Dir, e.Name()))
		}
	}
}
