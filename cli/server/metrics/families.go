package metrics

import (
	"fmt"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
)

// Family describes metrics of one name.
type Family struct {
	Name string
	Kind prometheus.ValueType
	// Histogram is set on families of durations, which have no Kind.
	Histogram bool
	Labels    []string
	Help      string
	desc      *prometheus.Desc
}

var families []*Family

func family(kind prometheus.ValueType, name, help string, labels ...string) *Family {
	f := &Family{Name: name, Kind: kind, Labels: labels, Help: help,
		desc: prometheus.NewDesc(name, help, labels, nil)}
	families = append(families, f)
	return f
}

func counter(name, help string, labels ...string) *Family {
	return family(prometheus.CounterValue, name, help, labels...)
}

func gauge(name, help string, labels ...string) *Family {
	return family(prometheus.GaugeValue, name, help, labels...)
}

func histogram(name, help string, labels ...string) *Family {
	f := family(prometheus.UntypedValue, name, help, labels...)
	f.Histogram = true
	return f
}

// All families but those of the Go runtime and of the process, which client_golang documents.
var (
	httpRequests = counter("roster_http_requests_total", "Requests that were answered.", "dialect", "route", "method",
		"status")
	httpSeconds = histogram("roster_http_request_seconds", "Time until the answer was written.", "dialect", "route",
		"method")
	httpInFlight = gauge("roster_http_requests_in_flight", "Requests that are worked on.")

	statementSeconds = histogram("roster_statement_seconds",
		"Time until a statement ended, or until its first row.", "pool")
	statementFailures = counter("roster_statement_failures_total",
		"Statements that failed, also because of what was asked for, such as a name that is taken.", "pool")
	poolConnections = gauge("roster_pool_connections", "Open connections to the database; state is in_use or idle.",
		"pool", "state")
	poolMax         = gauge("roster_pool_connections_max", "Connections that may be open.", "pool")
	poolWaits       = counter("roster_pool_waits_total", "Waits for a connection.", "pool")
	poolWaitSeconds = counter("roster_pool_wait_seconds_total", "Time of these waits.", "pool")

	replicaUp       = gauge("roster_replica_up", "1 while a replica answers.", "replica")
	replicaRequests = counter("roster_replica_requests_total",
		"Requests that only read, by how a replica served them: read (from it), behind (it was at another revision).",
		"replica", "result")
	replicaFailures = counter("roster_replica_failed_statements_total",
		"Statements that failed on a replica, and that the database itself answered.", "replica")

	cacheEntries   = gauge("roster_cache_entries", "Entries of a cache, about.", "cache")
	cacheHits      = counter("roster_cache_hits_total", "Questions to a cache that it could answer.", "cache")
	cacheMisses    = counter("roster_cache_misses_total", "Questions to a cache that it could not answer.", "cache")
	cacheEvictions = counter("roster_cache_evictions_total", "Entries that left a cache for want of room or time.",
		"cache")

	gatePlaces = gauge("roster_gate_places",
		"How much work of one kind may be under way: searches, streams, passwords to check, hashes, secrets.", "gate")
	gateTaken   = gauge("roster_gate_taken", "Work of this kind under way.", "gate")
	gateWaiting = gauge("roster_gate_waiting", "Work of this kind that waits for a place.", "gate")

	loginsTotal = counter("roster_logins_total",
		"Attempts to be let in. The result blocked is the throttle's: the address had too many failures.", "proof",
		"result")

	ldapResting = gauge("roster_ldap_source_resting",
		"1 while an LDAP source is left alone because its server did not answer; source is its id.", "source")
	ldapUnderWay = gauge("roster_ldap_questions_under_way", "Questions to an LDAP server without an answer yet.",
		"source")
	ldapQuestions = counter("roster_ldap_questions_total",
		"Questions to an LDAP server by answer: answered, silent, spared (not asked), wrong.", "source", "answer")
	ldapSeconds = counter("roster_ldap_question_seconds_total", "Time of these questions.", "source")

	outboxMails = gauge("roster_outbox_mails",
		"Mails of the installation by state, waiting or given_up; 1000 are looked at.", "state")
	outboxOldest = gauge("roster_outbox_oldest_seconds", "Age of the oldest mail that waits.")
	mailsTotal   = counter("roster_mails_total", "Tries of this server to send a mail, by result: sent or failed.",
		"result")

	streamsUnderWay = gauge("roster_streams", "Long answers that are being sent.")
	streamBytes     = gauge("roster_stream_spooled_bytes", "Parts of them that wait in files for slow readers.")

	usersTotal = gauge("roster_users", "Users of the installation.")
	revision   = gauge("roster_revision",
		"Revision in the database, modulo 2^32: it changes with each change of users, or of what they refer to.",
		"noun")
	snapshotRevision = gauge("roster_snapshot_revision",
		"Revision refs of what this server remembers, modulo 2^32. It is read again at the next request that needs it.")
	snapshotLoads = counter("roster_snapshot_loads_total",
		"How often roles, groups, tenants and sources were read whole.")
	changesTotal = counter("roster_changes_total", "Changes that this server committed.")
	retriesTotal = counter("roster_change_retries_total", "Tries that were repeated because of another change.")

	partWorks    = gauge("roster_part_works", "1 while a part of the server works, as /readyz says.", "part")
	draining     = gauge("roster_draining", "1 from SIGTERM on.")
	traceSpans   = counter("roster_trace_spans_total", "Spans of traces by result: exported or failed.", "result")
	readFailures = counter("roster_metrics_read_failures_total",
		"Failures to read numbers from the database for a scrape.")
	certificateSeconds = gauge("roster_tls_certificate_seconds",
		"Time until the certificate of TLS ends, below 0 afterwards; missing without TLS.")
	buildInfo = gauge("roster_build_info", "1, with the version and the kind of the database.", "version", "database")
)

// Families returns all families, by name.
func Families() []*Family {
	return slices.SortedFunc(slices.Values(families), func(a, b *Family) int { return strings.Compare(a.Name, b.Name) })
}

// Type is what Prometheus calls the kind.
func (f *Family) Type() string {
	switch {
	case f.Histogram:
		return "histogram"
	case f.Kind == prometheus.CounterValue:
		return "counter"
	}
	return "gauge"
}

// Row is the family as a row of a table in Markdown.
func (f *Family) Row() string {
	labels := "`" + strings.Join(f.Labels, "`, `") + "`"
	if len(f.Labels) == 0 {
		labels = ""
	}
	return fmt.Sprintf("| `%s` | %s | %s | %s |", f.Name, f.Type(), labels, f.Help)
}
