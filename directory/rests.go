package directory

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"roster/directory/secret"
	"roster/models"
)

const (
	// restStep is how long a source rests whose server did not answer. Each probe that fails adds as much, up to
	// restLongest.
	restStep    = 10 * time.Second
	restLongest = 30 * time.Second
	// probePatience is how long logins wait, from its beginning, for the probe of a source whose pause is over. A
	// server that is back answers within it; one that is still silent delays only the logins of that moment.
	probeTimeout = 500 * time.Millisecond
)

// ErrUnavailable is what a login hears of a source whose server did not answer a moment ago.
var ErrUnavailable = models.Fail(models.Unavailable, models.RuleNoAnswer)

// breakers is a circuit breaker for each LDAP source, of this process: a source whose server did not answer is not
// asked for a while. It has its own clock and a rest that grows, which gobreaker has not.
type breakers struct {
	now func() time.Time
	log *slog.Logger
	mu  sync.Mutex
	by  map[int64]*breaker
}

// breaker is the state of a source whose server did not answer.
type breaker struct {
	of    sourceVersion
	until time.Time
	// probes counts the failed ones.
	probes int
	// probe is the wait for the probe under way, and endWait its end; nil while there is none.
	probe   context.Context
	endWait context.CancelFunc
}

// sourceVersion says a source from itself before a change.
type sourceVersion struct {
	id, port, updated int64
	host              string
}

func versionOf(source *models.AuthSource) sourceVersion {
	return sourceVersion{id: source.ID, port: models.Deref(source.Port), updated: source.UpdatedAt.UnixMicro(),
		host: models.Deref(source.Host)}
}

// restAfter returns how long a source rests after a number of failed probes.
func restAfter(probes int) time.Duration {
	return min(restStep*time.Duration(1+min(probes, 10)), restLongest)
}

// awake reports whether the server of a source may be asked. When a rest is over, or the source was changed, the first
// to come has the server probed; it and the others wait for that a little.
func (r *breakers) awake(ctx context.Context, of sourceVersion, probe func() error) bool {
	if wait := r.wait(of, probe); wait != nil {
		select {
		case <-wait.Done():
		case <-ctx.Done():
		}
	}
	return !r.resting(of.id)
}

// wait begins the probe of a source whose rest is over, and returns the wait for the one under way; nil where there is
// none.
func (r *breakers) wait(of sourceVersion, probe func() error) context.Context {
	r.mu.Lock()
	defer r.mu.Unlock()
	at := r.by[of.id]
	if at == nil {
		return nil
	}
	if at.probe != nil {
		return at.probe
	}
	// An end that is farther away than any rest was set before the clock went back.
	left := at.until.Sub(r.now())
	if at.of == of && 0 < left && left <= restLongest {
		return nil
	}
	if at.of != of {
		at.of = of
		at.probes = 0
	}
	at.probe, at.endWait = context.WithTimeout(context.Background(), probeTimeout)
	go r.endProbe(of.id, at, probe)
	return at.probe
}

func (r *breakers) resting(source int64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.by[source] != nil
}

// endProbe makes the probe, and lets those who wait for it go on.
func (r *breakers) endProbe(source int64, at *breaker, probe func() error) {
	err := recovered(probe)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.by[source] != at {
		return // somebody else has had an answer meanwhile, and let them go on
	}
	at.endWait()
	at.probe = nil
	if !isSilence(err) {
		delete(r.by, source)
		r.log.Info("an LDAP server answers again", slog.Int64("auth_source_id", source))
		return
	}
	at.probes++
	at.until = r.now().Add(restAfter(at.probes))
	r.noteRest(source, restAfter(at.probes))
}

func (r *breakers) noteRest(source int64, rest time.Duration) {
	r.log.Warn("an LDAP server is left alone for a while", slog.Int64("auth_source_id", source),
		slog.Duration("rest", rest))
}

// silent lets a source rest whose server did not answer. Questions that were under way together count once.
func (r *breakers) silent(of sourceVersion) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.by[of.id] != nil {
		return
	}
	if r.by == nil {
		r.by = map[int64]*breaker{}
	}
	r.by[of.id] = &breaker{of: of, until: r.now().Add(restStep)}
	r.noteRest(of.id, restStep)
}

// end lets the next login find out whether a source answers again. That a server answers something else says little
// about logins, so it is no reason to wait for it as long as for others.
func (r *breakers) end(source int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if at := r.by[source]; at != nil {
		at.until = r.now()
	}
}

// answered notes that the server of a source has answered.
func (r *breakers) answered(source int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	at := r.by[source]
	if at == nil {
		return
	}
	if at.probe != nil {
		at.endWait()
	}
	delete(r.by, source)
}

// isSilence reports whether an error means that a server cannot be reached, breaks off or does not answer. A refusal is
// an answer. Only silence pauses a source, because a person who logs in has influence on what is answered.
func isSilence(err error) bool { return models.KindOf(err) == models.Unavailable }

// LoginTimeout bounds how long the proof of a login waits for LDAP servers, for all of them together.
const LoginTimeout = 3 * time.Second

// fairChance is how much time a query must have had before its timeout counts as silence. A query that waited for
// others until little time was left shows nothing about the server.
const fairChance = time.Second

// AskAwake puts a question of a login, unless the source rests.
func (v *Servers) AskAwake(ctx context.Context, id int64, question Question) error {
	began := time.Now()
	err := v.askAwake(ctx, id, question)
	v.asked.note(id, time.Since(began), err)
	return err
}

func (v *Servers) askAwake(ctx context.Context, id int64, question Question) error {
	source, bindPassword, err := v.sourceToAsk(ctx, id)
	if err != nil {
		return err
	}
	of := versionOf(source)
	r := &v.breakers
	if !r.awake(ctx, of, func() error { return v.probe(source, bindPassword) }) {
		return ErrUnavailable
	}
	asking := v.asking.of(id)
	if err := asking.enter(ctx); err != nil {
		return err
	}
	defer asking.leave()
	if r.resting(id) {
		return ErrUnavailable // since the wait for a place
	}
	fair := hasTime(ctx, fairChance)
	err = recovered(func() error { return question(ctx, v.ldap, source, bindPassword) })
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return err // nobody waits for it any more
	case errors.Is(ctx.Err(), context.DeadlineExceeded) && !fair:
		return err
	case ctx.Err() != nil || isSilence(err):
		r.silent(of)
	default:
		r.answered(id)
	}
	return err
}

// hasTime reports whether a context goes on for at least d.
func hasTime(ctx context.Context, d time.Duration) bool {
	end, bounded := ctx.Deadline()
	return !bounded || time.Until(end) >= d
}

// probe queries a source for a made-up login. It sends what logins send, because other answers of a server show little
// about that.
func (v *Servers) probe(source *models.AuthSource, bindPassword string) error {
	nobody, err := secret.New(v.store.Rand)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), LoginTimeout)
	defer cancel()
	_, err = v.ldap.Login(ctx, source, bindPassword, nobody, nobody)
	if ctx.Err() != nil {
		return ErrUnavailable
	}
	return err
}

// recovered turns a panic into an error: what reads the answers of other people's servers must not end the process, as
// it would from a goroutine of its own.
func recovered(fn func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("directory: panic: %v\n%s", p, debug.Stack())
		}
	}()
	return fn()
}
