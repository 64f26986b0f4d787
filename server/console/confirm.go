package console

import (
	"crypto/rand"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/agentvault/teg-layer/server/client"
)

// ask shows what a call would do, and asks whether to make it.
func (v *visit) ask(a *act, f *form, path string, body any) error {
	said, err := v.explain(a.method, path, body)
	if err != nil {
		return v.refused(f, err)
	}
	if f.Preview = said; said != nil && !said.Allowed {
		for _, fault := range said.Faults {
			f.fault(fault.Field, fault.Message)
		}
		return v.refuse(f, http.StatusOK, "The server would refuse it: "+said.Message)
	}
	if f.Asking = true; !a.keyless {
		f.Key = newKey(time.Now())
	}
	f.Command = command(v.console.origin(v.r)+v.console.config.Prefix, a.method, path, body, f.Key)
	return v.show("form", a.title, f)
}

// do makes the call.
func (v *visit) do(a *act, f *form, path string, body any) error {
	options := []client.CallOption{}
	if f.Key = v.r.PostForm.Get("key"); f.Key != "" {
		options = append(options, client.Key(f.Key))
	}
	answer, err := v.api.Call(v.r.Context(), a.method, path, body, options...)
	if attempt, sent := client.AttemptOf(err); sent && attempt.InDoubt {
		return v.doubt(a, f, err)
	}
	if err != nil {
		return v.refused(f, err)
	}
	f.Answer = facts(answer)
	return v.show("done", a.title, f)
}

// doubt asks again whether to make a call of which it is not known whether it was made, under
// the same key where it takes one: anew it might be made twice.
func (v *visit) doubt(a *act, f *form, err error) error {
	v.console.config.Logger.ErrorContext(v.r.Context(), "it is not known whether an act of the console was done", "path", v.r.URL.Path, "error", problem(err))
	f.Asking, f.Doubt = true, true
	why := "Do it again here: under the same key it is done once."
	if a.keyless {
		why = "Look whether it was, before you do it again."
	}
	return v.refuse(f, http.StatusBadGateway, "It is not known whether it was done. "+why)
}

// confirmedWithin is how long a page can be sent that asks for the second time. It is less than
// servers remember keys, so that one which is sent again, as browsers do that reload what came
// of it, does nothing a second time.
const confirmedWithin = 12 * time.Hour

// newKey is a key that tells when it was made.
func newKey(now time.Time) string {
	return "console-" + strconv.FormatInt(now.Unix(), 36) + "-" + rand.Text()
}

func stale(key string, now time.Time) bool {
	made, ours := strings.CutPrefix(key, "console-")
	made, _, _ = strings.Cut(made, "-")
	at, err := strconv.ParseInt(made, 36, 64)
	return ours && err == nil && now.Sub(time.Unix(at, 0)) > confirmedWithin
}

// refused shows why the server refused a call, beside the fields that it names.
func (v *visit) refused(f *form, err error) error {
	var said *client.Error
	if !errors.As(err, &said) || said.Status == http.StatusUnauthorized || said.Status == http.StatusForbidden {
		return err
	}
	for _, fault := range said.Fields {
		f.fault(fault.Field, fault.Message)
	}
	return v.refuse(f, said.Status, said.Message)
}
