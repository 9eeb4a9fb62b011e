package bench

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"roster/config"
	"roster/directory/login"
	"roster/handlers"
)

// BenchmarkLogin returns what proving a password costs: how many times as long a list request takes the first time,
// when the hash is worked out, and what share of it the proof has each time after that, when it is remembered. A
// request by session is what that is compared with, since it reads the same rows and proves nothing.
func BenchmarkLogin(b *testing.B) {
	const pairs = 4000
	for _, dialect := range []string{config.SQLite, config.Postgres} {
		b.Run(dialect, func(b *testing.B) {
			_, db := filled(b, dialect, 10_000)
			svc, err := serviceOf(db)
			if err != nil {
				b.Fatal(err)
			}
			handler := handlers.New(svc, login.New(svc),
				handlers.Options{BodyLimit: 1 << 20, RequestTimeout: time.Minute})
			list := func(prove func(*http.Request)) *httptest.ResponseRecorder {
				r := httptest.NewRequest("GET", "/api/users?per_page=20", nil)
				prove(r)
				w := httptest.NewRecorder()
				if handler.ServeHTTP(w, r); w.Code != http.StatusOK {
					b.Fatal(w.Code, w.Body)
				}
				return w
			}
			byPassword := func(r *http.Request) { r.SetBasicAuth("admin", password) }
			begin := time.Now()
			cookie := list(byPassword).Result().Cookies()[0]
			first := time.Since(begin)
			bySession := func(r *http.Request) { r.AddCookie(cookie) }
			again := []time.Duration{}
			session := []time.Duration{}
			for range pairs { // request by request in turns, since the machine is not always alike
				again = append(again, medianOf(1, func() { list(byPassword) }))
				session = append(session, medianOf(1, func() { list(bySession) }))
			}
			slices.Sort(again)
			slices.Sort(session)
			whole := float64(again[pairs/2])
			b.ReportMetric(float64(first)/whole, "first-ratio")
			b.ReportMetric(100*float64(again[pairs/2]-session[pairs/2])/whole, "again-%")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func medianOf(times int, run func()) time.Duration {
	var all []time.Duration
	for range times {
		begin := time.Now()
		run()
		all = append(all, time.Since(begin))
	}
	slices.Sort(all)
	return all[len(all)/2]
}
