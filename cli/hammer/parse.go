package hammer

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"roster/cli/hammer/apidoc"
	"roster/cli/hammer/value"
)

// parseBool reads the words for yes and no (docs/spec/hammer.md, 2).
func parseBool(s string) (bool, error) {
	switch strings.ToLower(s) {
	case "true", "t", "yes", "y", "1":
		return true, nil
	case "false", "f", "no", "n", "0":
		return false, nil
	}
	return false, hammerErrorf("Value must be one of true/false, yes/no, 1/0.")
}

// parserOf returns the parser for values of a parameter.
func parserOf(p apidoc.Param) func(string) (any, error) {
	switch p.Type {
	case "numeric":
		return parseNumber
	case "boolean":
		return parseYesNo
	case "array":
		if len(p.Params) > 0 {
			return parseObjects
		}
		return parseList
	}
	if words := p.Enum(); words != nil {
		return parseWord(words)
	}
	return parseText
}

// parseWord returns the parser for values that are one of these words.
func parseWord(words []string) func(string) (any, error) {
	return func(s string) (any, error) {
		if slices.Contains(words, s) {
			return s, nil
		}
		if len(words) == 1 {
			return nil, hammerErrorf("Value must be '%s'.", words[0])
		}
		return nil, hammerErrorf("Value must be one of '%s'.", strings.Join(words, "', '"))
	}
}

func parseText(s string) (any, error) { return s, nil }

func parseYesNo(s string) (any, error) { return parseBool(s) }

var wholeNumber = regexp.MustCompile(`^\s*([-+]?)(?:0[xX]([0-9a-fA-F]+)|(\d+(?:_\d+)*))\s*$`)

func parseNumber(s string) (any, error) {
	m := wholeNumber.FindStringSubmatch(s)
	if m == nil || m[2] != "" {
		return nil, hammerErrorf("Numeric value is required.")
	}
	digits := strings.TrimLeft(strings.ReplaceAll(m[3], "_", ""), "0")
	if digits == "" {
		return value.Number("0"), nil
	}
	return value.Number(strings.TrimPrefix(m[1], "+") + digits), nil
}

// parseList reads a list a,b or a JSON value: 2 is a number then, and 2,9 are texts (docs/spec/hammer.md, 2).
func parseList(s string) (any, error) {
	if s == "" {
		return []any{}, nil
	}
	if v, err := value.ParseJSON([]byte(s)); err == nil {
		if items, ok := v.([]any); ok {
			return items, nil
		}
		return []any{v}, nil
	}
	return splitList(s)
}

// splitList splits at commas. Quotes keep commas together, a backslash takes the next character as it is.
func splitList(s string) (any, error) {
	if !utf8.ValidString(s) {
		return nil, hammerErrorf("Value is not UTF-8")
	}
	items := []any{}
	var item strings.Builder
	var quote rune
	escaped := false
	for _, r := range s {
		switch {
		case escaped:
			item.WriteRune(r)
			escaped = false
		case r == '\\':
			escaped = true
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '"' || r == '\'') && item.Len() == 0:
			quote = r
		case quote == 0 && r == ',':
			items = append(items, item.String())
			item.Reset()
		default:
			item.WriteRune(r)
		}
	}
	if quote != 0 || escaped {
		return nil, hammerErrorf("Illegal quoting in %s", s)
	}
	return append(items, item.String()), nil
}

// parseObjects reads a JSON list, or a list whose members are key=value pairs: k=v\,k=v,...
func parseObjects(s string) (any, error) {
	if s == "" {
		return []any{}, nil
	}
	if v, err := value.ParseJSON([]byte(s)); err == nil {
		return v, nil
	}
	items, err := splitList(s)
	if err != nil {
		return nil, err
	}
	objects := []any{}
	for _, item := range items.([]any) {
		o, err := parsePairs(item.(string))
		if err != nil {
			return nil, err
		}
		objects = append(objects, o)
	}
	return objects, nil
}

var pairPattern = regexp.MustCompile(`([^,=]+)=([^,{\[]+|[{\[][^{}\[\]]*[}\]])`)

// parsePairs reads key=value,key=[a,b] or a JSON object.
func parsePairs(s string) (any, error) {
	if strings.Trim(pairPattern.ReplaceAllString(s, ""), ",") == "" && s != "" {
		o := value.NewObject()
		for _, m := range pairPattern.FindAllStringSubmatch(s, -1) {
			o.Set(strings.TrimSpace(m[1]), pairValue(strings.TrimSpace(m[2])))
		}
		return o, nil
	}
	if v, err := value.ParseJSON([]byte(s)); err == nil {
		return v, nil
	}
	return nil, hammerErrorf("Value must be defined as a comma-separated list of key=value or valid JSON.")
}

func pairValue(s string) any {
	bare := func(s string) string { return strings.Trim(strings.TrimSpace(s), `"'`) }
	switch s[0] {
	case '[':
		items := []any{}
		for _, item := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(",[]", r) }) {
			items = append(items, bare(item))
		}
		return items
	case '{':
		o := value.NewObject()
		for _, m := range pairPattern.FindAllStringSubmatch(s[1:len(s)-1], -1) {
			o.Set(bare(m[1]), bare(m[2]))
		}
		return o
	}
	return bare(s)
}

// parseFile reads the file that a text names. One that cannot be read is no mistake in usage to hammer.
func parseFile(s string) (any, error) {
	if rest, ok := strings.CutPrefix(s, "~/"); ok {
		home, err := os.UserHomeDir()
		if err != nil {
			return nil, err
		}
		s = filepath.Join(home, rest)
	}
	s, err := filepath.Abs(s)
	if err != nil {
		return nil, err
	}
	raw, err := os.ReadFile(s)
	if err != nil {
		return nil, softwareError("%s", fileProblem(err))
	}
	return string(raw), nil
}

func parseSeconds(s string) (any, error) {
	n, err := parseNumber(s)
	if err == nil && value.Int(n) < 1 {
		err = hammerErrorf("At least one second is required")
	}
	return n, err
}
