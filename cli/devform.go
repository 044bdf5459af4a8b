package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// postForm posts a form to the running tenant and decodes its JSON answer, of which it reads most bytes.
func postForm(ctx context.Context, endpoint string, form url.Values, most int64, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("the tenant answers %d", res.StatusCode)
	}
	return json.NewDecoder(io.LimitReader(res.Body, most)).Decode(into)
}
