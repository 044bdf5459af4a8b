package graph

import (
	"context"
	"errors"
	"net/http"
	"net/url"
)

// mostPages bounds a list. At Graph's smallest page of 100 it is a million things.
const mostPages = 10_000

// errLink says that a page's link to the next one leads elsewhere. It would get a token that is meant for Graph.
var errLink = errors.New("graph: the link to the next page leads to another host; it was not followed")

// errEndless says that a list had no end.
var errEndless = errors.New("graph: the list does not end")

// All returns a whole list, page by page (@odata.nextLink). A list that broke off is returned with its error, as far as it
// came. path is as in [Client.Do].
func All[T any](ctx context.Context, c *Client, v Version, path string) ([]T, error) {
	return all[T](ctx, c.line, "/"+string(v)+path)
}

func all[T any](ctx context.Context, l line, path string) ([]T, error) {
	var list []T
	for range mostPages {
		var page struct {
			Value []T    `json:"value"`
			Next  string `json:"@odata.nextLink"`
			// NextLink is Azure Resource Manager's.
			NextLink string `json:"nextLink"`
		}
		if err := l.do(ctx, call{method: http.MethodGet, path: path, out: &page}); err != nil {
			return list, err
		}
		list = append(list, page.Value...)
		next := firstOf(page.Next, page.NextLink)
		if next == "" {
			return list, nil
		}
		if !l.isOwn(next) {
			return list, errLink
		}
		if next == path {
			return list, errEndless
		}
		path = next
	}
	return list, errEndless
}

// isOwn says whether an address is the endpoint's: the same scheme, host and port, and nobody's name before them.
func (l line) isOwn(link string) bool {
	u, err := url.Parse(link)
	return err == nil && u.User == nil && u.Scheme+"://"+u.Host == l.endpoint
}
