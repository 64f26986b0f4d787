# The server in an image that holds one static binary, the certificates of the usual
# authorities, and nothing else: no shell, no package, no user but its own.
#
#   docker build --build-arg VERSION=1.2.3 -t teg .
#   docker run --read-only --cap-drop ALL -p 8000:8000 -v teg:/var/lib/teg -e JWT_SECRET_KEY_FILE=/run/secrets/jwt ... teg
#
# The version of Go is part of what makes one source one binary; SECURITY.md says below which not to go.
ARG GO_VERSION=1.26.10
FROM --platform=$BUILDPLATFORM golang:${GO_VERSION}-bookworm AS build
ARG TARGETOS
ARG TARGETARCH
ARG VERSION=unreleased
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download && go mod verify
COPY . .
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -buildvcs=false -tags full \
      -ldflags "-s -w -buildid= -X main.version=$VERSION" -o /image/teg ./server/cmd/teg \
 && mkdir -p /image/var/lib/teg /image/etc/ssl/certs \
 && cp /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/

FROM scratch
COPY --from=build /image/etc /etc
COPY --from=build /image/teg /teg
COPY --from=build --chown=65532:65532 /image/var/lib/teg /var/lib/teg
USER 65532:65532
WORKDIR /var/lib/teg
# Production refuses unsafe settings; the key of the tokens is yours to bring.
ENV ENVIRONMENT=production LOG_FORMAT=json DATABASE_URL=sqlite:///var/lib/teg/teg.db
VOLUME /var/lib/teg
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=6s --start-period=30s --retries=3 CMD ["/teg", "health"]
ENTRYPOINT ["/teg"]
CMD ["serve"]
