package standin

import (
	"io"
	"net/http"
	"time"
)

// serveSendGrid answers POST /v3/mail/send as SendGrid does where all is well, and whatever else is asked likewise: the
// program that is the practical limit forwards to the same place.
func (p *Providers) serveSendGrid(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	mail := make([]byte, 0, max(512, r.ContentLength+1))
	mail, err := readAll(mail, r.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	start := time.Now()
	p.work()
	w.Header()["X-Message-Id"] = []string{"14c5d75ce93.dfd.64b469"}
	w.WriteHeader(http.StatusAccepted)
	p.taken(numberIn(mail), time.Since(start))
}

// readAll is io.ReadAll into a buffer that is large enough.
func readAll(buffer []byte, from io.Reader) ([]byte, error) {
	for {
		n, err := from.Read(buffer[len(buffer):cap(buffer)])
		buffer = buffer[:len(buffer)+n]
		switch {
		case err == io.EOF:
			return buffer, nil
		case err != nil:
			return buffer, err
		case len(buffer) == cap(buffer):
			buffer = append(buffer, 0)[:len(buffer)]
		}
	}
}
