package entra

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// recordFormat is the version of the record's form.
const recordFormat = 1

// Record is what earlier runs made and changed, in a file beside the owner's other files. It holds no secret: target URLs are
// kept without their query. Losing it is survivable, see [How].
type Record struct {
	Format int    `json:"format"`
	Tenant string `json:"tenant"`
	Name   string `json:"name"`
	// Items are the things that are ours, by what they are.
	Items map[Resource]*Item `json:"items"`
	// Off is the listener that byoe setup on is to make: the one that off took away, or that apply --prepare left out. It is
	// nil while codes go to the webhook.
	Off  *Listener `json:"off,omitempty"`
	Runs []Run     `json:"runs"`

	path string
	// fresh says that there was no file.
	fresh bool
}

// Item is one thing that is ours.
type Item struct {
	ID    string `json:"id,omitempty"`
	AppID string `json:"appId,omitempty"`
	// Origin says whether we made it.
	Origin Origin `json:"origin"`
	// Sent is when a request to make it went out whose outcome was not seen; zero where all is known. The thing may be
	// there and not be seen yet.
	Sent time.Time `json:"sent,omitzero"`
	// Made is when we made it: its news may take minutes to reach all of the directory.
	Made time.Time `json:"made,omitzero"`
	// Before is what an adopted thing was.
	Before *Before `json:"before,omitempty"`
	// After is what we left, in the words of a plan, to see whether somebody changed it since.
	After map[string]string `json:"after,omitempty"`
}

// Before is what an adopted thing was; one field is not nil.
type Before struct {
	Application *Application `json:"application,omitempty"`
	Extension   *Extension   `json:"extension,omitempty"`
	Listener    *Listener    `json:"listener,omitempty"`
	Principal   *Principal   `json:"principal,omitempty"`
}

// Origin is where a thing comes from.
type Origin string

// The origins.
const (
	Created Origin = "created"
	Adopted Origin = "adopted"
)

// Run is one command and what it changed.
type Run struct {
	Command string    `json:"command"`
	At      time.Time `json:"at"`
	Steps   []Step    `json:"steps"`
}

// RecordPath is the file's name where nobody gives another.
func RecordPath(tenantID string) string {
	return "byoe-setup-" + strings.ToLower(tenantID) + ".json"
}

// OpenRecord reads the record of a tenant; where there is no file, it is an empty one that [Record.Save] writes.
func OpenRecord(path, tenantID, name string) (*Record, error) {
	r := &Record{Format: recordFormat, Tenant: strings.ToLower(tenantID), Name: name, path: path}
	raw, err := os.ReadFile(path) //nolint:gosec // the owner names the file
	switch {
	case errors.Is(err, fs.ErrNotExist):
		r.fresh = true
	case err != nil:
		return nil, fmt.Errorf("cannot read the record: %w", err)
	default:
		if err := r.read(raw, tenantID, name); err != nil {
			return nil, err
		}
	}
	if r.Items == nil {
		r.Items = map[Resource]*Item{}
	}
	return r, nil
}

func (r *Record) read(raw []byte, tenantID, name string) error {
	if err := json.Unmarshal(raw, r); err != nil {
		return &Failure{
			What: "the record " + r.path + " is not readable", Err: err,
			Remedy: "Move it away: what it told is found by names and marks",
		}
	}
	switch {
	case r.Format != recordFormat:
		return &Failure{What: fmt.Sprintf("the record %s has form %d, not %d", r.path, r.Format, recordFormat), Remedy: "Use the byoe that wrote it"}
	case !strings.EqualFold(r.Tenant, tenantID):
		return &Failure{What: "the record " + r.path + " is of another tenant, " + r.Tenant, Remedy: "Give another file with --record"}
	case r.Name != name && len(r.Items) > 0:
		return &Failure{
			What:   fmt.Sprintf("the record %s is of another set-up, %q", r.path, r.Name),
			Remedy: "Give that --name, or another file with --record",
		}
	}
	r.Name = name
	return nil
}

// Path is where the record is.
func (r *Record) Path() string { return r.path }

// Fresh says that there was no file.
func (r *Record) Fresh() bool { return r.fresh }

// Save writes the record. A reader sees the old file or the new one, whatever happens meanwhile.
func (r *Record) Save() error {
	raw, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	if err := r.write(append(raw, '\n')); err != nil {
		return &Failure{What: "cannot write the record", Err: err, Remedy: "Give a file in a folder that can be written to with --record"}
	}
	return nil
}

func (r *Record) write(raw []byte) (err error) {
	file, err := os.CreateTemp(filepath.Dir(r.path), ".byoe-setup-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(file.Name()) // what counts is why there is no record
		}
	}()
	_, err = file.Write(raw)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), r.path)
}

// id is the id of a thing of ours, "" where there is none.
func (r *Record) id(of Resource) string {
	if item := r.Items[of]; item != nil {
		return item.ID
	}
	return ""
}

// owns says whether the record has the thing of that id as ours.
func (r *Record) owns(of Resource, id string) bool {
	return id != "" && strings.EqualFold(r.id(of), id)
}

// origin says where a thing of ours comes from, "" where it is not ours.
func (r *Record) origin(of Resource) Origin {
	if item := r.Items[of]; item != nil {
		return item.Origin
	}
	return ""
}

// own makes a thing ours, and keeps what was known of it.
func (r *Record) own(of Resource, origin Origin, id, appID string) *Item {
	item := r.Items[of]
	if item == nil || item.ID != "" && !strings.EqualFold(item.ID, id) {
		item = &Item{Origin: origin}
		r.Items[of] = item
	}
	item.ID, item.AppID, item.Sent = id, appID, time.Time{}
	return item
}

// sending remembers that a request to make a thing goes out.
func (r *Record) sending(of Resource, at time.Time) {
	item := r.Items[of]
	if item == nil || item.ID != "" {
		item = &Item{Origin: Created}
		r.Items[of] = item
	}
	item.Sent = at
}

// gone forgets a thing that is not there any more. What an adopted one was before stays known: byoe setup on makes one again,
// and the way back still leads to what was found.
func (r *Record) gone(of Resource) {
	item := r.Items[of]
	if item == nil || item.Origin == Created {
		delete(r.Items, of)
		return
	}
	item.ID, item.Sent, item.After = "", time.Time{}, nil
}

// Sought is what to look for in the tenant: what is wanted, and what the record knows.
func (r *Record) Sought(w Want) Sought {
	s := Sought{
		CallerAppID: w.CallerAppID, Name: w.Name, Endpoint: w.Endpoint,
		ExtensionID: r.id(ResourceExtension), ListenerID: r.id(ResourceListener), ApplicationID: r.id(ResourceApplication),
	}
	if s.ExtensionID == "" && r.Off != nil { // somebody's own that was switched off
		s.ExtensionID = r.Off.Handler.Extension.ID
	}
	return s
}

// Owned lists what is ours, for people: the kinds of things, sorted.
func (r *Record) Owned() []Resource { return slices.Sorted(maps.Keys(r.Items)) }

// run begins a new run in the record.
func (r *Record) run(command string, at time.Time) *Run {
	r.Runs = append(r.Runs, Run{Command: command, At: at.UTC().Truncate(time.Second), Steps: []Step{}})
	return &r.Runs[len(r.Runs)-1]
}

// recognise takes things back into the record that it lost or never got: what bears our mark and what hangs on that, and what
// an interrupted run had asked for and is there now. Entra's caller bears no mark.
func (r *Record) recognise(w Wiring, want Want) {
	a, e := w.Application, w.Extension
	// What hangs on a thing that the record has is not recognised: the record would have it too.
	madeApp := r.Items[ResourceApplication] == nil && a != nil && a.marked() && a.DisplayName == want.Name
	madeExtension := r.Items[ResourceExtension] == nil && e != nil && e.marked() && e.DisplayName == want.Name
	take := func(of Resource, id, appID string, marked bool) {
		item := r.Items[of]
		if item != nil && item.ID == "" || item == nil && marked {
			r.own(of, Created, id, appID)
		}
	}
	if w.Caller != nil {
		take(ResourceCaller, w.Caller.ID, w.Caller.AppID, false)
	}
	if a != nil {
		take(ResourceApplication, a.ID, a.AppID, madeApp)
	}
	if w.Principal != nil {
		take(ResourcePrincipal, w.Principal.ID, w.Principal.AppID, madeApp)
	}
	if w.Consent != nil {
		take(ResourceConsent, w.Consent.ID, "", madeApp)
	}
	if e != nil {
		take(ResourceExtension, e.ID, "", madeExtension)
	}
	if w.Listener != nil {
		take(ResourceListener, w.Listener.ID, "", madeExtension)
	}
}

// HasAdopted says whether something in the record was there before us.
func (r *Record) HasAdopted() bool {
	for _, item := range r.Items {
		if item.Origin == Adopted {
			return true
		}
	}
	return false
}
