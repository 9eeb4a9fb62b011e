// Command generate writes the documents of the API: swagger.json from the comments beside the handlers, completed by
// what they leave to rules, and from it the Apipie document that clients configure themselves from; redmine.json of the
// Redmine dialect, cvat.json of the CVAT dialect and scim.json of the SCIM dialect in the same way.
package main

import (
	"fmt"
	"os"

	"roster/docs/apipie"
)

func main() {
	if err := generate(); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func generate() error {
	raw, err := swagger()
	if err != nil {
		return err
	}
	if err := os.WriteFile("docs/swagger.json", raw, 0o644); err != nil {
		return err
	}
	redmine, err := redmineSwagger()
	if err != nil {
		return err
	}
	if err := os.WriteFile("docs/redmine.json", redmine, 0o644); err != nil {
		return err
	}
	cvat, err := cvatSwagger()
	if err != nil {
		return err
	}
	if err := os.WriteFile("docs/cvat.json", cvat, 0o644); err != nil {
		return err
	}
	scim, err := scimSwagger()
	if err != nil {
		return err
	}
	if err := os.WriteFile("docs/scim.json", scim, 0o644); err != nil {
		return err
	}
	doc, err := apipie.FromSwagger(raw)
	if err != nil {
		return err
	}
	return os.WriteFile("docs/apipie/v2.json", append(doc.JSON(), '\n'), 0o644)
}
