package foreman

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"roster/handlers/web"
)

// status is the probe that clients log in with (docs/spec/foreman.md, 5.17).
type status struct {
	Result     string `json:"result"`
	Status     int    `json:"status"`
	Version    string `json:"version"`
	APIVersion int    `json:"api_version"`
}

func (api *API) status(c *call) error {
	return c.send(http.StatusOK, encode(status{Result: "ok", Status: http.StatusOK, Version: Version, APIVersion: 2}))
}

// home lists the routes of each resource that stand by themselves.
func (api *API) home(c *call) error {
	links := map[string]map[string]string{}
	for _, r := range api.Routes() {
		if strings.Count(r.Path, "/:") > 1 {
			continue
		}
		if links[r.Resource] == nil {
			links[r.Resource] = map[string]string{}
		}
		if _, known := links[r.Resource][r.Action]; !known {
			links[r.Resource][r.Action] = r.Path
		}
	}
	return c.send(http.StatusOK, encode(struct {
		Links map[string]map[string]string `json:"links"`
	}{links}))
}

type pingBody struct {
	Results struct {
		Foreman struct {
			Database pingDatabase `json:"database"`
		} `json:"foreman"`
	} `json:"results"`
}

type pingDatabase struct {
	Active bool `json:"active"`
	// DurationMS is a number of milliseconds as text, as clients know it.
	DurationMS string `json:"duration_ms"`
}

func (api *API) pingDatabase(c *call) pingDatabase {
	start := time.Now()
	err := api.dir.Ping(c.ctx())
	return pingDatabase{err == nil, strconv.FormatInt(time.Since(start).Milliseconds(), 10)}
}

func (api *API) ping(c *call) error {
	var body pingBody
	body.Results.Foreman.Database = api.pingDatabase(c)
	status := http.StatusOK
	if !body.Results.Foreman.Database.Active {
		status = http.StatusServiceUnavailable
		c.Response().Header().Set("Retry-After", web.RetryAfter)
	}
	return c.respond(status, body)
}

type apiVersion struct {
	Version string `json:"version"`
}

type statusesForeman struct {
	Version          string       `json:"version"`
	API              apiVersion   `json:"api"`
	Plugins          nothing      `json:"plugins" swaggertype:"array,object"`
	SmartProxies     nothing      `json:"smart_proxies" swaggertype:"array,object"`
	ComputeResources nothing      `json:"compute_resources" swaggertype:"array,object"`
	Database         pingDatabase `json:"database"`
}

type statusesBody struct {
	Results struct {
		Foreman statusesForeman `json:"foreman"`
	} `json:"results"`
}

func (api *API) statuses(c *call) error {
	var body statusesBody
	body.Results.Foreman = statusesForeman{Version: Version, API: apiVersion{"v2"}, Database: api.pingDatabase(c)}
	return c.respond(http.StatusOK, body)
}

// plugins is a list that is always empty.
func (api *API) plugins(c *call) error {
	return unpaged(c, nil, func(nothing) nothing { return nothing{} })
}
