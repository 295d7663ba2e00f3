# SPDX-License-Identifier: MIT

GO ?= go
buildmode :=
PREFIX ?= /usr/local
DESTDIR ?=
# Where the system keeps its plugins: lib/nagios/plugins (Debian), lib64/nagios/plugins
# (Fedora), libexec/nagios/plugins, or the last if there is none yet.
PLUGINDIR ?= $(PREFIX)/$(shell for d in lib/nagios/plugins lib64/nagios/plugins; do \
	[ -d $(PREFIX)/$$d ] || [ -d /usr/$$d ] && echo $$d && exit; done; echo libexec/nagios/plugins)
SHARE ?= $(PREFIX)/share
MANDIR ?= $(SHARE)/man

plugin := build/check_chrony
library := $(CURDIR)/build/lib/libchrony.so.0
# The loader finds the distribution's library by itself. A plugin built with the race
# detector would sleep for a second at each exit.
env = GORACE=atexit_sleep_ms=0 $(if $(wildcard $(library)),CHECK_CHRONY_LIBCHRONY=$(library)) CHECK_CHRONY_PYTHON=$(CURDIR)/build/python/bin/python

# Go records the commit, unless there is none or git refuses this folder to this user.
commit := $(shell git rev-parse -q --verify HEAD 2>/dev/null)
# Hardened like Debian's and Fedora's packages, as far as Go's linker allows.
hardened := -O2 -g -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
build = CGO_CFLAGS='$(hardened)' $(GO) build -trimpath -ldflags '-s -w -bindnow' -buildvcs=$(if $(commit),true,false)

.PHONY: build ## build the plugin: build/check_chrony
build:
	@testdata/setup/need go gcc
	$(build) $(buildmode) -o $(plugin) ./cmd/check_chrony

# For install, which root runs: it doesn't build if the plugin exists.
$(plugin):
	$(MAKE) build

.PHONY: demo ## run the plugin against chronyds on loopback: OK, WARNING, CRITICAL, …
demo: setup build
	@$(env) contrib/demo/demo $(plugin)

# What a check against a real chronyd needs.
.PHONY: setup ## install chronyd and libchrony, for the demo and the tests
setup:
	@testdata/setup/need go gcc chronyd chronyc
	@testdata/setup/libchrony

# Many of the tests wait, so more run side by side than there are processors. Others watch
# the clock, so the packages take turns.
.PHONY: test ## all tests; as root, installs what is missing
test: setup lint package
	@testdata/setup/need time libfaketime libasan ip nft visudo apparmor_parser mandoc zsh fish rpm dpkg lintian
	@testdata/setup/need nagios icinga2 influxd nrpe check_nrpe check_tcp zabbix_agentd promtool
	@testdata/setup/need $(director)
	@testdata/setup/python
	@testdata/setup/monitoring-plugins-contrib
	CHECK_CHRONY_TEST_FULL=1 $(env) $(GO) test -count=1 -race -timeout 20m -p 1 -parallel 8 -tags integration,director ./...
	$(env) $(GO) test -count=1 -asan -gcflags=all=-d=checkptr ./internal/libchrony

director := mariadbd mariadb icingacli director php-mysql php-curl php-intl

# The basket of contrib/director in a real Icinga Director, with MariaDB and PHP.
.PHONY: test-director ## test contrib/director in a real Icinga Director
test-director: setup
	@testdata/setup/need nagios icinga2 $(director)
	$(env) $(GO) test -count=1 -tags director -run '^TestDirector$$' ./internal/contribtest

# docs/graphite.png: Icinga Web with contrib/graphite, in six minutes.
.PHONY: pictures ## draw docs/graphite.png, in six minutes
pictures: setup
	@testdata/setup/need nagios icinga2 mariadbd mariadb php php-mysql php-curl php-intl ido monitoring graphite carbon-cache graphite-manage chromium
	$(env) $(GO) test -count=1 -timeout 15m -tags pictures -run '^TestGraphitePicture$$' ./internal/contribtest

# The benchmarks of docs/performance.md. BENCH=-u writes the results there;
# BENCH='-run Peers' measures the table alone.
.PHONY: bench ## benchmark against peers
bench: setup build
	@testdata/setup/need hyperfine time xargs gnuplot check_ntp_time
	@testdata/setup/python
	@mkdir -p build/bench/new
	gcc -O2 -Wall -Wextra -Werror -o build/bench/floor internal/bench/peers/floor.c
	$(build) -o build/bench/new/bare ./internal/bench/peers/bare
	CGO_ENABLED=0 $(build) -o build/bench/new/check_chrony-static ./cmd/check_chrony
# Copies are measured, like an installed plugin: a file that Go's linker has just written
# starts more slowly.
	install $(plugin) build/bench/new/bare build/bench/new/check_chrony-static build/bench
	$(env) $(GO) test -count=1 -timeout 30m -tags bench ./internal/bench -v $(BENCH)
	$(env) $(GO) test -run '^$$' -bench . -benchmem ./cmd/check_chrony ./internal/cmdmon

# What the plugin notices on recorded hosts, and when: the tables and pictures of
# docs/detection.md.
.PHONY: detection ## write docs/detection.md from the recorded hosts
detection:
	@testdata/setup/need go gcc gnuplot
	$(GO) test -count=1 ./internal/detection -run 'TestDetection$$' -u
	gnuplot -e "folder='build/detection/'" -e "docs='docs/'" testdata/fleet/pictures.gp

# A bounded time for each target: FUZZTIME=1h for more.
FUZZTIME ?= 30s
.PHONY: fuzz ## fuzz each parser and both readers, FUZZTIME=30s each
fuzz: setup
	$(GO) test -run '^$$' -fuzz FuzzParseRange -fuzztime $(FUZZTIME) ./internal/threshold
	$(GO) test -run '^$$' -fuzz FuzzRangeText -fuzztime $(FUZZTIME) ./internal/threshold
	$(GO) test -run '^$$' -fuzz FuzzWrite -fuzztime $(FUZZTIME) -fuzzminimizetime 1x ./internal/output
	$(GO) test -run '^$$' -fuzz FuzzReply -fuzztime $(FUZZTIME) ./internal/native
	$(env) $(GO) test -asan -run '^$$' -fuzz FuzzReply -fuzztime $(FUZZTIME) ./internal/libchrony
	$(env) $(GO) test -run '^$$' -fuzz FuzzArguments -fuzztime $(FUZZTIME) ./cmd/check_chrony

# Run this before you send a change. It needs Go and a C compiler. Tests that need more
# are skipped.
.PHONY: check ## quick checks: gofumpt, vet, staticcheck, short tests
check: static
	$(GO) test -short ./...

# The path of a program that testdata/setup/tools/go.mod pins. Go builds it once, with a newer Go if
# it needs one.
tool = $$(GOTOOLCHAIN=auto $(GO) -C testdata/setup/tools tool -n $(1))

# The tests that only their own targets run: benchmarks, tests that install packages, the
# real Director, and pictures.
tags := bench,integration,director,pictures

.PHONY: static
static:
	@testdata/setup/need go gcc
	@files=$$($(call tool,gofumpt) -l .) && [ -z "$$files" ] || { echo "gofumpt: $$files"; exit 1; }
	$(GO) vet -tags $(tags) ./...
	$(call tool,staticcheck) -tags $(tags) ./...

# The oldest Go that go.mod allows.
oldest := go1.24.9
# Where chrony runs besides Linux. The plugin is built for these without cgo, and not run.
systems := freebsd netbsd openbsd darwin illumos

.PHONY: lint ## gofumpt, vet, staticcheck, golangci-lint, actionlint, shellcheck; builds with the oldest Go
lint: static
	@testdata/setup/need shellcheck
	grep -rIl -m1 '^#!/bin/sh' --exclude='*.go' --exclude='*.md' --exclude-dir=build --exclude-dir=.git --exclude-dir=vendor . | xargs shellcheck
	shellcheck contrib/completion/check_chrony.bash
	GOTOOLCHAIN=$(oldest) CGO_ENABLED=1 $(GO) build ./...
	GOTOOLCHAIN=$(oldest) CGO_ENABLED=1 $(GO) vet -tags $(tags) ./...
	for system in $(systems); do GOOS=$$system CGO_ENABLED=0 $(call tool,staticcheck) -tests=false ./cmd/... ./internal/client || exit 1; done
	$(call tool,golangci-lint) run
	$(call tool,actionlint) .github/workflows/*.yml
	$(GO) mod tidy -diff
	GOTOOLCHAIN=auto $(GO) -C testdata/setup/tools mod tidy -diff

# Known vulnerabilities in what the plugin calls. It needs the internet.
.PHONY: vulncheck ## find known vulnerabilities in what is linked in
vulncheck:
	$(call tool,govulncheck) ./cmd/check_chrony

# The files that follow from the command line: the man page, the completions, README's
# table, Icinga's arguments.
.PHONY: generate ## write the man page, completions, README's options, Icinga's arguments
generate:
	$(GO) run ./internal/generate

# build/packages: .deb and .rpm of this architecture, .tar.gz of static builds, and
# these as assets for Sensu. DOWNLOADS is the address where agents fetch the assets.
.PHONY: package ## build .deb, .rpm, static .tar.gz and Sensu assets: build/packages
package release: export RELEASE := $(shell sed -n 's/^const release = "\(.*\)"/\1/p' cmd/check_chrony/version.go)
package release: export SOURCE_DATE_EPOCH ?= $(if $(commit),$(shell git log -1 --format=%ct))
# Distributions require position-independent executables. Relocation costs a tenth of a
# check, so other builds use Go's default.
package release: buildmode := -buildmode=pie
package: build
	CGO_ENABLED=0 GOARCH=amd64 $(build) -o build/static/amd64/check_chrony ./cmd/check_chrony
	CGO_ENABLED=0 GOARCH=arm64 $(build) -o build/static/arm64/check_chrony ./cmd/check_chrony
	contrib/packaging/package
	contrib/packaging/sensu
	@ls -Al build/packages

# build/release: the packages and the source archive with their sums, licenses and SBOMs,
# the same byte for byte each time. RELEASING.md has the steps around it.
.PHONY: release ## build everything that is published, with sums and SBOMs: build/release
release: package
	contrib/packaging/source
	contrib/packaging/release
	@ls -Al build/release

.PHONY: install ## install into PREFIX=/usr/local, with DESTDIR and PLUGINDIR
install: $(plugin)
	install -D -m 755 $(plugin) '$(DESTDIR)$(PLUGINDIR)/check_chrony'
	install -D -m 644 docs/check_chrony.1 '$(DESTDIR)$(MANDIR)/man1/check_chrony.1'
	install -D -m 644 contrib/completion/check_chrony.bash '$(DESTDIR)$(SHARE)/bash-completion/completions/check_chrony'
	install -D -m 644 contrib/completion/_check_chrony '$(DESTDIR)$(SHARE)/zsh/site-functions/_check_chrony'
	install -D -m 644 contrib/completion/check_chrony.fish '$(DESTDIR)$(SHARE)/fish/vendor_completions.d/check_chrony.fish'

.PHONY: uninstall ## remove installed files
uninstall:
	rm -f '$(DESTDIR)$(PLUGINDIR)/check_chrony' \
		'$(DESTDIR)$(MANDIR)/man1/check_chrony.1' \
		'$(DESTDIR)$(SHARE)/bash-completion/completions/check_chrony' \
		'$(DESTDIR)$(SHARE)/zsh/site-functions/_check_chrony' \
		'$(DESTDIR)$(SHARE)/fish/vendor_completions.d/check_chrony.fish'

.PHONY: clean ## remove build
clean:
	rm -rf build

.PHONY: help ## show this list
help:
	@sed -n 's/^\.PHONY: \([a-z-]*\) *## /\1\t/p' Makefile | expand -t 15
