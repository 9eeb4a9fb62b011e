package foreman

import _ "embed"

// Readme is the guide to this API.
//
//go:embed README.md
var Readme []byte
