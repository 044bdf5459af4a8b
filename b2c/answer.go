package b2c

import "encoding/json"

// AnswerType is the media type of both answers.
const AnswerType = "application/json"

// Accepted returns the body of a 200: no output claims, the policy goes on.
func Accepted() []byte { return []byte("{}") }

// Conflict returns the body of a 409, the only failure of which B2C shows the person the text; anything else is an error
// without words to them. The optional members (code, requestId, developerMessage, moreInfo) are for B2C's DebugMode, which
// shows them to the person too, so they are left out.
func Conflict(userMessage string) []byte {
	body, err := json.Marshal(conflict{Version: "1.0.0", Status: 409, UserMessage: userMessage})
	if err != nil { // cannot be: two texts and a number
		return []byte(`{"version":"1.0.0","status":409}`)
	}
	return body
}

type conflict struct {
	Version     string `json:"version"`
	Status      int    `json:"status"`
	UserMessage string `json:"userMessage"`
}
