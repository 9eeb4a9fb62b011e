package foreman

import (
	"bufio"
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"time"

	"roster/test/servertest"

	"roster/config"
	"roster/test/dbtest"
)

// What the fuzzing does is set by variables; make fuzz sets the number of requests.
const (
	fuzzRequestsVar = "FUZZ_REQUESTS" // for each database
	fuzzSeedVar     = "FUZZ_SEED"
	// fuzzEpoch is how many requests a world lasts: they change and delete what is in it.
	fuzzEpoch = 2000
	// fuzzPatience is how long an answer may take.
	fuzzPatience = 10 * time.Second
	mostFindings = 20
)

// TestFuzz sends random requests to every route of the dialect, as callers of all kinds. A fault of the server, an
// error in its log, an answer of the API that is no JSON, and one that takes too long are findings. The same seed makes
// the same requests, one after the other, so that what is printed with a finding makes it again.
func TestFuzz(t *testing.T) {
	t.Parallel()
	requests := fuzzNumber(t, fuzzRequestsVar, 3000)
	seed := fuzzNumber(t, fuzzSeedVar, 1)
	for _, dialect := range []string{config.SQLite, config.Postgres} {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			f := &fuzzer{t: t, dialect: dialect, statuses: map[int]int{}, findings: map[string]bool{}}
			begin := time.Now()
			for epoch := 0; f.sent < requests && len(f.findings) < mostFindings; epoch++ {
				before := f.sent
				f.epoch(seed+epoch, min(fuzzEpoch, requests-f.sent))
				if f.sent == before {
					t.Fatal("no request could be sent")
				}
			}
			t.Logf("%d requests in %s, by status: %v", f.sent, time.Since(begin).Round(time.Second), f.statuses)
			f.checkVariety()
		})
	}
}

func fuzzNumber(t *testing.T, variable string, otherwise int) int {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", variable, err)
	}
	return n
}

// fuzzer is the fuzzing of one database.
type fuzzer struct {
	t        *testing.T
	dialect  string
	sent     int
	statuses map[int]int
	// findings are the messages that were printed: of those that look alike, one is enough.
	findings map[string]bool
}

// epoch makes a fresh world and sends it requests, fewer if nobody can log in any more.
func (f *fuzzer) epoch(seed, requests int) {
	f.t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
		db := map[string]func(testing.TB) *config.Database{config.SQLite: dbtest.SQLite,
			config.Postgres: dbtest.Migrated}[f.dialect](t)
		s := servertest.Start(t, db)
		w := newWorld(s)
		s.Log.ErrorsOnly()
		generator := newRequests(w, rand.New(rand.NewPCG(uint64(seed), 0)))
		for n := 1; n <= requests; n++ {
			if n%200 == 0 && !w.everybodyLogsIn() {
				break
			}
			q := generator.next()
			f.sent++
			if fault := f.send(s, q); fault != "" {
				f.report(t, fault, fmt.Sprintf("%s=%d %s=%d\n%s", fuzzSeedVar, seed, fuzzRequestsVar, n, q.curl()))
			}
			s.Log.Forget()
		}
	})
}

// changing is what two messages of the same fault differ in: names of requests, times, numbers and addresses.
var changing = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}|0x[0-9a-f]+|[0-9]+`)

// report prints a finding, unless one like it was printed.
func (f *fuzzer) report(t *testing.T, fault, again string) {
	t.Helper()
	kind := changing.ReplaceAllString(fault, "")
	if kind = kind[:min(len(kind), 1500)]; f.findings[kind] {
		return
	}
	f.findings[kind] = true
	t.Errorf("%.3000s\nAgain: %s", fault, again)
}

// send returns the fault of the answer, if it has one.
func (f *fuzzer) send(s *server, q fuzzRequest) (fault string) {
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(q.raw())))
	if err != nil {
		f.statuses[http.StatusBadRequest]++ // which the listener answers by itself
		return ""
	}
	r.RemoteAddr = "127.0.0.1:4711"
	defer func() {
		if v := recover(); v != nil {
			fault = fmt.Sprintf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	res := httptest.NewRecorder()
	begin := time.Now()
	s.Handler.ServeHTTP(res, r)
	f.statuses[res.Code]++
	switch {
	case len(s.Log.Errors()) > 0:
		return fmt.Sprintf("status %d, and the server logged:\n%s", res.Code, strings.Join(s.Log.Errors(), "\n"))
	case res.Code >= 500:
		return fmt.Sprintf("status %d: %s", res.Code, res.Body)
	case time.Since(begin) > fuzzPatience:
		return fmt.Sprintf("status %d after %s", res.Code, time.Since(begin))
	}
	return noJSON(r, res)
}

// noJSON says what is wrong with an answer that should be JSON.
func noJSON(r *http.Request, res *httptest.ResponseRecorder) string {
	body := res.Body.Bytes()
	if r.Method == http.MethodHead || len(body) == 0 {
		return ""
	}
	api := r.URL.Path == "/api" || strings.HasPrefix(r.URL.Path, "/api/")
	isJSON := strings.HasPrefix(res.Header().Get("Content-Type"), "application/json")
	if !api && !isJSON {
		return ""
	}
	if _, err := servertest.Decode(body); err != nil || bytes.IndexByte(body, 0) >= 0 || !isJSON {
		return fmt.Sprintf("status %d, and no JSON: %s %.300q (%v)", res.Code, res.Header().Get("Content-Type"), body,
			err)
	}
	return ""
}

// checkVariety fails if the requests were not odd, or not ordinary, enough to mean anything.
func (f *fuzzer) checkVariety() {
	f.t.Helper()
	if f.sent < 2000 {
		return
	}
	for _, status := range []int{200, 201, 204, 400, 401, 403, 404, 422} {
		if f.statuses[status] == 0 {
			f.t.Errorf("none of %d requests was answered %d: %v", f.sent, status, f.statuses)
		}
	}
}

// everybodyLogsIn reports whether the callers are still who they were. Requests change passwords, logins and settings.
func (w *world) everybodyLogsIn() bool {
	accounts := []account{{Login: "admin", Password: adminPassword}, w.accounts["manager"], w.accounts["roleless"]}
	for _, a := range accounts {
		r := httptest.NewRequest("GET", "/api/current_user", nil)
		r.SetBasicAuth(a.Login, a.Password)
		res := httptest.NewRecorder()
		w.Handler.ServeHTTP(res, r)
		if res.Code != http.StatusOK {
			return false
		}
	}
	return true
}
