package bench

import (
	"testing"

	"roster/config"
)

// kindNormal is a server that waits for the disk at checkpoints only.
const kindNormal = "normal"

// BenchmarkDurability compares creates on SQLite with synchronous=FULL, which waits for the disk at every commit, to
// those with NORMAL. The two servers have databases of their own, on the disk of the temporary directory, and take
// turns.
func BenchmarkDurability(b *testing.B) {
	fullDSN, fullDB := filled(b, config.SQLite, 1000)
	normalDSN, normalDB := filled(b, config.SQLite, 1000)
	full := start(b, "roster", fullDSN)
	normal := start(b, kindNormal, normalDSN)
	var safe, fast []figures
	for range rounds {
		safe = append(safe, load(b, full, fullDB, create))
		fast = append(fast, load(b, normal, normalDB, create))
	}
	perSecond := func(f figures) float64 { return f.perSecond }
	b.ReportMetric(median(safe, perSecond), "full-creates/s")
	b.ReportMetric(median(fast, perSecond), "normal-creates/s")
	b.ReportMetric(0, "ns/op")
}
