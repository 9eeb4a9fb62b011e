package hammer

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// defaultServer is the default address of a Roster on this machine.
const defaultServer = "http://127.0.0.1:3000"

// settings are the values of the configuration files, as section.key. Hammer's files are read first, then Roster's own;
// the later ones win.
type settings struct {
	home   string
	values map[string]any
	// files are the files that the values are from.
	files map[string]string
	// defaults are the saved defaults of options (docs/spec/hammer.md, 4).
	defaults yaml.Node
	// broken is the first mistake in Roster's own settings. Commands end with it, and help works nevertheless.
	broken error
}

// loadSettings reads hammer's configuration as far as it concerns the commands here, including ./config, and Roster's
// own file. Files may be missing. A file of hammer's that cannot be read causes a warning only. The extra file, which
// the user names, must be readable.
func loadSettings(home, own, extra string, warn io.Writer) (*settings, error) {
	s := &settings{home: home, values: map[string]any{}, files: map[string]string{}}
	var files []string
	for _, dir := range []string{"/etc/hammer", filepath.Join(home, ".hammer"), "config"} {
		files = append(files, filepath.Join(dir, "cli_config.yml"))
		modules, _ := filepath.Glob(filepath.Join(dir, "cli.modules.d", "*.yml"))
		slices.Sort(modules)
		files = append(files, modules...)
	}
	for _, file := range append(files, filepath.Join(home, ".hammer", "defaults.yml")) {
		if err := s.read(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			fmt.Fprintf(warn, "Warning: Couldn't load configuration file %s: %v.\n", file, err)
		}
	}
	if err := s.read(own); err != nil && !errors.Is(err, fs.ErrNotExist) {
		s.broken = cmp.Or(s.broken, err)
	}
	s.checkSections(own)
	if extra != "" {
		if err := s.read(extra); err != nil {
			return nil, err
		}
	}
	s.warnOfReaders(warn)
	return s, nil
}

func (s *settings) read(file string) error {
	raw, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var sections map[string]yaml.Node
	if err := yaml.Unmarshal(raw, &sections); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	for name, node := range sections {
		name = strings.TrimPrefix(name, ":")
		var keys map[string]any
		switch {
		case name == "defaults":
			s.defaults = node
		case node.Kind != yaml.MappingNode:
			var value any
			if node.Decode(&value) == nil {
				s.set(file, name, value)
			}
		case node.Decode(&keys) == nil:
			for key, value := range keys {
				s.set(file, name+"."+strings.TrimPrefix(key, ":"), value)
			}
			if name == "roster" {
				s.readOwn(file, &node)
			}
		}
	}
	return nil
}

func (s *settings) set(file, key string, value any) {
	s.values[key] = value
	s.files[key] = file
}

// ownKeys are the keys of the section roster.
var ownKeys = []string{"url", "username", "password", "token", "ca_file", "use_sessions"}

// sections are what Roster's own file may have.
var sections = []string{"roster", "foreman", "ssl", "ui", "defaults"}

// readOwn checks the keys of the section roster. Texts are taken letter by letter, also those of digits.
func (s *settings) readOwn(file string, section *yaml.Node) {
	for i := 0; i+1 < len(section.Content); i += 2 {
		node := section.Content[i]
		name := strings.TrimPrefix(node.Value, ":")
		if v := section.Content[i+1]; v.Kind == yaml.ScalarNode && v.Tag != "!!null" && node.Tag != "!!merge" {
			s.set(file, "roster."+name, v.Value)
		}
		if !slices.Contains(ownKeys, name) && node.Tag != "!!merge" && s.broken == nil {
			s.broken = fmt.Errorf("%s, line %d: there is no setting %q below \"roster:\"%s The settings are %s",
				file, node.Line, name, didYouMean(name, ownKeys), strings.Join(ownKeys, ", "))
		}
	}
}

// checkSections refuses what stands at the top level of Roster's own file without being a section of it.
func (s *settings) checkSections(file string) {
	for _, key := range slices.Sorted(maps.Keys(s.files)) {
		name, _, inSection := strings.Cut(key, ".")
		if s.files[key] != file || s.broken != nil || slices.Contains(sections, name) {
			continue
		}
		if !inSection && slices.Contains(ownKeys, name) {
			s.broken = fmt.Errorf("%s: %q stands at the top level. Write it below \"roster:\", indented:\n"+
				"  roster:\n    %s: ...", file, name, name)
			continue
		}
		s.broken = fmt.Errorf("%s: there is no section %q%s The sections are %s", file, name,
			didYouMean(name, sections), strings.Join(sections, ", "))
	}
}

// warnOfReaders warns of files with a password or a token that other users of the machine may read.
func (s *settings) warnOfReaders(warn io.Writer) {
	warned := map[string]bool{}
	for _, key := range []string{"token", "password"} {
		file := s.files["roster."+key]
		info, err := os.Stat(file)
		if file == "" || err != nil || warned[file] || runtime.GOOS == "windows" || info.Mode().Perm()&0o077 == 0 {
			continue
		}
		warned[file] = true
		fmt.Fprintf(warn, "Warning: other users of this machine can read the %s in %s. Run: chmod 600 %s\n", key, file,
			file)
	}
}

// get returns the value of the first of the keys that is set, as text.
func (s *settings) get(keys ...string) string {
	for _, key := range keys {
		if v, ok := s.values[key]; ok && v != nil {
			return fmt.Sprint(v)
		}
	}
	return ""
}

// sourced returns the value of the first of the keys that is set, and its file.
func (s *settings) sourced(keys ...string) sourced {
	for _, key := range keys {
		if v, ok := s.values[key]; ok && v != nil {
			return sourced{value: nilIfEmpty(fmt.Sprint(v)), from: key + " in " + s.files[key],
				isToken: key == "roster.token"}
		}
	}
	return sourced{}
}

func (s *settings) flag(key string) bool {
	on, _ := parseBool(s.get(key))
	return on
}

func (s *settings) number(key string) int {
	n, _ := strconv.Atoi(s.get(key))
	return n
}

// environment has the form of os.Environ. The last variable of a name wins, as for processes.
type environment []string

func (e environment) get(name string) string {
	value := ""
	for _, line := range e {
		if v, ok := strings.CutPrefix(line, name+"="); ok {
			value = v
		}
	}
	return value
}

// firstOf returns the first of the variables that is not empty, an empty text if they are set to nothing, and nil if
// none is set.
func (e environment) firstOf(names ...string) sourced {
	var found sourced
	for _, name := range names {
		if v := e.get(name); v != "" {
			return sourced{value: v, from: name}
		}
		if slices.Contains(e, name+"=") {
			found = sourced{value: "", from: name}
		}
	}
	return found
}

// dir returns the directory that a variable names, or a place below the home directory.
func (e environment) dir(name, home string, below ...string) string {
	if d := e.get(name); filepath.IsAbs(d) {
		return d
	}
	return filepath.Join(append([]string{home}, below...)...)
}

// secret returns a variable, or the first line of the file that NAME_FILE names.
func (e environment) secret(name string) (sourced, error) {
	if v := e.get(name); v != "" {
		return sourced{value: v, from: name}, nil
	}
	file := e.get(name + "_FILE")
	if file == "" {
		return sourced{}, nil
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return sourced{}, fmt.Errorf("%s_FILE: %w", name, err)
	}
	line, _, _ := strings.Cut(string(raw), "\n")
	return sourced{value: nilIfEmpty(strings.TrimRight(line, "\r")), from: name + "_FILE, " + file}, nil
}

// nilIfEmpty returns a text, nil if it is empty.
func nilIfEmpty(s string) any {
	if s == "" {
		return nil
	}
	return s
}
