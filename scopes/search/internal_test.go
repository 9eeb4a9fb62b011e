package search

import (
	"database/sql"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// zones change their clocks at midnight, skip a whole day, or have offsets with seconds: what goes wrong, goes wrong
// there.
var zones = []string{
	"UTC", "America/New_York", "Europe/Berlin", "America/Havana", "America/Sao_Paulo", "Africa/Cairo", "Asia/Beirut",
	"Pacific/Apia", "Pacific/Kwajalein", "Australia/Lord_Howe", "Antarctica/Troll", "Atlantic/Azores", "Asia/Kathmandu",
}

// TestStartOfDay_IsTheFirstMoment checks that a day begins with the first moment that has its date.
func TestStartOfDay_IsTheFirstMoment(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zone, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		date := time.Date(rapid.IntRange(1900, 2040).Draw(t, "year"), 1, rapid.IntRange(1, 366).Draw(t, "day"), 0, 0, 0,
			0, time.UTC)
		start := startOfDay(date.Year(), date.Month(), date.Day(), zone)
		want := date.Format(time.DateOnly)
		if before := start.Add(-time.Nanosecond).Format(time.DateOnly); before >= want {
			t.Fatalf("%v: %s is already on before %v", zone, before, start)
		}
		// A day that the zone skipped begins where the next one does.
		if on := start.Format(time.DateOnly); on < want {
			t.Fatalf("%v: %v is before %s", zone, start, want)
		}
	})
}

// TestSpan_NeverBackwards checks that consecutive days meet.
func TestSpan_NeverBackwards(t *testing.T) {
	for _, name := range zones {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		for d := 1; d < 366*40; d++ {
			a := wholeDay(1985, 1, d, zone)
			b := wholeDay(1985, 1, d+1, zone)
			if !a.End.Equal(b.Start) || a.End.Before(a.Start) {
				t.Fatalf("%s: %v to %v, then %v", name, a.Start, a.End, b.Start)
			}
		}
	}
}

// TestSQLiteTime_IsWhatTheDriverStores compares our text with the driver's, and the order of texts with the order
// of times.
func TestSQLiteTime_IsWhatTheDriverStores(t *testing.T) {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "time.db")+"?_time_format=sqlite")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	times := []time.Time{
		time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(999, 12, 31, 23, 59, 59, 999999999, time.UTC),
		time.Date(2024, 5, 15, 13, 45, 30, 0, time.UTC), time.Date(2024, 5, 15, 13, 45, 30, 1, time.UTC),
		time.Date(2024, 5, 15, 13, 45, 30, 500000000, time.UTC), time.Date(2024, 5, 15, 13, 45, 30, 550000000,
			time.UTC),
		time.Date(2024, 5, 15, 13, 45, 31, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
	}
	var texts []string
	for _, at := range times {
		var text string
		if err := db.QueryRow("SELECT CAST(? AS TEXT)", at).Scan(&text); err != nil {
			t.Fatal(err)
		}
		if got := sqliteTime(at.In(time.FixedZone("", 3600))); got != text {
			t.Errorf("got %s, the driver stores %s", got, text)
		}
		texts = append(texts, text)
	}
	if !slices.IsSorted(texts) {
		t.Error("not in the order of time:", texts)
	}
	if got := sqliteTime(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)); got < texts[len(texts)-1] {
		t.Error("the end of the last year is before its last second:", got)
	}
}

func TestLikePattern(t *testing.T) {
	for value, want := range map[string]string{
		"": "%%", "oak": "%oak%", "o*": "o%", "*": "%", "a**%b": "a%b", "a_b": "%a_b%",
		`a\_b`: `%a\_b%`, `100\%`: `100\%`, `a\*b`: `a*b`, `\`: `%\\%`, `a\b`: `%a\\b%`, `a\\b`: `%a\\b%`,
		`*\`: `%\\`, `\\*`: `\\%`, "ä*": "ä%", `*\*`: `%*`, `\**`: `*%`, `\%%`: `\%%`,
	} {
		if got := likePattern(value); got != want {
			t.Errorf("%s: got %s, want %s", value, got, want)
		}
	}
}

func TestLiteralParts(t *testing.T) {
	for pattern, want := range map[string][]string{
		"%oak%": {"oak"}, "a_b%c": {"a", "b", "c"}, `%100\%%`: {"100%"}, `a\\b`: {`a\b`}, "%": nil, "%%": nil,
		`\_ä`: {"_ä"},
	} {
		if got := literalParts(pattern); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", pattern, got, want)
		}
	}
}

func TestFold(t *testing.T) {
	for text, want := range map[string]string{"ŽLUŤ": "žluť", "Ünï": "ünï", "STRASSE": "strasse", "ß": "ß", "İ": "i"} {
		if got := Fold(text); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "text")
		if folded := Fold(s); len([]rune(folded)) != len([]rune(s)) || Fold(folded) != folded {
			t.Fatalf("%q folds to %q", s, folded)
		}
	})
}
