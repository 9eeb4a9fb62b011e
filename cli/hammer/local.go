package hammer

import (
	"fmt"

	"roster/cli/hammer/apidoc"
	"roster/cli/hammer/output"
	"roster/cli/hammer/value"
)

// ---- users

func userOptions() []*option {
	return []*option{
		{switches: []string{"--default-organization"}, attribute: "default_organization_name",
			metavar: "DEFAULT_ORGANIZATION_NAME", about: "Default organization name", parse: parseText},
		{switches: []string{"--default-location"}, attribute: "default_location_name", metavar: "DEFAULT_LOCATION_NAME",
			about: "Default location name", parse: parseText},
		{switches: []string{"--ask-password"}, attribute: "ask_password", metavar: "ASK_PW",
			about: "Ask for the password", parse: func(s string) (any, error) { return parseBool(s) },
			values: []string{"yes", "no"}},
	}
}

// askUser completes what the documentation does not know of users: default tenants by name and passwords.
func (in *invocation) askUser() error {
	if !in.has("ask_password") {
		return nil
	}
	for _, tenant := range []string{"organization", "location"} {
		name := in.values["default_"+tenant+"_name"]
		if name == nil {
			continue
		}
		lookup := &invocation{app: in.app, ctx: in.ctx, command: in.command, values: map[string]any{"name": name}}
		id, err := lookup.identify(in.doc.Resource(tenant+"s"), "", true)
		if err != nil {
			return err
		}
		if in.values["default_"+tenant+"_id"] == nil {
			in.values["default_"+tenant+"_id"] = id
		}
	}
	ask := in.values["ask_password"] == true
	if in.command.kind == isUpdate && (in.values["password"] != nil || ask) {
		if err := in.proveOwn(); err != nil {
			return err
		}
	}
	if ask {
		password, err := in.secret(in.ctx, "Enter user's new password: ")
		if err != nil {
			return err
		}
		in.values["password"] = password
	}
	return nil
}

// proveOwn adds the current password when users change their own (hammer.md 4, user update).
func (in *invocation) proveOwn() error {
	auth := &in.client.auth
	name := auth.name()
	if name == "" {
		return nil
	}
	answer, err := in.callMethod(in.resource().Method("show"), value.NewObject("id", name))
	if err != nil {
		return err
	}
	if value.Text(value.AsObject(unwrap(answer)).Get("id")) != value.Text(orNil(in.values["id"])) {
		return nil
	}
	switch {
	case auth.password != "":
		in.values["current_password"] = auth.password
	case in.values["current_password"] == nil && in.interactive:
		in.values["current_password"], err = in.secret(in.ctx, "Enter user's current password: ")
	}
	return err
}

// ---- keys, certificates, clones, filters of a role

func keyFromFile(in *invocation, params *value.Object) error {
	key := value.AsObject(params.Get("ssh_key"))
	if v, ok := in.values["key_file"]; ok && key != nil && key.Get("key") == nil {
		key.Set("key", v)
	}
	return nil
}

func cacertOption() []*option {
	return []*option{{switches: []string{"--cacert-file"}, attribute: "cacert_file", metavar: "CACERT_FILE",
		about: "File with the certificate of the LDAP server's authority", parse: parseFile}}
}

// cacertFromFile sends the certificate only if the server knows the parameter.
func cacertFromFile(in *invocation, params *value.Object) error {
	source, hash := value.AsObject(params.Get("auth_source_ldap")), in.method().Param("auth_source_ldap")
	if v, ok := in.values["cacert_file"]; ok && source != nil && hash != nil &&
		apidoc.FindParam(hash.Params, "cacert") != nil {
		source.Set("cacert", v)
	}
	return nil
}

func nameClone(in *invocation, params *value.Object) error {
	role := value.AsObject(params.Get("role"))
	if role == nil {
		role = value.NewObject()
		params.Set("role", role)
	}
	role.Set("name", in.values["new_name"])
	return nil
}

func filtersOfRole(in *invocation, params *value.Object) error {
	id, err := in.identify(in.doc.Resource("roles"), "", true)
	if err != nil {
		return err
	}
	params.Set("search", fmt.Sprintf(`role_id = "%s"`, value.Text(id)))
	return nil
}

// ---- parameters of tenants

func parameterOptions() []*option {
	types := []string{"string", "boolean", "integer", "real", "array", "hash", "yaml", "json"}
	return []*option{
		{switches: []string{"--name"}, attribute: "name", metavar: "NAME", about: "Name of the parameter",
			required: true, parse: parseText},
		{switches: []string{"--value"}, attribute: "value", metavar: "VALUE", about: "Value of the parameter",
			required: true, parse: parseText},
		{switches: []string{"--parameter-type"}, attribute: "parameter_type", metavar: "PARAMETER_TYPE",
			about: "Type of the parameter (string)", parse: parseWord(types), values: types},
		{switches: []string{"--hidden-value"}, attribute: "hidden_value", metavar: "HIDDEN_VALUE",
			about: "Whether the value is hidden", parse: func(s string) (any, error) { return parseBool(s) },
			values: []string{"yes", "no"}},
	}
}

func parentOptions(one string) []*option {
	options := []*option{{switches: []string{"--" + one + "-id"}, attribute: one + "_id", metavar: metavar(one + "_id"),
		about: "Id of the " + one, refers: one, parse: parseText}}
	for i, s := range searchables(one) {
		name := "--" + one
		if i > 0 {
			name += "-" + s.name
		}
		options = append(options, &option{switches: []string{name}, attribute: one + "_" + s.name,
			metavar: metavar(one + "_" + s.name), about: capitalized(one) + " by " + s.name, refers: one,
			parse: parseText})
	}
	return options
}

// findParameter looks the parameter up below its tenant; nil if there is none.
func (in *invocation) findParameter() (*value.Object, *value.Object, error) {
	one := in.command.parent.name
	if err := in.addDefaults(); err != nil {
		return nil, nil, err
	}
	id, err := in.identify(in.doc.Resource(one+"s"), one+"_", true)
	if err != nil {
		return nil, nil, in.explainMissing(err)
	}
	in.values[one+"_id"] = id
	rows, err := in.search(in.doc.Resource("parameters"), fmt.Sprintf(`name = "%s"`, value.Text(in.values["name"])))
	if err != nil {
		return nil, nil, err
	}
	base := value.NewObject(one+"_id", id)
	for _, row := range rows {
		if o := value.AsObject(row); o.Get("name") == in.values["name"] {
			return o, base, nil
		}
	}
	return nil, base, nil
}

func setParameter(in *invocation) error {
	found, base, err := in.findParameter()
	if err != nil {
		return err
	}
	kind := in.values["parameter_type"]
	if kind == nil {
		kind = "string"
	}
	action, message := "create", "Parameter [%{name}] created with value [%{value}]"
	p := value.NewObject("name", in.values["name"], "value", in.values["value"], "parameter_type", kind, "hidden_value",
		in.values["hidden_value"])
	if found != nil {
		action, message = "update", "Parameter [%{name}] updated to value [%{value}]"
		p.Remove("name")
		base.Set("id", found.Get("id"))
	}
	base.Set("parameter", p)
	answer, err := in.callMethod(in.resource().Method(action), base)
	if err == nil {
		in.out.Message(message, unwrap(answer))
	}
	return err
}

func deleteParameter(in *invocation) error {
	found, base, err := in.findParameter()
	if err != nil {
		return err
	}
	if found == nil {
		return softwareError("parameter not found.")
	}
	base.Set("id", found.Get("id"))
	answer, err := in.callMethod(in.method(), base)
	if err == nil {
		in.out.Message(in.command.success, unwrap(answer))
	}
	return err
}

// ---- ping and status

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
	ok := readable(results)
	for _, part := range resultsOf(results) {
		if value.AsObject(part.Value).Get("status") == "FAIL" {
			ok = false
		}
	}
	if err := in.out.List(in.command.fields, []any{results}, output.Page{}); err != nil {
		return err
	}
	if !ok {
		return mute(exitPing)
	}
	return nil
}

func resultsOf(o *value.Object) []value.Pair {
	if o == nil {
		return nil
	}
	return o.Pairs
}

// readable turns the state of the database and the caches into words and tells whether the database is up.
func readable(results *value.Object) bool {
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
	readable(results)
	for _, proxy := range value.AsList(value.AsObject(results.Get("foreman")).Get("smart_proxies")) {
		spread(value.AsObject(proxy), "features", "version")
		spread(value.AsObject(proxy), "failed_features", "error")
	}
	return in.out.List(in.command.fields, []any{results}, output.Page{})
}

// spread turns {name: value} into a list of objects.
func spread(o *value.Object, key, valueKey string) {
	if pairs := value.AsObject(o.Get(key)); pairs != nil {
		items := []any{}
		for _, p := range pairs.Pairs {
			items = append(items, value.NewObject("name", p.Key, valueKey, p.Value))
		}
		o.Set(key, items)
	}
}

// ---- sessions

func authCommand() *command {
	names := func() []*option {
		return []*option{
			{switches: []string{"-u", "--username"}, attribute: "username", metavar: "USERNAME",
				about: "Name of the user", parse: parseText},
			{switches: []string{"-p", "--password"}, attribute: "password", metavar: "PASSWORD", about: "Password",
				parse: parseText},
		}
	}
	login := func(name, about string) *command {
		return &command{name: name, kind: isLocal, about: about, run: login, extra: names()}
	}
	return group("auth", "Log in and out",
		group("login", "Log in and keep the session", login("basic", "Log in with name and password"),
			login("basic-external", "Log in with name and password against an external source")),
		&command{name: "logout", kind: isLocal, about: "Forget the session", run: func(in *invocation) error {
			if s := in.client.auth.session; s != nil {
				s.destroy()
			}
			in.out.Message("Logged out.", nil)
			return nil
		}},
		&command{name: "status", kind: isLocal, about: "Show who is logged in", run: authStatus})
}

func login(in *invocation) error {
	auth := &in.client.auth
	if auth.session == nil {
		return &failure{exitUsage, "Can't perform login. Make sure sessions are enabled in hammer configuration file."}
	}
	auth.session.destroy()
	auth.username = first(value.Text(orNil(in.values["username"])), auth.username)
	auth.password = first(value.Text(orNil(in.values["password"])), auth.password)
	auth.given = true
	path := "/api/status"
	if in.command.name == "basic-external" {
		path = "/api/users/extlogin"
	}
	if _, err := in.call("GET", path, value.NewObject()); err != nil {
		return err
	}
	in.out.Message("Successfully logged in as '"+auth.username+"'.", nil)
	return nil
}

func authStatus(in *invocation) error {
	auth := &in.client.auth
	message := "Credentials are not configured."
	switch {
	case auth.session != nil && auth.session.ID != "":
		message = "Session exists, currently logged in as '" + auth.session.User + "'."
	case auth.session != nil:
		message = "Using sessions, you are currently not logged in."
	case auth.username != "" && auth.password != "":
		message = "Using configured credentials for user '" + auth.username + "'."
	}
	in.out.Message(message, nil)
	return nil
}
