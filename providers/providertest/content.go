package providertest

import (
	"fmt"
	"net/mail"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"byoe/message"
	"byoe/providers"
)

func checkName(t *testing.T, a Adapter) {
	if got := a.Connect(t, closedPort(t)).Name(); got != a.Name {
		t.Errorf("Name() = %q, want %q", got, a.Name)
	}
}

func checkAccepted(t *testing.T, a Adapter) {
	peer := a.Serve(t)
	accept(t, a.Connect(t, peer.Address()), 1)
	expectMails(t, peer, a.want(Submission(1)))
}

// A provider that keeps connections has a different path for the second mail.
func checkAcceptedAgain(t *testing.T, a Adapter) {
	peer := a.Serve(t)
	provider := a.Connect(t, peer.Address())
	for n := range 3 {
		accept(t, provider, n)
	}
	expectMails(t, peer, a.want(Submission(0)), a.want(Submission(1)), a.want(Submission(2)))
}

func checkUnchanged(t *testing.T, a Adapter) {
	peer := a.Serve(t)
	s := Submission(1)
	if err := send(t, a.Connect(t, peer.Address()), s); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(s, Submission(1)) {
		t.Error("Send changed the submission, which other attempts share")
	}
}

func checkNonASCII(t *testing.T, a Adapter) {
	peer := a.Serve(t)
	provider := a.Connect(t, peer.Address())
	var expected []Mail
	for n, text := range []string{
		"Überprüfungscode für Ihr Konto",
		"確認コードです。この番号を入力して、アカウントの作成を完了してください。有効期限は30分です。",
		"رمز التحقق الخاص بك لإكمال إنشاء الحساب، صالح لمدة ثلاثين دقيقة",
		"👩‍👩‍👧 ваш код",
	} {
		s := Submission(n)
		s.Message.Subject = Code(n) + " " + text
		s.Message.From.Name = text
		s.Message.ReplyTo.Name = text
		s.Message.Text = text + "\n" + Code(n) + "\n"
		s.Message.HTML = "<p>" + text + " " + Code(n) + "</p>\n"
		if err := send(t, provider, s); err != nil {
			t.Fatalf("mail %d: %v", n, err)
		}
		expected = append(expected, a.want(s))
	}
	expectMails(t, peer, expected...)
}

// The provider either brings the mail to exactly this address or says that it cannot, without a try.
func checkLocalPart(t *testing.T, a Adapter) {
	peer := a.Serve(t)
	s := Submission(1)
	to, err := message.ParseAddress("用户@example.org")
	if err != nil {
		t.Fatal(err)
	}
	s.Message.To = to
	err = send(t, a.Connect(t, peer.Address()), s)
	if err == nil {
		expectMails(t, peer, a.want(s))
		return
	}
	expectKind(t, err, providers.KindRefused)
	expectCode(t, err, "non-ascii local part")
	expectMails(t, peer)
}

// A name or subject with line breaks must not become header fields, recipients or commands, neither on the wire nor in
// what the vendor decodes.
func checkInjection(t *testing.T, a Adapter) {
	peer := a.Serve(t)
	s := Submission(1)
	const evil = "x\r\nBcc: evil@example.org\r\nX-Evil: 1\n\nbody\u2028\x00\x1b"
	s.Message.Subject = Code(1) + evil
	s.Message.From.Name = "From" + evil
	s.Message.ReplyTo.Name = "Reply" + evil
	if err := send(t, a.Connect(t, peer.Address()), s); err != nil {
		return // refusing such a mail is as good
	}
	mails := peer.Mails()
	if len(mails) != 1 {
		t.Fatalf("the peer got %d mails, want 1", len(mails))
	}
	got := mails[0]
	for _, text := range []string{got.Subject, got.From.Name, got.ReplyTo.Name} {
		if strings.ContainsAny(text, "\r\n\x00\x1b\u2028") {
			t.Errorf("a control character arrived: %q", text)
		}
	}
	expected := a.want(s)
	expected.Subject, expected.From.Name, expected.ReplyTo.Name = got.Subject, got.From.Name, got.ReplyTo.Name
	if diff := cmp.Diff(expected, got); diff != "" {
		t.Errorf("the injected text changed the mail (-want +got):\n%s", diff)
	}
}

// An envelope is made of the sender's address too. Settings and brands are checked where they are read; this is the last
// door.
func checkSenderInjection(t *testing.T, a Adapter) {
	for _, evil := range []string{
		"no-reply@contoso.example> SIZE=1 ORCPT=rfc822;evil@example.org",
		"no-reply@contoso.example>\r\nRCPT TO:<evil@example.org",
		"no-reply@contoso.example>, <evil@example.org",
	} {
		peer := a.Serve(t)
		s := Submission(1)
		s.Message.From.Address = evil
		if err := send(t, a.Connect(t, peer.Address()), s); err != nil {
			_ = expectFailure(t, err)
		}
		for _, mail := range peer.Mails() {
			expected := a.want(s)
			expected.From = mail.From
			if diff := cmp.Diff(expected, mail); diff != "" {
				t.Errorf("%q changed the mail (-want +got):\n%s", evil, diff)
			}
		}
	}
}

// A handshake for each mail takes more of the two seconds than the mail.
func checkReuse(t *testing.T, a Adapter) {
	peer := a.Serve(t)
	provider := a.Connect(t, peer.Address())
	for n := range 5 {
		accept(t, provider, n)
	}
	if got := peer.Connections(); got != 1 {
		t.Errorf("5 mails one after the other took %d connections, want 1", got)
	}
}

func checkConnect(t *testing.T, a Adapter) {
	peer := a.Serve(t)
	provider := a.Connect(t, peer.Address())
	connector, ok := provider.(providers.Connector)
	if !ok {
		t.Fatal("the provider is no providers.Connector")
	}
	if err := connector.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	connected := peer.Connections()
	accept(t, provider, 1)
	if got := peer.Connections(); connected != 1 || got != 1 {
		t.Errorf("Connect took %d connections, and with the mail it was %d, want 1 and 1", connected, got)
	}
	connector, _ = a.Connect(t, closedPort(t)).(providers.Connector)
	err := connector.Connect(t.Context())
	expectKind(t, err, providers.KindTemporary)
	expectCode(t, err, "connection refused")
}

// A code in somebody else's mail is the worst that a provider can do; sendgrid-go's own client does it.
func checkConcurrent(t *testing.T, a Adapter) {
	const mails = 64
	peer := a.Serve(t)
	provider := a.Connect(t, peer.Address())
	var running sync.WaitGroup
	for n := range mails {
		running.Go(func() { accept(t, provider, n) })
	}
	running.Wait()
	got := map[string]Mail{}
	for _, mail := range peer.Mails() {
		got[fmt.Sprint(mail.Recipients)] = mail
	}
	if len(got) != mails || len(peer.Mails()) != mails {
		t.Fatalf("%d mails to %d recipients, want %d to as many", len(peer.Mails()), len(got), mails)
	}
	for n := range mails {
		if diff := cmp.Diff(a.want(Submission(n)), got[fmt.Sprint([]string{Recipient(n)})]); diff != "" {
			t.Errorf("mail %d (-want +got):\n%s", n, diff)
		}
	}
}

// accept sends the mail number n, which must be accepted with an id that is fit for a log.
func accept(t *testing.T, provider providers.Provider, n int) {
	t.Helper()
	receipt, err := provider.Send(t.Context(), Submission(n))
	if err != nil {
		t.Errorf("mail %d: %v", n, err)
		return
	}
	if receipt.MessageID == "" {
		t.Errorf("mail %d: no id in the receipt", n)
	}
	expectDiscreet(t, receipt.MessageID, Recipient(n), Code(n))
}

func send(t *testing.T, provider providers.Provider, s providers.Submission) error {
	t.Helper()
	_, err := provider.Send(t.Context(), s)
	return err
}

// want returns the mail that a peer must get for a submission.
func (a Adapter) want(s providers.Submission) Mail {
	m := s.Message
	mail := Mail{
		Recipients: []string{m.To.Reveal()},
		From:       m.From,
		ReplyTo:    *m.ReplyTo,
		Subject:    m.Subject,
		Text:       strings.TrimRight(m.Text, "\n"),
		HTML:       strings.TrimRight(m.HTML, "\n"),
		Headers:    map[string]string{},
	}
	for _, header := range s.Headers() {
		mail.Headers[CanonicalHeader(header.Name)] = header.Value
	}
	if a.Carries != nil {
		return a.Carries(mail)
	}
	return mail
}

func expectMails(t *testing.T, peer Peer, expected ...Mail) {
	t.Helper()
	got := peer.Mails()
	if len(got) == 0 && len(expected) == 0 {
		return
	}
	if diff := cmp.Diff(expected, got, cmp.Comparer(func(a, b mail.Address) bool { return a == b })); diff != "" {
		t.Errorf("mails at the peer (-want +got):\n%s", diff)
	}
}
