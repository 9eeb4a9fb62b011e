package config

import (
	"strings"
	"testing"
)

func TestLoad_WhatIsSeen(t *testing.T) {
	c, err := Load(Sources{Environ: []string{"ROSTER_METRICS_LISTEN=:9090", "ROSTER_TRACES=https://otel.example.com/x",
		"ROSTER_TRACES_RATIO=0.25", "ROSTER_METRICS_PPROF=true", "ROSTER_DRAIN_DELAY=5s"}})
	if err != nil {
		t.Fatal(err)
	}
	if c.MetricsListen != "127.0.0.1:9090" || c.TracesRatio != 0.25 || !c.MetricsPprof || c.DrainDelay.Seconds() != 5 {
		t.Errorf("got %+v", c)
	}
	off := Default()
	if off.MetricsListen != "" || off.Traces != "" || off.MetricsPprof || off.DrainDelay != 0 {
		t.Errorf("something is on by default: %+v", off)
	}
	for _, wrong := range []string{"ROSTER_METRICS_LISTEN=9090", "ROSTER_METRICS_LISTEN=:x", "ROSTER_METRICS_PPROF=yes",
		"ROSTER_TRACES=otel.example.com:4318", "ROSTER_TRACES=ftp://otel", "ROSTER_TRACES=http://u:hidden@otel",
		"ROSTER_TRACES=http://otel?key=hidden", "ROSTER_TRACES_RATIO=1.1", "ROSTER_TRACES_RATIO=-1",
		"ROSTER_TRACES_RATIO=NaN", "ROSTER_TRACES_RATIO=half", "ROSTER_DRAIN_DELAY=-1s"} {
		_, err := Load(Sources{Environ: []string{wrong}})
		name, _, _ := strings.Cut(wrong, "=")
		if err == nil || !strings.Contains(err.Error(), name) || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%s: got %v", wrong, err)
		}
	}
}

// A flag that is a switch may stand alone; all settings can be read back from what is printed.
func TestFlags_Switches(t *testing.T) {
	for _, f := range Flags() {
		if f.Switch != (f.Name == "metrics-pprof") {
			t.Errorf("%s: a switch is %v", f.Name, f.Switch)
		}
	}
}
