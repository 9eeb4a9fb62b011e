package search

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// absolute reads the formats that are not quirks (docs/spec/search.md, 9.2), and whole years and months
// (docs/spec/search.md, 12, row 12). What it does not understand completely it refuses; nothing is guessed from a part
// of the text.
func absolute(text string, now time.Time) (Span, bool) {
	var p dateParts
	words := strings.Fields(spaced(lowerASCII(text)))
	for i, w := range words {
		if !p.word(w, len(words) == 1, i == len(words)-1) {
			return Span{}, false
		}
	}
	return p.span(now)
}

var (
	noise    = strings.NewReplacer(`"`, " ", ",", " ")
	isoSplit = regexp.MustCompile(`(\d)t(\d)`)
	halfDay  = regexp.MustCompile(`(\d)\s+([ap]m)\b`)
)

// spaced separates the date of 2009-01-02T14:51 from its time, which keeps the "t" as its mark, and attaches "pm".
func spaced(text string) string {
	text = noise.Replace(text)
	text = isoSplit.ReplaceAllString(text, "$1 t$2")
	return halfDay.ReplaceAllString(text, "$1$2")
}

// dateParts collects what the words of a date say. Each part may be said once.
type dateParts struct {
	value   [second + 1]int
	has     [second + 1]bool
	nanos   int
	weekday time.Weekday
	onDay   bool           // a weekday was named
	zone    *time.Location // an offset was given
}

// put stores parts, as digits; empty texts are skipped.
func (p *dateParts) put(parts map[unit]string) bool {
	for u, text := range parts {
		if text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil || p.has[u] {
			return false
		}
		p.value[u] = n
		p.has[u] = true
	}
	return true
}

var (
	yearFirst = regexp.MustCompile(`^(\d{4})([-/.])(\d{1,2})(?:([-/.])(\d{1,2}))?$`)
	dayFirst  = regexp.MustCompile(`^(\d{1,2})([-/.])(\d{1,2})([-/.])(\d{4})$`)
	monthDay  = regexp.MustCompile(`^(\d{1,2})/(\d{1,2})$`)
	compact   = regexp.MustCompile(`^(\d{4})(\d\d)(\d\d)(?:(\d\d)(?:(\d\d)(\d\d)?)?)?$`)
	ordinal   = regexp.MustCompile(`^(\d{1,2})(?:st|nd|rd|th)$`)
	digits    = regexp.MustCompile(`^\d+$`)
	clock     = regexp.MustCompile(
		`^(t?)(\d{1,2})(?::(\d\d)(?::(\d\d)(?:\.(\d+))?)?)?([ap]m)?(z|[-+]\d\d(?::?\d\d)?)?$`)
	isoClock = regexp.MustCompile(`^(t)(\d\d)(\d\d)(?:(\d\d)(?:\.(\d+))?)?()(z|[-+]\d\d(?::?\d\d)?)?$`)
)

// word understands one word: only is set when there is no other, last when none follows.
func (p *dateParts) word(w string, only, last bool) bool {
	if m := yearFirst.FindStringSubmatch(w); m != nil {
		return (m[4] == "" || m[2] == m[4]) && p.put(map[unit]string{year: m[1], month: m[3], day: m[5]})
	}
	if m := dayFirst.FindStringSubmatch(w); m != nil {
		return m[2] == m[4] && p.put(map[unit]string{day: m[1], month: m[3], year: m[5]})
	}
	if m := monthDay.FindStringSubmatch(w); m != nil {
		return p.put(map[unit]string{month: m[1], day: m[2]})
	}
	if m := ordinal.FindStringSubmatch(w); m != nil {
		return p.put(map[unit]string{day: m[1]})
	}
	if digits.MatchString(w) {
		return p.number(w, only, last)
	}
	if m := isoClock.FindStringSubmatch(w); m != nil {
		return p.clock(m)
	}
	if m := clock.FindStringSubmatch(w); m != nil && (m[1] != "" || m[3] != "" || m[6] != "") {
		return p.clock(m)
	}
	return p.name(w)
}

// number interprets a word of digits by their count and by the parts that are known already.
func (p *dateParts) number(w string, only, last bool) bool {
	switch {
	case len(w) == 4 && only && w <= "1299": // no year that users are from: month and day
		return p.put(map[unit]string{month: w[:2], day: w[2:]})
	case len(w) == 4:
		return p.put(map[unit]string{year: w})
	case len(w) <= 2 && p.dated():
		return last && p.put(map[unit]string{hour: w})
	case len(w) == 2, len(w) == 1 && !only:
		return p.put(map[unit]string{day: w})
	}
	m := compact.FindStringSubmatch(w)
	return m != nil &&
		p.put(map[unit]string{year: m[1], month: m[2], day: m[3], hour: m[4], minute: m[5], second: m[6]})
}

// dated reports whether the date is complete, so that a time may follow.
func (p *dateParts) dated() bool { return p.has[year] && p.has[day] }

// clock understands a time of day: hour, minute, second, fraction, half of the day, zone.
func (p *dateParts) clock(m []string) bool {
	if marked := m[1] != ""; marked && !p.dated() {
		return false
	}
	if !p.put(map[unit]string{hour: m[2], minute: m[3], second: m[4]}) {
		return false
	}
	if m[5] != "" {
		p.nanos, _ = strconv.Atoi((m[5] + "000000000")[:9])
	}
	if m[6] != "" {
		if p.value[hour] > 12 {
			return false
		}
		p.value[hour] %= 12
		if m[6] == "pm" {
			p.value[hour] += 12
		}
	}
	return m[7] == "" || p.offset(m[7])
}

// name understands words of letters, and an offset that stands alone behind a time.
func (p *dateParts) name(w string) bool {
	w = strings.TrimSuffix(w, ".")
	if m, ok := monthNames[w]; ok {
		return p.put(map[unit]string{month: strconv.Itoa(m)})
	}
	if d, ok := weekdayNames[w]; ok && !p.onDay {
		p.weekday = d
		p.onDay = true
		return true
	}
	return (p.has[hour] || p.dated()) && p.offset(w)
}

var offsetText = regexp.MustCompile(`^([-+])(\d\d):?(\d\d)?$`)

// offset understands "z", "+02:00", "-0500" and the usual names of zones.
func (p *dateParts) offset(text string) bool {
	if p.zone != nil {
		return false
	}
	seconds, ok := zoneNames[text]
	if m := offsetText.FindStringSubmatch(text); m != nil {
		h, _ := strconv.Atoi(m[2])
		mins, _ := strconv.Atoi("0" + m[3])
		seconds = 3600*h + 60*mins
		ok = h < 24 && mins < 60
		if m[1] == "-" {
			seconds = -seconds
		}
	}
	p.zone = time.FixedZone(text, seconds)
	return ok
}

// span puts the parts together. Larger parts that were not said are today's, smaller ones begin.
func (p *dateParts) span(now time.Time) (Span, bool) {
	if !p.complete() {
		return Span{}, false
	}
	smallest := year
	for u := range p.has {
		if p.has[u] {
			smallest = unit(u)
		}
	}
	zone := now.Location()
	if p.zone != nil {
		zone = p.zone
	}
	y, m, d := p.date(now)
	if p.onDay && !p.has[hour] {
		smallest = day
	}
	return p.from(y, m, d, smallest, zone), true
}

// complete reports whether the parts make a date, and whether each is within its bounds. A day that its month does not
// have is not refused: it runs on into the next month (docs/spec/search.md, 9.2).
func (p *dateParts) complete() bool {
	has := p.has
	v := p.value
	dated := has[year] || has[month] || has[day]
	switch {
	case !dated && !has[hour] && !p.onDay,
		has[year] && has[day] && !has[month],
		has[hour] && dated && !has[day],
		p.onDay && dated && !(has[month] && has[day]):
		return false
	case has[month] && (v[month] < 1 || v[month] > 12), has[day] && (v[day] < 1 || v[day] > 31):
		return false
	case v[hour] == 24 && (v[minute] > 0 || v[second] > 0 || p.nanos > 0):
		return false
	}
	return v[hour] <= 24 && v[minute] <= 59 && v[second] <= 60
}

// date fills in the calendar date. A weekday on its own is the most recent one, which may be today
// (docs/spec/search.md, 12, row 12).
func (p *dateParts) date(now time.Time) (int, time.Month, int) {
	y, m, d := now.Date()
	dated := p.has[year] || p.has[month] || p.has[day]
	if p.onDay && !dated {
		return y, m, d - int(now.Weekday()-p.weekday+7)%7
	}
	if !dated {
		return y, m, d
	}
	if p.has[year] {
		y = p.value[year]
		m = time.January
	}
	if p.has[month] {
		m = time.Month(p.value[month])
	}
	d = 1
	if p.has[day] {
		d = p.value[day]
	}
	return y, m, d
}

// from returns the span that begins with the given date and has the length of the unit.
func (p *dateParts) from(y int, m time.Month, d int, u unit, zone *time.Location) Span {
	s := Span{unit: u}
	switch u {
	case year:
		s.Start = startOfDay(y, m, d, zone)
		s.End = startOfDay(y+1, m, d, zone)
	case month:
		s.Start = startOfDay(y, m, d, zone)
		s.End = startOfDay(y, m+1, d, zone)
	case day:
		s = wholeDay(y, m, d, zone)
	default:
		length := map[unit]time.Duration{hour: time.Hour, minute: time.Minute, second: time.Second}[u]
		wall := time.Date(y, m, d, p.value[hour], p.value[minute], p.value[second], p.nanos, time.UTC)
		s.Start = onClocks(wall, zone)
		s.End = s.Start.Add(length)
	}
	return s
}

// onClocks returns the moment at which the clocks of the zone show a time, which is passed in UTC. A time that the
// clocks skip is counted from the change on, so that 2:30 means half past two by the old clock.
func onClocks(wall time.Time, zone *time.Location) time.Time {
	t := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), wall.Nanosecond(),
		zone)
	_, offset := t.Zone()
	shown := t.Add(time.Duration(offset) * time.Second).UTC()
	if missing := wall.Sub(shown); missing > 0 {
		t = t.Add(missing)
	}
	return t
}
