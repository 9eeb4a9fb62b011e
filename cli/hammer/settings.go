package hammer

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
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
	// defaults are the saved defaults of options (docs/spec/hammer.md, 4).
	defaults yaml.Node
}

// loadSettings reads hammer's configuration as far as it concerns the commands here, including ./config, and Roster's
// own file ~/.config/roster/cli.yml. Files may be missing. A file that cannot be read causes a warning only, so that
// help still works. The extra file, which the user names, must be readable.
func loadSettings(home, configHome, extra string, warn io.Writer) (*settings, error) {
	s := &settings{home: home, values: map[string]any{}}
	var files []string
	for _, dir := range []string{"/etc/hammer", filepath.Join(home, ".hammer"), "config"} {
		files = append(files, filepath.Join(dir, "cli_config.yml"))
		modules, _ := filepath.Glob(filepath.Join(dir, "cli.modules.d", "*.yml"))
		slices.Sort(modules)
		files = append(files, modules...)
	}
	files = append(files, filepath.Join(home, ".hammer", "defaults.yml"),
		filepath.Join(configHome, "roster", "cli.yml"))
	for _, file := range files {
		if err := s.read(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			fmt.Fprintf(warn, "Warning: Couldn't load configuration file %s: %v.\n", file, err)
		}
	}
	if extra != "" {
		if err := s.read(extra); err != nil {
			return nil, err
		}
	}
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
		if name == "defaults" {
			s.defaults = node
			continue
		}
		var keys map[string]any
		if node.Kind != yaml.MappingNode {
			var value any
			if node.Decode(&value) == nil {
				s.values[name] = value
			}
		} else if node.Decode(&keys) == nil {
			for key, value := range keys {
				s.values[name+"."+strings.TrimPrefix(key, ":")] = value
			}
		}
	}
	return nil
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
func (e environment) firstOf(names ...string) any {
	var found any
	for _, name := range names {
		if v := e.get(name); v != "" {
			return v
		}
		if slices.Contains(e, name+"=") {
			found = ""
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
func (e environment) secret(name string) (string, error) {
	if v := e.get(name); v != "" {
		return v, nil
	}
	file := e.get(name + "_FILE")
	if file == "" {
		return "", nil
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	line, _, _ := strings.Cut(string(raw), "\n")
	return strings.TrimRight(line, "\r"), nil
}

// nilIfEmpty returns a text, nil if it is empty.
func nilIfEmpty(s string) any {
	if s == "" {
		return nil
	}
	return s
}
