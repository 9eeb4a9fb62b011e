package models

import (
	"testing"
	"time"
)

func TestTimezoneNames(t *testing.T) {
	if got := len(TimezoneNames); got != 151 {
		t.Errorf("got %d names, want 151", got)
	}
	if first, last := TimezoneNames[0], TimezoneNames[len(TimezoneNames)-1]; first != "International Date Line West" ||
		last != "Tokelau Is." {
		t.Errorf("got the names from %s to %s", first, last)
	}
	seen := map[string]bool{}
	for _, name := range TimezoneNames {
		if _, err := LoadZone(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if seen[name] {
			t.Errorf("%s is listed twice", name)
		}
		seen[name] = true
	}
}

func TestLoadZone(t *testing.T) {
	winter := time.Date(2024, 1, 10, 8, 0, 0, 0, time.UTC)
	for name, offset := range map[string]string{
		"International Date Line West": "-1200", "Hawaii": "-1000", "Pacific Time (US & Canada)": "-0800",
		"Arizona": "-0700", "Eastern Time (US & Canada)": "-0500", "Newfoundland": "-0330",
		"UTC": "+0000", "London": "+0000", "Stockholm": "+0100", "Kyiv": "+0200", "Tehran": "+0330", "Mumbai": "+0530",
		"Kathmandu": "+0545", "Tokyo": "+0900", "Chatham Is.": "+1345",
		"Europe/Prague": "+0100", "Etc/UTC": "+0000", "America/Argentina/Buenos_Aires": "-0300",
	} {
		zone, err := LoadZone(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := winter.In(zone).Format("-0700"); got != offset {
			t.Errorf("%s: got %s, want %s", name, got, offset)
		}
	}
	for _, name := range []string{"", " ", "Local", "LOCAL", "stockholm", "Nowhere", "../Europe/Prague",
		"Europe/../../etc", "/etc/localtime", "Europe/Prague\x00", "Europe\\Prague", "\xff", "UTC+1"} {
		if zone, err := LoadZone(name); err == nil {
			t.Errorf("%q: got %v, want an error", name, zone)
		}
	}
}

func TestValidLocale(t *testing.T) {
	if got := len(Locales); got != 19 {
		t.Errorf("got %d languages, want 18 and Georgian", got)
	}
	for name, want := range map[string]bool{"en": true, "ka": true, "pt_BR": true, "zh_TW": true, "": false,
		"EN": false, "en_US": false, "pt-BR": false} {
		if got := ValidLocale(name); got != want {
			t.Errorf("%s: got %t, want %t", name, got, want)
		}
	}
}
