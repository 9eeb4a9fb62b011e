package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// notPrivate are the permissions that a file with secrets must not have: any for others, and writing for the group. The
// group may read, so that backups can run as another user.
const notPrivate fs.FileMode = 0o027

// checkPrivate returns an error if others may read or write the file, or its group may write it. It looks at the mode
// and does not try, since root may do everything. Of a link it judges the file behind it. A file that is missing is
// private.
func checkPrivate(path string) error {
	if runtime.GOOS == "windows" { // where modes say nothing
		return nil
	}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	mode := info.Mode().Perm()
	if mode&notPrivate == 0 {
		return nil
	}
	return fmt.Errorf("%s has mode %04o, so that others can access it; fix it with: chmod 600 %s", path, mode,
		shellWord(path))
}

// checkPrivateDatabase does the same for a SQLite database and the files that SQLite keeps beside it, which are beside
// the file itself where the path is a link.
func checkPrivateDatabase(path string) error {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
		if err := checkPrivate(path + suffix); err != nil {
			return err
		}
	}
	return nil
}

// shellWord writes a path so that a shell reads it as one word.
func shellWord(path string) string {
	plain := func(r rune) bool {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' ||
			strings.ContainsRune("/._-+@:,", r)
	}
	if path != "" && path[0] != '-' && strings.IndexFunc(path, func(r rune) bool { return !plain(r) }) < 0 {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}
