package directory

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"roster/directory/store"
	"roster/models"
)

// Stats are the numbers of the directory at one moment. Nothing is read from the database for them.
type Stats struct {
	store.Stats
	// Sources are the LDAP sources, by id.
	Sources []SourceStats
	// MailsSent and MailsFailed count tries of this process.
	MailsSent, MailsFailed int64
}

// What Stats and Tallies consist of.
type (
	// CacheStats are the numbers of a cache.
	CacheStats = store.CacheStats
	// GateStats are the numbers of a gate.
	GateStats = store.GateStats
	// ReplicaStats are the numbers of a replica.
	ReplicaStats = store.ReplicaStats
	// Tallies are what the database keeps of the whole directory.
	Tallies = store.Tallies
	// Watch lets the program see what the directory does.
	Watch = store.Watch
)

// SourceStats are the numbers of an LDAP source.
type SourceStats struct {
	ID int64
	// Resting says that the server did not answer a moment ago, and is left alone for a while.
	Resting bool
	// UnderWay is how many questions wait for an answer.
	UnderWay int
	// Questions counts them by outcome, and Took adds up how long those took.
	Questions map[Answer]int64
	Took      time.Duration
}

// Answer is the outcome of a question to an LDAP server.
type Answer string

// The outcomes.
const (
	Answered Answer = "answered"
	// Silent servers cannot be reached, break off or do not answer.
	Silent Answer = "silent"
	// Spared questions were not asked, because the source rests or has too many under way.
	Spared Answer = "spared"
	// Wrong answers are anything else: of a server that refuses, or that answers what nobody can use.
	Wrong Answer = "wrong"
)

// Answers are all outcomes.
var Answers = []Answer{Answered, Silent, Spared, Wrong}

// mailTally counts tries to send mails.
type mailTally struct{ sent, failed atomic.Int64 }

// asked counts questions by source. Its size is bounded by the number of sources there were since the start.
type asked struct {
	mu sync.Mutex
	by map[int64]*SourceStats
}

func (a *asked) note(source int64, took time.Duration, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.by == nil {
		a.by = map[int64]*SourceStats{}
	}
	n := a.by[source]
	if n == nil {
		n = &SourceStats{ID: source, Questions: map[Answer]int64{}}
		a.by[source] = n
	}
	n.Questions[answerOf(err)]++
	n.Took += took
}

func answerOf(err error) Answer {
	var known *models.Error
	switch {
	case err == nil:
		return Answered
	case errors.Is(err, ErrUnavailable), errors.As(err, &known) && known.Rule == models.RuleBusy:
		return Spared
	case isSilence(err), errors.Is(err, context.DeadlineExceeded):
		return Silent
	}
	return Wrong
}

// of returns the numbers of a source.
func (a *asked) of(source int64) SourceStats {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := SourceStats{ID: source, Questions: map[Answer]int64{}}
	for _, answer := range Answers {
		n.Questions[answer] = 0
	}
	if known := a.by[source]; known != nil {
		n.Took = known.Took
		for answer, count := range known.Questions {
			n.Questions[answer] = count
		}
	}
	return n
}

// Stats returns the numbers of this moment.
func (s *Service) Stats() Stats {
	n := Stats{Stats: s.Store.Stats(), MailsSent: s.mails.sent.Load(), MailsFailed: s.mails.failed.Load()}
	n.Caches = append(n.Caches, store.StatsOf("passwords", s.Passwords.Known()))
	n.Gates = append(n.Gates, GateStats{Name: "hashes", Stats: s.Passwords.Working()},
		GateStats{Name: "secrets", Stats: s.secrets.Stats()})
	if r := s.KnownSnapshot(); r != nil {
		for id, source := range r.Sources {
			if source.Type == models.LdapSource {
				of := s.Servers.asked.of(id)
				of.Resting = s.Servers.breakers.resting(id)
				of.UnderWay = len(s.Servers.asking.of(id))
				n.Sources = append(n.Sources, of)
			}
		}
	}
	slices.SortFunc(n.Sources, func(a, b SourceStats) int { return int(a.ID - b.ID) })
	return n
}

// OutboxSeen bounds how many mails Outbox looks at.
const OutboxSeen = 1000

// Outbox is what waits to be sent, for all servers of the installation. Of more than OutboxSeen mails, those that are
// due last are counted.
type Outbox struct {
	Waiting, GivenUp int64
	// Oldest is how long the oldest of those that wait has waited.
	Oldest time.Duration
}

// Outbox reads what waits. It reads OutboxSeen short columns at most, by an index.
func (s *Service) Outbox(ctx context.Context) (Outbox, error) {
	var rows []models.OutgoingMail
	err := s.Read.WithContext(ctx).Select("attempts", "created_at").Order("due_at DESC, id DESC").Limit(OutboxSeen).
		Find(&rows).Error
	if err != nil {
		return Outbox{}, s.Failure(err)
	}
	var n Outbox
	now := s.Now()
	for _, row := range rows {
		if row.Attempts >= mailTries {
			n.GivenUp++
			continue
		}
		n.Waiting++
		n.Oldest = max(n.Oldest, now.Sub(row.CreatedAt))
	}
	return n, nil
}
