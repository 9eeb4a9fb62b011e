package dbtest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"roster/config"
)

// Locale is how a PostgreSQL database folds and sorts texts unless it is told otherwise.
type Locale string

// The locales whose rules differ most from those of code points.
const (
	PlainC     Locale = "C.UTF-8"
	TurkishC   Locale = "tr_TR.UTF-8" // of the C library
	TurkishICU Locale = "tr"          // of the library ICU
)

// clause is what CREATE DATABASE needs to make a database of the locale.
func (l Locale) clause() string {
	switch l {
	case TurkishC:
		return fmt.Sprintf(" LOCALE '%s'", l)
	case TurkishICU:
		return fmt.Sprintf(" LOCALE_PROVIDER icu ICU_LOCALE '%s' LOCALE '%s'", l, PlainC)
	}
	return ""
}

// MigratedWith makes a migrated PostgreSQL database of a locale for the test and returns its URL. Where the locale
// cannot be had, it skips the test, and fails it where CI is set.
func MigratedWith(t testing.TB, locale Locale) string {
	t.Helper()
	server := needServer(t)
	template, err := server.template(locale)
	switch {
	case err == nil:
		return newDatabase(t, server, template)
	case errors.Is(err, errNoLocale) && os.Getenv("CI") == "":
		t.Skip(err)
	}
	t.Fatal("make a database of the locale ", locale, ": ", err)
	return ""
}

// EachLocale runs a test on SQLite and on PostgreSQL databases of every locale.
func EachLocale(t *testing.T, test func(t *testing.T, db *config.Database)) {
	t.Helper()
	t.Run(config.SQLite, func(t *testing.T) { test(t, SQLite(t)) })
	for _, locale := range []Locale{PlainC, TurkishC, TurkishICU} {
		t.Run(config.Postgres+" "+string(locale), func(t *testing.T) { test(t, Open(t, MigratedWith(t, locale))) })
	}
}

var errNoLocale = errors.New("the locale cannot be compiled: install the definitions of locales (Debian: apt-get " +
	"install locales)")

// compileLocale makes a locale of the C library where the private server looks for it.
func compileLocale(name string) error {
	cluster.Lock()
	dir := cluster.dir
	cluster.Unlock()
	if dir == "" {
		return errNoLocale // a server of somebody else's has the locales that it has
	}
	target := filepath.Join(dir, "locale", name)
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}
	// localedef ends with 1 when it has warned.
	out, err := exec.Command("localedef", "-c", "-i", "tr_TR", "-f", "UTF-8", target).CombinedOutput()
	if _, missing := os.Stat(filepath.Join(target, "LC_CTYPE")); missing != nil {
		return fmt.Errorf("%w: %v %s", errNoLocale, err, out)
	}
	return nil
}
