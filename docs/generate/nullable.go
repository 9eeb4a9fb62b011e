package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
)

// inputs are the definitions of what clients send; whether they may send null is a rule of their own.
var inputs = regexp.MustCompile(`(Attributes|Body)$`)

// nullableFields names the attributes of answers that may be null somewhere: those that are pointers, times, or
// anything. The comments' own generator does not look.
func nullableFields(dir string) (map[string]bool, error) {
	files, err := filepath.Glob(dir + "/*.go")
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for _, path := range files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return nil, err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			field, ok := n.(*ast.Field)
			if !ok || field.Tag == nil || !mayBeNull(field.Type) {
				return true
			}
			tag, err := strconv.Unquote(field.Tag.Value)
			if err == nil {
				name, _, _ := strings.Cut(reflect.StructTag(tag).Get("json"), ",")
				names[name] = true
			}
			return true
		})
	}
	return names, nil
}

func mayBeNull(t ast.Expr) bool {
	switch t := t.(type) {
	case *ast.StarExpr:
		return true
	case *ast.Ident:
		return t.Name == "stamp" || t.Name == "isoStamp" || t.Name == "any" || t.Name == "nothing"
	}
	return false
}
