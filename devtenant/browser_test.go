package devtenant_test

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"byoe/devtenant"
	"byoe/internal/browsertest"
)

// escaping is a mail that tries to run a script, to load a picture and to close the frame that it is shown in.
const escaping = `From: Contoso <no-reply@example.com>
To: someone@example.com
Subject: =?utf-8?b?56K66KqN44Kz44O844OJIDEyMzQ1Njc4?=
Content-Language: ja
MIME-Version: 1.0
Content-Type: text/html; charset=utf-8

<p style="color:#ff0000">12345678</p><script>parent.document.title='broken out'</script>
<img src=x onerror="parent.document.title='broken out'"></iframe><p id=outside>
`

func TestMailboxInABrowser(t *testing.T) {
	ctx := browsertest.Open(t)
	tenant, err := devtenant.Start(t.Context(), devtenant.Options{Addr: "127.0.0.1:0", MailboxAddr: "127.0.0.1:0"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := tenant.Close(); err != nil {
			t.Error(err)
		}
	})
	see := func(expression string) string {
		t.Helper()
		value, err := chromedp.Run(ctx, chromedp.Evaluate[string](expression))
		if err != nil {
			t.Fatalf("%s: %v", expression, err)
		}
		return value
	}
	if err := chromedp.Do(ctx, chromedp.Navigate(tenant.URL()+"/"), chromedp.Click("nav a[href='/mailbox']"), chromedp.WaitVisible(".empty")); err != nil {
		t.Fatalf("from the front page to the empty mailbox: %v", err)
	}
	deliver(t, tenant, escaping)
	if err := chromedp.Do(ctx, chromedp.WaitVisible(".mails li")); err != nil {
		t.Fatalf("the list does not grow by itself: %v", err)
	}
	if got := see(`document.querySelector(".mails li").innerText`); !strings.Contains(got, "確認コード 12345678") || !strings.Contains(got, "someone@example.com") {
		t.Errorf("the list shows %q", got)
	}
	if err := chromedp.Do(ctx, chromedp.Click(".mails a"), chromedp.WaitVisible("#html")); err != nil {
		t.Fatalf("the mail does not open: %v", err)
	}
	time.Sleep(200 * time.Millisecond) // for the frame's script and picture to do their worst
	if got := see("document.title"); !strings.Contains(got, "確認コード") {
		t.Errorf("the mail broke out of its frame: the title is %q", got)
	}
	if got := see(`String(document.getElementById("outside"))`); got != "null" {
		t.Error("the mail closed its frame")
	}
	if got := see(`document.querySelector("iframe").sandbox.value + "|" + document.querySelector("h1").lang`); got != "|ja" {
		t.Errorf("sandbox and language are %q", got)
	}
	if err := chromedp.Do(ctx, chromedp.Navigate(tenant.URL()+"/mailbox"), chromedp.Click("#clear"), chromedp.WaitVisible(".empty")); err != nil {
		t.Fatalf("the mailbox cannot be cleared: %v", err)
	}
	if left := len(tenant.Mailbox().Mails()); left != 0 {
		t.Errorf("%d mails are left", left)
	}
}
