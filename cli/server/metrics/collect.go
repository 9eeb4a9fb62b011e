package metrics

import (
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"roster/config"
	"roster/directory"
	"roster/directory/login"
	"roster/handlers/web"
)

const (
	// readEvery is how long numbers from the database are good for, and readTimeout how long reading them may take.
	readEvery   = 10 * time.Second
	readTimeout = 2 * time.Second
	// maxSources bounds the LDAP sources that are shown.
	maxSources = 100
)

// Sources are where the numbers of a scrape come from.
type Sources struct {
	Database  *config.Database
	Directory *directory.Service
	Logins    *login.Service
	Health    *web.Health
	// Spans returns how many spans of traces were exported and how many could not be; nil where there are no traces.
	Spans func() (exported, failed int64)
	// CertificateEnds returns when the certificate of TLS ends; nil where there is no TLS.
	CertificateEnds func() time.Time
	Version         string
}

// Collect shows the numbers of sources at each scrape.
func (m *Metrics) Collect(from Sources) { m.registry.MustRegister(&collector{Sources: from}) }

// collector is a prometheus.Collector over the sources. What it reads from the database it keeps for a while.
type collector struct {
	Sources

	mu       sync.Mutex
	at       time.Time
	tallies  directory.Tallies
	outbox   directory.Outbox
	known    bool
	failures int64
}

// Describe names nothing, so that the registry takes what comes.
func (c *collector) Describe(chan<- *prometheus.Desc) {}

// send is one sample.
type send func(f *Family, value float64, labels ...string)

// Collect sends the numbers of this moment.
func (c *collector) Collect(out chan<- prometheus.Metric) {
	emit := func(f *Family, value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(f.desc, f.Kind, value, labels...)
	}
	emit(buildInfo, 1, c.Version, c.Database.Dialect)
	c.pools(emit)
	c.directory(emit)
	c.logins(emit)
	c.health(emit)
	c.stored(emit)
	under, bytes := web.Streams()
	emit(streamsUnderWay, float64(under))
	emit(streamBytes, float64(bytes))
	if c.CertificateEnds != nil {
		emit(certificateSeconds, time.Until(c.CertificateEnds()).Seconds())
	}
	if c.Spans != nil {
		exported, failed := c.Spans()
		emit(traceSpans, float64(exported), "exported")
		emit(traceSpans, float64(failed), "failed")
	}
}

func (c *collector) pools(emit send) {
	for _, pool := range c.Database.Stats() {
		emit(poolConnections, float64(pool.InUse), pool.Name, "in_use")
		emit(poolConnections, float64(pool.Idle), pool.Name, "idle")
		emit(poolMax, float64(pool.MaxOpenConnections), pool.Name)
		emit(poolWaits, float64(pool.WaitCount), pool.Name)
		emit(poolWaitSeconds, pool.WaitDuration.Seconds(), pool.Name)
	}
}

func (c *collector) directory(emit send) {
	n := c.Directory.Stats()
	caches(emit, n.Caches)
	gates(emit, n.Gates)
	for i, source := range n.Sources {
		if i == maxSources {
			break
		}
		id := strconv.FormatInt(source.ID, 10)
		emit(ldapResting, number(source.Resting), id)
		emit(ldapUnderWay, float64(source.UnderWay), id)
		emit(ldapSeconds, source.Took.Seconds(), id)
		for answer, count := range source.Questions {
			emit(ldapQuestions, float64(count), id, string(answer))
		}
	}
	for _, r := range n.Replicas {
		emit(replicaUp, number(r.Up), r.Name)
		emit(replicaRequests, float64(r.Requests), r.Name, "read")
		emit(replicaRequests, float64(r.Behind), r.Name, "behind")
		emit(replicaFailures, float64(r.Failed), r.Name)
	}
	emit(mailsTotal, float64(n.MailsSent), "sent")
	emit(mailsTotal, float64(n.MailsFailed), "failed")
	emit(snapshotLoads, float64(n.SnapshotLoads))
	emit(snapshotRevision, shown(n.SnapshotRevision))
	emit(changesTotal, float64(n.Changes))
	emit(retriesTotal, float64(n.Retries))
}

func (c *collector) logins(emit send) {
	n := c.Logins.Stats()
	caches(emit, n.Caches)
	gates(emit, n.Gates)
	for _, count := range n.Logins {
		emit(loginsTotal, float64(count.Number), count.Proof.String(), count.Result.String())
	}
}

func caches(emit send, list []directory.CacheStats) {
	for _, cache := range list {
		emit(cacheEntries, float64(cache.Entries), cache.Name)
		emit(cacheHits, float64(cache.Hits), cache.Name)
		emit(cacheMisses, float64(cache.Misses), cache.Name)
		emit(cacheEvictions, float64(cache.Evictions), cache.Name)
	}
}

func gates(emit send, list []directory.GateStats) {
	for _, gate := range list {
		emit(gatePlaces, float64(gate.Places), gate.Name)
		emit(gateTaken, float64(gate.Taken), gate.Name)
		emit(gateWaiting, float64(gate.Waiting), gate.Name)
	}
}

func (c *collector) health(emit send) {
	ctx, cancel := context.WithTimeout(context.Background(), readTimeout)
	defer cancel()
	for part, works := range c.Health.Parts(ctx) {
		emit(partWorks, number(works), part)
	}
	emit(draining, number(c.Health.Draining()))
}

// stored sends what the database knows. Where it cannot be read, old numbers are not shown as new ones.
func (c *collector) stored(emit send) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.at.IsZero() || time.Since(c.at) >= readEvery {
		c.read()
	}
	emit(readFailures, float64(c.failures))
	if !c.known {
		return
	}
	emit(usersTotal, float64(c.tallies.Users))
	emit(revision, shown(c.tallies.UsersRevision), "users")
	emit(revision, shown(c.tallies.SnapshotRevision), "refs")
	emit(outboxMails, float64(c.outbox.Waiting), "waiting")
	emit(outboxMails, float64(c.outbox.GivenUp), "given_up")
	emit(outboxOldest, c.outbox.Oldest.Seconds())
}

func (c *collector) read() {
	ctx, cancel := context.WithTimeout(context.Background(), readTimeout)
	defer cancel()
	var err error
	c.tallies, err = c.Directory.Tallies(ctx)
	if err == nil {
		c.outbox, err = c.Directory.Outbox(ctx)
	}
	c.known = err == nil
	if err != nil {
		c.failures++
	}
	c.at = time.Now()
}

// shown is a revision as far as a number of Prometheus holds it exactly.
func shown(revision int64) float64 { return float64(uint32(revision)) }

func number(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
