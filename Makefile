# SPDX-License-Identifier: GPL-2.0-or-later
# The front door. Meson and Ninja do the work; `make help` lists what there is.

.DEFAULT_GOAL := build
.PHONY: build deps load endurance run test fuzz bench install clean help

build: ## build build/sipalg
	@tools/build build

deps: ## install the Debian packages that are missing, and nothing else
	@tools/deps

run: deps build ## the main job: real phones call through a router, with and without sipalg
	@phones/run

load: deps build ## 500 phones and 250 calls at once through a real router, sound counted at both ends
	@load/run

endurance: deps build ## an hour (TIME=3600 seconds) of calls and mishaps; writes its part of bench/RESULTS.md
	@endurance/run --time $(or $(TIME),3600) --write

test: deps ## everything that can be checked; the last line is "N passed, N failed"
	@tools/test

fuzz: deps ## feed hostile bytes to what reads them, TIME=60 seconds each
	@fuzz/run --time $(or $(TIME),60)

bench: ## speed and memory beside other programs; writes bench/RESULTS.md
	@tools/deps bench
	@bench/run

install: build ## install the program and its manual pages (as root)
	meson install -C build --no-rebuild

clean: ## remove what was built
	rm -rf build build-*

help: ## this list
	@sed -n 's/^\([a-z]*\):[^#]*## /\1	/p' Makefile | expand -t 10
