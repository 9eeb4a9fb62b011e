package scim

import (
	"net/http"
	"slices"
	"strings"

	"roster/handlers/scim/schema"
)

// route is what a path has: an action for each method. open ones answer strangers, own ones people for themselves.
type route struct {
	open, own bool
	actions   map[string]func(*call) error
}

// allow lists the methods.
func (r *route) allow() string {
	names := []string{http.MethodOptions}
	for name := range r.actions {
		names = append(names, name)
		if name == http.MethodGet {
			names = append(names, http.MethodHead)
		}
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// Route is a method and a path below the base of an organization, for documents and tests.
type Route struct {
	Method, Path string
	// Open says that strangers are answered, too.
	Open bool
}

// Routes lists every route once, with those of further types of resources. Words of paths may be in any case.
func Routes(types ...schema.ResourceType) []Route {
	list := []Route{{"GET", "/", false}, {"POST", "/.search", false}, {"POST", "/Bulk", false}}
	for _, name := range []string{"/ServiceProviderConfig", "/ResourceTypes", "/ResourceTypes/User", "/Schemas",
		"/Schemas/" + userURI} {
		list = append(list, Route{"GET", name, true})
	}
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
		list = append(list, Route{method, "/Me", false})
	}
	for _, rt := range append([]schema.ResourceType{userType, groupType}, types...) {
		at := rt.Endpoint
		list = append(list, Route{"GET", at, false}, Route{"POST", at, false}, Route{"POST", at + "/.search", false})
		for _, method := range []string{"GET", "PUT", "PATCH", "DELETE"} {
			list = append(list, Route{method, at + "/:id", false})
		}
	}
	return list
}

func one(method string, action func(*call) error) map[string]func(*call) error {
	return map[string]func(*call) error{method: action}
}

// route finds what the path of a request names; nil for nothing.
func (c *call) route() *route {
	if len(c.parts) == 0 {
		return &route{actions: one("GET", func(c *call) error { return c.list(c.api.stores) })}
	}
	if s := c.api.storeAt(c.parts[0]); s != nil {
		return c.resources(s)
	}
	switch first := strings.ToLower(c.parts[0]); {
	case first == "serviceproviderconfig" && len(c.parts) == 1:
		return &route{open: true, actions: one("GET", (*call).providerConfig)}
	case first == "resourcetypes" && len(c.parts) <= 2:
		return &route{open: true, actions: one("GET", (*call).resourceTypes)}
	case first == "schemas" && len(c.parts) <= 2:
		return &route{open: true, actions: one("GET", (*call).schemas)}
	case len(c.parts) > 1:
		return nil
	case first == ".search":
		return &route{actions: one("POST", func(c *call) error { return c.search(c.api.stores) })}
	case first == "bulk":
		return &route{actions: one("POST", (*call).bulk)}
	case first == "me":
		return &route{own: true, actions: map[string]func(*call) error{"GET": (*call).showMe, "PATCH": (*call).changeMe,
			"PUT": (*call).notMe, "POST": (*call).notMe, "DELETE": (*call).deleteMe}}
	}
	return nil
}

// fixed are the parts of paths that name no type of resources, as they are written.
var fixed = []string{"ServiceProviderConfig", "ResourceTypes", "Schemas", ".search", "Bulk", "Me"}

// template returns the pattern of the path of a request that names something.
func (c *call) template() string {
	text := base
	if c.organization != "" {
		text += "/organizations/:organization"
	}
	for i, part := range c.parts {
		word := ":id"
		for _, known := range fixed {
			if strings.EqualFold(part, known) {
				word = known
			}
		}
		if s := c.api.storeAt(part); i == 0 && s != nil {
			word = strings.TrimPrefix(s.kind().Endpoint, "/")
		}
		text += "/" + word
	}
	return text
}

// storeAt finds the store of an endpoint, by its name in any case.
func (api *API) storeAt(name string) store {
	for _, s := range api.stores {
		if strings.EqualFold(s.kind().Endpoint, "/"+name) {
			return s
		}
	}
	return nil
}

func (c *call) resources(s store) *route {
	switch {
	case len(c.parts) == 1:
		return &route{actions: map[string]func(*call) error{
			"GET":  func(c *call) error { return c.list([]store{s}) },
			"POST": func(c *call) error { return c.createOne(s) },
		}}
	case len(c.parts) > 2:
		return nil
	case strings.EqualFold(c.parts[1], ".search"):
		return &route{actions: one("POST", func(c *call) error { return c.search([]store{s}) })}
	}
	id := c.parts[1]
	return &route{actions: map[string]func(*call) error{
		"GET":    func(c *call) error { return c.showOne(s, id) },
		"PUT":    func(c *call) error { return c.replaceOne(s, id) },
		"PATCH":  func(c *call) error { return c.changeOne(s, id) },
		"DELETE": func(c *call) error { return c.removeOne(s, id) },
	}}
}
