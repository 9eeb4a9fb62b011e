package config

import (
	"context"
	"fmt"
	"log/slog"
	"regexp"
	"sync"
	"time"

	"gorm.io/gorm/logger"
)

// queryLog writes slow statements as warnings and, at the debug level, all of them. It never sees their values: names
// of people, hashes of passwords, tokens. Failed statements are not logged here, because their error is returned and
// logged once by the caller.
type queryLog struct {
	log  *slog.Logger
	slow time.Duration
}

func newQueryLog(log *slog.Logger, slow time.Duration) logger.Interface {
	hideScanned()
	return queryLog{log: log, slow: slow}
}

// hideScanned closes a side door: Raw(...).Scan(...) puts a recorder of GORM's own in our place, which asks this global
// instead of ParamsFilter.
var hideScanned = sync.OnceFunc(func() {
	logger.RecorderParamsFilter = func(_ context.Context, sql string, _ ...any) (string, []any) { return sql, nil }
})

// LogMode is GORM's own notion of levels; slog's level decides here.
func (q queryLog) LogMode(logger.LogLevel) logger.Interface { return q }

// Info carries GORM's notices.
func (q queryLog) Info(ctx context.Context, format string, args ...any) {
	q.log.InfoContext(ctx, fmt.Sprintf(format, args...))
}

// Warn carries GORM's warnings.
func (q queryLog) Warn(ctx context.Context, format string, args ...any) {
	q.log.WarnContext(ctx, fmt.Sprintf(format, args...))
}

// Error carries GORM's complaints about its own set-up.
func (q queryLog) Error(ctx context.Context, format string, args ...any) {
	q.log.ErrorContext(ctx, fmt.Sprintf(format, args...))
}

// ParamsFilter takes the values away before GORM would write them into the statement.
func (q queryLog) ParamsFilter(_ context.Context, sql string, _ ...any) (string, []any) {
	return sql, nil
}

// placeholder is what GORM makes of $1 when it has no value to put there.
var placeholder = regexp.MustCompile(`\$(\d+)\$`)

// Trace is called after each statement.
func (q queryLog) Trace(ctx context.Context, begin time.Time, statement func() (string, int64), err error) {
	elapsed := time.Since(begin)
	level := slog.LevelDebug
	message := "query"
	if elapsed > q.slow {
		level = slog.LevelWarn
		message = "slow query"
	}
	if !q.log.Enabled(ctx, level) {
		return
	}
	sql, rows := statement()
	q.log.LogAttrs(ctx, level, message,
		slog.String("sql", placeholder.ReplaceAllString(sql, `$$$1`)),
		slog.Int64("rows", rows),
		slog.String("duration", elapsed.Round(time.Microsecond).String()),
		slog.Bool("failed", err != nil),
	)
}
