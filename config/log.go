package config

import (
	"io"
	"log/slog"
	"os"

	"golang.org/x/term"
)

// Logger writes structured logs to w, in UTC, in the configured format and level.
func (c Config) Logger(w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: c.LogLevel, ReplaceAttr: utcTime}
	if c.LogFormat == "text" || c.LogFormat == "auto" && IsTerminal(w) {
		return slog.New(slog.NewTextHandler(w, options))
	}
	options.ReplaceAttr = func(groups []string, a slog.Attr) slog.Attr { return inMilliseconds(utcTime(groups, a)) }
	return slog.New(slog.NewJSONHandler(w, options))
}

// inMilliseconds writes durations for programs, and says their unit; JSON would have nanoseconds.
func inMilliseconds(a slog.Attr) slog.Attr {
	if a.Value.Kind() != slog.KindDuration {
		return a
	}
	return slog.Float64(a.Key+"_ms", float64(a.Value.Duration().Microseconds())/1000)
}

// IsTerminal reports whether a person reads w as it is written.
func IsTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

func utcTime(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey && a.Value.Kind() == slog.KindTime {
		a.Value = slog.TimeValue(a.Value.Time().UTC())
	}
	return a
}
