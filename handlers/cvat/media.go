package cvat

import (
	"mime"
	"net/http"
	"strings"
)

// mediaType is that of all answers. It has no charset: JSON is UTF-8.
const mediaType = "application/vnd.cvat+json"

// version is that of the API, which Accept may name.
const version = "2.0"

// negotiate checks that the client takes what all answers are (docs/spec/cvat.md, 2). Plain JSON alone is not that: by
// this, clients of other APIs are told that they ask the wrong server.
func negotiate(c *call) error {
	if scheme := c.QueryParam("scheme"); scheme != "" && scheme != "json" {
		return errNoRoute
	}
	accept := c.Request().Header.Values("Accept")
	if len(accept) == 0 {
		return nil
	}
	taken, params := takes(strings.Join(accept, ","))
	if !taken {
		return refusal{http.StatusNotAcceptable, detail{"Could not satisfy the request Accept header."}}
	}
	if v, given := params["version"]; given && v != version {
		return refusal{http.StatusNotAcceptable, detail{`Invalid version in "Accept" header.`}}
	}
	return nil
}

// takes reports whether a list of media types has one that answers can be, and returns the parameters of the closest.
func takes(accept string) (bool, map[string]string) {
	best := -1
	var found map[string]string
	for one := range strings.SplitSeq(accept, ",") {
		if strings.TrimSpace(one) == "" {
			continue
		}
		kind, params, err := mime.ParseMediaType(one)
		if err != nil && kind == "" {
			continue
		}
		rank := -1
		switch kind {
		case mediaType:
			rank = 2
		case "application/*":
			rank = 1
		case "*/*":
			rank = 0
		}
		if rank > best {
			best = rank
			found = params
		}
	}
	return best >= 0 || strings.TrimSpace(accept) == "", found
}

// isJSON reports whether a request says that its body is JSON.
func isJSON(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == "application/json"
}
