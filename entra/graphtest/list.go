package graphtest

import (
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Graph's pages (learn.microsoft.com, Paging Microsoft Graph data in your app).
const (
	defaultPage = 100
	mostPage    = 999
)

// list answers a page of a collection, chosen by $filter, of the properties of $select.
func (q *query) list(k kind, entries []*entry) *answer {
	for name := range q.values {
		if !slices.Contains([]string{"$filter", "$select", "$top", "$skiptoken", "$count"}, name) {
			return badRequest("The query parameter '%s' is not supported here.", name)
		}
	}
	is, refusal := q.filter(k)
	if refusal != nil {
		return refusal
	}
	size, start, refusal := q.page()
	if refusal != nil {
		return refusal
	}
	all := []any{}
	for _, e := range entries {
		if is(e.object) && e.isSeen() {
			all = append(all, q.show(k, e.object))
		}
	}
	end := min(start+size, len(all))
	page := Object{"@odata.context": Address + "/" + q.version + "/$metadata#" + k.collection, "value": all[min(start, end):end]}
	if end < len(all) {
		values := maps.Clone(q.values)
		values.Set("$skiptoken", strconv.Itoa(end))
		page["@odata.nextLink"] = q.address() + "?" + values.Encode()
	}
	return reply(http.StatusOK, page)
}

// address is the request's own, so that a link leads back to whom it came from.
func (q *query) address() string {
	u := url.URL{Scheme: "https", Host: q.request.Host, Path: q.request.URL.Path}
	if q.request.URL.Host != "" {
		u.Host = q.request.URL.Host
	}
	if q.request.URL.Scheme != "" {
		u.Scheme = q.request.URL.Scheme
	} else if q.request.TLS == nil {
		u.Scheme = "http"
	}
	return u.String()
}

func (q *query) page() (size, start int, refusal *answer) {
	size = defaultPage
	if top := q.values.Get("$top"); top != "" {
		n, err := strconv.Atoi(top)
		if err != nil || n < 1 || n > mostPage {
			return 0, 0, badRequest("Invalid page size specified: '%s'. Must be between 1 and 999 inclusive.", top)
		}
		size = n
	}
	if q.graph.knobs.pageSize > 0 {
		size = min(size, q.graph.knobs.pageSize)
	}
	if token := q.values.Get("$skiptoken"); token != "" {
		n, err := strconv.Atoi(token)
		if err != nil {
			return 0, 0, badRequest("The skip token is not valid.")
		}
		start = n
	}
	return size, start, nil
}

// filter understands "name eq 'value'", joined by and. Anything else Graph may or may not know, and is refused here.
func (q *query) filter(k kind) (is func(Object) bool, refusal *answer) {
	clause := regexp.MustCompile(`^(\w+) eq '((?:[^']|'')*)'$`)
	want := map[string]string{}
	if filter := q.values.Get("$filter"); filter != "" {
		for part := range strings.SplitSeq(filter, " and ") {
			match := clause.FindStringSubmatch(part)
			if match == nil || !slices.Contains(k.filters, match[1]) {
				return nil, refuse(http.StatusBadRequest, "Request_UnsupportedQuery", "Unsupported or invalid query filter clause specified.")
			}
			want[match[1]] = strings.ReplaceAll(match[2], "''", "'")
		}
	}
	return func(o Object) bool {
		for name, value := range want {
			if !strings.EqualFold(text(o, name), value) {
				return false
			}
		}
		return true
	}, nil
}

// show is a thing as an answer has it.
func (q *query) show(k kind, o Object) Object {
	shown := clone(o)
	if selected := q.values.Get("$select"); selected != "" && q.request.Method == http.MethodGet {
		names := strings.Split(selected, ",")
		maps.DeleteFunc(shown, func(name string, _ any) bool { return name != "@odata.type" && !slices.Contains(names, name) })
	} else {
		for _, name := range k.hidden {
			delete(shown, name)
		}
	}
	if k.collection == Listeners && !q.isBeta() { // v1.0 has neither, by its metadata
		delete(shown, "priority")
		if applications, ok := path(shown, "conditions", "applications"); ok {
			delete(applications, "includeAllApplications")
		}
	}
	return shown
}

// path returns the object at a path of members.
func path(o Object, names ...string) (Object, bool) {
	for _, name := range names {
		next, ok := o[name].(Object)
		if !ok {
			return nil, false
		}
		o = next
	}
	return o, true
}
