package server

import "net/http"

// counted is what every answer is written through, whoever writes it: it notes the
// status and the length of the body for the log and the metrics.
type counted struct {
	http.ResponseWriter
	head   bool // the request's method is HEAD: no body is sent
	status int  // 0 until there is one
	bytes  int
}

// WriteHeader implements [http.ResponseWriter].
func (w *counted) WriteHeader(status int) {
	if w.status == 0 && status >= http.StatusOK { // what comes before is no answer yet
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write implements [http.ResponseWriter].
func (w *counted) Write(text []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(text)
	if !w.head {
		w.bytes += n
	}
	return n, err
}

// Unwrap is for [http.ResponseController].
func (w *counted) Unwrap() http.ResponseWriter { return w.ResponseWriter }
