package config

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/v2"
)

// Sources is where Load looks, weakest last: flags, environment, file, defaults.
type Sources struct {
	// Flags holds only the flags that were set, by their name without dashes.
	Flags map[string]string
	// Environ is in the form of os.Environ. A variable that is set to nothing counts as not set.
	Environ []string
	// File is the path of a YAML file, or nothing.
	File string
}

// Load layers the sources and validates the result. Its error is Faults, with every fault of every source.
func Load(s Sources) (Config, error) {
	c := Default()
	var faults Faults
	merged := koanf.New(".")
	for _, l := range []layer{fileLayer(s.File, &faults), envLayer(s.Environ, &c), flagLayer(s.Flags)} {
		l.readSecrets(&faults)
		// A map cannot fail to load; the error belongs to providers that do input and output.
		_ = merged.Load(l, nil)
	}
	for _, setting := range settings {
		if !merged.Exists(setting.key) {
			continue
		}
		if err := setting.set(&c, merged.String(setting.key)); err != nil {
			faults.add(setting.key, err.Error())
		}
	}
	if err := c.Validate(); err != nil {
		faults = append(faults, err.(Faults)...)
	}
	return c, faults.orNil()
}

// layer is one source as flat text, which koanf merges. It implements koanf.Provider.
type layer map[string]any

// ReadBytes is the half of koanf.Provider that a map does not need.
func (l layer) ReadBytes() ([]byte, error) { return nil, fmt.Errorf("a layer has no bytes") }

// Read hands koanf the layer.
func (l layer) Read() (map[string]any, error) { return l, nil }

// readSecrets replaces key_file by the content of that file. It works on one layer, so that a secret in a stronger
// source takes precedence over a file named by a weaker one.
func (l layer) readSecrets(faults *Faults) {
	for _, s := range settings {
		fileKey := s.key + "_file"
		path, ok := l[fileKey]
		if !s.fromFile || !ok {
			continue
		}
		delete(l, fileKey)
		if _, both := l[s.key]; both {
			faults.add(fileKey, "is given together with "+envName(s.key)+"; give one of them")
			continue
		}
		content, err := ReadSecret(path.(string))
		if err != nil {
			faults.add(fileKey, err.Error())
			continue
		}
		// Only line ends go: editors add one. Spaces may belong to a password.
		secret := strings.TrimRight(string(content), "\r\n")
		if secret == "" {
			faults.add(fileKey, path.(string)+" is empty")
			continue
		}
		l[s.key] = secret
	}
}

// maxSecret bounds the file of a secret, in bytes.
const maxSecret = 1 << 20

// ReadSecret reads the file of a secret. A file without an end is refused.
func ReadSecret(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, maxSecret+1))
	if err == nil && len(content) > maxSecret {
		err = fmt.Errorf("%s is longer than %d bytes", path, maxSecret)
	}
	return content, err
}

func flagLayer(flags map[string]string) layer {
	l := layer{}
	for name, value := range flags {
		l[strings.ReplaceAll(name, "-", "_")] = value
	}
	return l
}

func envLayer(environ []string, c *Config) layer {
	k := koanf.New(".")
	_ = k.Load(env.Provider("", env.Opt{
		Prefix:      "ROSTER_",
		EnvironFunc: func() []string { return environ },
		TransformFunc: func(name, value string) (string, any) {
			key := strings.ToLower(strings.TrimPrefix(name, "ROSTER_"))
			if !isKey(key) || name != envName(key) {
				noteUnknown(c, name)
				return "", nil
			}
			if value == "" {
				return "", nil
			}
			return key, value
		},
	}), nil)
	slices.Sort(c.Unknown)
	return k.Raw()
}

// noteUnknown remembers a name for a warning, but for those that Kubernetes makes for a service called roster, those of
// the tests, the one that names the file, and those of the command line.
func noteUnknown(c *Config, name string) {
	for _, prefix := range []string{"ROSTER_SERVICE_", "ROSTER_PORT", "ROSTER_TEST_", "ROSTER_CONFIG",
		"ROSTER_URL", "ROSTER_USERNAME", "ROSTER_PASSWORD", "ROSTER_TOKEN", "ROSTER_CA_FILE"} {
		if strings.HasPrefix(name, prefix) {
			return
		}
	}
	c.Unknown = append(c.Unknown, name)
}

func isKey(key string) bool {
	if s, ok := findSetting(key); ok {
		return s.key != ""
	}
	s, ok := findSetting(strings.TrimSuffix(key, "_file"))
	return ok && s.fromFile && strings.HasSuffix(key, "_file")
}

func fileLayer(path string, faults *Faults) layer {
	if path == "" {
		return layer{}
	}
	k := koanf.New("\x00")
	if err := k.Load(file.Provider(path), yaml.Parser()); err != nil {
		*faults = append(*faults, "--config / ROSTER_CONFIG: "+path+": "+strings.ReplaceAll(err.Error(), "\n", " "))
		return layer{}
	}
	l := layer{}
	for key, value := range k.Raw() {
		if !isKey(key) {
			*faults = append(*faults, fmt.Sprintf("--config / ROSTER_CONFIG: %s: there is no setting %q", path, key))
			continue
		}
		if value == nil {
			continue
		}
		s, ok := plain(value)
		if !ok {
			*faults = append(*faults, fmt.Sprintf("--config / ROSTER_CONFIG: %s: %s must be a single value or a list",
				path, key))
			continue
		}
		l[key] = s
	}
	slices.Sort(*faults) // map order is random; a report should not be
	return l
}

// plain writes a YAML value as a variable would have: scalars as text, lists joined by commas.
func plain(value any) (string, bool) {
	switch v := value.(type) {
	case map[string]any:
		return "", false
	case []any:
		parts := make([]string, len(v))
		for i, item := range v {
			text, ok := plain(item)
			if !ok {
				return "", false
			}
			parts[i] = text
		}
		if len(parts) == 0 {
			return "none", true
		}
		return strings.Join(parts, ","), true
	}
	return fmt.Sprint(value), true
}
