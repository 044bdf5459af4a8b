package graphtest

import (
	"net/http"
	"net/url"
	"strings"
)

// query is a request that was understood so far.
type query struct {
	graph   *Graph
	request *http.Request
	version string
	values  url.Values
	body    Object
}

func (q *query) isBeta() bool { return q.version == "beta" }

// kind is how a collection behaves. A nil function is a method that Graph has not.
type kind struct {
	collection string
	create     func(*query) *answer
	change     func(*query, *entry) *answer
	remove     func(*query, *entry) *answer
	// filters are the properties by which $filter may choose; none means that there is no $filter.
	filters []string
	// hidden are the properties that come only where $select names them.
	hidden []string
	// missing makes the 404.
	missing func(id string) *answer
}

func (g *Graph) kinds() []kind {
	return []kind{
		{Applications, (*query).createApplication, (*query).changeApplication, (*query).removeApplication, []string{"appId", "displayName", "id"}, nil, notFound},
		{ServicePrincipals, (*query).createPrincipal, (*query).changePrincipal, (*query).removePrincipal, []string{"appId", "displayName", "id"}, nil, notFound},
		{Extensions, (*query).createExtension, (*query).changeExtension, removeAny(Extensions), nil, nil, notFoundInIdentity},
		{Listeners, (*query).createListener, (*query).changeListener, removeAny(Listeners), nil, nil, notFoundInIdentity},
		{MethodConfigurations, nil, (*query).changeMethod, nil, nil, nil, notFoundInIdentity},
		{Invitations, (*query).createInvitation, nil, nil, nil, nil, notFound},
		{Users, nil, nil, nil, []string{"userType", "mail", "userPrincipalName", "displayName", "id", "externalUserState"}, userDetails(), notFound},
		{Organizations, nil, nil, nil, nil, nil, notFound},
	}
}

// notFoundInIdentity is the 404 of what is not in the directory itself.
func notFoundInIdentity(id string) *answer {
	return refuse(http.StatusNotFound, "ResourceNotFound", "The resource '"+id+"' could not be found.")
}

// notAllowed is the 405.
func notAllowed() *answer {
	return refuse(http.StatusMethodNotAllowed, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.")
}

func (g *Graph) route(q *query, path string) *answer {
	for _, k := range g.kinds() {
		rest, ok := strings.CutPrefix(path, k.collection)
		switch {
		case !ok:
		case rest == "":
			return q.onCollection(k)
		case strings.HasPrefix(rest, "(appId='") && strings.HasSuffix(strings.SplitN(rest, "/", 2)[0], "')"):
			key, tail, _ := strings.Cut(rest, "/")
			return q.onThing(k, "appId", key[len("(appId='"):len(key)-2], tail)
		case strings.HasPrefix(rest, "/"):
			id, tail, _ := strings.Cut(rest[1:], "/")
			return q.onThing(k, "id", id, tail)
		}
	}
	return refuse(http.StatusBadRequest, "BadRequest", "Resource not found for the segment '"+strings.SplitN(path, "/", 2)[0]+"'.")
}

func (q *query) onCollection(k kind) *answer {
	switch {
	case q.request.Method == http.MethodGet:
		return q.list(k, q.graph.store[k.collection])
	case q.request.Method == http.MethodPost && k.create != nil:
		if q.body == nil {
			return refuse(http.StatusBadRequest, "BadRequest", "Empty Payload. JSON content expected.")
		}
		return k.create(q)
	default:
		return notAllowed()
	}
}

func (q *query) onThing(k kind, by, key, tail string) *answer {
	if k.collection == Extensions && key == "validateAuthenticationConfiguration" && tail == "" {
		return q.validateBody()
	}
	e := q.graph.first(k.collection, func(o Object) bool {
		return strings.EqualFold(text(o, by), key) || k.collection == Users && strings.EqualFold(text(o, "userPrincipalName"), key)
	})
	if !e.isSeen() {
		return k.missing(key)
	}
	switch {
	case tail == "validateAuthenticationConfiguration" && k.collection == Extensions && q.request.Method == http.MethodPost:
		return q.validate(e.object)
	case k.collection == ServicePrincipals && tail == AppRoleAssignments:
		return q.onAssignments(e.object)
	case k.collection == ServicePrincipals && strings.HasPrefix(tail, AppRoleAssignments+"/"):
		return q.onAssignment(e.object, tail[len(AppRoleAssignments)+1:])
	case tail != "":
		return refuse(http.StatusBadRequest, "BadRequest", "Resource not found for the segment '"+tail+"'.")
	case q.request.Method == http.MethodGet:
		return reply(http.StatusOK, q.show(k, e.object))
	case q.request.Method == http.MethodPatch && k.change != nil:
		return k.change(q, e)
	case q.request.Method == http.MethodDelete && k.remove != nil:
		return k.remove(q, e)
	default:
		return notAllowed()
	}
}

// created stores a new thing and answers 201 with it.
func (q *query) created(k string, o Object) *answer {
	id := q.graph.insert(k, o, q.graph.knobs.lag)
	return reply(http.StatusCreated, q.show(kind{collection: k}, q.graph.find(k, id).object))
}

func removeAny(collection string) func(*query, *entry) *answer {
	return func(q *query, e *entry) *answer {
		q.graph.drop(collection, text(e.object, "id"))
		return done()
	}
}
