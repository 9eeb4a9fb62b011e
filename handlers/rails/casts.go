package rails

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
)

// The casts (docs/spec/foreman.md, 3.3): values are not refused for their type but turned into the attribute's. ok is
// false for shapes that are dropped: an object or a list where a scalar is meant.

// String casts a value to text, nil for null.
func String(v any) (s *string, ok bool) {
	text := ""
	switch x := v.(type) {
	case nil:
		return nil, true
	case string:
		text = x
	case json.Number:
		text = x.String()
	case bool:
		text = "f"
		if x {
			text = "t"
		}
	default:
		return nil, false
	}
	return &text, true
}

// falseWords are the texts that mean no; every other text means yes.
var falseWords = []string{"0", "f", "F", "false", "FALSE", "off", "OFF"}

// Bool casts a value to true or false, nil for null and a blank text.
func Bool(v any) (b *bool, ok bool) {
	value := true
	switch x := v.(type) {
	case nil:
		return nil, true
	case bool:
		value = x
	case json.Number:
		f, err := x.Float64()
		value = err != nil || f != 0
	case string:
		if x == "" {
			return nil, true
		}
		value = !slices.Contains(falseWords, x)
	default:
		return nil, false
	}
	return &value, true
}

// Int reads leading digits; a number beyond 64 bits becomes the largest one, which no record has.
func Int(v any) (n *int64, ok bool) {
	var value int64
	switch x := v.(type) {
	case nil:
		return nil, true
	case bool:
		if x {
			value = 1
		}
	case json.Number:
		value = wholeNumber(x)
	case string:
		if strings.TrimSpace(x) == "" {
			return nil, true
		}
		value = leadingInt(strings.TrimSpace(x))
	default:
		return nil, false
	}
	return &value, true
}

// wholeNumber cuts a number's fraction off: 1 for 1.9, 100 for 1e2.
func wholeNumber(n json.Number) int64 {
	if !strings.ContainsAny(n.String(), ".eE") {
		return leadingInt(n.String())
	}
	f, err := n.Float64()
	if err != nil || math.Abs(f) >= 1<<53 {
		return math.MaxInt64
	}
	return int64(f)
}

func leadingInt(text string) int64 {
	digits := strings.TrimLeft(text, "+-")
	if len(text)-len(digits) > 1 {
		return 0
	}
	end := strings.IndexFunc(digits, func(r rune) bool { return r < '0' || r > '9' })
	if end < 0 {
		end = len(digits)
	}
	if end == 0 {
		return 0
	}
	n, err := strconv.ParseInt(digits[:end], 10, 64)
	if err != nil {
		n = math.MaxInt64
	}
	if strings.HasPrefix(text, "-") {
		return -n
	}
	return n
}
