package hammer

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Forms of times in options. Those without a zone are in the zone of the client.
var (
	dayForms   = []string{"2006-01-02", "2.1.2006"}
	localForms = []string{"2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02 15:04:05",
		"2.1.2006 15:04", "2.1.2006 15:04:05"}
	zonedForms = []string{time.RFC3339Nano, "2006-01-02T15:04Z07:00", "2006-01-02 15:04:05Z07:00",
		"2006-01-02 15:04:05 -0700"}
)

// parseEnd reads the time at which something ends. A day means its last second in the zone.
func parseEnd(s string, zone *time.Location) (time.Time, error) {
	s = strings.TrimSpace(s)
	for _, form := range dayForms {
		if day, err := time.ParseInLocation(form, s, zone); err == nil {
			return time.Date(day.Year(), day.Month(), day.Day(), 23, 59, 59, 0, zone), nil
		}
	}
	if utc, ok := strings.CutSuffix(s, " UTC"); ok {
		s = utc + "Z"
	}
	for _, form := range slices.Concat(localForms, zonedForms) {
		if t, err := time.ParseInLocation(form, s, zone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no time. Write 2026-12-31 or 31.12.2026 (the end of the day), "+
		"2026-12-31T18:00, or 2026-12-31T18:00:00+01:00", s)
}

// readTimes replaces the times in options by their full form, with the zone. hammer sends them as they are.
func (in *invocation) readTimes(given map[string]any) error {
	for _, o := range in.options {
		text, isText := given[o.attribute].(string)
		if !o.end || !isText || text == "" || in.isHammer() {
			continue
		}
		t, err := parseEnd(text, in.zone())
		if err != nil {
			return &usageError{fmt.Sprintf("Option '%s': %v.", o.long(), err), in.command.path(in.program)}
		}
		given[o.attribute] = t.Format(time.RFC3339)
	}
	return nil
}

// zone returns the time zone of the client: that of the variable TZ, or else that of the machine.
func (a *app) zone() *time.Location {
	if name := a.environ.get("TZ"); name != "" {
		if zone, err := time.LoadLocation(name); err == nil {
			return zone
		}
	}
	return time.Local
}
