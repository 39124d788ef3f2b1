# duban as an image: the platform's processes, and with --target single everything in one container.
#
#   docker build -t duban .                      api, worker, migrate; PostgreSQL and Temporal are elsewhere
#   docker build -t duban:single --target single .   "duban up", with PostgreSQL's programs

FROM node:20.20-bookworm-slim AS web
WORKDIR /src/web
COPY web/package.json web/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY web/ ./
COPY api/openapi.yaml ../api/openapi.yaml
COPY internal/message/zh-CN/ ../internal/message/zh-CN/
RUN npm run build

FROM golang:1.26.8-bookworm AS program
ENV GOTOOLCHAIN=local CGO_ENABLED=0
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
# The Temporal server takes minutes to compile and changes with go.mod only: a layer of its own, with what embedded imports.
COPY internal/disk/ internal/disk/
COPY internal/embedded/ internal/embedded/
COPY internal/loopback/ internal/loopback/
COPY internal/memory/ internal/memory/
COPY internal/procfs/ internal/procfs/
RUN go build -trimpath ./internal/embedded
COPY . .
COPY --from=web /src/web/dist/ web/dist/
ARG VERSION=dev
RUN go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /out/duban ./cmd/duban

FROM debian:bookworm-slim AS base
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates fonts-lxgw-wenkai \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin duban \
 && install -d -o duban -g duban -m 0700 /data
COPY --from=program /out/duban /usr/local/bin/duban
ENV DUBAN_DATA=/data DUBAN_LISTEN=:8080 DUBAN_LOG_FORMAT=json
USER duban
WORKDIR /data
VOLUME /data
EXPOSE 8080
ENTRYPOINT ["duban"]

FROM base AS single
USER root
RUN mkdir -p /etc/postgresql-common \
 && echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf \
 && apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends -o Dpkg::Options::=--force-confold postgresql \
 && rm -rf /var/lib/apt/lists/*
USER duban
# Ctrl-C and "docker stop" are the same to duban; PostgreSQL needs a moment to write its checkpoint.
STOPSIGNAL SIGINT
CMD ["up"]

FROM base
CMD ["api"]
