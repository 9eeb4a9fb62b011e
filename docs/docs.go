// Package docs holds the documents of the APIs, and the guides. swagger.json, redmine.json, cvat.json and scim.json are
// generated from the comments beside the handlers: see docs/generate.
package docs

import "embed"

// Guides are the guides, the specifications, and the files that they need, by their paths in this directory. The server
// shows them.
//
//go:embed *.md */*.md */*.svg operations/alerts.yml operations/dashboard.json
var Guides embed.FS

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

// CVAT is the document of the CVAT dialect.
//
//go:embed cvat.json
var CVAT []byte
