package hammer

import (
	"roster/cli/hammer/output"
	"roster/cli/hammer/value"
)

func pingCommand() *command {
	database := output.Block("database", "foreman/database",
		output.Columns("Status=active, Server Response=duration_ms"))
	servers := output.NumberedList("servers", "servers", output.Columns("Status=status, Server Response=duration_ms"))
	cache := output.HideBlank(output.Block("cache", "foreman/cache", []output.Field{servers}))
	return &command{name: "ping", kind: isLocal, needsDoc: true, about: "Ask whether the server is up",
		fields: output.Join(database, cache), run: ping}
}

func ping(in *invocation) error {
	answer, err := callAPI(in.ctx, in.client, "GET", "/api/ping", value.NewObject(), true)
	if err != nil {
		return err
	}
	results := value.AsObject(unwrap(answer))
	ok := describeHealth(results)
	for _, part := range resultsOf(results) {
		if value.AsObject(part.Value).Get("status") == "FAIL" {
			ok = false
		}
	}
	if err := in.out.List(in.command.fields, []any{results}, output.Page{}); err != nil {
		return err
	}
	if !ok {
		return exitError(exitPing)
	}
	return nil
}

func resultsOf(o *value.Object) []value.Pair {
	if o == nil {
		return nil
	}
	return o.Pairs
}

// describeHealth replaces the state of the database and the caches by words, and reports whether the database is up.
func describeHealth(results *value.Object) bool {
	foreman := value.AsObject(results.Get("foreman"))
	if foreman == nil {
		return true
	}
	words := func(o *value.Object) {
		o.Set("duration_ms", "Duration: "+value.Text(o.Get("duration_ms"))+"ms")
	}
	for _, server := range value.AsList(value.AsObject(foreman.Get("cache")).Get("servers")) {
		if s := value.AsObject(server); s != nil {
			words(s)
		}
	}
	database := value.AsObject(foreman.Get("database"))
	if database == nil {
		return true
	}
	active := database.Get("active")
	up := active != nil && active != false
	database.Set("active", map[bool]string{true: "ok", false: "FAIL"}[up])
	words(database)
	return up
}

func statusCommand() *command {
	proxy := output.Join("Name=name, Version=version, Status=status",
		output.HideBlank(output.NumberedList("Features", "features", output.Columns("Name=name, Version=version")),
			output.NumberedList("Failed features", "failed_features", output.Columns("Name=name, Error=error"))))
	resource := output.Join("Name=name, Status=status",
		output.HideBlank(output.NumberedList("Errors", "errors", []output.Field{{}})))
	return &command{name: "status", kind: isLocal, needsDoc: true, about: "Show the state of the server and its parts",
		run: status,
		fields: output.Join("Version=foreman/version, API Version=foreman/api/version",
			output.Block("Database", "foreman/database",
				output.Columns("Status=active, Server Response=duration_ms")),
			output.NumberedList("Plugins", "foreman/plugins", output.Columns("Name=name, Version=version")),
			output.NumberedList("Smart Proxies", "foreman/smart_proxies", proxy),
			output.NumberedList("Compute Resources", "foreman/compute_resources", resource))}
}

func status(in *invocation) error {
	answer, err := in.call("GET", "/api/statuses", value.NewObject())
	if err != nil {
		return err
	}
	results := value.AsObject(unwrap(answer))
	describeHealth(results)
	for _, proxy := range value.AsList(value.AsObject(results.Get("foreman")).Get("smart_proxies")) {
		listPairs(value.AsObject(proxy), "features", "version")
		listPairs(value.AsObject(proxy), "failed_features", "error")
	}
	return in.out.List(in.command.fields, []any{results}, output.Page{})
}

// listPairs turns {name: value} into a list of objects.
func listPairs(o *value.Object, key, valueKey string) {
	if pairs := value.AsObject(o.Get(key)); pairs != nil {
		items := []any{}
		for _, p := range pairs.Pairs {
			items = append(items, value.NewObject("name", p.Key, valueKey, p.Value))
		}
		o.Set(key, items)
	}
}
