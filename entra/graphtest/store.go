package graphtest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Object is a thing as JSON has it.
type Object = map[string]any

// The collections, by their paths.
const (
	Applications         = "applications"
	ServicePrincipals    = "servicePrincipals"
	AppRoleAssignments   = "appRoleAssignments" // of all service principals
	Extensions           = "identity/customAuthenticationExtensions"
	Listeners            = "identity/authenticationEventListeners"
	MethodConfigurations = "policies/authenticationMethodsPolicy/authenticationMethodConfigurations"
	Invitations          = "invitations"
	Users                = "users"
	Organizations        = "organization"
)

// entry is a thing and how many more answers it is missing from.
type entry struct {
	object Object
	hidden int
}

// Add puts a thing into a collection as it is, unchecked, and returns its id.
func (g *Graph) Add(collection string, object Object) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.insert(collection, object, 0)
}

// Update merges changes into a thing, unchecked.
func (g *Graph) Update(collection, id string, changes Object) {
	g.mu.Lock()
	defer g.mu.Unlock()
	e := g.find(collection, id)
	if e == nil {
		g.t.Fatalf("no %s in %s", id, collection)
	}
	merge(e.object, clone(changes))
}

// Remove takes a thing out, unchecked.
func (g *Graph) Remove(collection, id string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.drop(collection, id)
}

// Get returns a copy of a thing, nil where there is none. It sees what lags.
func (g *Graph) Get(collection, id string) Object {
	g.mu.Lock()
	defer g.mu.Unlock()
	if e := g.find(collection, id); e != nil {
		return clone(e.object)
	}
	return nil
}

// List returns copies of all things of a collection, in the order in which they were made. It sees what lags.
func (g *Graph) List(collection string) []Object {
	g.mu.Lock()
	defer g.mu.Unlock()
	var list []Object
	for _, e := range g.store[collection] {
		list = append(list, clone(e.object))
	}
	return list
}

// The rest needs the lock.

func (g *Graph) insert(collection string, object Object, hidden int) string {
	object = clone(object)
	id, _ := object["id"].(string)
	if id == "" {
		id = newID()
		object["id"] = id
	}
	g.store[collection] = append(g.store[collection], &entry{object: object, hidden: hidden})
	return id
}

func (g *Graph) find(collection, id string) *entry {
	return g.first(collection, func(o Object) bool { return strings.EqualFold(text(o, "id"), id) })
}

func (g *Graph) first(collection string, is func(Object) bool) *entry {
	for _, e := range g.store[collection] {
		if is(e.object) {
			return e
		}
	}
	return nil
}

func (g *Graph) drop(collection, id string) {
	g.store[collection] = slices.DeleteFunc(g.store[collection], func(e *entry) bool { return strings.EqualFold(text(e.object, "id"), id) })
}

// isSeen says whether the thing counts in this answer, and counts the answer.
func (e *entry) isSeen() bool {
	if e == nil {
		return false
	}
	if e.hidden > 0 {
		e.hidden--
		return false
	}
	return true
}

func clone(o Object) Object {
	raw, err := json.Marshal(o)
	if err != nil {
		panic(fmt.Sprintf("no JSON: %v", err)) // a test's mistake
	}
	var copied Object
	if err := json.Unmarshal(raw, &copied); err != nil {
		panic(fmt.Sprintf("no JSON: %v", err))
	}
	return copied
}

// merge is what PATCH does: objects are merged member by member unless their types differ, everything else is replaced.
func merge(into, changes Object) {
	for name, value := range changes {
		old, isOld := into[name].(Object)
		changed, isNew := value.(Object)
		if isOld && isNew && (text(changed, "@odata.type") == "" || text(changed, "@odata.type") == text(old, "@odata.type")) {
			old = maps.Clone(old)
			merge(old, changed)
			into[name] = old
			continue
		}
		into[name] = value
	}
}

// text returns the string at a path of members, "" where there is none.
func text(o Object, path ...string) string {
	for _, name := range path[:len(path)-1] {
		o, _ = o[name].(Object)
	}
	s, _ := o[path[len(path)-1]].(string)
	return s
}

func texts(list any) []string {
	var all []string
	items, _ := list.([]any)
	for _, item := range items {
		if s, ok := item.(string); ok {
			all = append(all, s)
		}
	}
	return all
}

func objects(list any) []Object {
	var all []Object
	items, _ := list.([]any)
	for _, item := range items {
		if o, ok := item.(Object); ok {
			all = append(all, o)
		}
	}
	return all
}
