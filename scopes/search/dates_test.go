package search_test

import (
	"encoding/json"
	"testing"
	"time"

	"roster/scopes/search"

	"github.com/google/go-cmp/cmp"
)

// dateVector is a text and the span it stands for; without a start it is no date.
type dateVector struct {
	Input    string    `json:"input"`
	Timezone string    `json:"timezone"`
	Now      time.Time `json:"now"`
	Start    string    `json:"start"`
	End      string    `json:"end"`
	Date     string    `json:"date"`
}

// datesDecided lists texts that the original reads otherwise, by the row that decides (docs/spec/search.md, 12), with
// the span they have here; the empty one for texts that are refused.
var datesDecided = map[int]map[string]dateVector{
	12: {
		// guesses from a part of the text
		"30 seconds ago": {}, "5 hours fromnow": {}, "1 decade ago": {}, "1 hour from now ago": {}, "01-02": {},
		"1.23":  {},
		"Sunny": {}, "Decaf": {}, "last monday": {}, "2024-W20-3": {}, "2024-136": {}, "2024136": {}, "H31.04.30": {},
		// years of two digits
		"09-01-02": {}, "200901": {},
		// whole months and years, and weekdays as the most recent ones
		"2009-01": {Start: "2009-01-01", End: "2009-02-01"}, "2009": {Start: "2009-01-01", End: "2010-01-01"},
		"1999":   {Start: "1999-01-01", End: "2000-01-01"},
		"Monday": {Start: "2024-05-13", End: "2024-05-14"}, "monday": {Start: "2024-05-13", End: "2024-05-14"},
		"Mon": {Start: "2024-05-13", End: "2024-05-14"}, "Wednesday": {Start: "2024-05-15", End: "2024-05-16"},
		"Friday":       {Start: "2024-05-10", End: "2024-05-11"},
		"Friday 10:00": {Start: "2024-05-10 10:00", End: "2024-05-10 10:01"},
	},
	18: { // spans that end across a daylight-saving change
		"march":      {Start: "2024-03-01", End: "2024-04-01"},
		"2024-11-03": {Start: "2024-11-03", End: "2024-11-04"},
		"today":      {Start: "2024-03-10", End: "2024-03-11"},
	},
}

func TestParseDate(t *testing.T) {
	for _, v := range readJSON[[]dateVector](t, "testdata/dates.json") {
		got := parsedDate(t, v)
		if got == v {
			continue
		}
		if want, ok := decidedDate(t, v); !ok || got != want {
			t.Errorf("%q: got %+v, want %+v, decided %v %+v", v.Input, got, v, ok, want)
		}
	}
}

func parsedDate(t *testing.T, v dateVector) dateVector {
	t.Helper()
	got := dateVector{Input: v.Input, Timezone: v.Timezone, Now: v.Now}
	span, err := search.ParseDate(v.Input, search.Env{Now: v.Now, Zone: location(t, v.Timezone)})
	if err != nil {
		return got
	}
	raw, err := json.Marshal(span)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	return got
}

// decidedDate finds the decision on a text, with its span in the vector's zone.
func decidedDate(t *testing.T, v dateVector) (dateVector, bool) {
	t.Helper()
	for _, texts := range datesDecided {
		if d, ok := texts[v.Input]; ok {
			want := dateVector{Input: v.Input, Timezone: v.Timezone, Now: v.Now}
			if d.Start != "" {
				want.Start = inUTC(t, d.Start, v.Timezone)
				want.End = inUTC(t, d.End, v.Timezone)
				want.Date = d.Start[:len(time.DateOnly)]
			}
			return want, true
		}
	}
	return dateVector{}, false
}

func inUTC(t *testing.T, text, zone string) string {
	t.Helper()
	layout := "2006-01-02 15:04"[:len(text)]
	at, err := time.ParseInLocation(layout, text, location(t, zone))
	if err != nil {
		t.Fatal(err)
	}
	return at.UTC().Format(time.RFC3339)
}

// TestParseDate_More covers formats and bounds that the vectors leave out. The clock stands at 13:45:30 on Wednesday,
// 15 May 2024, in New York; "" is no date.
func TestParseDate_More(t *testing.T) {
	env := search.Env{Now: time.Date(2024, 5, 15, 17, 45, 30, 0, time.UTC), Zone: location(t, "America/New_York")}
	for text, want := range map[string]string{
		"now": "", "": "", "12:60": "", "24:01": "", "13pm": "", "2024-00-10": "", "2024-01-00": "", "2024-01-32": "",
		"10:00 10:00": "", "Jan Feb": "", "2024 2023": "", "January 10:00": "", "Monday 14": "", "14 Monday": "",
		"2024-01/02": "", "01-02/2024": "", "2024-01-02 EST EST": "", "10:00 +25:00": "", "10:00Z UTC": "", "2024 15": "",
		"99999999999 days ago": "", "3000 years ago": "", "9999999999 hours ago": "", "9999999999 years from now": "",
		"0000-01-01": "", "10t20": "", "t10:00": "", "123": "", "12345": "", "1300000000": "",
		"3 centuries ago":           "",
		"2024-01-02 EST":            "2024-01-02 00:00:00 +24h0m0s",
		"2024-01-02 UTC":            "2024-01-01 19:00:00 +24h0m0s",
		"2024-01-02 +02:00":         "2024-01-01 17:00:00 +24h0m0s",
		"2024-01 UTC":               "",
		"4000000 hours ago":         "1568-01-20 20:49:28 +1m0s",
		"2009-02":                   "2009-02-01 00:00:00 +672h0m0s",
		"2009.02":                   "2009-02-01 00:00:00 +672h0m0s",
		"2024":                      "2024-01-01 00:00:00 +8784h0m0s",
		"0201":                      "2024-02-01 00:00:00 +24h0m0s",
		"Jan. 2":                    "2024-01-02 00:00:00 +24h0m0s",
		"May 08,2024":               "2024-05-08 00:00:00 +24h0m0s",
		"Thursday":                  "2024-05-09 00:00:00 +24h0m0s",
		"Thu 2 May":                 "2024-05-02 00:00:00 +24h0m0s",
		"15th":                      "2024-05-15 00:00:00 +24h0m0s",
		"Feb 30":                    "2024-03-01 00:00:00 +24h0m0s",
		"3rd Feb 2001":              "2001-02-03 00:00:00 +24h0m0s",
		"2024-01-02T10":             "2024-01-02 10:00:00 +1h0m0s",
		"2 Jan 2009 14":             "2009-01-02 14:00:00 +1h0m0s",
		"202401021530":              "2024-01-02 15:30:00 +1m0s",
		"2024-01-02 24:00":          "2024-01-03 00:00:00 +1m0s",
		"2024-01-02 12am":           "2024-01-02 00:00:00 +1h0m0s",
		"2024-01-02 12 PM":          "2024-01-02 12:00:00 +1h0m0s",
		"2024-01-02 10:00 +0200":    "2024-01-02 03:00:00 +1m0s",
		"2024-01-02 10:00:00.5 CET": "2024-01-02 04:00:00.5 +1s",
		"2024-03-10":                "2024-03-10 00:00:00 +23h0m0s",
		"2024-11-03":                "2024-11-03 00:00:00 +25h0m0s",
		"2024-11-03 01:30":          "2024-11-03 01:30:00 +1m0s",
		"9999":                      "9999-01-01 00:00:00 +8760h0m0s",
	} {
		got := ""
		if s, err := search.ParseDate(text, env); err == nil {
			got = s.Start.In(env.Zone).Format("2006-01-02 15:04:05.999") + " +" + s.End.Sub(s.Start).String()
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}
