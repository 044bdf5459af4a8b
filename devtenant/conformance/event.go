package conformance

import (
	"encoding/json"
	"strings"

	"byoe/devtenant"
)

// object is a JSON object whose members can be changed.
type object = map[string]any

// edit changes the documented event.
type edit func(event object)

// set writes a member; the path goes through objects that are there, such as data/otpContext/identifier.
func set(path string, value any) edit {
	return func(event object) {
		if parent, name := walk(event, path); parent != nil {
			parent[name] = value
		}
	}
}

// remove leaves members out.
func remove(paths ...string) edit {
	return func(event object) {
		for _, path := range paths {
			if parent, name := walk(event, path); parent != nil {
				delete(parent, name)
			}
		}
	}
}

// walk returns the object that has the path's last member, and that member's name.
func walk(event object, path string) (object, string) {
	names := strings.Split(path, "/")
	for _, name := range names[:len(names)-1] {
		event, _ = event[name].(object)
	}
	return event, names[len(names)-1]
}

// event returns the documented event for a person, changed.
func (r *run) event(who devtenant.SignIn, edits ...edit) ([]byte, error) {
	body, err := r.tenant.Event(who)
	if err != nil || len(edits) == 0 {
		return body, err
	}
	var event object
	err = json.Unmarshal(body, &event)
	if err != nil {
		return nil, err
	}
	for _, e := range edits {
		e(event)
	}
	return json.Marshal(event)
}

// genuine is Entra's own call for a person, with a fresh token.
func (r *run) genuine(who devtenant.SignIn, edits ...edit) (request, error) {
	token, err := r.tenant.Token()
	if err != nil {
		return request{}, err
	}
	body, err := r.event(who, edits...)
	return request{authorization: "Bearer " + token, body: body}, err
}

// unplayable says that the tenant could not make the call: nothing is known of the webhook then.
func unplayable(err error) finding {
	return skipped("The local tenant could not make the call: "+err.Error(), notTried)
}
