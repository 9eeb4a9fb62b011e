package search

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Years that both databases can store and compare.
const (
	minYear = 1
	maxYear = 9999
)

// Span is the stretch of time that a text stands for.
type Span struct {
	Input string
	Start time.Time // inclusive
	End   time.Time // exclusive
	Date  string    // "2006-01-02": the calendar date of Start in the caller's zone
	unit  unit      // its length
}

// unit is the length of a span, and what the parts of a date are called.
type unit int

const (
	year unit = iota
	month
	day
	hour
	minute
	second
)

// MarshalJSON writes the span for people and programs: {"input", "start", "end", "date"}, in UTC.
func (s Span) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]string{
		"input": s.Input, "start": jsonTime(s.Start), "end": jsonTime(s.End), "date": s.Date,
	})
}

// jsonTime leaves out milliseconds where there are none.
func jsonTime(t time.Time) string {
	if t.Nanosecond() == 0 {
		return t.UTC().Format("2006-01-02T15:04:05Z")
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}

// whole says spans of a day or more, for which "after" means after the end.
func (s Span) whole() bool { return s.unit <= day }

// ParseDate reads a date as queries write it (docs/spec/search.md, 9): "today", "3 weeks ago", "2 Jan 2009", "14:51",
// "2009".
func ParseDate(text string, env Env) (Span, error) {
	s, ok := parseSpan(text, env)
	if !ok {
		return Span{}, &Error{Message: "'" + text + "' is not a date"}
	}
	return s, nil
}

// parseSpan tries the rules in their order (docs/spec/search.md, 9.1).
func parseSpan(text string, env Env) (Span, bool) {
	now := env.Now.In(env.zone())
	s, ok := namedDay(text, now)
	if !ok {
		s, ok = relative(text, now)
	}
	if !ok {
		s, ok = absolute(text, now)
	}
	local := s.Start.In(env.zone())
	if !ok || !storableYear(local) || !storableYear(s.Start.UTC()) {
		return Span{}, false
	}
	s.Input = text
	s.Date = local.Format(time.DateOnly)
	return s, true
}

func storableYear(t time.Time) bool { return minYear <= t.Year() && t.Year() <= maxYear }

var dayNames = []struct {
	word *regexp.Regexp
	days int
}{
	{regexp.MustCompile(`(?i)\btoday\b`), 0},
	{regexp.MustCompile(`(?i)\byesterday\b`), -1},
	{regexp.MustCompile(`(?i)\btomorrow\b`), +1},
}

// namedDay finds today, yesterday and tomorrow, whatever else the text says.
func namedDay(text string, now time.Time) (Span, bool) {
	for _, name := range dayNames {
		if name.word.MatchString(text) {
			return wholeDay(now.Year(), now.Month(), now.Day()+name.days, now.Location()), true
		}
	}
	return Span{}, false
}

// A number of ten digits cannot overflow anything below; more are no date.
var relativeText = regexp.MustCompile(
	`(?i)^\s*(\d{1,10})\s+(minute|hour|day|week|month|year)s?\s+(ago|from\s+now)\s*$`)

// relative reads "2 hours ago" as the minute that began then, and "2 days ago" as that day.
func relative(text string, now time.Time) (Span, bool) {
	m := relativeText.FindStringSubmatch(text)
	if m == nil {
		return Span{}, false
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		return Span{}, false
	}
	if strings.EqualFold(m[3], "ago") {
		n = -n
	}
	y, mon, d := now.Date()
	switch strings.ToLower(m[2]) {
	case "minute":
		return minuteFrom(now, n), true
	case "hour":
		return minuteFrom(now, 60*n), true
	case "day":
		return wholeDay(y, mon, d+n, now.Location()), true
	case "week":
		return wholeDay(y, mon, d+7*n, now.Location()), true
	case "month":
		return monthsAway(now, n), true
	}
	return monthsAway(now, 12*n), true
}

// minuteFrom counts in seconds: a time.Duration would overflow after three centuries.
func minuteFrom(now time.Time, minutes int) Span {
	t := time.Unix(now.Unix()+60*int64(minutes), int64(now.Nanosecond())).In(now.Location())
	return Span{Start: t, End: t.Add(time.Minute), unit: minute}
}

// monthsAway clamps to the end of a shorter month: one month before 31 March is the last of February.
func monthsAway(now time.Time, months int) Span {
	y, mon, d := now.Date()
	last := time.Date(y, mon+time.Month(months)+1, 0, 0, 0, 0, 0, time.UTC)
	return wholeDay(last.Year(), last.Month(), min(d, last.Day()), now.Location())
}

func wholeDay(y int, m time.Month, d int, zone *time.Location) Span {
	return Span{Start: startOfDay(y, m, d, zone), End: startOfDay(y, m, d+1, zone), unit: day}
}

// startOfDay is the first moment of a calendar day in the zone. The next day's start is the day's end, which is right
// across daylight-saving changes (docs/spec/search.md, 12, row 18). Where the clocks change at midnight, the day may
// begin at one o'clock, or midnight may come twice.
func startOfDay(y int, m time.Month, d int, zone *time.Location) time.Time {
	t := time.Date(y, m, d, 0, 0, 0, 0, zone)
	want := time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Day()
	begin, end := t.ZoneBounds()
	if t.Day() != want { // there is no midnight: the day begins with the change
		return end
	}
	if t.Hour() != 0 {
		return begin
	}
	if earlier := begin.Add(-time.Nanosecond); !begin.IsZero() {
		_, before := earlier.Zone()
		_, after := t.Zone()
		first := t.Add(-time.Duration(before-after) * time.Second)
		if before > after && first.Before(begin) {
			return first
		}
	}
	return t
}
