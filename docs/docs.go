// Package docs holds the documents of the API. swagger.json is generated from the comments beside the handlers: see
// docs/generate.
package docs

import (
	_ "embed"

	"github.com/swaggo/swag"
)

// Swagger is the Swagger document.
//
//go:embed swagger.json
var Swagger []byte

// document hands swag's user interface the document as it is.
type document struct{}

// ReadDoc implements swag.Swagger.
func (document) ReadDoc() string { return string(Swagger) }

func init() { swag.Register(swag.Name, document{}) }
