package hammer

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"roster/cli/hammer/output"
	"roster/cli/hammer/value"
)

func defaultsCommand() *command {
	name := textOption("param-name", "Name of the option, such as organization_id").showAs("OPTION_NAME").require()
	return group("defaults", "Manage the defaults of options",
		&command{name: "add", kind: isLocal, about: "Add or replace a default", run: addDefault,
			extra: []*option{name,
				textOption("param-value", "The value").showAs("OPTION_VALUE"),
				textOption("provider", "Who provides the value: foreman").showAs("OPTION_PROVIDER")}},
		&command{name: "delete", kind: isLocal, about: "Delete a default", run: deleteDefault,
			extra: []*option{name}},
		&command{name: "list", kind: isLocal, about: "List the defaults", run: listDefaults,
			fields: output.Columns("Parameter=parameter, Value=value")},
		&command{name: "providers", kind: isLocal, about: "List who can provide defaults", run: listProviders,
			fields: output.Columns("Provider=provider, Supported defaults=defaults:list, Description=description")})
}

// savedDefault is the default of an option: a value, or a provider that supplies one.
type savedDefault struct {
	name, value, provider string
	// isInteger is whether the file has an integer. A text of digits is sent as a text.
	isInteger bool
}

func (a *app) defaultsFile() string { return filepath.Join(a.home, ".hammer", "defaults.yml") }

func (a *app) savedDefaults() []savedDefault {
	var saved []savedDefault
	nodes := a.settings.defaults.Content
	for i := 0; i+1 < len(nodes); i += 2 {
		var value map[string]yaml.Node
		if nodes[i+1].Decode(&value) == nil {
			v := value[":value"]
			saved = append(saved, savedDefault{name: strings.TrimPrefix(nodes[i].Value, ":"), value: v.Value,
				provider: value[":provider"].Value, isInteger: v.Tag == "!!int"})
		}
	}
	return saved
}

// saveDefaults writes the file in hammer's form, so that both can use it.
func (a *app) saveDefaults(saved []savedDefault) error {
	all := &yaml.Node{Kind: yaml.MappingNode}
	word := func(s string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s} }
	for _, d := range saved {
		key := word(":value")
		content := word(d.value)
		if d.provider != "" {
			key = word(":provider")
			content = word(d.provider)
		}
		if d.isInteger {
			content.Tag = "!!int"
		}
		all.Content = append(all.Content, word(":"+d.name),
			&yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{key, content}})
	}
	raw, err := yaml.Marshal(&yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{word(":defaults"), all}})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(a.defaultsFile()), 0o700); err != nil {
		return err
	}
	return writePrivate(a.defaultsFile(), raw)
}

func sameName(a, b string) bool {
	return strings.ReplaceAll(a, "-", "_") == strings.ReplaceAll(b, "-", "_")
}

func addDefault(in *invocation) error {
	d := savedDefault{name: value.Text(in.values["param_name"]), value: value.Text(in.values["param_value"]),
		provider: value.Text(in.values["provider"])}
	message := fmt.Sprintf("Added %s default-option with value %s.", d.name, d.value)
	switch {
	case (in.values["param_value"] == nil) == (in.values["provider"] == nil):
		return in.fail(exitUsage, "You must specify value or a provider name, can't specify both.")
	case d.provider != "" && d.provider != "foreman":
		return in.fail(exitUsage, "Provider "+d.provider+" was not found. See `hammer defaults providers` for "+
			"available providers.")
	case d.provider != "" && !sameName(d.name, "organization_id") && !sameName(d.name, "location_id"):
		return in.fail(exitConfig, "The param name is not supported by provider. See `hammer defaults providers` "+
			"for supported params.")
	case d.provider != "":
		message = fmt.Sprintf("Added %s default-option with value that will be generated from the server.", d.name)
	}
	saved := slices.DeleteFunc(in.savedDefaults(), func(old savedDefault) bool { return sameName(old.name, d.name) })
	if err := in.saveDefaults(append(saved, d)); err != nil {
		return in.fail(exitConfig, err.Error())
	}
	in.out.Message(message, nil)
	return nil
}

// fail ends the command with a code. As in hammer, the message is printed as a result.
func (in *invocation) fail(code int, message string) error {
	in.out.Message(message, nil)
	return exitError(code)
}

func deleteDefault(in *invocation) error {
	name := value.Text(in.values["param_name"])
	saved := in.savedDefaults()
	kept := slices.DeleteFunc(slices.Clone(saved), func(d savedDefault) bool { return sameName(d.name, name) })
	if len(kept) == len(saved) {
		in.out.Message("Couldn't find the requested param in "+in.defaultsFile()+".", nil)
		return nil
	}
	if err := in.saveDefaults(kept); err != nil {
		return &failure{exitConfig, "Error: " + err.Error()}
	}
	in.out.Message(name+" was deleted successfully.", nil)
	return nil
}

func listDefaults(in *invocation) error {
	rows := []any{}
	for _, d := range in.savedDefaults() {
		shown := d.value
		if d.provider != "" {
			shown = "Provided by: " + capitalized(d.provider)
		}
		rows = append(rows, value.NewObject("parameter", d.name, "value", shown))
	}
	return in.out.List(in.command.fields, rows, output.Page{})
}

func listProviders(in *invocation) error {
	row := value.NewObject("provider", "foreman", "defaults", []any{"organization_id", "location_id"}, "description",
		"Use the default organization and/or location from the server")
	return in.out.List(in.command.fields, []any{row}, output.Page{})
}

// addDefaults sets options that were not given to their saved defaults, which are saved by the name of the switch.
func (in *invocation) addDefaults() error {
	if use, given := in.flags["use-defaults"].(bool); given && !use {
		return nil
	}
	for _, d := range in.savedDefaults() {
		i := slices.IndexFunc(in.options,
			func(o *option) bool { return sameName(strings.TrimPrefix(o.long(), "--"), d.name) })
		if i < 0 || in.values[in.options[i].attribute] != nil {
			continue
		}
		o := in.options[i]
		if d.provider != "" {
			v, err := in.askProvider(o.attribute)
			if err != nil {
				return err
			}
			if v != nil {
				in.values[o.attribute] = v
			}
			continue
		}
		v, err := o.parse(d.value)
		if err != nil {
			return &usageError{fmt.Sprintf("Option '%s': %s.", o.long(), err), in.command.path(in.program)}
		}
		if _, isNumber := v.(value.Number); isNumber && !d.isInteger {
			v = d.value
		}
		in.values[o.attribute] = v
	}
	return nil
}

// askProvider asks the server for the user's own default organization or location.
func (in *invocation) askProvider(attribute string) (any, error) {
	login, err := in.ownLogin()
	if err != nil {
		return nil, err
	}
	return in.defaultOf(attribute, login)
}

// defaultOf returns the default organization or location of a user, nil if there is none.
func (in *invocation) defaultOf(attribute, login string) (any, error) {
	queries := []string{"login=" + login}
	if strings.ContainsAny(login, `\"`) {
		queries = append(queries, "login = "+quoted(login))
	}
	for _, query := range queries {
		answer, err := in.call("GET", "/api/users", value.NewObject("search", query))
		if err != nil && !isRefused(err) {
			return nil, err
		}
		for _, row := range value.AsList(value.AsObject(answer).Get("results")) {
			if o := value.AsObject(row); !o.Has("login") || (searchable{name: "login"}).is(login, o) {
				return value.AsObject(o.Get("default_" + strings.TrimSuffix(attribute, "_id"))).Get("id"), nil
			}
		}
	}
	return nil, nil
}
