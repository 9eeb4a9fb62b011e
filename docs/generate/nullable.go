package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"reflect"
	"regexp"
	"strconv"
	"strings"
)

// inputs are the definitions of what clients send; whether they may send null is a rule of their own.
var inputs = regexp.MustCompile(`(Attributes|Body)$`)

// nullableFields names the attributes of answers that may be null somewhere: those that are pointers, times, or anything.
// The comments' own generator does not look.
func nullableFields(dir string) (map[string]bool, error) {
	packages, err := parser.ParseDir(token.NewFileSet(), dir, func(f fs.FileInfo) bool { return !strings.HasSuffix(f.Name(), "_test.go") }, 0)
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for _, pkg := range packages {
		ast.Inspect(pkg, func(n ast.Node) bool {
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
