package cvat

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// attributes are the members of a body: text, json.Number, bool, nil, []any and map[string]any.
type attributes map[string]any

// reader takes attributes out of a body, and notes which are wrong, in the order in which they are read.
type reader struct {
	body  attributes
	wrong mistakes
	// whole says that attributes that are required have to be there.
	whole bool
}

// textForm is what a text may be. Lengths are in characters; 0 does not limit.
type textForm struct {
	required, blank bool
	least, most     int
	// untrimmed keeps the blanks around the text, which are part of secrets.
	untrimmed bool
	// mail says that the text is a mail address.
	mail bool
}

const (
	textRequired = "This field is required."
	textNull     = "This field may not be null."
	textBlank    = "This field may not be blank."
	textNoText   = "Not a valid string."
	textNoMail   = "Enter a valid email address."
	textNoBool   = "Must be a valid boolean."
	textNoTime   = "Datetime has wrong format. Use one of these formats instead: " +
		"YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z]."
)

// text reads a text. given is false where the attribute is not there, or wrong.
func (r *reader) text(name string, form textForm) (text string, given bool) {
	v, there := r.body[name]
	if !there {
		if form.required && r.whole {
			r.wrong.add(name, textRequired)
		}
		return "", false
	}
	text, mistake := asText(v)
	if mistake == "" {
		if !form.untrimmed {
			text = strings.TrimSpace(text)
		}
		mistake = form.check(text)
	}
	if mistake != "" {
		r.wrong.add(name, mistake)
		return "", false
	}
	return text, true
}

// asText turns a scalar into a text.
func asText(v any) (text, mistake string) {
	switch v := v.(type) {
	case nil:
		return "", textNull
	case string:
		return v, ""
	case json.Number:
		return v.String(), ""
	}
	return "", textNoText
}

// check returns what is wrong with a text, "" for nothing.
func (f textForm) check(text string) string {
	length := utf8.RuneCountInString(text)
	switch {
	case text == "" && !f.blank:
		return textBlank
	case strings.ContainsRune(text, 0):
		return "Null characters are not allowed."
	case f.most > 0 && length > f.most:
		return fmt.Sprintf("Ensure this field has no more than %d characters.", f.most)
	case length < f.least && text != "":
		return fmt.Sprintf("Ensure this field has at least %d characters.", f.least)
	case f.mail && text != "" && !isMail(text):
		return textNoMail
	}
	return ""
}

// isMail reports whether a text has the form of a mail address; what else one may not be, the directory says.
func isMail(text string) bool {
	local, domain, ok := strings.Cut(text, "@")
	return ok && local != "" && strings.Contains(strings.Trim(domain, "."), ".") &&
		!strings.ContainsAny(text, " \t\r\n") && !strings.Contains(domain, "@")
}

// boolean reads what is true or false.
func (r *reader) boolean(name string) (value, given bool) {
	v, there := r.body[name]
	if !there {
		return false, false
	}
	if v == nil {
		r.wrong.add(name, textNull)
		return false, false
	}
	value, ok := asBool(v)
	if !ok {
		r.wrong.add(name, textNoBool)
	}
	return value, ok
}

// asBool turns what bodies and filters write for true and false into that.
func asBool(v any) (value, ok bool) {
	switch v := v.(type) {
	case bool:
		return v, true
	case json.Number:
		return v.String() == "1", v.String() == "0" || v.String() == "1"
	case string:
		value, err := strconv.ParseBool(v)
		return value, err == nil
	}
	return false, false
}

// texts reads a list of texts.
func (r *reader) texts(name string) (list []string, given bool) {
	v, there := r.body[name]
	if !there {
		return nil, false
	}
	values, isList := v.([]any)
	switch {
	case v == nil:
		r.wrong.add(name, textNull)
		return nil, false
	case !isList:
		r.wrong.add(name, `Expected a list of items but got type "`+pythonType(v)+`".`)
		return nil, false
	}
	for _, value := range values {
		text, isText := value.(string)
		if !isText {
			r.wrong.add(name, "Invalid value.")
			return nil, false
		}
		list = append(list, text)
	}
	return list, true
}

// timeForms are the forms of a moment; those without an offset are in UTC.
var timeForms = []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04Z07:00",
	"2006-01-02T15:04", "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999",
	"2006-01-02T15:04:05.999999999-0700"}

// asTime reads a moment.
func asTime(text string) (time.Time, bool) {
	for _, form := range timeForms {
		at, err := time.ParseInLocation(form, text, time.UTC)
		if at = at.UTC(); err == nil && at.Year() > 0 && at.Year() < 10000 {
			return at.Truncate(time.Microsecond), true
		}
	}
	return time.Time{}, false
}

// moment reads a point in time; nil is for none.
func (r *reader) moment(name string) (at *time.Time, given bool) {
	v, there := r.body[name]
	if !there || v == nil {
		return nil, there
	}
	text, isText := v.(string)
	found, ok := asTime(strings.TrimSpace(text))
	if !isText || !ok {
		r.wrong.add(name, textNoTime)
		return nil, false
	}
	return &found, true
}

// choice reads one of some words.
func (r *reader) choice(name string, required bool, known func(string) bool) (word string, given bool) {
	v, there := r.body[name]
	if !there {
		if required && r.whole {
			r.wrong.add(name, textRequired)
		}
		return "", false
	}
	if v == nil {
		r.wrong.add(name, textNull)
		return "", false
	}
	word, isText := v.(string)
	if !isText || !known(word) {
		r.wrong.add(name, `"`+printable(strings.Trim(pythonText(v), "'"))+`" is not a valid choice.`)
		return "", false
	}
	return word, true
}
