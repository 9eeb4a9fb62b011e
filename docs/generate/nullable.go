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
var inputs = regexp.MustCompile(`^foreman\.[a-z]\w*(Attributes|Body)$`)

// outputs are the answers whose names end like those of inputs.
var outputs = []string{"foreman.errorBody", "foreman.invalidBody"}

// structs are the types of a package by name.
type structs map[string]*ast.StructType

func readStructs(dir string) (structs, error) {
	files, err := filepath.Glob(dir + "/*.go")
	if err != nil {
		return nil, err
	}
	all := structs{}
	for _, path := range files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return nil, err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.TypeSpec); ok {
				if s, ok := spec.Type.(*ast.StructType); ok {
					all[spec.Name.Name] = s
				}
			}
			return true
		})
	}
	return all, nil
}

// nullable returns the attributes of a definition that may be null: those that are pointers, times, or anything. The
// comments' own generator does not look.
func (s structs) nullable(definition string) map[string]bool {
	name := strings.TrimPrefix(definition, "foreman.")
	name, _, _ = strings.Cut(name, "-") // of a generic type
	names := map[string]bool{}
	s.addNullable(name, names)
	return names
}

func (s structs) addNullable(name string, names map[string]bool) {
	of, ok := s[name]
	if !ok {
		return
	}
	for _, field := range of.Fields.List {
		if len(field.Names) == 0 {
			s.addNullable(embedded(field.Type), names)
			continue
		}
		if field.Tag == nil || !mayBeNull(field.Type) {
			continue
		}
		if tag, err := strconv.Unquote(field.Tag.Value); err == nil {
			attr, rest, _ := strings.Cut(reflect.StructTag(tag).Get("json"), ",")
			names[attr] = rest != "omitempty"
		}
	}
}

func embedded(t ast.Expr) string {
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	name, _ := t.(*ast.Ident)
	if name == nil {
		return ""
	}
	return name.Name
}

func mayBeNull(t ast.Expr) bool {
	switch t := t.(type) {
	case *ast.StarExpr:
		return true
	case *ast.Ident:
		return t.Name == "stamp" || t.Name == "isoStamp" || t.Name == "any"
	}
	return false
}
