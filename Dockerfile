# byoe for whatever runs a container: Container Apps, AKS, a machine of your own. See docs/deploy.md.
# The program is static and carries its templates and pages, so that it is alone in the image: no shell, no package, nothing
# to keep up to date but byoe itself. It writes nowhere and needs no root.
FROM --platform=$BUILDPLATFORM golang:1.26-bookworm AS build
ARG TARGETARCH
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 GOOS=linux GOARCH=$TARGETARCH go build -trimpath -buildvcs=auto -ldflags="-s -w -buildid=" -o /out/byoe .

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/byoe /byoe
ENV HOST=0.0.0.0 PORT=8080
EXPOSE 8080
# A number, because Kubernetes cannot tell whether a name is root.
USER 65532:65532
ENTRYPOINT ["/byoe"]
