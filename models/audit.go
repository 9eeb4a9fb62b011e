package models

import (
	"bytes"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"time"
)

// Audit says who changed which record when, and what (docs/spec/foreman.md, 5.14 and 15). Rows are only ever added.
type Audit struct {
	ID             int64 `gorm:"primaryKey"`
	AuditableID    int64
	AuditableType  string
	AuditableName  *string
	AssociatedID   *int64
	AssociatedType *string
	AssociatedName *string
	// UserID and Username are the actor's; nil when the server itself acted.
	UserID         *int64
	Username       *string
	Action         string
	AuditedChanges Changes
	// Version counts a record's audits from 1.
	Version       int64
	Comment       *string
	RemoteAddress *string
	RequestUUID   *string `gorm:"column:request_uuid"`
	CreatedAt     time.Time
}

// TableName names the table.
func (Audit) TableName() string { return "audits" }

// The actions of audits.
const (
	ActionCreate  = "create"
	ActionUpdate  = "update"
	ActionDestroy = "destroy"
)

// Change is one attribute of an audit: the value for create and destroy, [old, new] for update.
type Change struct {
	Attr  string
	Value any
	// Seldom says that audits of new and deleted records leave the attribute out where it has no value.
	Seldom bool
}

// Changes keep the order in which attributes are listed; as JSON they are one object.
type Changes []Change

// MarshalJSON writes an object in the order of the list.
func (c Changes) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, change := range c {
		if i > 0 {
			b.WriteByte(',')
		}
		name, _ := json.Marshal(change.Attr)
		value, err := json.Marshal(change.Value)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// UnmarshalJSON reads an object, keeping its order and its values as they are written.
func (c *Changes) UnmarshalJSON(data []byte) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	if _, err := dec.Token(); err != nil {
		return err
	}
	*c = nil
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return err
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return err
		}
		*c = append(*c, Change{Attr: fmt.Sprint(name), Value: value})
	}
	return nil
}

// Value implements driver.Valuer.
func (c Changes) Value() (driver.Value, error) {
	text, err := c.MarshalJSON()
	return string(text), err
}

// Scan implements sql.Scanner.
func (c *Changes) Scan(src any) error {
	switch v := src.(type) {
	case string:
		return c.UnmarshalJSON([]byte(v))
	case []byte:
		return c.UnmarshalJSON(v)
	}
	return fmt.Errorf("models: cannot read changes from %T", src)
}
