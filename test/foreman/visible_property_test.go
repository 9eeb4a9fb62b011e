package foreman

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"

	"roster/directory"
	"roster/directory/seed"
	"roster/models"

	"pgregory.net/rapid"
)

// Whoever asks, however tenants, memberships, groups and filters change on two servers: totals and rows are those of a
// plain recomputation from the tables. -rapid.checks sets the number of rounds.
func TestVisible_Property(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		p := newProperty(t, s)
		w := readCensus(t, s)
		rapid.Check(t, func(rt *rapid.T) {
			before := w
			var answers []answered
			if rapid.Bool().Draw(rt, "concurrent") {
				answers = p.changeWhileListing(rt, before)
			} else {
				for range rapid.IntRange(0, 3).Draw(rt, "changes") {
					p.drawChange(rt, before, true).make(rt, rapid.SampledFrom(p.servers).Draw(rt, "server"))
				}
			}
			w = readCensus(t, s)
			for _, a := range answers {
				a.check(rt, before, w)
			}
			p.check(rt, w, p.drawQuestion(rt, w))
		})
		wantTallies(t, s)
	})
}

// property is a directory that two servers show.
type property struct {
	servers []*server
	// viewers have accounts that the test knows the passwords of.
	viewers map[int64]account
	roles   []int64
	serial  int
}

// newProperty makes people, and viewers of all kinds: by unlimited, searching and tied filters, by nested groups, and
// administrators by themselves and by groups.
func newProperty(t *testing.T, s *server) *property {
	t.Helper()
	sample := seed.SampleOptions{Users: 1050, Organizations: 12, Locations: 7, Usergroups: 6, RandomSeed: 7}
	err := seed.Sample(t.Context(), s.Dir, sample)
	if err != nil {
		t.Fatal(err)
	}
	p := &property{servers: []*server{s, s.Beside()}, viewers: map[int64]account{}}
	w := readCensus(t, s)
	organizations := w.ids(models.OrganizationKind)
	locations := w.ids(models.LocationKind)
	looks := []string{"view_locations", "view_organizations"}
	all := s.NewRole("sees all", append([]string{"view_users"}, looks...)...)
	searching := s.NewRole("searches", looks...)
	s.Filter(searching, "login ~ an", "view_users")
	tied := s.NewRole("tied", looks...)
	for _, limits := range []object{
		{"organization_ids": organizations[:2]},
		{"organization_ids": organizations[2:4], "location_ids": locations[:2], "search": "login ~ e"},
	} {
		body := object{"role_id": tied, "permission_names": []string{"view_users"}, "override": true}
		maps.Copy(body, limits)
		s.Admin().Post("/api/filters", object{"filter": body}).Expect(201)
	}
	p.roles = []int64{all, searching, tied}
	inner := s.Group("inner", false, directory.UsergroupChange{})
	s.Admin().Post("/api/usergroups", object{"usergroup": object{"name": "outer", "role_ids": []int64{all},
		"usergroup_ids": []int64{inner}}}).Expect(201)
	chiefs := s.Group("chiefs", true, directory.UsergroupChange{})
	for i, attributes := range []object{
		{"role_ids": []int64{all}, "organization_ids": organizations[:1], "location_ids": locations},
		{"role_ids": []int64{all}, "organization_ids": organizations, "location_ids": locations[:1]},
		{"role_ids": []int64{all}, "organization_ids": organizations[3:5], "location_ids": locations[2:4]},
		{"role_ids": []int64{searching}, "organization_ids": organizations[:6], "location_ids": locations},
		{"role_ids": []int64{tied}, "organization_ids": organizations[:5], "location_ids": locations[:4]},
		{"role_ids": []int64{searching, tied}, "organization_ids": organizations, "location_ids": locations},
		{"role_ids": []int64{all}},
		{"organization_ids": organizations[:8], "location_ids": locations},
		{"organization_ids": organizations[4:5], "location_ids": locations[:2]},
	} {
		a := s.User(fmt.Sprint("viewer", i), object{"firstname": "Ann"}, attributes)
		p.viewers[a.ID] = a
	}
	chief := s.User("chief", object{"organization_ids": organizations[:1]})
	p.viewers[chief.ID] = chief
	member := slices.Max(slices.Collect(maps.Keys(p.viewers))) - 1
	s.Admin().Put(fmt.Sprint("/api/usergroups/", inner), object{"usergroup": object{"user_ids": []int64{member}}}).
		Expect(200)
	s.Admin().Put(fmt.Sprint("/api/usergroups/", chiefs), object{"usergroup": object{"user_ids": []int64{chief.ID}}}).
		Expect(200)
	// The caller without a role of the own gets one by a group that belongs to an organization.
	outer := s.Find("SELECT id FROM usergroups WHERE name = 'outer'")
	held := object{"membership": object{"role_ids": []int64{searching}}}
	s.Admin().Put(groupPath(organizations[6], outer), held).Expect(200)
	admin := account{ID: s.Find("SELECT id FROM users WHERE login = 'admin'"), Login: "admin", Password: adminPassword}
	p.viewers[admin.ID] = admin
	return p
}

// ids are the tenants of a kind.
func (w *census) ids(kind models.TenantKind) []int64 {
	var ids []int64
	for id, t := range w.tenants {
		if t.Type == kind {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// change is something that happens on one of the servers.
type change struct {
	what string
	do   func(s *server) error
	// touched are the users about whom it is.
	touched []int64
}

func (c change) make(rt *rapid.T, s *server) {
	if err := c.do(s); err != nil {
		rt.Fatalf("%s: %v", c.what, err)
	}
}

// request is a change by the administrator. A refusal is no fault: what it is about may be gone.
func request(method, path string, body any, touched ...int64) change {
	return change{fmt.Sprint(method, " ", path, " ", body), func(s *server) error {
		a, err := s.Admin().Try(method, path, body)
		if err == nil && a.Status >= 500 {
			err = fmt.Errorf("%s", a)
		}
		return err
	}, touched}
}

// drawChange draws a change of a user who is no viewer or, if structure is set, of anything.
func (p *property) drawChange(rt *rapid.T, w *census, structure bool) change {
	var others []int64
	for id := range w.users {
		if _, ok := p.viewers[id]; !ok {
			others = append(others, id)
		}
	}
	slices.Sort(others)
	user := rapid.SampledFrom(others).Draw(rt, "user")
	path := fmt.Sprint("/api/users/", user)
	kinds := []string{"create", "move", "move", "rename", "delete", "state", "state"}
	if structure {
		kinds = append(kinds, "hang", "open", "people", "viewer", "viewer state", "viewer state", "group", "group state", "group state", "nest", "role", "filter",
			"new tenant", "delete tenant")
	}
	kind := rapid.SampledFrom(kinds).Draw(rt, "change")
	switch kind {
	case "create":
		p.serial++
		return request("POST", "/api/users", object{"user": p.drawUser(rt, w, object{
			"login": fmt.Sprint("an", p.serial), "auth_source_id": 1, "password": "a secret"})})
	case "move":
		return request("PUT", path, object{"user": p.drawTenants(rt, w)}, user)
	case "rename":
		return request("PUT", path, object{"user": object{"firstname": drawName(rt), "lastname": drawName(rt)}}, user)
	case "delete":
		return request("DELETE", path, nil, user)
	case "state":
		return p.drawMembership(rt, w, "memberships", user)
	case "viewer", "viewer state":
		viewer := rapid.SampledFrom(slices.Sorted(maps.Keys(p.viewers))).Draw(rt, "viewer")
		if kind == "viewer state" {
			return p.drawMembership(rt, w, "memberships", viewer)
		}
		return request("PUT", fmt.Sprint("/api/users/", viewer), object{"user": p.drawTenants(rt, w)}, viewer)
	}
	return p.drawStructure(rt, w, kind)
}

// drawStructure draws a change of what many users hang on.
func (p *property) drawStructure(rt *rapid.T, w *census, kind string) change {
	groups := slices.Sorted(maps.Keys(w.groups))
	users := slices.Sorted(maps.Keys(w.users))
	tenant := w.tenants[rapid.SampledFrom(slices.Sorted(maps.Keys(w.tenants))).Draw(rt, "tenant")]
	same := w.ids(tenant.Type)
	path := fmt.Sprintf("/api/%ss/%d", tenant.Type.Word(), tenant.ID)
	put := func(attributes object, touched ...int64) change {
		return request("PUT", path, object{tenant.Type.Word(): attributes}, touched...)
	}
	switch kind {
	case "hang":
		parent := rapid.SampledFrom(append(same, 0)).Draw(rt, "parent")
		if parent == 0 {
			return put(object{"parent_id": nil})
		}
		return put(object{"parent_id": parent})
	case "open":
		// More often closed than opened, or everybody sees everybody.
		return put(object{"ignore_types": rapid.SampledFrom([][]string{{}, {}, {"User"}}).Draw(rt, "types")})
	case "people":
		people := rapid.SliceOfN(rapid.SampledFrom(users), 0, 40).Draw(rt, "people")
		return put(object{"user_ids": people}, users...)
	case "new tenant":
		p.serial++
		return request("POST", fmt.Sprintf("/api/%ss", tenant.Type.Word()), object{tenant.Type.Word(): object{
			"name": fmt.Sprint("tenant ", p.serial), "parent_id": tenant.ID}})
	case "delete tenant":
		return request("DELETE", path, nil)
	case "role":
		viewer := rapid.SampledFrom(slices.Sorted(maps.Keys(p.viewers))).Draw(rt, "viewer")
		return request("PUT", fmt.Sprint("/api/users/", viewer), object{"user": object{
			"role_ids": rapid.SliceOfN(rapid.SampledFrom(p.roles), 1, 2).Draw(rt, "roles")}}, viewer)
	case "filter":
		filter := rapid.SampledFrom(slices.Sorted(maps.Keys(w.filters))).Draw(rt, "filter")
		return request("PUT", fmt.Sprint("/api/filters/", filter), object{"filter": object{"override": true,
			"organization_ids": drawSome(rt, w.ids(models.OrganizationKind), 2)}})
	case "group state":
		if rapid.Bool().Draw(rt, "of viewers") { // the groups that were made last have viewers
			groups = groups[len(groups)-3:]
		}
		return p.drawMembership(rt, w, "usergroup_memberships", rapid.SampledFrom(groups).Draw(rt, "group"), users...)
	case "nest":
		return request("PUT", fmt.Sprint("/api/usergroups/", rapid.SampledFrom(groups).Draw(rt, "group")),
			object{"usergroup": object{"usergroup_ids": drawSome(rt, groups, 2)}})
	}
	members := rapid.SliceOfN(rapid.SampledFrom(users), 0, 20).Draw(rt, "members")
	return request("PUT", fmt.Sprint("/api/usergroups/", rapid.SampledFrom(groups).Draw(rt, "group")),
		object{"usergroup": object{"user_ids": members}}, users...)
}

func drawName(rt *rapid.T) any {
	return rapid.SampledFrom([]any{nil, "Ann", "ann", "Žofie", "Émile", "Smith", "Bor"}).Draw(rt, "name")
}

func drawSome(rt *rapid.T, ids []int64, most int) []int64 {
	return rapid.SliceOfNDistinct(rapid.SampledFrom(ids), 0, min(most, len(ids)), rapid.ID[int64]).Draw(rt, "ids")
}

func (p *property) drawTenants(rt *rapid.T, w *census) object {
	return object{"organization_ids": drawSome(rt, w.ids(models.OrganizationKind), 4),
		"location_ids": drawSome(rt, w.ids(models.LocationKind), 3)}
}

func (p *property) drawUser(rt *rapid.T, w *census, attributes object) object {
	maps.Copy(attributes, p.drawTenants(rt, w))
	attributes["firstname"] = drawName(rt)
	attributes["lastname"] = drawName(rt)
	return attributes
}

// drawMembership draws a change of the membership of a user or a group: its state, the roles that are held there, or
// its end.
func (p *property) drawMembership(rt *rapid.T, w *census, list string, member int64, touched ...int64) change {
	tenants := slices.Sorted(maps.Keys(w.tenants))
	if u := w.users[member]; list == "memberships" && u != nil && len(u.tenants) > 0 && rapid.Bool().Draw(rt, "there") {
		tenants = u.tenants
	}
	tenant := rapid.SampledFrom(tenants).Draw(rt, "tenant")
	path := fmt.Sprintf("/api/%ss/%d/%s/%d", w.tenants[tenant].Type.Word(), tenant, list, member)
	if list == "memberships" {
		touched = append(touched, member)
	}
	if rapid.IntRange(0, 4).Draw(rt, "ends") == 0 {
		return request("DELETE", path, nil, touched...)
	}
	membership := object{"state": rapid.SampledFrom([]string{"active", "active", "invited", "suspended"}).
		Draw(rt, "state")}
	if rapid.Bool().Draw(rt, "roles") {
		membership["role_ids"] = drawSome(rt, p.roles, 2)
	}
	return request("PUT", path, object{"membership": membership}, touched...)
}

func (p *property) drawQuestion(rt *rapid.T, w *census) question {
	q := question{
		viewer:  rapid.SampledFrom(slices.Sorted(maps.Keys(p.viewers))).Draw(rt, "viewer"),
		context: map[models.TenantKind]int64{},
		search:  censusSearch{matches: func(*census, *censusUser, *censusUser) bool { return true }},
		order:   rapid.SampledFrom([]string{"", "", "", "login", "login desc", "lastname desc", "firstname", "id desc"}).Draw(rt, "order"),
		perPage: rapid.SampledFrom([]int{3, 7, 20, 100, 0}).Draw(rt, "per page"),
	}
	for _, kind := range models.TenantKinds {
		if rapid.IntRange(0, 3).Draw(rt, "context") == 0 {
			q.context[kind] = rapid.SampledFrom(w.ids(kind)).Draw(rt, "tenant")
		}
	}
	if rapid.IntRange(0, 2).Draw(rt, "searches") == 0 {
		list := searchesOf(w)
		i := rapid.IntRange(0, len(list)-1).Draw(rt, "search")
		q.search = list[i]
	}
	return q
}

// listed is an answer to a question.
type listed struct {
	status, total, subtotal int
	ids                     []int64
}

// ask sends the question for one page.
func (p *property) ask(s *server, q question, page int) (listed, error) {
	pairs := []string{"page", fmt.Sprint(page), "per_page", fmt.Sprint(q.perPage)}
	if q.perPage == 0 {
		pairs = []string{"per_page", "all"}
	}
	for _, kind := range models.TenantKinds {
		if id := q.context[kind]; id != 0 {
			pairs = append(pairs, kind.Word()+"_id", fmt.Sprint(id))
		}
	}
	a, err := s.By(p.viewers[q.viewer]).Try("GET", query("/api/users", append(pairs, "search", q.search.text, "order",
		q.order)...), nil)
	if err != nil || a.Status != 200 {
		if err == nil && a.Status >= 500 {
			err = fmt.Errorf("%s", a)
		}
		return listed{status: a.Status}, err
	}
	var body struct {
		Total, Subtotal int
		Results         []struct{ ID int64 }
	}
	if err := json.Unmarshal(a.Body, &body); err != nil {
		return listed{}, fmt.Errorf("%w: %s", err, a)
	}
	found := listed{status: 200, total: body.Total, subtotal: body.Subtotal}
	for _, row := range body.Results {
		found.ids = append(found.ids, row.ID)
	}
	return found, nil
}

func (q question) String() string {
	return fmt.Sprintf("user %d in %v: search %q, order %q, %d a page", q.viewer, q.context, q.search.text, q.order,
		q.perPage)
}

// check compares the answers of both servers, page by page in turns, with the recomputation.
func (p *property) check(rt *rapid.T, w *census, q question) {
	v := w.users[q.viewer]
	refused := !w.isAdmin(v) && len(w.grants(v)) == 0
	unknown := false
	for _, id := range q.context {
		unknown = unknown || !w.knows(v, id) || !w.looksAt(v, id, p.roles)
	}
	total, ids := w.answerTo(q)
	for _, page := range q.pages(len(ids)) {
		for _, s := range p.servers {
			got, err := p.ask(s, q, page)
			switch {
			case err != nil:
				rt.Fatalf("%s: %v", q, err)
			case refused && got.status == 403 || unknown && got.status == 404:
				continue
			case refused || unknown || got.status != 200:
				rt.Fatalf("%s: got status %d; refused %v, unknown %v", q, got.status, refused, unknown)
			}
			want := q.cut(ids, page)
			if got.total != total || got.subtotal != len(ids) || !slices.Equal(got.ids, want) {
				rt.Fatalf("%s, page %d on server %d:\ngot  %d of %d: %v\nwant %d of %d: %v", q, page,
					slices.Index(p.servers, s), got.subtotal, got.total, got.ids, len(ids), total, want)
			}
		}
	}
}

// pages are some pages of a list of so many rows: walked from the first one on, behind a jump that skips many rows, the
// last one and one behind it.
func (q question) pages(rows int) []int {
	if q.perPage == 0 {
		return []int{1}
	}
	last := (rows + q.perPage - 1) / q.perPage
	list := []int{1, 2, 3, last/2 + 1, last, last + 1, 2}
	return slices.DeleteFunc(list, func(page int) bool { return page < 1 })
}

func (q question) cut(ids []int64, page int) []int64 {
	if q.perPage == 0 {
		return ids
	}
	from := min(len(ids), (page-1)*q.perPage)
	return ids[from:min(len(ids), from+q.perPage)]
}

// answered are the answers that a question got while users and at most one other thing changed: of two, somebody might
// be seen between them who is seen at neither end. touched are the users who changed.
type answered struct {
	question
	answers []listed
	touched map[int64]bool
}

// changeWhileListing lets both servers change the directory while both list.
func (p *property) changeWhileListing(rt *rapid.T, w *census) []answered {
	var changes []change
	touched := map[int64]bool{}
	for range rapid.IntRange(2, 6).Draw(rt, "changes") {
		c := p.drawChange(rt, w, false)
		if slices.ContainsFunc(c.touched, func(id int64) bool { return touched[id] }) {
			continue
		}
		changes = append(changes, c)
		for _, id := range c.touched {
			touched[id] = true
		}
	}
	last := p.drawChange(rt, w, true)
	changes = append(changes, last)
	for _, id := range last.touched {
		touched[id] = true
	}
	var list []answered
	for range 4 {
		list = append(list, answered{question: p.drawQuestion(rt, w), touched: touched})
	}
	p.run(rt, changes, list)
	return list
}

// run makes the changes on both servers, one after the other on each, and meanwhile has the questions asked.
func (p *property) run(rt *rapid.T, changes []change, list []answered) {
	errs := make(chan error, len(changes)+len(list))
	var changing, asking sync.WaitGroup
	done := make(chan struct{})
	for i, s := range p.servers {
		changing.Go(func() {
			for j := i; j < len(changes); j += len(p.servers) {
				if err := changes[j].do(s); err != nil {
					errs <- fmt.Errorf("%s: %w", changes[j].what, err)
				}
			}
		})
		asking.Go(func() {
			for j := i; ; j = (j + len(p.servers)) % len(list) {
				a, err := p.ask(s, list[j].question, 1+len(list[j].answers)%3)
				if err != nil {
					errs <- fmt.Errorf("%s: %w", list[j].question, err)
					return
				}
				list[j].answers = append(list[j].answers, a)
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	changing.Wait()
	close(done)
	asking.Wait()
	close(errs)
	for err := range errs {
		rt.Fatal(err)
	}
}

// check looks at answers of which each may be from before or after each change: no row is there twice, and nobody is
// seen who was seen at neither end. Counts and rows are read one after the other, and may be of different moments.
func (a answered) check(rt *rapid.T, before, after *census) {
	sawBefore := before.sees(a.question)
	sawAfter := func(*censusUser) bool { return false }
	isGone := func(tenant int64) bool { return tenant != 0 && after.tenants[tenant] == nil }
	if !isGone(a.context[models.LocationKind]) && !isGone(a.context[models.OrganizationKind]) {
		sawAfter = after.sees(a.question)
	}
	for _, x := range a.answers {
		distinct := slices.Compact(slices.Sorted(slices.Values(x.ids)))
		if len(distinct) != len(x.ids) || a.perPage > 0 && len(x.ids) > a.perPage {
			rt.Fatalf("%s: got %v, which contradicts itself", a.question, x.ids)
		}
		for _, id := range x.ids {
			was := before.users[id]
			is := after.users[id]
			if was != nil && is != nil && !a.touched[id] && !sawBefore(was) && !sawAfter(is) {
				rt.Fatalf("%s: got user %d, who was never visible", a.question, id)
			}
		}
	}
}

// Who is in no tenant sees nobody else, whatever the order and the way of the list.
func TestVisible_WithoutTenants(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		s.User("ann", object{"organization_ids": []int64{s.Organization("Home")},
			"location_ids": []int64{s.Location("Place")}})
		loner := s.User("loner", object{"role_ids": []int64{s.NewRole("viewer", "view_users")},
			"organization_ids": []int64{}, "location_ids": []int64{}})
		for _, path := range []string{"", "?order=login", "?per_page=1", "?search=login+~+n", "?per_page=all"} {
			s.By(loner).Get("/api/users"+path).Expect(200).Want(1, "total").Want(1, "subtotal").
				Want([]any{loner.ID}, "results", each, "id")
		}
	})
}
