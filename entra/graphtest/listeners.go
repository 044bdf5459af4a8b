package graphtest

import "net/http"

const (
	// mostListeners is how many a directory may have (reference of authenticationEventListener).
	mostListeners = 250
	// defaultPriority is what a listener has to which nobody gave one.
	defaultPriority = 500
)

func (q *query) createListener() *answer {
	if refusal := q.checkListener(q.body); refusal != nil {
		return refusal
	}
	if text(q.body, "handler", "customExtension", "id") == "" {
		return refuse(http.StatusBadRequest, "BadRequest", "The handler names no custom extension.")
	}
	if len(q.graph.store[Listeners]) >= mostListeners {
		return refuse(http.StatusBadRequest, "BadRequest", "The limit of 250 event listeners is reached.")
	}
	o := Object{"authenticationEventsFlowId": nil, "displayName": nil, "priority": defaultPriority}
	merge(o, q.body)
	if !q.isBeta() {
		o["priority"] = defaultPriority // an open type takes what it does not know, and makes nothing of it
	}
	return q.created(Listeners, o)
}

// changeListener merges the handler too: the walkthrough changes its configuration alone.
func (q *query) changeListener(e *entry) *answer {
	if text(q.body, "@odata.type") != text(e.object, "@odata.type") {
		return refuse(http.StatusBadRequest, "BadRequest", "The type of the listener is missing or differs.")
	}
	if applications, ok := path(q.body, "conditions", "applications"); ok {
		if refusal := q.checkApplications(applications); refusal != nil {
			return refusal
		}
	}
	o := clone(e.object)
	merge(o, q.body)
	if handler, ok := o["handler"].(Object); ok {
		if refusal := q.checkHandler(handler); refusal != nil {
			return refusal
		}
	}
	if !q.isBeta() {
		o["priority"] = e.object["priority"]
	}
	o["id"] = e.object["id"]
	e.object = o
	return done()
}

func (q *query) checkListener(o Object) *answer {
	if refusal := concrete(o, "authenticationEventListener"); refusal != nil {
		return refusal
	}
	handler, ok := o["handler"].(Object)
	if !ok {
		return refuse(http.StatusBadRequest, "BadRequest", "The property 'handler' is required.")
	}
	if refusal := q.checkHandler(handler); refusal != nil {
		return refusal
	}
	if n, ok := o["priority"].(float64); ok && q.isBeta() && (n < 0 || n > 1000) {
		return refuse(http.StatusBadRequest, "BadRequest", "The value of 'priority' is out of range.")
	}
	if applications, ok := path(o, "conditions", "applications"); ok {
		return q.checkApplications(applications)
	}
	return nil
}

func (q *query) checkHandler(handler Object) *answer {
	if refusal := concrete(handler, "onOtpSendHandler"); refusal != nil {
		return refusal
	}
	if refusal := members(handler, "onOtpSendCustomExtensionHandler", "customExtension", "configuration"); refusal != nil {
		return refusal
	}
	if configuration, ok := handler["configuration"].(Object); ok {
		if refusal := members(configuration, "customExtensionOverwriteConfiguration", "behaviorOnError", "clientConfiguration"); refusal != nil {
			return refusal
		}
		if refusal := checkOverwrite(configuration); refusal != nil {
			return refusal
		}
	}
	if id := text(handler, "customExtension", "id"); id != "" && !q.graph.find(Extensions, id).isSeen() {
		return refuse(http.StatusBadRequest, "BadRequest", "The custom extension '"+id+"' does not exist.")
	}
	return nil
}

// checkApplications knows that only beta has includeAllApplications (the metadata of both).
func (q *query) checkApplications(applications Object) *answer {
	known := []string{"includeApplications"}
	if q.isBeta() {
		known = append(known, "includeAllApplications")
	}
	if refusal := members(applications, "authenticationConditionsApplications", known...); refusal != nil {
		return refusal
	}
	for _, application := range objects(applications["includeApplications"]) {
		if text(application, "appId") == "" {
			return refuse(http.StatusBadRequest, "BadRequest", "An application of the conditions has no appId.")
		}
	}
	return nil
}
