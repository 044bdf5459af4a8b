package postmark_test

import (
	"net/http"
	"testing"

	"byoe/providers"
	"byoe/providers/providertest"
)

func TestExamine(t *testing.T) {
	t.Parallel()
	const server, stream = "/server", "/message-streams/outbound"
	providertest.RunExamine(t, connect, func(h http.Header) bool { return h.Get("X-Postmark-Server-Token") == token }, []providertest.Told{
		{
			Name: "live", Answers: map[string]string{server: `{"Name":"hunter2","ApiTokens":["hunter2"],"DeliveryType":"Live","TrackOpens":false,"TrackLinks":"None"}`},
			About: "server", Grade: providers.GradeGood, Evidence: "live",
		},
		{
			Name: "sandbox", Answers: map[string]string{server: `{"DeliveryType":"Sandbox","TrackLinks":"None"}`},
			About: "server", Grade: providers.GradeBad, Evidence: "delivers none", Remedy: "live server",
		},
		{
			Name: "not tracked", Answers: map[string]string{server: `{"DeliveryType":"Live","TrackLinks":"None"}`},
			About: "tracking", Grade: providers.GradeGood, Evidence: "off",
		},
		{
			Name: "opens tracked", Answers: map[string]string{server: `{"DeliveryType":"Live","TrackOpens":true,"TrackLinks":"None"}`},
			About: "tracking", Grade: providers.GradeDoubtful, Evidence: "on for the server", Remedy: "Switch it off",
		},
		{
			Name: "links tracked", Answers: map[string]string{server: `{"DeliveryType":"Live","TrackLinks":"HtmlAndText"}`},
			About: "tracking", Grade: providers.GradeDoubtful, Evidence: "on for the server", Remedy: "Switch it off",
		},
		{Name: "bad token", Status: 401, About: "server", Evidence: "not told to this key"},
		{
			Name: "transactional", Answers: map[string]string{stream: `{"ID":"outbound","MessageStreamType":"Transactional","ArchivedAt":null}`},
			About: "message stream", Grade: providers.GradeGood, Evidence: "transactional",
		},
		{
			Name: "broadcasts", Answers: map[string]string{stream: `{"MessageStreamType":"Broadcasts"}`},
			About: "message stream", Grade: providers.GradeBad, Evidence: "unsubscribe", Remedy: "POSTMARK_MESSAGE_STREAM",
		},
		{
			Name: "archived", Answers: map[string]string{stream: `{"MessageStreamType":"Transactional","ArchivedAt":"2026-01-01T00:00:00Z"}`},
			About: "message stream", Grade: providers.GradeBad, Evidence: "archived", Remedy: "POSTMARK_MESSAGE_STREAM",
		},
	})
}
