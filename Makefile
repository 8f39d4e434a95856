# The front door. Every target is a thin wrapper; the work is in scripts/ and in Maven.

help:          ## this list
	@sed -n 's/^\([a-z0-9-]*\):[^#]*## *\(.*\)/\1|\2/p' Makefile | while IFS='|' read -r target text; do printf '%-12s %s\n' "$$target" "$$text"; done

build:         ## target/storeit-server and target/storeit-ctl, ready to run
	scripts/build.sh

test:          ## every test, on the default Java; what may differ there on Java 25 too, where it is installed
	scripts/test.sh

check:         ## compiles everything and runs the tests that start no process: for daily work
	scripts/test.sh check

test-17:       ## every test on the default Java only
	scripts/test.sh default

test-25:       ## every test on Java 25 only (JAVA25_HOME, or found under /usr/lib/jvm)
	scripts/test.sh 25

demo:          ## a real upgrade, a rollback and a downgrade, step by step, on data of its own
	scripts/demo.sh

run: build     ## a server on http://127.0.0.1:8080 with its data in target/run
	mkdir -p target/run
	DATABASE_URL='sqlite:target/run/storeit.db?mode=rwc' STOREIT_IMAGE_PATH=target/run/images STOREIT_BIND=127.0.0.1:8080 target/storeit-server

bench:         ## the figures of this machine, each next to its yardstick
	scripts/bench.sh

systemd-test:  ## an installation's life under a real systemd, in a container (root, systemd-nspawn, debootstrap)
	scripts/systemd-test/run.sh

prepare:       ## every file of the checkout that is made from others (what has changed then is to be committed)
	scripts/prepare.sh

docs:          ## the documentation as a book, in target/docs (mdBook)
	scripts/docs.sh

release-keys:  ## a pair of keys that sign releases, in KEYS (a folder outside this one): make release-keys KEYS=~/storeit-keys
	@[ -n "$(KEYS)" ] || { echo "Name a folder outside the source tree: make release-keys KEYS=~/storeit-keys" >&2; exit 2; }
	java scripts/release/Signing.java make $(KEYS)

release:       ## every file of a release, in dist/ (scripts/release.sh says how it gets signed)
	scripts/release.sh

publish:       ## dist/ as a release at GitHub, and its Maven repository on the project's pages
	scripts/publish.sh

release-test:  ## a release made twice and looked at, and the recipe for a new schema version followed (slow)
	scripts/release-test.sh

image:         ## the container image of dist/, or else of this checkout; OPTIONS go to docker build or podman build
	scripts/image.sh $(OPTIONS)

image-test:    ## builds the container image and runs it with podman: upgrades, failures, kills, rollback (Linux, root; slow)
	scripts/image-test.sh

clean:         ## remove everything that was built
	rm -rf dist target interchange/target server/target scripts/ops/target scripts/ctl-tests/target

.PHONY: help build test check test-17 test-25 demo run bench systemd-test prepare docs release-keys release publish release-test image image-test clean
