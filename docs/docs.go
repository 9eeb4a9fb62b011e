// Package docs holds the documents of the APIs. swagger.json, redmine.json, cvat.json and scim.json are generated from
// the comments beside the handlers: see docs/generate.
package docs

import (
	_ "embed"

	"github.com/swaggo/swag"
)

// Swagger is the Swagger document.
//
//go:embed swagger.json
var Swagger []byte

// Redmine is the document of the Redmine dialect.
//
//go:embed redmine.json
var Redmine []byte

// SCIM is the document of the SCIM dialect.
//
//go:embed scim.json
var SCIM []byte

// SCIMName is what swag calls that document.
const SCIMName = "scim"

// RedmineName is what swag calls that document.
const RedmineName = "redmine"

// CVAT is the document of the CVAT dialect.
//
//go:embed cvat.json
var CVAT []byte

// CVATName is what swag calls that document.
const CVATName = "cvat"

// document hands swag's user interface a document as it is.
type document struct{ text []byte }

// ReadDoc implements swag.Swagger.
func (d document) ReadDoc() string { return string(d.text) }

func init() {
	swag.Register(swag.Name, document{Swagger})
	swag.Register(RedmineName, document{Redmine})
	swag.Register(CVATName, document{CVAT})
	swag.Register(SCIMName, document{SCIM})
}
