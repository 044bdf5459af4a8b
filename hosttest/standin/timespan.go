package standin

import (
	"fmt"
	"time"
)

// timeSpan reads the "hh:mm:ss" of host.json. "-1", no limit, is 0.
func timeSpan(text string) (time.Duration, error) {
	if text == "-1" {
		return 0, nil
	}
	var hours, minutes, seconds int
	if _, err := fmt.Sscanf(text+"|", "%d:%d:%d|", &hours, &minutes, &seconds); err != nil {
		return 0, fmt.Errorf("%q is not of the form hh:mm:ss", text)
	}
	if hours < 0 || minutes < 0 || minutes > 59 || seconds < 0 || seconds > 59 {
		return 0, fmt.Errorf("%q is not of the form hh:mm:ss", text)
	}
	return time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute +
		time.Duration(seconds)*time.Second, nil
}
