package foreman

import (
	"context"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"roster/test/servertest"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"roster/test/dbtest"
)

// browse opens a window of a headless browser that tells of every host that it asked. Without Chromium there is nothing
// to look with: the test says so, and fails where CI is set.
func browse(t *testing.T) (ctx context.Context, hosts func() map[string]bool) {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("there is no chromium; .ci/prepare installs it")
		}
		t.Skip("NOTICE: there is no chromium, so nobody looks at the pages (Debian: apt-get install chromium)")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox,
		chromedp.UserDataDir(profile(t)), chromedp.DisableGPU)
	for _, name := range []string{"disable-quic", "no-first-run", "disable-background-networking",
		"disable-component-update", "disable-sync"} {
		options = append(options, chromedp.Flag(name, true))
	}
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 3*time.Minute)
	t.Cleanup(cancel)
	var mu sync.Mutex
	asked := map[string]bool{}
	chromedp.ListenTarget(ctx, func(event any) {
		if e, ok := event.(*network.EventRequestWillBeSent); ok {
			if u, err := url.Parse(e.Request.URL); err == nil && strings.HasPrefix(u.Scheme, "http") {
				mu.Lock()
				asked[u.Host] = true
				mu.Unlock()
			}
		}
	})
	return ctx, func() map[string]bool {
		mu.Lock()
		defer mu.Unlock()
		return asked
	}
}

// profile returns the browser a directory, which is gone when the test ends: the browser's processes go on writing for
// a moment after they were told to end.
func profile(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "roster-browser-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for deadline := time.Now().Add(time.Minute); os.RemoveAll(dir) != nil; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Error("the browser does not end: ", dir)
				return
			}
		}
	})
	return dir
}

// shot keeps a picture of the window for people, where ROSTER_TEST_SHOTS names a directory.
func shot(name string) chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		dir := os.Getenv("ROSTER_TEST_SHOTS")
		if dir == "" {
			return nil
		}
		var picture []byte
		if err := chromedp.CaptureScreenshot(&picture).Do(ctx); err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, name+".png"), picture, 0o644)
	})
}

func scheme(name string) chromedp.Action {
	return emulation.SetEmulatedMedia().
		WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}})
}

// The pages for people, without a script, in both colour schemes and on a phone.
func TestBrowser_Apidoc(t *testing.T) {
	s := servertest.Start(t, dbtest.SQLite(t))
	ctx, hosts := browse(t)
	var title, text, login string
	var overflows bool
	err := chromedp.Run(ctx,
		emulation.SetScriptExecutionDisabled(true),
		chromedp.EmulateViewport(1280, 900), scheme("light"),
		chromedp.Navigate(s.URL+"/apidoc"), chromedp.Title(&title), shot("apidoc-light"),
		chromedp.Click(`main .card a[href="/apidoc/v2/users/create"]`), chromedp.WaitVisible(`//h2[starts-with(., "Parameters")]`),
		chromedp.Text("main", &text), shot("apidoc-create-light"),
		scheme("dark"), shot("apidoc-create-dark"),
		chromedp.Navigate(s.URL+"/apidoc/v2/users/index"), shot("apidoc-users-dark"),
		chromedp.EmulateViewport(390, 800, chromedp.EmulateMobile), chromedp.Navigate(s.URL+"/apidoc/v2/users/create"),
		shot("apidoc-phone-dark"),
		scheme("light"), shot("apidoc-phone-light"),
		emulation.SetScriptExecutionDisabled(false),
		chromedp.Evaluate(`document.documentElement.scrollWidth > window.innerWidth`, &overflows),
		chromedp.Click(`header a[href^="/swagger/"]`), chromedp.WaitVisible(`.swagger-ui .opblock-tag`),
		chromedp.Text(".swagger-ui .info", &login),
	)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(title, "Roster") || !strings.Contains(text, "user[login]") ||
		!strings.Contains(text, "required") {
		t.Errorf("got the title %q and the table %.200q", title, text)
	}
	if overflows {
		t.Error("the page is wider than a phone")
	}
	onlyHere(t, s, hosts())
}

func onlyHere(t *testing.T, s *server, asked map[string]bool) {
	t.Helper()
	for host := range asked {
		if "http://"+host != s.URL {
			t.Errorf("a page asked %s", host)
		}
	}
}

// Somebody logs in to the Swagger user interface, lists users, creates one, and sees it.
func TestBrowser_Swagger(t *testing.T) {
	s := servertest.Start(t, dbtest.SQLite(t))
	ctx, hosts := browse(t)
	var before, created, after, background, kept string
	list, create := "#operations-users-users_index", "#operations-users-users_create"
	try := func(operation string, answer *string, fill ...chromedp.Action) chromedp.Tasks {
		tasks := chromedp.Tasks{
			chromedp.Click(operation+" .opblock-summary-control", chromedp.ByQuery),
		}
		tasks = append(tasks, fill...)
		return append(tasks, chromedp.Click(operation+" .execute", chromedp.ByQuery),
			chromedp.WaitVisible(operation+" .live-responses-table .response", chromedp.ByQuery),
			chromedp.Text(operation+" .live-responses-table .response", answer, chromedp.ByQuery))
	}
	err := chromedp.Run(ctx,
		chromedp.EmulateViewport(1280, 1000), scheme("light"),
		chromedp.Navigate(s.URL+"/swagger/"), chromedp.WaitVisible(".swagger-ui .opblock-tag", chromedp.ByQuery),
		shot("swagger-light"),
		chromedp.Click("button.authorize", chromedp.ByQuery), chromedp.WaitVisible(".auth-container", chromedp.ByQuery),
		chromedp.SendKeys(`.auth-container input[type="text"]`, "admin", chromedp.ByQuery),
		chromedp.SendKeys(`.auth-container input[type="password"]`, adminPassword, chromedp.ByQuery),
		shot("swagger-authorize"),
		chromedp.Click(".auth-btn-wrapper .authorize", chromedp.ByQuery), chromedp.Click(".btn-done", chromedp.ByQuery),
		chromedp.WaitVisible(list, chromedp.ByQuery),
		try(list, &before), shot("swagger-list"),
		try(create, &created, chromedp.Click(create+" textarea", chromedp.ByQuery),
			chromedp.KeyEvent("a", chromedp.KeyModifiers(input.ModifierCtrl)),
			input.InsertText(`{"user": {"login": "browsed", "auth_source_id": 1, "password": "a secret"}}`)),
		chromedp.Click(list+" .execute", chromedp.ByQuery),
		chromedp.WaitVisible(
			`//*[@id="operations-users-users_index"]//*[contains(@class,"live-responses-table")]//*[contains(., '"browsed"')]`),
		chromedp.Text(list+" .live-responses-table .response", &after, chromedp.ByQuery),
		scheme("dark"), shot("swagger-dark"), chromedp.Evaluate(`getComputedStyle(document.body).backgroundColor`, &background),
		chromedp.Evaluate(`JSON.stringify([localStorage, sessionStorage, document.cookie])`, &kept),
	)
	if err != nil {
		t.Fatalf("%v\nbefore: %.300s\ncreated: %.300s\nafter: %.300s", err, before, created, after)
	}
	if !strings.Contains(before, "200") || !strings.Contains(before, "admin") || !strings.Contains(created, "201") ||
		!strings.Contains(created, "browsed") || !strings.Contains(after, "browsed") {
		t.Errorf("before: %.300s\ncreated: %.300s\nafter: %.300s", before, created, after)
	}
	if background != "rgb(18, 21, 27)" {
		t.Errorf("for those who prefer dark colours, the background is %s", background)
	}
	if kept != `[{},{},""]` {
		t.Errorf("the browser keeps %s", kept)
	}
	s.Admin().Get("/api/users/browsed").Expect(200)
	onlyHere(t, s, hosts())
}
