package smtp

import (
	"context"
	"errors"
	"net"
	"net/textproto"

	"byoe/providers"
)

// failed classifies the error of a command before the mail was on its way: a reply by its codes, a broken connection or
// a dialogue that is none as temporary.
func failed(ctx context.Context, err error, at stage) error {
	if refusal, ok := errors.AsType[*textproto.Error](err); ok {
		return refused(refusal, at)
	}
	switch {
	case at == stageTLS:
		return broken(ctx, err, "tls")
	case at == stageAuth && !isConnection(ctx, err):
		// The mechanism gave up, for example because the server could not prove that it knows the password (SCRAM).
		return &providers.Error{Kind: providers.KindAuth, Code: "auth exchange", Cause: err}
	default:
		return broken(ctx, err, "protocol")
	}
}

// broken classifies a broken connection before the mail was on its way. When ctx ends, the connection is closed under
// the dialogue, whose error then says something else.
func broken(ctx context.Context, err error, fallback string) *providers.Error {
	failure := &providers.Error{Kind: providers.KindTemporary, Cause: err}
	if ctxErr := ctx.Err(); ctxErr != nil {
		failure.Code = providers.NetworkCode(ctxErr)
		return failure
	}
	failure.Code = providers.NetworkCode(err)
	if failure.Code == "" {
		failure.Code = fallback
	}
	return failure
}

// isConnection says whether err is about the connection, not about what was said on it.
func isConnection(ctx context.Context, err error) bool {
	if ctx.Err() != nil || providers.NetworkCode(err) != "" {
		return true
	}
	_, isNet := errors.AsType[net.Error](err)
	_, isProtocol := errors.AsType[textproto.ProtocolError](err)
	return isNet || isProtocol || errors.Is(err, net.ErrClosed) || errors.Is(err, errTalkative)
}
