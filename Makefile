# GoLive: `make run` starts the server, `make test` proves that it works. Everything else is a part of these two.

SWIFT := swift
SWIFT_SOURCES = $$(git ls-files '*.swift' ':!:*.pb.swift')
SERVER := .build/release/golive
# Both databases in one program; a plain `swift build` leaves PostgreSQL out.
TRAITS := --traits PostgreSQL
# Media and Relay with their tests, without what has to be fetched, for builds in folders of their own.
PARTS := Scripts/with-parts relay $(SWIFT) test --experimental-maximum-parallelization-width 4
# The unit tests by themselves: while `swift test` runs them, nothing else can be built. A few at a time: all at once, on two
# cores, they wait for one another rather than for what they test.
UNIT := .build/debug/golivePackageTests.xctest --testing-library swift-testing --experimental-maximum-parallelization-width 8
# For each parser.
FUZZ_SECONDS ?= 120

.PHONY: run build test unit unit-build unit-run e2e fuzz fuzz-briefly tsan asan measure measure-requests measure-networks
.PHONY: measure-servers measure-load measure-capacity benchmark format lint clean build-deps test-deps

run: build
	$(SERVER) serve --dev

build: build-deps
	$(SWIFT) build -c release $(TRAITS) --product golive

# Unit tests in debug, then the server as it ships against real browsers and SDKs. Unit tests mostly wait, so the server is
# built beside them, and then the parsers are fuzzed beside that.
test: unit-build
	$(MAKE) --jobs=2 --output-sync=target unit-run build fuzz-briefly
	$(MAKE) e2e

unit: unit-build
	$(MAKE) unit-run

unit-build: build-deps
	$(SWIFT) build $(TRAITS) --build-tests

unit-run:
	Scripts/with-postgresql $(UNIT)

e2e: build test-deps
	Scripts/with-postgresql Scripts/run-e2e

# Every parser of Media under libFuzzer, one after the other.
fuzz: build-deps
	Scripts/fuzz --seconds $(FUZZ_SECONDS)

# From one seed, so that what was right stays right until it is changed.
fuzz-briefly: build-deps
	Scripts/fuzz --seconds 2 --seed 1

# The tests of Media and Relay under AddressSanitizer, optimised: otherwise reads of raw memory happen within the standard
# library, which is not instrumented.
asan: build-deps
	ASAN_OPTIONS=detect_leaks=0 $(PARTS) -c release -Xswiftc -enable-testing --sanitize address --scratch-path .build-asan

# The same under ThreadSanitizer, not optimised: otherwise the standard library's arrays become a part of our code, and since
# nobody tells ThreadSanitizer of reference counts, it takes every array that is written to once its last reader has let go
# of it for a race. It sees variables and locks, not the bytes in a PacketRing; those have a test of their own.
tsan: build-deps
	$(PARTS) --sanitize thread --scratch-path .build-tsan

# What a person feels: time to the first frame, added latency, processor time, the weight of pages. Prints tables.
measure: build test-deps
	.venv/bin/python Tests/Clients/measure.py
	.venv/bin/python Tests/Clients/measure_pages.py

# Requests a second of the application's busiest calls, on both databases. Prints a table.
measure-requests: build test-deps
	@Scripts/apt-install wrk
	Scripts/with-postgresql .venv/bin/python Tests/Application/measure_requests.py

# What a viewer sees over bad lines, beside what a direct connection makes of them. Prints a table.
measure-networks: build test-deps
	.venv/bin/python Tests/Clients/measure_networks.py

# The server with 1 to 500 viewers, on one worker and on two. Prints tables, writes docs/measurements/load.json and the plots in
# docs/images; LOAD="--viewers 1000 --video 180p --name load-180p" and other options of Benchmarks/Load/measure.py.
measure-load: build test-deps
	.venv/bin/python Benchmarks/Load/measure.py $(LOAD)

# GoLive and Janus in turns, under the same load. Writes docs/measurements/servers.json and the plots in docs/images, and
# prints a table; COMPARE="--livekit PATH" and other options of Benchmarks/Servers/compare.py.
measure-servers: build test-deps
	@Scripts/apt-install janus
	.venv/bin/python Benchmarks/Servers/compare.py $(COMPARE)

# The most viewers of GoLive and of Janus before the first packet is lost. CAPACITY="--video 180p" and other options of
# Benchmarks/Servers/capacity.py.
measure-capacity: build test-deps
	@Scripts/apt-install janus
	.venv/bin/python Benchmarks/Servers/capacity.py $(CAPACITY)

# What a packet costs in a worker, beside a loop in C that only seals and sends. Prints tables.
benchmark: build-deps
	Scripts/with-parts benchmark $(SWIFT) build -c release --product Micro --scratch-path .build-benchmark
	ulimit -n $$(ulimit -H -n) && .build-benchmark/release/Micro

format:
	$(SWIFT) format format --in-place $(SWIFT_SOURCES)

lint:
	$(SWIFT) format lint --strict $(SWIFT_SOURCES)
	Scripts/check-scripts
	Scripts/check-edges --self-test
	Scripts/check-edges

build-deps:
	@Scripts/install-build-deps

test-deps:
	@Scripts/install-test-deps

clean:
	rm -rf .build .build-* .venv artifacts
