package providertest

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"byoe/providers"
)

// Told is one row of what an account may look like at a vendor.
type Told struct {
	Name string
	// Answers are the vendor's bodies by path, with the query where the path alone does not tell; each is a 200. What is not
	// among them is refused with Status, or 404.
	Answers map[string]string
	Status  int
	// About names the observation that is looked at; Evidence and Remedy are parts of its texts.
	About            string
	Grade            providers.Grade
	Evidence, Remedy string
}

// Senders are those of Submission.
func Senders() []providers.Sender {
	return []providers.Sender{{Name: "Contoso", Domain: "contoso.example"}}
}

// RunExamine lets a provider look at each account. The vendor wants authorized to be true of every request, and quotes in every
// answer what must not be told.
func RunExamine(t *testing.T, connect func(t *testing.T, url string) providers.Provider, authorized func(http.Header) bool, rows []Told) {
	t.Helper()
	for _, row := range rows {
		t.Run(row.Name, func(t *testing.T) {
			t.Parallel()
			vendor := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, found := row.Answers[r.URL.RequestURI()]
				if !found {
					body, found = row.Answers[r.URL.Path]
				}
				switch {
				case r.Method != http.MethodGet || !authorized(r.Header):
					t.Errorf("%s %s is not as the vendor wants it", r.Method, r.URL.Path)
				case !found && row.Status != 0:
					w.WriteHeader(row.Status)
				case !found:
					w.WriteHeader(http.StatusNotFound)
				}
				w.Header().Set("Content-Type", "application/json")
				_, _ = w.Write([]byte(body))
			}))
			t.Cleanup(vendor.Close)
			examiner, can := connect(t, vendor.URL).(providers.Examiner)
			if !can {
				t.Fatal("the provider is no Examiner")
			}
			checkTold(t, examiner.Examine(t.Context(), Senders()), row)
		})
	}
}

func checkTold(t *testing.T, observations []providers.Observation, row Told) {
	t.Helper()
	seen := false
	for _, o := range observations {
		if o.About == "" || o.Evidence == "" || o.Grade > providers.GradeGood && o.Remedy == "" {
			t.Errorf("%+v says too little", o)
		}
		if strings.Contains(o.Evidence+o.Remedy, "hunter2") {
			t.Errorf("%+v quotes the vendor", o)
		}
		if o.About != row.About {
			continue
		}
		seen = true
		if o.Grade != row.Grade || !strings.Contains(o.Evidence, row.Evidence) || !strings.Contains(o.Remedy, row.Remedy) {
			t.Errorf("%+v, want grade %d, evidence %q, remedy %q", o, row.Grade, row.Evidence, row.Remedy)
		}
	}
	if !seen {
		t.Errorf("nothing about %q among %+v", row.About, observations)
	}
}
