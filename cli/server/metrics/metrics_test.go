package metrics

import (
	"log/slog"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"roster/handlers/web"
)

func TestMetrics_SeriesAreBounded(t *testing.T) {
	m := New()
	r := httptest.NewRequest("GET", "/", nil)
	for i := range 3 * maxVisits {
		v := web.Visit{Dialect: "foreman", Route: "/" + strconv.Itoa(i), Method: "GET"}
		_, end := m.Visit(r, v)
		end(web.Visited{Visit: v, Status: 200})
	}
	w := httptest.NewRecorder()
	m.Handler(slog.New(slog.DiscardHandler)).ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	if n := strings.Count(w.Body.String(), "\nroster_http_requests_total{"); n != maxVisits+1 {
		t.Errorf("%d series of requests, want %d", n, maxVisits+1)
	}
	want := `roster_http_requests_total{dialect="other",method="other",route="other",status="0"} ` +
		strconv.Itoa(2*maxVisits)
	if !strings.Contains(w.Body.String(), want+"\n") {
		t.Error("the others are not counted together")
	}
	if len(m.visits) > maxVisits {
		t.Errorf("%d combinations are remembered", len(m.visits))
	}
}
