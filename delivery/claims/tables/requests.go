package tables

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"

	"byoe/delivery"
)

// add inserts a row, and says whether it is the first of its key.
func (s *Store) add(ctx context.Context, key delivery.Key, r row) (bool, error) {
	entity, err := json.Marshal(r)
	if err != nil {
		return false, err
	}
	answer, err := s.table.AddEntity(ctx, entity, nil)
	if hasCode(err, http.StatusConflict, aztables.EntityAlreadyExists) {
		return false, nil
	}
	if err != nil {
		return false, failed("insert", err)
	}
	s.owned.put(key, r.Owner, version{answer.ETag, r.Delivery})
	if echo, err := parseRow(answer.Value); err == nil { // tells the time; the row itself is known
		s.clock.learn(echo.Timestamp)
	}
	return true, nil
}

// get reads a row; nil where there is none.
func (s *Store) get(ctx context.Context, key delivery.Key) (*row, error) {
	name := key.String()
	answer, err := s.table.GetEntity(ctx, partition(name), name, nil)
	if isMissing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, failed("read", err)
	}
	found, err := parseRow(answer.Value)
	if err != nil {
		return nil, &failure{asked: "read", code: "not a claim", cause: err}
	}
	found.ETag = string(answer.ETag)
	s.clock.learn(found.Timestamp)
	return found, nil
}

// replace writes r over the version etag, and returns r's own. It is not done where another version is there, or none.
func (s *Store) replace(ctx context.Context, r row, etag azcore.ETag) (azcore.ETag, bool, error) {
	r.ETag, r.Timestamp = "", time.Time{} // the service's own
	entity, err := json.Marshal(r)
	if err != nil {
		return "", false, err
	}
	answer, err := s.table.UpdateEntity(ctx, entity, &aztables.UpdateEntityOptions{IfMatch: &etag, UpdateMode: aztables.UpdateModeReplace})
	if isChanged(err) || isMissing(err) {
		return "", false, nil
	}
	if err != nil {
		return "", false, failed("update", err)
	}
	return answer.ETag, true, nil
}

// remove deletes the version etag of a row. It is not done where another version is there, or none.
func (s *Store) remove(ctx context.Context, name string, etag azcore.ETag) (bool, error) {
	_, err := s.table.DeleteEntity(ctx, partition(name), name, &aztables.DeleteEntityOptions{IfMatch: &etag})
	if isChanged(err) || isMissing(err) {
		return false, nil
	}
	if err != nil {
		return false, failed("delete", err)
	}
	return true, nil
}

// create makes the table. One that is there is as good.
func (s *Store) create(ctx context.Context) error {
	_, err := s.table.CreateTable(ctx, nil)
	if err == nil || hasCode(err, http.StatusConflict, aztables.TableAlreadyExists) {
		return nil
	}
	return failed("create the table", err)
}
