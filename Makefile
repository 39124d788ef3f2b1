# The two commands are "make up" and "make test". Both say, or as root on Debian and Ubuntu install, what is missing.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-print-directory
.DELETE_ON_ERROR:

GO ?= go
NPM ?= npm
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
BINARY := bin/duban

GOLANGCI_LINT := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
WORKFLOWCHECK := go.temporal.io/sdk/contrib/tools/workflowcheck@v0.6.0

# Fonts for documents as PDF; TrueType outlines with Chinese characters, and where they are looked for (internal/document).
DOCUMENT_FONTS := fonts-lxgw-wenkai
FONT_PLACES := /usr/share/fonts /usr/local/share/fonts /Library/Fonts $(HOME)/Library/Fonts $(HOME)/.local/share/fonts $(HOME)/.fonts
HAVE_FONTS := test -n "$$(find -L $(FONT_PLACES) -name LXGWWenKaiMono-Bold.ttf 2>/dev/null)"

# Where PostgreSQL's programs are, if not on the PATH (internal/embedded).
POSTGRES_PLACES := /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /usr/libexec/postgresql* /usr/local/pgsql/bin \
	/opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin
# A browser, and what it shows Chinese with. The Chromium of 2020 that the tests use too comes by npm and needs no more than this.
BROWSER_PACKAGES := chromium fonts-noto-cjk

WEB_SOURCES := $(shell find web -name node_modules -prune -o -path web/dist -prune -o -type f -print) \
	api/openapi.yaml $(wildcard internal/message/zh-CN/*.json)

.PHONY: up build test test-computing test-waiting lint generate bench clean server binary need-postgres need-fonts want-fonts need-browser need-tools

## up: build what is needed and run everything in one process (DEMO=1 plays the rehearsal too)
up: need-tools need-postgres want-fonts build
	@exec $(BINARY) up --sample $(if $(DEMO),--demo)

## build: the web application and the program
build: need-tools
	@$(MAKE) -j2 web/dist/index.html server
	@$(MAKE) binary

# The Temporal server is by far the most to compile, and needs nothing of the web: both are built at once.
server:
	@echo "编译 Temporal 服务端：首次约需数分钟，此后数秒。 Compiling the Temporal server: minutes the first time, then seconds."
	@$(GO) build -v ./internal/embedded 2>&1 | awk '/^[A-Za-z0-9._~\/-]+$$/ { if (++n % 100 == 0) { print "  Go:", n, "packages"; fflush() } next } { print }'

binary:
	@$(GO) build -ldflags "-s -w -X main.version=$(VERSION)" -o $(BINARY) ./cmd/duban

# npm writes this file last.
web/node_modules/.package-lock.json: web/package.json web/package-lock.json
	@echo "安装网页依赖…… Installing the web's packages…"
	@cd web && $(NPM) ci --no-audit --no-fund --loglevel=error
	@touch $@

web/dist/index.html: web/node_modules/.package-lock.json $(WEB_SOURCES)
	@echo "构建网页…… Building the web…"
	@cd web && $(NPM) run --silent build
	@touch web/dist/.keep $@

## test: every tier, from pure rules to a real browser
test: need-tools need-postgres need-fonts need-browser build
	$(GO) vet ./...
	@$(MAKE) -j2 test-computing test-waiting

# The simulations, and the web's own tests after them, only compute: they take what the others leave, who play by a clock and
# wait more than they work. So more of those run at once than there are processors.
COMPUTING := ./internal/rulebook

test-computing: need-tools
	nice -n 19 $(GO) test -timeout 60m $(COMPUTING)
	cd web && $(NPM) run size
	cd web && $(NPM) test

test-waiting: need-tools
	DUBAN_TEST_PROGRAM=$(CURDIR)/$(BINARY) $(GO) test -p 3 -timeout 30m $$($(GO) list ./... | grep -v '$(COMPUTING:.%=%)$$')
	cd web && $(NPM) run test:browser

## lint: format, house rules, determinism of workflow code, types of the web, generated code as generated
lint: need-tools web/node_modules/.package-lock.json
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); test -z "$$unformatted" || { echo "gofmt: $$unformatted"; exit 1; }
	$(GO) run $(GOLANGCI_LINT) run ./...
	$(GO) run $(WORKFLOWCHECK) -config workflows/workflowcheck.config.yaml ./workflows/...
	cd web && $(NPM) run check
	@$(MAKE) generate
	@git diff --exit-code --stat -- '*.gen.go' '*.gen.ts' || { echo "generated code is not what make generate gives: commit what it wrote"; exit 1; }

## generate: server types from the contract, client types for the web
generate: need-tools web/node_modules/.package-lock.json
	$(GO) generate ./...
	cd web && $(NPM) run generate

## bench: what it does in a second, beside a bare workflow on the same server
bench: need-tools need-postgres build
	$(BINARY) bench

clean:
	rm -rf bin web/node_modules
	find web/dist -mindepth 1 ! -name .keep -delete

MAY_INSTALL := [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null

# $(call install,packages): as root on Debian and Ubuntu installs them, elsewhere says so.
define install
if $(MAY_INSTALL); then \
	echo "安装 $(1)…… Installing $(1)…"; \
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
		-o Dpkg::Options::=--force-confold $(1) >/dev/null; \
else \
	echo "缺少软件，请安装（Debian、Ubuntu 软件包名）。 Please install (names of Debian's packages): $(1)" >&2; exit 1; \
fi
endef

need-tools:
	@command -v $(GO) >/dev/null || { echo "请安装 Go 1.26.8。 Please install Go 1.26.8: https://go.dev/dl/" >&2; exit 1; }
	@command -v $(NPM) >/dev/null || { echo "请安装 Node 20 或更高版本。 Please install Node 20 or later: https://nodejs.org" >&2; exit 1; }

# Debian's package would start a server of its own; ours is all that is wanted.
need-postgres:
	@if [ -z "$${DATABASE_URL:-}$${DUBAN_POSTGRES_PROGRAMS:-}" ] && ! command -v initdb >/dev/null && \
		$(foreach place,$(POSTGRES_PLACES),! compgen -G '$(place)/initdb' >/dev/null &&) true; then \
		if [ "$$(id -u)" = 0 ] && [ ! -e /etc/postgresql-common/createcluster.conf ]; then \
			mkdir -p /etc/postgresql-common && echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf; \
		fi; \
		$(call install,postgresql); \
	fi

need-fonts:
	@$(HAVE_FONTS) || { $(call install,$(DOCUMENT_FONTS)); }

# Without them duban runs, and offers documents as docx only.
want-fonts:
	@if ! $(HAVE_FONTS); then \
		if $(MAY_INSTALL); then $(MAKE) need-fonts; \
		else echo "缺少字体 $(DOCUMENT_FONTS)，文书只能下载 docx。 Without the font $(DOCUMENT_FONTS) documents are to be had as docx only." >&2; fi; \
	fi

need-browser:
	@if ! command -v chromium >/dev/null && ! command -v chromium-browser >/dev/null && ! command -v google-chrome >/dev/null; then \
		$(call install,$(BROWSER_PACKAGES)); \
	elif command -v dpkg >/dev/null && ! dpkg -s fonts-noto-cjk >/dev/null 2>&1; then \
		$(call install,fonts-noto-cjk); \
	fi
