package config

import (
	"net/url"
	"strings"

	"github.com/knadh/koanf/parsers/yaml"
)

const redacted = "[redacted]"

// Dump writes the effective configuration as YAML that Load reads back, without its secrets.
func (c Config) Dump() string {
	values := map[string]any{}
	for _, s := range settings {
		values[s.key] = s.get(c)
	}
	out, err := yaml.Parser().Marshal(values)
	if err != nil {
		panic("a map of texts and numbers is always YAML: " + err.Error())
	}
	return string(out)
}

func redact(secret string) any {
	if secret == "" {
		return nil
	}
	return redacted
}

// redactURL hides the password of a database's URL, also one in a parameter, and hides the whole URL if it cannot be
// parsed: better no address than a leaked password.
func redactURL(database string) string {
	if strings.HasPrefix(database, "sqlite://") {
		return database
	}
	u, err := url.Parse(database)
	if err != nil {
		return redacted
	}
	if _, has := u.User.Password(); has {
		u.User = url.UserPassword(u.User.Username(), "REDACTED")
	}
	query := u.Query()
	for key := range query {
		if strings.Contains(strings.ToLower(key), "pass") {
			query.Set(key, "REDACTED")
			u.RawQuery = query.Encode()
		}
	}
	return u.String()
}
