package web

import (
	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

func Mounted(c echo.Context) string {
	if strings.HasPrefix(c.Request().URL.Path, "/cvat") {
		return "/cvat"
	}
	return ""
}

type Limiter struct{}

func NewLimiter() *Limiter { return &Limiter{} }

func (l *Limiter) Allow(key string, perMinute int) (time.Duration, bool) { return 0, true }
