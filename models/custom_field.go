package models

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// CustomSubject says whose fields a custom field belongs to.
type CustomSubject string

// The records that custom fields describe.
const (
	CustomUser      CustomSubject = "user"
	CustomUsergroup CustomSubject = "usergroup"
)

// CustomFormat is the type of a custom field's values, which are kept as texts.
type CustomFormat string

// The formats.
const (
	CustomString CustomFormat = "string"
	CustomText   CustomFormat = "text" // of several lines
	CustomLink   CustomFormat = "link"
	CustomInt    CustomFormat = "int"
	CustomFloat  CustomFormat = "float"
	CustomDate   CustomFormat = "date" // 2024-02-29
	CustomBool   CustomFormat = "bool" // "1" or "true", "0" or "false", or empty
	CustomList   CustomFormat = "list" // one of PossibleValues
)

// CustomFormats are all of them.
var CustomFormats = []CustomFormat{
	CustomString, CustomText, CustomLink, CustomInt, CustomFloat, CustomDate, CustomBool, CustomList,
}

// Bounds of custom fields.
const (
	// MaxPossibleValues is how many values a list may offer.
	MaxPossibleValues = 1000
	// MaxCustomPattern is the length limit of a pattern, in characters.
	MaxCustomPattern = 1000
	// MaxCustomValue is the length limit of a value, in characters.
	MaxCustomValue = 4096
	// MaxCustomValues is how many values a record has for one field.
	MaxCustomValues = 100
)

// CustomField is a field that an installation adds to its users or groups.
type CustomField struct {
	ID      int64 `gorm:"primaryKey"`
	Subject CustomSubject
	// Name is unique among the fields of a subject, whatever the case of its letters.
	Name   string
	Format CustomFormat
	// Pattern is a regular expression in Go's syntax that values match; empty for any.
	Pattern string
	// MinLength and MaxLength bound values, in characters; nil and 0 do not.
	MinLength, MaxLength *int64
	// Required fields need a value on every new record, and wherever values are set.
	Required bool
	// IsFilter says that lists may be limited by the field, Searchable that searches without a field look into it.
	IsFilter, Searchable bool
	// Multiple fields hold any number of values. Only lists can be.
	Multiple bool
	// DefaultValue is what new records get.
	DefaultValue *string
	// Visible fields are shown to everybody who sees the record, others to those who manage fields alone.
	Visible bool
	// Editable fields may be set by users of their own account.
	Editable bool
	// Position orders fields, from 1 up.
	Position int64
	// PossibleValues are those of a list.
	PossibleValues StringList
	Description    *string
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// TableName names the table.
func (CustomField) TableName() string { return "custom_fields" }

// Key is the name of the field in searches, orders and errors: "cf_7".
func (f *CustomField) Key() string { return "cf_" + strconv.FormatInt(f.ID, 10) }

// Normalize trims the texts and drops empty and repeated possible values.
func (f *CustomField) Normalize() {
	f.Name = strings.TrimSpace(f.Name)
	f.Description = Trimmed(f.Description)
	f.DefaultValue = BlankToNil(f.DefaultValue)
	values := StringList{}
	for _, v := range f.PossibleValues {
		if v = strings.TrimSpace(v); v != "" {
			values = append(values, v)
		}
	}
	f.PossibleValues = Distinct(values)
}

// Validate reports the rules that the definition breaks by itself.
func (f *CustomField) Validate() FieldErrors {
	var errs FieldErrors
	validateLabel(&errs, f.Name, MaxLabel)
	errs.Check(f.Subject == CustomUser || f.Subject == CustomUsergroup, "subject", RuleNotIncluded)
	errs.Check(slices.Contains(CustomFormats, f.Format), "field_format", RuleNotIncluded)
	_, err := regexp.Compile(f.Pattern)
	errs.Check(err == nil && Storable(f.Pattern), "regexp", RuleInvalid)
	errs.Check(!TooLong(f.Pattern, MaxCustomPattern), "regexp", RuleTooLong, MaxCustomPattern)
	for attr, n := range map[string]*int64{"min_length": f.MinLength, "max_length": f.MaxLength} {
		errs.Check(n == nil || *n >= 0, attr, RuleNegative)
	}
	if limit := positive(f.MaxLength); limit > 0 {
		errs.Check(limit >= positive(f.MinLength), "max_length", RuleInvalid)
	}
	errs.Check(!f.Multiple || f.Format == CustomList, "multiple", RuleInvalid)
	if f.Format == CustomList {
		errs.Check(len(f.PossibleValues) > 0, "possible_values", RuleBlank)
	}
	f.validatePossible(&errs)
	validateDescription(&errs, f.Description)
	if len(errs) == 0 && f.DefaultValue != nil {
		errs.Check(len(f.Check([]string{*f.DefaultValue})) == 0, "default_value", RuleInvalid)
	}
	return errs
}

func (f *CustomField) validatePossible(errs *FieldErrors) {
	errs.Check(len(f.PossibleValues) <= MaxPossibleValues, "possible_values", RuleTooMany, MaxPossibleValues)
	for _, v := range f.PossibleValues {
		errs.Check(Storable(v), "possible_values", RuleInvalid)
		errs.Check(!TooLong(v, MaxLabel), "possible_values", RuleTooLong, MaxLabel)
	}
}

func positive(n *int64) int64 {
	if n == nil || *n < 0 {
		return 0
	}
	return *n
}

// Check reports the rules that the values of a record break. The attribute of each is Key, its label Name.
func (f *CustomField) Check(values []string) FieldErrors {
	var errs FieldErrors
	given := slices.DeleteFunc(slices.Clone(values), func(v string) bool { return strings.TrimSpace(v) == "" })
	f.broken(&errs, !f.Required || len(given) > 0, RuleBlank)
	f.broken(&errs, f.Multiple || len(values) <= 1, RuleInvalid)
	f.broken(&errs, len(values) <= MaxCustomValues, RuleTooMany, MaxCustomValues)
	for _, v := range given {
		f.checkOne(&errs, v)
	}
	return errs
}

func (f *CustomField) broken(errs *FieldErrors, ok bool, rule Rule, args ...any) {
	if !ok {
		errs.AddLabeled(f.Key(), f.Name, rule, args...)
	}
}

func (f *CustomField) checkOne(errs *FieldErrors, v string) {
	if !Storable(v) {
		f.broken(errs, false, RuleInvalid)
		return
	}
	f.broken(errs, !TooLong(v, MaxCustomValue), RuleTooLong, MaxCustomValue)
	length := int64(utf8.RuneCountInString(v))
	if limit := positive(f.MinLength); limit > 0 {
		f.broken(errs, length >= limit, RuleTooShort, limit)
	}
	if limit := positive(f.MaxLength); limit > 0 {
		f.broken(errs, length <= limit, RuleTooLong, limit)
	}
	if f.Pattern != "" {
		pattern, err := regexp.Compile(f.Pattern)
		f.broken(errs, err == nil && pattern.MatchString(v), RuleInvalid)
	}
	f.checkFormat(errs, strings.TrimSpace(v))
}

var (
	customInt   = regexp.MustCompile(`^[+-]?[0-9]{1,18}$`)
	customFloat = regexp.MustCompile(`^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?$`)
)

func (f *CustomField) checkFormat(errs *FieldErrors, v string) {
	switch f.Format {
	case CustomInt:
		f.broken(errs, customInt.MatchString(v), RuleNotNumber)
	case CustomFloat:
		f.broken(errs, customFloat.MatchString(v), RuleInvalid)
	case CustomDate:
		_, err := time.Parse(time.DateOnly, v)
		f.broken(errs, err == nil, RuleNotDate)
	case CustomList:
		f.broken(errs, slices.Contains(f.PossibleValues, v), RuleNotIncluded)
	case CustomString, CustomText, CustomLink, CustomBool:
	}
}

// CustomValue is one value of a custom field on a user or a group.
type CustomValue struct {
	CustomFieldID int64
	// UserID or UsergroupID is whose value it is; the other one is nil.
	UserID, UsergroupID *int64
	// Place orders the values of one field, from 0 up.
	Place int64
	Value string
}

// TableName names the table.
func (CustomValue) TableName() string { return "custom_values" }

// CustomValues are the values of a record by the id of the field. A field that never had a value is missing; one that
// was emptied is there with one empty text, or without any where it is multiple.
type CustomValues map[int64][]string

// CustomInput is what a change wants of one custom field: its values as texts, and whether they came as a list.
type CustomInput struct {
	FieldID int64
	Values  []string
	List    bool
}

// String names the field for logs; values may be private.
func (c CustomInput) String() string { return fmt.Sprintf("cf_%d", c.FieldID) }
