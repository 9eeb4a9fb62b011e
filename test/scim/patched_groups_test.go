package scim

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// modelGroup is a group as JSON, and who is in it.
type modelGroup struct {
	name, external string
	members        map[string]bool
}

func (m modelGroup) copy() modelGroup {
	next := m
	next.members = map[string]bool{}
	for id := range m.members {
		next.members[id] = true
	}
	return next
}

// shown is the whole representation of the model, but for meta; people are those who can be members, by their ids.
func (m modelGroup) shown(id string, people map[string]object) object {
	o := object{"id": id, "schemas": list{groupURI}, "displayName": m.name}
	if m.external != "" {
		o["externalId"] = m.external
	}
	members := list{}
	for one := range m.members {
		members = append(members, people[one])
	}
	if len(members) > 0 {
		o["members"] = sortedMembers(members)
	}
	return o
}

func sortedMembers(members list) list {
	return slices.SortedFunc(slices.Values(members), func(a, b any) int {
		return strings.Compare(a.(object)["value"].(string), b.(object)["value"].(string))
	})
}

// groupOp draws an operation about a group and does it to the model. ids are those that can be named, the outer group
// among them, which contains this one.
func groupOp(t *rapid.T, m *modelGroup, ids []string, outer string) (object, error) {
	someID := rapid.SampledFrom(ids)
	named := rapid.SliceOfN(someID, 1, 4).Draw(t, "ids")
	values := list{}
	for _, id := range named {
		values = append(values, object{"value": id})
	}
	join := func() error {
		for _, id := range named {
			if id == outer {
				return wrongValue
			}
			m.members[id] = true
		}
		return nil
	}
	switch rapid.IntRange(0, 9).Draw(t, "what") {
	case 0:
		m.name = rapid.SampledFrom([]string{"Crew", "Crew 2", "Taken", "taken"}).Draw(t, "name")
		return op("Replace", "displayName", m.name), nil
	case 1:
		m.external = rapid.SampledFrom([]string{"", "g1"}).Draw(t, "external")
		return op("replace", "externalId", m.external), nil
	case 2:
		clear(m.members)
		err := join()
		return op("replace", "members", values), err
	case 3:
		for _, id := range named {
			delete(m.members, id)
		}
		return op("Remove", "members", values), nil
	case 4:
		delete(m.members, named[0])
		delete(m.members, named[len(named)-1])
		path := fmt.Sprintf("members[value eq %q or value eq %q]", named[0], named[len(named)-1])
		return object{"op": "remove", "path": path}, nil
	case 5:
		clear(m.members)
		return object{"op": "remove", "path": "members"}, nil
	case 6:
		m.name = "Crew 3"
		clear(m.members)
		err := join()
		return op("replace", "", object{"displayName": m.name, "id": "ignored", "members": values}), err
	case 7:
		one := rapid.SampledFrom([]object{op("replace", "members.value", "x"), op("add", `members[value eq "x"]`, object{}),
			op("remove", "displayName", nil), op("replace", "displayName", "")}).Draw(t, "refused")
		return one, map[string]error{"members.value": fixedValue, `members[value eq "x"]`: nowhere,
			"displayName": map[any]error{"remove": fixedValue, "replace": wrongValue}[one["op"]]}[one["path"].(string)]
	}
	if len(named) == 1 && rapid.Bool().Draw(t, "text") {
		return op("add", "members", named[0]), join()
	}
	return op("add", "members", values), join()
}

// randomGroup is a group that requests change beside the model.
type randomGroup struct {
	*provider
	t         *rapid.T
	model     modelGroup
	id, outer string
	people    map[string]object
	said      []string
}

func (g *randomGroup) get() object {
	a, err := g.Try("GET", g.at("/Groups/"+g.id), nil)
	if err != nil || a.Status != http.StatusOK {
		g.t.Fatal(a, err)
	}
	o := asObject(g.t, a.Body)
	if members, ok := o["members"].(list); ok {
		for _, m := range members {
			delete(m.(object), "$ref")
		}
		o["members"] = sortedMembers(members)
	}
	return o
}

func (g *randomGroup) request() {
	g.t.Helper()
	before := g.get()
	next := g.model.copy()
	ids := []string{"nobody", g.outer}
	for id := range g.people {
		if id != g.outer {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids[2:])
	var ops list
	var refused, cycle error
	for range rapid.IntRange(1, 3).Draw(g.t, "operations") {
		one, err := groupOp(g.t, &next, ids, g.outer)
		ops = append(ops, one)
		if err == wrongValue && !strings.Contains(fmt.Sprint(one["path"]), "displayName") {
			if cycle == nil {
				cycle = err // is found when all operations have been read
			}
			continue
		}
		if refused == nil {
			refused = err
		}
	}
	delete(next.members, "nobody")
	if refused == nil && strings.EqualFold(next.name, "taken") {
		refused = takenValue
	}
	if refused == nil {
		refused = cycle
	}
	g.said = append(g.said, jsonText(ops))
	a, err := g.Try("PATCH", g.at("/Groups/"+g.id), object{"schemas": list{patchURI}, "Operations": ops})
	if err != nil {
		g.t.Fatal(err)
	}
	want := refusal{http.StatusOK, ""}
	if refused != nil {
		want = refused.(refusal)
	} else {
		g.model = next
	}
	if kind, _ := asObject(g.t, a.Body)["scimType"].(string); a.Status != want.status || kind != want.kind {
		g.t.Fatalf("%s\ngot %s, want %v", strings.Join(g.said, "\n"), a, want)
	}
	after := g.get()
	versions := []any{before["meta"], after["meta"]}
	if same := withoutMeta(before, after); !same && reflect.DeepEqual(versions[0], versions[1]) ||
		refused != nil && !reflect.DeepEqual(versions[0], versions[1]) {
		g.t.Fatalf("%s\nthe resource is the same: %v; meta was %v and is %v", jsonText(ops), same, versions[0], versions[1])
	}
	if shown := asObject(g.t, []byte(jsonText(g.model.shown(g.id, g.people)))); !reflect.DeepEqual(after, shown) {
		g.t.Fatalf("%s\ngot  %s\nwant %s", strings.Join(g.said, "\n"), jsonText(after), jsonText(shown))
	}
}

// Random operations make of groups and their members what they make of a plain model. A group that would contain itself
// and names that are taken leave everything as it was.
func TestPatch_ModelOfGroups(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		p := newProvider(s, "acme")
		p.group("Taken")
		people := map[string]object{}
		for i := range 4 {
			login := fmt.Sprint("u", i)
			id := p.user(login)
			people[id] = object{"value": id, "type": "User", "display": login}
		}
		inner := p.group("Inner")
		people[inner] = object{"value": inner, "type": "Group", "display": "Inner"}
		rapid.Check(t, func(rt *rapid.T) {
			g := &randomGroup{provider: p, t: rt, people: people, id: p.group("Crew"),
				model: modelGroup{name: "Crew", members: map[string]bool{}}}
			g.outer = p.group("Outer", g.id)
			defer func() {
				for _, id := range []string{g.outer, g.id} {
					if a, err := p.Try("DELETE", p.at("/Groups/"+id), nil); err != nil || a.Status != http.StatusNoContent {
						rt.Fatal(a, err)
					}
				}
			}()
			for range rapid.IntRange(1, 5).Draw(rt, "requests") {
				g.request()
			}
		})
	})
}
