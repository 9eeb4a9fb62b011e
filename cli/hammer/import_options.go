package hammer

import (
	"crypto/rand"
	"encoding/csv"
	"fmt"
	"math/big"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"

	"roster/cli/hammer/spreadsheet"
	"roster/cli/hammer/value"
)

// sourceColumn is the column of the auth source.
var sourceColumn = userColumns[slices.IndexFunc(userColumns, isSource)]

func isSource(c userColumn) bool { return c.name == "auth_source" }

// columnHelp describes the columns of a file of users.
func columnHelp() (title string, lines [][2]string) {
	for _, c := range userColumns {
		about := c.about
		if c.many {
			about += ", separated by semicolons or commas"
		}
		if c.name == "login" {
			about += " (required)"
		}
		lines = append(lines, [2]string{c.name, about + ". Example: " + c.example})
	}
	return "Columns of the file", lines
}

// columnMap is one value of --map: a name in the file, and the column that it stands for.
type columnMap struct{ name, column string }

// mapOption returns the option --map, which may be given several times.
func mapOption() *option {
	o := newOption("map", "The column NAME of the file is COLUMN; NAME= leaves it out; may be given several times",
		parseColumnMap).showAs("NAME=COLUMN")
	o.repeat = true
	return o
}

// parseColumnMap reads NAME=COLUMN. The name may have the sign = in it.
func parseColumnMap(s string) (any, error) {
	i := strings.LastIndex(s, "=")
	if i <= 0 {
		return nil, hammerErrorf("Value must be NAME=COLUMN, such as Vorname=firstname")
	}
	m := columnMap{strings.TrimSpace(s[:i]), strings.TrimSpace(s[i+1:])}
	if m.column != "" && !isColumn(m.column) {
		return nil, unknownColumn(m.column)
	}
	return m, nil
}

// columnNames returns what --map says.
func (in *invocation) columnNames() map[string]string {
	names := map[string]string{}
	for _, v := range value.AsList(in.values["map"]) {
		if m, ok := v.(columnMap); ok {
			names[m.name] = m.column
		}
	}
	return names
}

// parsePercent reads a percentage from 0 to 100, with or without its sign.
func parsePercent(s string) (any, error) {
	n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(s), "%"))
	if err != nil || n < 0 || n > 100 {
		return nil, hammerErrorf("Value must be a percentage from 0 to 100")
	}
	return value.Number(strconv.Itoa(n)), nil
}

// passwordFile receives generated passwords as CSV with the columns login and password. Only its owner may read it. A
// nil file receives nothing. It may be used from several goroutines.
type passwordFile struct {
	mu   sync.Mutex
	file *os.File
	csv  *csv.Writer
	form csvForm
}

// openPasswords opens the file of --generate-passwords. What an earlier run wrote to it stays. It is not the file of
// the users, input, and no link or device.
func (im *importer) openPasswords(input string) error {
	option := im.values["generate_passwords"]
	if option == nil || im.dry {
		return nil
	}
	name := value.Text(option)
	if there, err := os.Lstat(name); err == nil && !there.Mode().IsRegular() {
		return hammerErrorf("%s is not a regular file", name)
	}
	file, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err == nil {
		err = checkPasswordFile(name, info, input, im.Stdin)
	}
	if err == nil && info.Mode().Perm()&0o077 != 0 {
		err = file.Chmod(0o600)
	}
	if err != nil {
		file.Close()
		return err
	}
	im.passwords = &passwordFile{file: file, csv: csv.NewWriter(file), form: csvForm{safe: im.csvSafe()}}
	if info.Size() == 0 {
		return im.passwords.write("login", "password")
	}
	return nil
}

// checkPasswordFile refuses an open file that is not what its name still means, or that is the input.
func checkPasswordFile(name string, info os.FileInfo, input string, stdin *os.File) error {
	there, err := os.Lstat(name)
	if err != nil || !there.Mode().IsRegular() || !os.SameFile(there, info) {
		return hammerErrorf("%s is not a regular file", name)
	}
	users, err := os.Stat(input)
	if input == "-" && stdin != nil {
		users, err = stdin.Stat()
	}
	if err == nil && os.SameFile(users, info) {
		return hammerErrorf("%s has the users; passwords need a file of their own", name)
	}
	return nil
}

// add appends the password of a user, unless it is empty.
func (f *passwordFile) add(login, password string) error {
	if f == nil || password == "" {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.write(f.form.cell(login), password); err != nil {
		return fmt.Errorf("the password of %s could not be written: %w", login, err)
	}
	return nil
}

func (f *passwordFile) write(cells ...string) error {
	if err := f.csv.Write(cells); err != nil {
		return err
	}
	f.csv.Flush()
	return f.csv.Error()
}

func (f *passwordFile) close() {
	if f != nil {
		f.file.Close()
	}
}

// Letters and digits of generated passwords, without those that look alike.
const (
	capitalLetters = "ABCDEFGHJKLMNPQRSTUVWXYZ"
	smallLetters   = "abcdefghijkmnopqrstuvwxyz"
	digits         = "23456789"
)

// newPassword returns a random password: four groups of five signs, with small and capital letters and digits. It has
// about 110 bits of chance.
func newPassword() (string, error) {
	signs := capitalLetters + smallLetters + digits
	for {
		var b strings.Builder
		for i := range 20 {
			if i > 0 && i%5 == 0 {
				b.WriteByte('-')
			}
			n, err := rand.Int(rand.Reader, big.NewInt(int64(len(signs))))
			if err != nil {
				return "", err
			}
			b.WriteByte(signs[n.Int64()])
		}
		p := b.String()
		if strings.ContainsAny(p, capitalLetters) && strings.ContainsAny(p, smallLetters) &&
			strings.ContainsAny(p, digits) && spreadsheet.Guard(p) == p {
			return p, nil
		}
	}
}
