package apipie

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// The example of a body has attributes of that body, and not of another dialect's.
func TestDocuments_ExamplesFitTheirBodies(t *testing.T) {
	for _, file := range []string{"swagger", "redmine", "cvat", "scim"} {
		raw, err := os.ReadFile("../" + file + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var document struct {
			Definitions map[string]struct {
				Properties map[string]any
				Example    any
			}
		}
		if err := json.Unmarshal(raw, &document); err != nil {
			t.Fatal(file, ": ", err)
		}
		checked := 0
		for name, d := range document.Definitions {
			example, isObject := d.Example.(map[string]any)
			if !isObject || len(d.Properties) == 0 {
				continue
			}
			checked++
			for attribute := range example {
				extension := strings.HasPrefix(attribute, "urn:") // of SCIM, whose document does not list them
				if _, known := d.Properties[attribute]; !known && !extension {
					t.Errorf("%s, %s: the example has %s, which the body does not have", file, name, attribute)
				}
			}
		}
		if checked == 0 {
			t.Errorf("%s has no examples", file)
		}
	}
}
