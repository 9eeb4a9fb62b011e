package main

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/go-openapi/spec"
)

// neverNull marks the attributes of an update that may be left out, and may not be null.
const neverNull = "x-never-null"

// separateUpdates gives updates bodies of their own. A change needs none of the attributes that creating demands, so a
// client that validates what it sends, or sends null for what it does not set, must not find them required.
func separateUpdates(s *spec.Swagger) error {
	for _, item := range s.Paths.Paths {
		if item.Put == nil {
			continue
		}
		for i, p := range item.Put.Parameters {
			if p.In != "body" || p.Schema == nil {
				continue
			}
			name, err := updateBody(s.Definitions, definitionOf(p.Schema))
			if err != nil {
				return err
			}
			item.Put.Parameters[i].Schema = spec.RefSchema("#/definitions/" + name)
		}
	}
	for name, d := range s.Definitions { // creating knows nothing of what only updates have
		if inputs.MatchString(name) && !strings.HasSuffix(name, "UpdateAttributes") {
			dropOnly(d, "update")
		}
	}
	return dropUnused(s)
}

func definitionOf(s *spec.Schema) string {
	if len(s.AllOf) == 1 {
		s = &s.AllOf[0]
	}
	return strings.TrimPrefix(s.Ref.String(), "#/definitions/")
}

// updateBody returns the name of the body of updates that stands beside one of creations.
func updateBody(definitions spec.Definitions, name string) (string, error) {
	stem := strings.TrimSuffix(strings.TrimSuffix(name, "Body"), "Update")
	made := stem + "UpdateBody"
	if _, there := definitions[made]; there {
		return made, nil
	}
	body, err := copyOf(definitions[name])
	if err != nil {
		return "", err
	}
	for attr, property := range body.Properties {
		inner := definitionOf(&property)
		if !strings.HasSuffix(inner, "Attributes") {
			continue
		}
		attributes, err := copyOf(definitions[inner])
		if err != nil {
			return "", err
		}
		for name, p := range attributes.Properties {
			if slices.Contains(attributes.Required, name) {
				p.AddExtension(neverNull, true)
				attributes.Properties[name] = p
			}
		}
		attributes.Required = nil
		dropOnly(attributes, "create")
		definitions[stem+"UpdateAttributes"] = attributes
		property.AllOf = nil
		property.Ref = spec.MustCreateRef("#/definitions/" + stem + "UpdateAttributes")
		body.Properties[attr] = property
	}
	definitions[made] = body
	return made, nil
}

// dropOnly takes out the attributes that are for another action alone.
func dropOnly(of spec.Schema, other string) {
	for name, p := range of.Properties {
		if only, _ := p.Extensions.GetString("x-only"); only == other {
			delete(of.Properties, name)
		}
	}
}

func copyOf(s spec.Schema) (spec.Schema, error) {
	var made spec.Schema
	text, err := json.Marshal(s)
	if err != nil {
		return made, err
	}
	return made, json.Unmarshal(text, &made)
}

// dropUnused takes out the definitions that nothing refers to, so that clients get no types for them.
func dropUnused(s *spec.Swagger) error {
	for {
		text, err := json.Marshal(s)
		if err != nil {
			return err
		}
		unused := slices.DeleteFunc(slices.Collect(maps.Keys(s.Definitions)), func(name string) bool {
			return strings.Contains(string(text), `"#/definitions/`+name+`"`)
		})
		if len(unused) == 0 {
			return nil
		}
		for _, name := range unused {
			delete(s.Definitions, name)
		}
	}
}
