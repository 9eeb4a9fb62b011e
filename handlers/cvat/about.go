package cvat

import "net/http"

// aboutRead is what the server says of itself.
type aboutRead struct {
	Name        string `json:"name" example:"Roster"`    // Name of the server
	Description string `json:"description"`              // What it is
	Version     string `json:"version" example:"2.71.1"` // Version of CVAT that clients see (a setting)
	LogoURL     string `json:"logo_url"`                 // Always empty
	Subtitle    string `json:"subtitle"`                 // Always empty
}

// about answers anybody: clients find out by it whether they know this version (docs/spec/cvat.md, 14).
func (*API) about(c *call) error {
	return c.send(http.StatusOK, aboutRead{Name: "Roster", Description: "Users, organizations and who belongs to them",
		Version: c.settings.Setting("cvat_version")})
}
