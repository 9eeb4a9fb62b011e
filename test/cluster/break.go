//go:build linux

package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"roster/test/rig"
)

const (
	writers = 4
	// writersRest is what a writer waits between two requests.
	writersRest = 20 * time.Millisecond
	// clientPatience is how long a client waits for an answer, which is a fault of its own when it comes to that.
	clientPatience = 30 * time.Second
	// recovery is how long writes may take to go on.
	recovery = 2 * time.Minute
)

// breaker breaks a cluster while clients write.
type breaker struct {
	*cluster
	client *rig.Client
	mu     sync.Mutex
	// acknowledged are the logins that were answered with 201, asked all others, too.
	acknowledged, asked []string
	// pauses are the measured ones by what was done.
	pauses map[string][]time.Duration
	order  []string
}

func (c *cluster) breakAll(ctx context.Context, kills, others int) error {
	b := &breaker{cluster: c, pauses: map[string][]time.Duration{},
		client: rig.NewClient("http://"+proxyAddress, "admin", c.password, clientPatience)}
	writing, stop := context.WithCancel(ctx)
	var group sync.WaitGroup
	for i := range writers {
		group.Go(func() { b.write(writing, i) })
	}
	began := time.Now()
	err := b.breakEach(ctx, kills, others)
	stop()
	group.Wait()
	if err != nil {
		return err
	}
	fmt.Printf("\nwritten for %s\n", time.Since(began).Round(time.Second))
	return b.report(ctx)
}

// write creates users until ctx ends, each with a login that was never asked for before. Whoever was acknowledged is
// read at once, which may come from any node.
func (b *breaker) write(ctx context.Context, writer int) {
	for i := 0; ctx.Err() == nil; i++ {
		login := fmt.Sprintf("w%d-%d", writer, i)
		b.mu.Lock()
		b.asked = append(b.asked, login)
		b.mu.Unlock()
		a := b.client.Do(ctx, "create", "POST", "/api/users",
			fmt.Sprintf(`{"user":{"login":%q,"mail":"%s@example.com","auth_source_name":"External"}}`, login, login))
		if a.Status == 201 {
			b.mu.Lock()
			b.acknowledged = append(b.acknowledged, login)
			b.mu.Unlock()
			b.client.Do(ctx, "read", "GET", "/api/users/"+login, "")
		}
		time.Sleep(writersRest)
	}
}

// breakEach breaks every part.
func (b *breaker) breakEach(ctx context.Context, kills, others int) error {
	steps := []struct {
		name  string
		times int
		do    func(ctx context.Context) error
	}{
		{"primary killed", kills, b.killPrimary},
		{"synchronous standby killed", others, b.killStandby("sync_standby")},
		{"other standby killed", others, b.killStandby("replica")},
		{"etcd member killed", others, b.killEtcd},
		{"network of the primary cut", others, b.cutPrimary},
		{"switched over", others, b.switchPrimary},
	}
	for _, step := range steps {
		for i := range step.times {
			if err := b.round(ctx, step.name, step.do); err != nil {
				return fmt.Errorf("%s, time %d: %w", step.name, i+1, err)
			}
		}
	}
	return nil
}

// round waits for a whole cluster, breaks something, waits until writes go on, and measures the longest pause.
func (b *breaker) round(ctx context.Context, name string, do func(context.Context) error) error {
	if err := b.waitWhole(ctx); err != nil {
		return err
	}
	if err := b.waitWrites(ctx, time.Now()); err != nil {
		return err
	}
	// Not always at the same moment of the loops of Patroni.
	time.Sleep(time.Second + rand.N(5*time.Second))
	from := time.Now()
	if err := do(ctx); err != nil {
		return err
	}
	if err := b.waitWhole(ctx); err != nil {
		return err
	}
	pause := rig.LongestPause(b.client.Answers(), "create", from, time.Now())
	if b.pauses[name] == nil {
		b.order = append(b.order, name)
	}
	b.pauses[name] = append(b.pauses[name], pause)
	o, _ := view(ctx, b.nodes)
	fmt.Printf("%-28s %2d  longest pause %6.1f s   answers since: %s   primary %s, acknowledged %d\n", name,
		len(b.pauses[name]), pause.Seconds(), tally(b.client.Since(from)), o.name("leader"), b.count())
	return nil
}

func (b *breaker) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.acknowledged)
}

// waitWrites waits until a request that began after a moment is acknowledged.
func (b *breaker) waitWrites(ctx context.Context, after time.Time) error {
	return rig.Wait(ctx, "writes", recovery, func() error {
		for _, a := range b.client.Since(after) {
			if a.Status == 201 && a.Began.After(after) {
				return nil
			}
		}
		return fmt.Errorf("no write was acknowledged")
	})
}

func (b *breaker) in(ctx context.Context, role string) (*node, error) {
	o, err := view(ctx, b.nodes)
	if err != nil {
		return nil, err
	}
	n := b.node(o.name(role))
	if n == nil {
		return nil, fmt.Errorf("there is no %s", role)
	}
	return n, nil
}

func (b *breaker) killPrimary(ctx context.Context) error {
	n, err := b.in(ctx, "leader")
	if err != nil {
		return err
	}
	n.killDatabase()
	if err := b.waitWrites(ctx, time.Now()); err != nil {
		return err
	}
	return n.startPatroni()
}

func (b *breaker) killStandby(role string) func(context.Context) error {
	return func(ctx context.Context) error {
		n, err := b.in(ctx, role)
		if err != nil {
			return err
		}
		n.killDatabase()
		time.Sleep(12 * time.Second) // two rounds of Patroni, in which nothing but writing happens
		if err := b.waitWrites(ctx, time.Now()); err != nil {
			return err
		}
		return n.startPatroni()
	}
}

// killEtcd kills the member on the primary's node, which Patroni there talks to as well as to the others.
func (b *breaker) killEtcd(ctx context.Context) error {
	n, err := b.in(ctx, "leader")
	if err != nil {
		return err
	}
	n.kill(func(program string) bool { return program == "etcd" })
	<-n.etcd.Ended()
	time.Sleep(12 * time.Second)
	if err := b.waitWrites(ctx, time.Now()); err != nil {
		return err
	}
	return n.startEtcd()
}

// cutPrimary cuts the primary off everything else, Roster included, until another one writes.
func (b *breaker) cutPrimary(ctx context.Context) error {
	n, err := b.in(ctx, "leader")
	if err != nil {
		return err
	}
	at := time.Now()
	if err := n.cut(); err != nil {
		return err
	}
	waited := b.waitWrites(ctx, at.Add(time.Second)) // what was under way may still come through
	if err := n.heal(); err != nil {
		return err
	}
	return waited
}

func (b *breaker) switchPrimary(ctx context.Context) error {
	o, err := view(ctx, b.nodes)
	if err != nil {
		return err
	}
	if err := b.switchOver(ctx, o.name("leader"), o.name("sync_standby")); err != nil {
		return err
	}
	return b.waitWrites(ctx, time.Now())
}

// kindOf words what a client saw.
func kindOf(a rig.Answer) string {
	switch {
	case a.Status == 0:
		return "no answer"
	case a.Status == 503 && a.ByProxy:
		return "503 of HAProxy"
	case a.Status == 503:
		return "503"
	}
	return fmt.Sprintf("%d (%s)", a.Status, a.Kind)
}

// tally counts answers by what clients saw.
func tally(answers []rig.Answer) string {
	counts := map[string]int{}
	for _, a := range answers {
		counts[kindOf(a)]++
	}
	var words []string
	for kind, n := range counts {
		words = append(words, fmt.Sprintf("%s: %d", kind, n))
	}
	slices.Sort(words)
	return strings.Join(words, ", ")
}

// report prints the figures, and fails where something was lost or clients saw anything but success and 503, such as an
// acknowledged user who is not found.
func (b *breaker) report(ctx context.Context) error {
	fmt.Printf("\n%-28s %5s %8s %8s\n", "pauses in seconds", "times", "median", "longest")
	for _, name := range b.order {
		p := slices.Sorted(slices.Values(b.pauses[name]))
		fmt.Printf("%-28s %5d %8.1f %8.1f\n", name, len(p), p[len(p)/2].Seconds(), p[len(p)-1].Seconds())
	}
	answers := b.client.Answers()
	fmt.Println("\nclients saw:", tally(answers))
	slowest := map[string]time.Duration{}
	odd := map[string]int{}
	for _, a := range answers {
		kind := kindOf(a)
		slowest[kind] = max(slowest[kind], a.Took())
		if a.Status/100 != 2 && a.Status != 503 {
			odd[fmt.Sprintf("%s: %v %.300s", kind, a.Err, a.Body)]++
		}
	}
	for kind, took := range slowest {
		fmt.Printf("slowest %s: %.1f s\n", kind, took.Seconds())
	}
	lost, err := b.lost(ctx)
	if err != nil {
		return err
	}
	for text, n := range odd {
		fmt.Printf("%d times %s\n", n, text)
	}
	if lost > 0 || len(odd) > 0 {
		return fmt.Errorf("%d acknowledged writes are lost; %d kinds of answers are neither successes nor 503", lost, len(odd))
	}
	return nil
}

// lost counts acknowledged users that the database does not have.
func (b *breaker) lost(ctx context.Context) (int, error) {
	if err := b.waitWhole(ctx); err != nil {
		return 0, err
	}
	conn, err := b.database(ctx, "roster")
	if err != nil {
		return 0, err
	}
	defer conn.Close(ctx)
	rows, err := conn.Query(ctx, "SELECT login FROM users")
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	there := map[string]bool{}
	for rows.Next() {
		var login string
		if err := rows.Scan(&login); err != nil {
			return 0, err
		}
		there[login] = true
	}
	if err := rows.Err(); err != nil {
		return 0, err
	}
	lost := 0
	acknowledged := map[string]bool{}
	for _, login := range b.acknowledged {
		acknowledged[login] = true
		if !there[login] {
			lost++
		}
	}
	done := 0
	for _, login := range b.asked {
		if there[login] && !acknowledged[login] {
			done++
		}
	}
	fmt.Printf("acknowledged writes: %d, lost: %d; done without an acknowledgement: %d\n", len(b.acknowledged), lost, done)
	return lost, nil
}
