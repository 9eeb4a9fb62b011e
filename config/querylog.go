package config

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// queryLog writes slow statements as warnings and, at the debug level, all of them. It never sees their values: names
// of people, hashes of passwords, tokens. Failed statements are not logged here, because their error is returned and
// logged once by the caller.
type queryLog struct {
	log  *slog.Logger
	slow time.Duration
	pool string
	// watch is told of every statement, once there is something in it.
	watch *atomic.Pointer[Watch]
}

// Statement is a statement that has been made.
type Statement struct {
	// Pool is write, read or search.
	Pool string
	// Began is when it began; it has ended when the Watch is told, or its first row is there.
	Began time.Time
	// Text returns the statement with its placeholders, without values.
	Text func() string
	Err  error
}

// Watch is told of statements, by the goroutine that made them.
type Watch func(ctx context.Context, s Statement)

func (d *Database) newQueryLog(log *slog.Logger, slow time.Duration, pool string) logger.Interface {
	hideScanned()
	return queryLog{log: log, slow: slow, pool: pool, watch: &d.watch}
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

// Trace is called after each statement.
func (q queryLog) Trace(ctx context.Context, begin time.Time, statement func() (string, int64), err error) {
	if watch := q.watch.Load(); watch != nil {
		text := func() string {
			sql, _ := statement()
			return sql
		}
		made := Statement{Pool: q.pool, Began: begin, Text: text, Err: err}
		if errors.Is(err, gorm.ErrRecordNotFound) { // the statement went well
			made.Err = nil
		}
		(*watch)(ctx, made)
	}
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
		slog.String("sql", sql),
		slog.Int64("rows", rows),
		slog.String("duration", elapsed.Round(time.Microsecond).String()),
		slog.Bool("failed", err != nil),
	)
}

// asIs is a dialect of PostgreSQL that shows a statement without values as it is. GORM's own takes it apart for the log
// even if nobody reads it, and turns $1 into $1$.
type asIs struct{ *postgres.Dialector }

// Explain returns the statement, with its values if there are any.
func (d asIs) Explain(sql string, vars ...any) string {
	if len(vars) == 0 {
		return sql
	}
	return d.Dialector.Explain(sql, vars...)
}

// newPostgres returns the dialect over a pool.
func newPostgres(pool gorm.ConnPool) gorm.Dialector {
	return asIs{&postgres.Dialector{Config: &postgres.Config{Conn: pool}}}
}
