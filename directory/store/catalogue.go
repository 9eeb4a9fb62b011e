package store

import (
	"errors"
	"net/url"
	"regexp"
	"slices"

	"roster/models"
)

// Setting is an entry of the catalogue: a switch of the installation that administrators may change
// (docs/spec/foreman.md, 22.5).
type Setting struct {
	// ID identifies the setting in audits. It never changes and is never used again for another setting.
	ID                          int64
	Name, FullName, Description string
	// Type is boolean, integer, string or array; the last is a list of texts.
	Type    string
	Default any
	// Category groups settings for people.
	Category string
	// Encrypted values are write-only: they are sealed at rest, and shown as stars.
	Encrypted bool
	// Guarded settings decide who is let in, and for how long: only administrators change them.
	Guarded bool
	// Values lists what a string may be; nil means anything.
	Values func() []string
	// Check refuses a value with a rule; nil accepts all values of the type.
	Check func(value any) models.Rule
}

const (
	categoryGeneral      = "General"
	categoryAuth         = "Authentication"
	categoryEmail        = "Email"
	categoryFacts        = "Facts"
	categoryProvisioning = "Provisioning"
	categoryCVAT         = "CVAT"
	categorySCIM         = "SCIM"
)

// keysURLOrNone refuses addresses that this server must not request.
func keysURLOrNone(value any) models.Rule {
	text, ok := value.(string)
	if !ok {
		return ""
	}
	var broken *models.Error
	if _, err := models.KeysURL(text); errors.As(err, &broken) {
		return broken.Rule
	}
	return ""
}

// mailAddress refuses what is not one mail address.
func mailAddress(value any) models.Rule {
	if text, ok := value.(string); ok && models.ValidMail(text) {
		return ""
	}
	return models.RuleInvalid
}

// port refuses what is not the number of a TCP port.
func port(value any) models.Rule {
	if n, ok := value.(int64); ok && n > 0 && n <= 65535 {
		return ""
	}
	return models.RuleNotIncluded
}

func positive(value any) models.Rule {
	if n, ok := value.(int64); ok && n > 0 {
		return ""
	}
	return models.RuleNotPositive
}

// pageSize keeps default pages below the size of streams, which are for callers who ask for one.
func pageSize(value any) models.Rule {
	if n, ok := value.(int64); ok && n > 0 && n <= streamFrom {
		return ""
	}
	return models.RulePageSize
}

func notNegative(value any) models.Rule {
	if n, ok := value.(int64); ok && n >= 0 {
		return ""
	}
	return models.RuleNegative
}

// localeOrNone and zoneOrNone keep a default from making every new user invalid.
func localeOrNone(value any) models.Rule {
	if name, ok := value.(string); ok && !models.ValidLocale(name) {
		return models.RuleNotIncluded
	}
	return ""
}

func zoneOrNone(value any) models.Rule {
	if name, ok := value.(string); ok {
		if _, err := models.LoadZone(name); err != nil {
			return models.RuleUnknownZone
		}
	}
	return ""
}

// Settings is the catalogue. A new one gets the next free ID.
var Settings = slices.Concat(ownSettings, accountSettings, mailSettings, redmineSettings,
	cvatSettings, scimSettings, hostSettings)

// ownSettings are those of a user management server.
var ownSettings = []Setting{
	{ID: 16, Name: "login_text", FullName: "Login page footer text",
		Description: "Text to show where people log in, with the version in place of $VERSION", Type: "string",
		Default: "Version $VERSION", Category: categoryGeneral},
	{ID: 1, Name: "administrator", FullName: "Administrator email address",
		Description: "Mail address of the first administrator", Type: "string", Default: "root@localhost",
		Category: categoryGeneral, Check: mailAddress},
	{ID: 2, Name: "default_locale", FullName: "Default language", Description: "Language of new users", Type: "string",
		Category: categoryGeneral, Check: localeOrNone},
	{ID: 3, Name: "default_timezone", FullName: "Default timezone", Description: "Time zone of new users",
		Type: "string", Category: categoryGeneral, Check: zoneOrNone},
	{ID: 4, Name: "entries_per_page", FullName: "Entries per page",
		Description: "Number of records on a page when none is asked for", Type: "integer", Default: int64(20),
		Category: categoryGeneral, Check: pageSize},
	{ID: 5, Name: "send_welcome_email", FullName: "Send welcome email", Description: "Whether new users get a mail",
		Type: "boolean", Default: false, Category: categoryGeneral},
	{ID: 6, Name: "authorize_login_delegation", FullName: "Authorize login delegation",
		Description: "Whether a trusted proxy may assert who logs in", Type: "boolean", Default: false,
		Category: categoryAuth, Guarded: true},
	{ID: 7, Name: "authorize_login_delegation_api", FullName: "Authorize login delegation API",
		Description: "Whether it may do so for API requests", Type: "boolean", Default: false, Category: categoryAuth,
		Guarded: true},
	{ID: 8, Name: "authorize_login_delegation_auth_source_user_autocreate",
		FullName:    "Authorize login delegation auth source user autocreate",
		Description: "External auth source in which asserted users are created", Type: "string", Default: "External",
		Category: categoryAuth, Guarded: true},
	{ID: 9, Name: "failed_login_attempts_limit", FullName: "Failed login attempts limit",
		Description: "Failed logins of one address before it is blocked for five minutes; 0 never blocks",
		Type:        "integer", Default: int64(30), Category: categoryAuth, Check: notNegative, Guarded: true},
	{ID: 10, Name: "idle_timeout", FullName: "Idle timeout", Description: "Minutes after which an idle session ends",
		Type: "integer", Default: int64(60), Category: categoryAuth, Check: positive, Guarded: true},
	{ID: 11, Name: "oidc_algorithm", FullName: "OIDC Algorithm",
		Description: "Algorithm with which OpenID Connect tokens are signed", Type: "string", Category: categoryAuth,
		Guarded: true},
	{ID: 12, Name: "oidc_audience", FullName: "OIDC Audience",
		Description: "Audiences for which OpenID Connect tokens are issued", Type: "array", Default: []string{},
		Category: categoryAuth, Guarded: true},
	{ID: 13, Name: "oidc_issuer", FullName: "OIDC Issuer", Description: "Issuer of OpenID Connect tokens",
		Type: "string", Category: categoryAuth, Guarded: true},
	{ID: 14, Name: "oidc_jwks_url", FullName: "OIDC JWKs URL",
		Description: "Address of the issuer's keys, by https; http will do on this machine", Type: "string",
		Category: categoryAuth, Check: keysURLOrNone, Guarded: true},
	{ID: 15, Name: "session_lifetime", FullName: "Session lifetime",
		Description: "Minutes after which a session ends even if it is used", Type: "integer", Default: int64(720),
		Category: categoryAuth, Check: positive, Guarded: true},
}

// PasswordClasses are the kinds of characters that password_required_char_classes may ask for.
var PasswordClasses = []string{"uppercase", "lowercase", "digits", "special_chars"}

// Who is shown every active account, as open_directory has it.
const (
	OpenToNobody  = "nobody"
	OpenToMembers = "members"
	OpenToAnybody = "anybody"
)

// accountSettings are the rules about passwords and addresses, in whatever dialect they are set.
var accountSettings = []Setting{
	{ID: 40, Name: "password_min_length", FullName: "Minimum password length",
		Description: "Characters that a new password has at least; 0 leaves it to the API that sets it",
		Type:        "integer", Default: int64(0), Category: categoryAuth, Check: passwordLength, Guarded: true},
	{ID: 41, Name: "password_required_char_classes", FullName: "Required password characters",
		Description: "Kinds of characters that a new password has: uppercase, lowercase, digits, special_chars",
		Type:        "array", Default: []string{}, Category: categoryAuth, Check: passwordClasses, Guarded: true},
	{ID: 42, Name: "password_max_age", FullName: "Password lifetime",
		Description: "Days after which a password has to be changed; 0 never", Type: "integer", Default: int64(0),
		Category: categoryAuth, Check: notNegative, Guarded: true},
	{ID: 43, Name: "email_domains_allowed", FullName: "Allowed mail domains",
		Description: "Domains of new mail addresses, with those below where they begin with a dot; none allows all",
		Type:        "array", Default: []string{}, Category: categoryAuth, Guarded: true},
	{ID: 44, Name: "email_domains_denied", FullName: "Denied mail domains",
		Description: "Domains that new mail addresses do not have", Type: "array", Default: []string{},
		Category: categoryAuth, Guarded: true},
	{ID: 45, Name: "open_directory", FullName: "Open directory",
		Description: "Who may look at the public facts of every active account, one by one: nobody, members, anybody",
		Type:        "string", Default: OpenToNobody, Category: categoryAuth, Guarded: true,
		Values: func() []string { return []string{OpenToNobody, OpenToMembers, OpenToAnybody} }},
}

func passwordLength(value any) models.Rule {
	if n, ok := value.(int64); ok && n >= 0 && n <= 128 {
		return ""
	}
	return models.RuleInvalid
}

func passwordClasses(value any) models.Rule {
	for _, class := range ListOf(value) {
		if !slices.Contains(PasswordClasses, class) {
			return models.RuleNotIncluded
		}
	}
	return ""
}

const categoryRedmine = "Redmine API"

// redmineSettings are what installations of Redmine may switch (docs/spec/redmine.md, 13).
var redmineSettings = []Setting{
	{ID: 46, Name: "redmine_rest_api_enabled", FullName: "Enable REST web service",
		Description: "Whether the Redmine API may be used", Type: "boolean", Default: true, Category: categoryRedmine,
		Guarded: true},
	{ID: 47, Name: "redmine_login_required", FullName: "Authentication required",
		Description: "Whether the Redmine API answers nobody without an account", Type: "boolean", Default: true,
		Category: categoryRedmine, Guarded: true},
	{ID: 48, Name: "redmine_jsonp_enabled", FullName: "Enable JSONP support",
		Description: "Whether answers may call a function", Type: "boolean", Default: false, Category: categoryRedmine,
		Guarded: true},
	{ID: 49, Name: "redmine_user_format", FullName: "Users display format", Description: "How people are called",
		Type: "string", Default: "firstname_lastname", Category: categoryRedmine,
		Values: func() []string { return RedmineUserFormats }},
	{ID: 50, Name: "redmine_gravatar_enabled", FullName: "Use Gravatar user icons",
		Description: "Whether users are shown with the address of an icon", Type: "boolean", Default: false,
		Category: categoryRedmine},
	{ID: 51, Name: "redmine_unsubscribe", FullName: "Allow users to delete their own account",
		Description: "Whether administrators may delete the account that they use", Type: "boolean", Default: true,
		Category: categoryRedmine, Guarded: true},
	{ID: 52, Name: "redmine_default_users_hide_mail", FullName: "Hide my email address by default",
		Description: "Whether mail addresses are hidden from others where the user says nothing", Type: "boolean",
		Default: true, Category: categoryRedmine, Guarded: true},
	{ID: 53, Name: "redmine_default_notification_option", FullName: "Default notification option",
		Description: "About what users want mail where they say nothing", Type: "string", Default: "only_my_events",
		Category: categoryRedmine, Values: func() []string { return models.MailNotifications }},
	{ID: 54, Name: "redmine_password_required", FullName: "Password required",
		Description: "Whether users cannot be created without a password", Type: "boolean", Default: false,
		Category: categoryRedmine},
	{ID: 55, Name: "redmine_list_visible_users", FullName: "List visible users",
		Description: "Whether those who are no administrators get a list of the users whom they may view",
		Type:        "boolean", Default: false, Category: categoryRedmine, Guarded: true},
	{ID: 56, Name: "redmine_show_api_keys", FullName: "Show API keys",
		Description: "Whether API keys are shown, to their owners and to administrators", Type: "boolean",
		Default: true, Category: categoryRedmine, Guarded: true},
}

// RedmineUserFormats are the values of redmine_user_format.
var RedmineUserFormats = []string{
	"firstname_lastname", "firstname_lastinitial", "firstinitial_lastname", "firstname", "lastname_firstname",
	"lastnamefirstname", "lastname_comma_firstname", "lastname", "username",
}

// cvatSettings are what installations of CVAT may switch (docs/spec/cvat.md, 8).
var cvatSettings = []Setting{
	{ID: 57, Name: "cvat_api_enabled", FullName: "Enable CVAT API", Description: "Whether the CVAT API may be used",
		Type: "boolean", Default: true, Category: categoryCVAT, Guarded: true},
	{ID: 58, Name: "cvat_version", FullName: "CVAT version",
		Description: "Which version of CVAT the server says it speaks like", Type: "string", Default: "2.71.1",
		Category: categoryCVAT, Check: versionNumber},
	{ID: 59, Name: "cvat_registration", FullName: "Registration",
		Description: "Whether anybody may create an account of their own by the CVAT API", Type: "boolean",
		Default: false, Category: categoryCVAT, Guarded: true},
	{ID: 60, Name: "cvat_email_verification", FullName: "E-mail verification",
		Description: "Whether new accounts have to confirm their mail address before they are let in",
		Type:        "string", Default: "none", Category: categoryCVAT, Guarded: true,
		Values: func() []string { return []string{"none", "optional", "mandatory"} }},
	{ID: 61, Name: "cvat_default_group", FullName: "Default group",
		Description: "In which system group accounts are shown that are in none; empty for none", Type: "string",
		Default: "user", Category: categoryCVAT, Guarded: true,
		Values: func() []string { return []string{"", "user", "worker"} }},
	{ID: 62, Name: "cvat_own_email", FullName: "Own mail address",
		Description: "Whether people change their own mail address by the CVAT API", Type: "boolean", Default: false,
		Category: categoryCVAT, Guarded: true},
	{ID: 63, Name: "cvat_confirm_invitations", FullName: "Confirm invitations",
		Description: "Whether people who have an account are asked before an invitation makes them members",
		Type:        "boolean", Default: false, Category: categoryCVAT, Guarded: true},
	{ID: 64, Name: "cvat_ui_url", FullName: "Address of CVAT",
		Description: "Address of the pages that links in mail lead to; empty for this server", Type: "string",
		Category: categoryCVAT, Guarded: true, Check: pageURL},
	{ID: 65, Name: "cvat_tokens_per_user", FullName: "Access tokens per user",
		Description: "How many live access tokens a user may have; -1 for any number", Type: "integer",
		Default: int64(50), Category: categoryCVAT},
	{ID: 66, Name: "cvat_token_idle_days", FullName: "Access tokens without use",
		Description: "After how many days without use new access tokens end; 0 for never", Type: "integer",
		Default: int64(180), Category: categoryCVAT, Guarded: true},
	{ID: 67, Name: "cvat_anonymous_rate", FullName: "Requests of strangers",
		Description: "How many requests a minute an address may make without a login; 0 for any number",
		Type:        "integer", Default: int64(100), Category: categoryCVAT},
}

// scimSettings are what identity providers are allowed (docs/spec/scim.md, 3). All but scim_adopt_domains and scim_rate
// may be set for one organization as well, by a parameter of the organization with the name.
var scimSettings = []Setting{
	{ID: 68, Name: "scim_enabled", FullName: "Enable SCIM",
		Description: "Whether identity providers may act for organizations", Type: "boolean", Default: true,
		Category: categorySCIM, Guarded: true},
	{ID: 69, Name: "scim_show_all_members", FullName: "Show all members",
		Description: "Whether identity providers find all members of their organization, and not only whom they " +
			"brought in",
		Type: "boolean", Default: true, Category: categorySCIM, Guarded: true},
	{ID: 70, Name: "scim_delete", FullName: "Deleted by SCIM",
		Description: "What becomes of people whom an identity provider deletes: they can be brought back for some " +
			"days, " +
			"or not", Type: "string", Default: "unlink", Category: categorySCIM, Guarded: true,
		Values: func() []string { return []string{"unlink", "destroy"} }},
	{ID: 71, Name: "scim_adopt_domains", FullName: "Adopted mail domains",
		Description: "Domains of mail addresses whose people any organization may take in by SCIM", Type: "array",
		Default: []string{}, Category: categorySCIM, Guarded: true},
	{ID: 72, Name: "scim_max_deactivations", FullName: "Most deactivations",
		Description: "How many percent of an organization's people its identity providers may switch off or " +
			"delete in an " +
			"hour before they are stopped; 0 for any number", Type: "integer", Default: int64(0),
		Category: categorySCIM,
		Guarded:  true},
	{ID: 73, Name: "scim_put_passwords", FullName: "Passwords of whole users",
		Description: "Whether the password counts that an identity provider sends with a whole user (PUT); some " +
			"make one up " +
			"each time", Type: "boolean", Default: false, Category: categorySCIM, Guarded: true},
	{ID: 75, Name: "scim_auth_source", FullName: "Auth source of provisioned people",
		Description: "Name of the auth source of people whom identity providers bring in, such as External for " +
			"single sign-on; empty for this server's own", Type: "string", Category: categorySCIM, Guarded: true},
	{ID: 74, Name: "scim_rate", FullName: "Requests of identity providers",
		Description: "How many requests a second a token may make, and four times as many at once; 0 for any number",
		Type:        "integer", Default: int64(25), Category: categorySCIM, Guarded: true},
}

// versionNumber refuses what is not a version such as 2.71.1.
func versionNumber(value any) models.Rule {
	if text, ok := value.(string); ok && versionForm.MatchString(text) {
		return ""
	}
	return models.RuleInvalid
}

var versionForm = regexp.MustCompile(`^[0-9]{1,5}(\.[0-9]{1,5}){1,3}$`)

// pageURL refuses what is neither empty nor the address of a page.
func pageURL(value any) models.Rule {
	text, _ := value.(string)
	u, err := url.Parse(text)
	if text == "" || err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" {
		return ""
	}
	return models.RuleInvalid
}

// mailSettings say how mail is sent.
var mailSettings = []Setting{
	{ID: 17, Name: "delivery_method", FullName: "Delivery method", Description: "Method used to deliver mail",
		Type: "string", Default: "sendmail", Category: categoryEmail,
		Values: func() []string { return []string{"sendmail", "smtp"} }},
	{ID: 18, Name: "email_reply_address", FullName: "Email reply address", Description: "Address that mail comes from",
		Type: "string", Default: "root@localhost", Category: categoryEmail, Check: mailAddress},
	{ID: 19, Name: "email_subject_prefix", FullName: "Email subject prefix", Description: "Beginning of all subjects",
		Type: "string", Default: "[foreman]", Category: categoryEmail},
	{ID: 20, Name: "sendmail_arguments", FullName: "Sendmail arguments", Description: "Options of sendmail",
		Type: "string", Default: "-i", Category: categoryEmail, Guarded: true},
	{ID: 21, Name: "sendmail_location", FullName: "Sendmail location", Description: "Path of sendmail",
		Type: "string", Default: "/usr/sbin/sendmail", Category: categoryEmail, Guarded: true},
	{ID: 22, Name: "smtp_address", FullName: "SMTP address", Description: "Name of the mail server", Type: "string",
		Category: categoryEmail, Guarded: true},
	{ID: 23, Name: "smtp_authentication", FullName: "SMTP authentication",
		Description: "How to log in to the mail server; empty does not", Type: "string", Category: categoryEmail,
		Guarded: true, Values: func() []string { return []string{"", "plain", "login", "cram_md5"} }},
	{ID: 24, Name: "smtp_domain", FullName: "SMTP HELO/EHLO domain", Description: "Name that this server says it has",
		Type: "string", Category: categoryEmail, Guarded: true},
	{ID: 25, Name: "smtp_enable_starttls_auto", FullName: "SMTP enable StartTLS auto",
		Description: "Whether to use StartTLS where the mail server offers it", Type: "boolean", Default: true,
		Category: categoryEmail, Guarded: true},
	{ID: 26, Name: "smtp_openssl_verify_mode", FullName: "SMTP OpenSSL verify mode",
		Description: "How the mail server's certificate is verified; empty verifies it", Type: "string",
		Category: categoryEmail, Guarded: true, Values: func() []string { return []string{"", "none", "peer"} }},
	{ID: 27, Name: "smtp_password", FullName: "SMTP password", Description: "Password for the mail server",
		Type: "string", Category: categoryEmail, Guarded: true, Encrypted: true},
	{ID: 28, Name: "smtp_port", FullName: "SMTP port", Description: "Port of the mail server", Type: "integer",
		Default: int64(25), Category: categoryEmail, Guarded: true, Check: port},
	{ID: 29, Name: "smtp_user_name", FullName: "SMTP username", Description: "User name for the mail server",
		Type: "string", Category: categoryEmail, Guarded: true},
}

// aboutHosts ends the descriptions of settings that clients read and write, and on which nothing here acts.
const aboutHosts = ". There are no hosts here: the value is kept, and nothing acts on it"

// hostSettings are those that playbooks about hosts read or write, with the types and defaults that they know.
var hostSettings = []Setting{
	{ID: 30, Name: "clean_up_failed_deployment", FullName: "Clean up failed deployment",
		Description: "Whether machines whose deployment failed are deleted" + aboutHosts, Type: "boolean",
		Default:  true,
		Category: categoryProvisioning},
	{ID: 31, Name: "destroy_vm_on_host_delete", FullName: "Destroy associated VM on host delete",
		Description: "Whether a machine is deleted with its host" + aboutHosts, Type: "boolean", Default: false,
		Category: categoryProvisioning},
	{ID: 32, Name: "excluded_facts", FullName: "Exclude pattern for facts stored in Foreman",
		Description: "Facts that are not kept" + aboutHosts, Type: "array", Category: categoryFacts, Default: []string{
			"lo", "en*v*", "usb*", "vnet*", "macvtap*", ";vdsmdummy;", "veth*", "docker*", "tap*", "qbr*", "qvb*",
			"qvo*", "qr-*", "qg-*", "vlinuxbr*", "vovsbr*", "br-int",
		}},
	{ID: 33, Name: "host_owner", FullName: "Host owner", Description: "Owner of new hosts" + aboutHosts,
		Type: "string", Category: categoryGeneral},
	{ID: 34, Name: "http_proxy", FullName: "HTTP(S) proxy", Description: "Proxy for outgoing requests" + aboutHosts,
		Type: "string", Category: categoryGeneral},
	{ID: 35, Name: "http_proxy_except_list", FullName: "HTTP(S) proxy except hosts",
		Description: "Names that are not asked through the proxy" + aboutHosts, Type: "array", Default: []string{},
		Category: categoryGeneral},
	{ID: 36, Name: "outofsync_interval", FullName: "Out of sync interval",
		Description: "Minutes after which a host without report is out of sync" + aboutHosts, Type: "integer",
		Default: int64(30), Category: categoryGeneral, Check: notNegative},
	{ID: 37, Name: "rss_enable", FullName: "Show RSS feed", Description: "Whether news are shown" + aboutHosts,
		Type: "boolean", Default: true, Category: categoryGeneral},
	{ID: 38, Name: "rss_url", FullName: "URL of RSS feed", Description: "Address of the news" + aboutHosts,
		Type: "string", Default: "https://theforeman.org/feed.xml", Category: categoryGeneral},
	{ID: 39, Name: "token_duration", FullName: "Installation token lifetime",
		Description: "Minutes for which an installation token holds" + aboutHosts, Type: "integer", Default: int64(360),
		Category: categoryProvisioning, Check: notNegative},
}
