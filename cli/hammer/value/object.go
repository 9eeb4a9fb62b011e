// Package value holds the values that hammer sends, receives and prints: JSON whose objects keep the order of their
// keys, and its notations in JSON, YAML and Ruby. It knows nothing of commands or resources.
//
// A value is nil, a bool, a string, an int, a Number, a []any, an *Object, a Null or a Missing.
package value

import "slices"

// Number is a JSON number as it was written, so that no digit is lost.
type Number string

// Null is a value that is sent as null. It is the value NIL of an option, whereas nil is an option that was not given.
type Null struct{}

// Missing stands for a key that an object does not have, which is not the same as null.
type Missing struct{}

// Object is a JSON object. Its keys stay in order, since they are sent and shown in it. The methods that read take a
// nil object for an empty one.
type Object struct{ Pairs []Pair }

// Pair is one key of an object and its value.
type Pair struct {
	Key   string
	Value any
}

// NewObject returns an object of keys and values in turn.
func NewObject(pairs ...any) *Object {
	o := &Object{}
	for i := 0; i+1 < len(pairs); i += 2 {
		o.Set(pairs[i].(string), pairs[i+1])
	}
	return o
}

func (o *Object) index(key string) int {
	if o == nil {
		return -1
	}
	return slices.IndexFunc(o.Pairs, func(p Pair) bool { return p.Key == key })
}

// Has reports whether the object has a key.
func (o *Object) Has(key string) bool { return o.index(key) >= 0 }

// Get returns the value of a key, nil if there is none.
func (o *Object) Get(key string) any {
	if i := o.index(key); i >= 0 {
		return o.Pairs[i].Value
	}
	return nil
}

// Set sets the value of a key. A new key becomes the last one.
func (o *Object) Set(key string, value any) {
	if i := o.index(key); i >= 0 {
		o.Pairs[i].Value = value
		return
	}
	o.Pairs = append(o.Pairs, Pair{key, value})
}

// Remove takes a key away, if it is there.
func (o *Object) Remove(key string) {
	if i := o.index(key); i >= 0 {
		o.Pairs = slices.Delete(o.Pairs, i, i+1)
	}
}

// AsList returns a value as a list, nil if it is anything else.
func AsList(v any) []any {
	l, _ := v.([]any)
	return l
}

// AsObject returns a value as an object, nil if it is anything else.
func AsObject(v any) *Object {
	o, _ := v.(*Object)
	return o
}

// MapTexts returns a value in which change was applied to every text except the keys. A nil change changes nothing.
func MapTexts(v any, change func(string) string) any {
	if change == nil {
		return v
	}
	switch v := v.(type) {
	case string:
		return change(v)
	case []any:
		items := make([]any, len(v))
		for i, item := range v {
			items[i] = MapTexts(item, change)
		}
		return items
	case *Object:
		o := NewObject()
		for _, p := range v.Pairs {
			o.Set(p.Key, MapTexts(p.Value, change))
		}
		return o
	}
	return v
}
