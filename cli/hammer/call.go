package hammer

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"roster/cli/hammer/apidoc"
	"roster/cli/hammer/value"
)

// call sends parameters and returns the answer: in the query of GET and DELETE, else as a JSON body.
func (in *invocation) call(verb, path string, params *value.Object) (any, error) {
	return callAPI(in.ctx, in.client, verb, path, params, false)
}

// callAPI sends parameters and returns the answer: nil if it is empty, a text if it is not JSON.
func callAPI(ctx context.Context, c *client, verb, path string, params *value.Object, anonymous bool) (any, error) {
	r := request{verb: verb, path: path, anonymous: anonymous}
	if key := notUTF8(params); key != "" {
		return nil, softwareError("%s is not UTF-8", key)
	}
	if verb == "GET" || verb == "DELETE" || verb == "HEAD" {
		r.query = encodeQuery(params)
	} else {
		r.body = params
	}
	raw, err := c.do(ctx, r)
	if err != nil || len(strings.TrimSpace(string(raw))) == 0 {
		return nil, err
	}
	v, err := value.ParseJSON(raw)
	if err != nil {
		return string(raw), nil
	}
	return v, nil
}

// notUTF8 returns the key of a text that JSON could not carry as it is, or nothing.
func notUTF8(params *value.Object) string {
	var bad func(any) bool
	bad = func(v any) bool {
		switch v := v.(type) {
		case string:
			return !utf8.ValidString(v)
		case []any:
			return slices.ContainsFunc(v, bad)
		case *value.Object:
			return notUTF8(v) != ""
		}
		return false
	}
	if params == nil {
		return ""
	}
	for _, p := range params.Pairs {
		if o := value.AsObject(p.Value); o != nil {
			if key := notUTF8(o); key != "" {
				return key
			}
		} else if bad(p.Value) {
			return p.Key
		}
	}
	return ""
}

// encodeQuery escapes as Ruby does for forms: a space is +, and ~ is escaped.
func encodeQuery(params *value.Object) string {
	var parts []string
	// Null and the empty list are sent as their key alone.
	add := func(key string, v any) {
		if _, ok := v.(value.Null); ok || v == nil {
			parts = append(parts, key)
			return
		}
		parts = append(parts, key+"="+escape(value.Text(v)))
	}
	for _, p := range params.Pairs {
		key := escape(p.Key)
		switch v := p.Value.(type) {
		case []any:
			if len(v) == 0 {
				add(key, nil)
			}
			for _, item := range v {
				add(key+"[]", item)
			}
		case *value.Object:
			if len(v.Pairs) == 0 {
				add(key, nil)
			}
			for _, q := range v.Pairs {
				add(key+"["+escape(q.Key)+"]", q.Value)
			}
		default:
			add(key, v)
		}
	}
	return strings.Join(parts, "&")
}

func escape(s string) string {
	return strings.NewReplacer("~", "%7E", "%2A", "*").Replace(url.QueryEscape(s))
}

// callMethod chooses the route, puts its parameters into the path and sends the rest (docs/spec/hammer.md, 2).
func (in *invocation) callMethod(m *apidoc.Method, params *value.Object) (any, error) {
	if m == nil {
		return nil, errUnsupported
	}
	if err := in.checkRequired(m, params); err != nil {
		return nil, err
	}
	return in.sendMethod(m, params)
}

// sendMethod is callMethod for parameters that are checked already, or are the server's to check.
func (in *invocation) sendMethod(m *apidoc.Method, params *value.Object) (any, error) {
	r, err := chooseRoute(m, params)
	if err != nil {
		return nil, err
	}
	rest := &value.Object{Pairs: slices.Clone(params.Pairs)}
	segments := strings.Split(r.Path, "/")
	for i, s := range segments {
		if key, ok := strings.CutPrefix(s, ":"); ok {
			v := nullToNil(params.Get(key))
			if v == nil {
				return nil, missingParam(key)
			}
			segments[i] = url.QueryEscape(value.Text(v))
			rest.Remove(key)
		}
	}
	return in.call(strings.ToUpper(r.Verb), strings.Join(segments, "/"), rest)
}

// chooseRoute returns the route with the most parameters in its path, all of which are given. Among equals it is the
// first one in the order of paths.
func chooseRoute(m *apidoc.Method, params *value.Object) (apidoc.Route, error) {
	var best apidoc.Route
	most := -1
	missing := "id"
	for _, r := range m.APIs {
		count := 0
		complete := true
		for _, key := range pathParams(r) {
			if params.Get(key) == nil {
				missing = key
				complete = false
				break
			}
			count++
		}
		if complete && (count > most || count == most && r.Path < best.Path) {
			best = r
			most = count
		}
	}
	if most < 0 {
		return best, missingParam(missing)
	}
	return best, nil
}

// pathParams returns the parameters in the path of a route.
func pathParams(r apidoc.Route) []string {
	var keys []string
	for s := range strings.SplitSeq(r.Path, "/") {
		if key, ok := strings.CutPrefix(s, ":"); ok {
			keys = append(keys, key)
		}
	}
	return keys
}

func missingParam(key string) error {
	return &failure{exitUsage, fmt.Sprintf("Error: missing param '%s' in parameters", key)}
}

// checkRequired refuses to send what the server would refuse (docs/spec/hammer.md, 2). The parameters besides need not
// be there, whatever the documentation says.
func (in *invocation) checkRequired(m *apidoc.Method, params *value.Object, besides ...string) error {
	var names []string
	var walk func([]apidoc.Param, *value.Object)
	walk = func(ps []apidoc.Param, o *value.Object) {
		for _, p := range ps {
			if child := value.AsObject(o.Get(p.Name)); p.Type == "hash" && child != nil {
				walk(p.Params, child)
			} else if p.Required && nullToNil(o.Get(p.Name)) == nil && len(p.Params) == 0 &&
				!slices.Contains(besides, p.Name) {
				names = append(names, "'--"+paramSwitch(p.Name)+"'")
			}
		}
	}
	walk(m.Params, params)
	if len(names) == 0 {
		return nil
	}
	return &failure{exitUsage, "Missing arguments for " + strings.Join(names, ", ") + "."}
}
