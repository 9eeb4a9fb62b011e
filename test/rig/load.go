//go:build linux

package rig

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Client makes requests and notes what came of them. It is safe for concurrent use.
type Client struct {
	Base, Login, Password string
	http                  http.Client
	mu                    sync.Mutex
	answers               []Answer
}

// Answer is what came of a request.
type Answer struct {
	// Kind groups requests.
	Kind string
	// Status is 0 where there was no answer; Err says why.
	Status int
	Err    error
	Body   string
	// ByProxy says that the proxy made the answer up.
	ByProxy bool
	// Began and Ended are of this process's clock.
	Began, Ended time.Time
}

// Took is how long the answer took.
func (a Answer) Took() time.Duration { return a.Ended.Sub(a.Began) }

// NewClient returns a client that waits for an answer as long as the patience says.
func NewClient(base, login, password string, patience time.Duration) *Client {
	return &Client{Base: base, Login: login, Password: password, http: http.Client{Timeout: patience,
		Transport: &http.Transport{MaxIdleConnsPerHost: 64}}}
}

// Do makes a request and notes its answer, with the beginning of the body where it is no success. A POST is never
// repeated by the client.
func (c *Client) Do(ctx context.Context, kind, method, path, body string) Answer {
	a := Answer{Kind: kind, Began: time.Now()}
	a.Status, a.Body, a.ByProxy, a.Err = c.do(ctx, method, path, body)
	a.Ended = time.Now()
	c.Note(ctx, a)
	return a
}

// Note notes an answer, unless ctx has ended meanwhile: the test ends then.
func (c *Client) Note(ctx context.Context, kept Answer) {
	if ctx.Err() != nil {
		return
	}
	if kept.Status/100 == 2 {
		kept.Body = ""
	}
	c.mu.Lock()
	c.answers = append(c.answers, kept)
	c.mu.Unlock()
}

func (c *Client) do(ctx context.Context, method, path, body string) (int, string, bool, error) {
	r, err := http.NewRequestWithContext(ctx, method, c.Base+path, strings.NewReader(body))
	if err != nil {
		return 0, "", false, err
	}
	r.GetBody = nil // net/http would send it again
	r.SetBasicAuth(c.Login, c.Password)
	r.Header.Set("Content-Type", "application/json")
	answer, err := c.http.Do(r)
	if err != nil {
		return 0, "", false, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return 0, "", false, fmt.Errorf("read the answer: %w", err)
	}
	byProxy := strings.HasPrefix(answer.Header.Get("Content-Type"), "text/html")
	return answer.StatusCode, string(text), byProxy, nil
}

// Answers returns all answers so far, by the time of their end.
func (c *Client) Answers() []Answer {
	c.mu.Lock()
	list := slices.Clone(c.answers)
	c.mu.Unlock()
	slices.SortFunc(list, func(a, b Answer) int { return a.Ended.Compare(b.Ended) })
	return list
}

// Since returns the answers that ended after a moment.
func (c *Client) Since(at time.Time) []Answer {
	return slices.DeleteFunc(c.Answers(), func(a Answer) bool { return !a.Ended.After(at) })
}

// LongestPause returns the longest time between two successes of a kind in a row, from one moment to another.
func LongestPause(answers []Answer, kind string, from, to time.Time) time.Duration {
	longest := time.Duration(0)
	last := from
	for _, a := range answers {
		if a.Kind != kind || a.Status/100 != 2 || a.Ended.Before(from) || a.Ended.After(to) {
			continue
		}
		longest = max(longest, a.Ended.Sub(last))
		last = a.Ended
	}
	return max(longest, to.Sub(last))
}
