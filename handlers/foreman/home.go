package foreman

import "net/http"

// status is the probe that clients log in with (spec, section 5.17).
type status struct {
	Result     string `json:"result"`
	Status     int    `json:"status"`
	Version    string `json:"version"`
	APIVersion int    `json:"api_version"`
}

func (api *API) status(c *call) error {
	return c.send(http.StatusOK, encode(status{"ok", http.StatusOK, api.o.Version, 2}))
}
