package models

import "time"

// SettingValue is the stored row of a setting that differs from its default.
type SettingValue struct {
	Name string `gorm:"primaryKey"`
	// Value is JSON.
	Value     string
	CreatedAt time.Time
	UpdatedAt time.Time
}

// TableName names the table.
func (SettingValue) TableName() string { return "settings" }
