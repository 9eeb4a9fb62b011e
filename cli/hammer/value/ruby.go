package value

import (
	"fmt"
	"strconv"
	"strings"
)

// Int returns a value as a whole number. As with Ruby's to_i, anything that is not a number is 0.
func Int(v any) int {
	s := Text(v)
	if n, err := strconv.Atoi(s); err == nil {
		return n
	}
	f, _ := strconv.ParseFloat(s, 64)
	return int(f)
}

// Text returns a value as text, in the notation of Ruby's to_s. hammer prints values without a formatter this way.
func Text(v any) string {
	switch v := v.(type) {
	case nil, Missing, Null:
		return ""
	case string:
		return v
	case int:
		return strconv.Itoa(v)
	}
	return Inspect(v)
}

// Inspect returns a value in the notation of Ruby's inspect. hammer prints hashes without a formatter this way.
func Inspect(v any) string {
	switch v := v.(type) {
	case nil:
		return "nil"
	case bool:
		return strconv.FormatBool(v)
	case Number:
		return string(v)
	case string:
		return rubyQuote(v)
	case []any:
		parts := make([]string, len(v))
		for i, item := range v {
			parts[i] = Inspect(item)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case *Object:
		parts := make([]string, len(v.Pairs))
		for i, p := range v.Pairs {
			parts[i] = rubyQuote(p.Key) + "=>" + Inspect(p.Value)
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return fmt.Sprint(v)
}

func rubyQuote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`, "\r", `\r`, "#{", `\#{`).Replace(s) +
		`"`
}
