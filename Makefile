# Heartline: build, run, test, install.
#
# `make run` and `make test` do all the set-up a bare Debian 12 host needs; every other target expects it done (`make
# deps`). What is built lands in $(BUILD) and nowhere else, so several builds live side by side:
#     make BUILD=/tmp/mine CC=clang unit
#
# A program is its main file and everything named after it: api = api.c routes.c api_*.c, live = live.c live_*.c,
# heartline = heartline.c heartline_*.c; all the rest is lib/, one static library. A new file needs no line here.

BUILD ?= build
CC := $(if $(filter default,$(origin CC)),gcc,$(CC))
CLANG ?= clang
WERROR ?= 1
SANITIZE ?=
FUZZ_SECONDS ?= 10
LINT_JOBS ?= 2
DESTDIR ?=
PREFIX ?= /usr

# `make V=1` shows whole command lines.
quiet = $(if $(V),,@echo '  $(1)';)

# ---- flags ----------------------------------------------------------------------------------------------------------
packages := libpq libcjson libjwt libargon2 libcrypto libwebsockets libcurl
CPPFLAGS_ALL := -D_GNU_SOURCE -Ilib -I$(BUILD)/gen $(shell pkg-config --cflags $(packages) 2>/dev/null) $(CPPFLAGS)
WARNINGS := -Wall -Wextra -Wshadow -Wconversion $(if $(filter 1,$(WERROR)),-Werror)
CFLAGS_ALL := -std=c17 -g $(WARNINGS) -fstack-protector-strong -fPIE
ifeq ($(SANITIZE),)
CPPFLAGS_ALL += -D_FORTIFY_SOURCE=2
CFLAGS_ALL += -O3
else
CFLAGS_ALL += -O1 -fno-omit-frame-pointer -fsanitize=$(SANITIZE) -fno-sanitize-recover=all
endif
CFLAGS_ALL += $(CFLAGS)
LDFLAGS_ALL := -pie -Wl,-z,relro,-z,now -Wl,--as-needed $(if $(SANITIZE),-fsanitize=$(SANITIZE)) $(LDFLAGS)
LDLIBS_ALL := -lfcgi $(shell pkg-config --libs $(packages) 2>/dev/null) -lhpdf -lm -lpthread $(LDLIBS)

# ---- what there is --------------------------------------------------------------------------------------------------
lib_sources := $(sort $(wildcard lib/*/*.c))
api_sources := $(wildcard cgi-bin/api.c cgi-bin/routes.c) $(sort $(wildcard cgi-bin/api_*.c))
live_sources := $(wildcard cgi-bin/live.c) $(sort $(wildcard cgi-bin/live_*.c))
heartline_sources := $(wildcard cgi-bin/heartline.c) $(sort $(wildcard cgi-bin/heartline_*.c))
unit_sources := $(sort $(wildcard tests/unit/*_test.c))
accuracy_sources := $(sort $(wildcard tests/accuracy/*.c))
fuzz_sources := $(sort $(wildcard tests/fuzz/*_fuzz.c))
queries := $(sort $(wildcard sql/queries/*.sql))
c_files := $(sort $(wildcard lib/*/*.[ch] cgi-bin/*.[ch] tests/unit/*.[ch] tests/fuzz/*.[ch] tests/bench/*.[ch] tests/accuracy/*.[ch]))

object = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
library := $(BUILD)/libheartline.a
library_objects := $(call object,$(lib_sources)) $(BUILD)/obj/gen/queries.o
programs := $(foreach p,api live heartline,$(if $(wildcard cgi-bin/$(p).c),$(BUILD)/$(p)))
unit_tests := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(unit_sources))
fuzz_targets := $(patsubst tests/fuzz/%.c,$(BUILD)/%,$(fuzz_sources))

.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: all programs run start stop restart status deps test unit unit-tests lint format asan fuzz fuzz-targets bench accuracy \
        install clean help FORCE

all: $(library) $(programs)

# ---- building -------------------------------------------------------------------------------------------------------
# The flags are a file, so that a change of them (or of the compiler) builds everything anew.
flags := $(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(LDFLAGS_ALL) $(LDLIBS_ALL)
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' '$(flags)' | cmp -s - $@ || printf '%s\n' '$(flags)' >$@

$(BUILD)/gen/stamp: sql/embed.sh $(wildcard sql/queries) $(queries)
	@sh sql/embed.sh $(@D)
	@touch $@
$(BUILD)/gen/queries.h $(BUILD)/gen/queries.c: $(BUILD)/gen/stamp ;

$(BUILD)/obj/gen/%.o: $(BUILD)/gen/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call quiet,CC $<) $(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -MMD -MP -c $< -o $@

$(BUILD)/obj/%.o: %.c $(BUILD)/flags | $(BUILD)/gen/queries.h
	@mkdir -p $(@D)
	$(call quiet,CC $<) $(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -MMD -MP -c $< -o $@

# Remade whole, and also when a source went away: an archive keeps what is never taken out.
$(BUILD)/lib.list: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' $(library_objects) | cmp -s - $@ || printf '%s\n' $(library_objects) >$@

$(library): $(library_objects) $(BUILD)/lib.list
	@rm -f $@
	$(call quiet,AR $@) ar rcs $@ $(library_objects)

$(BUILD)/api: $(call object,$(api_sources)) $(library)
$(BUILD)/live: $(call object,$(live_sources)) $(library)
$(BUILD)/heartline: $(call object,$(heartline_sources)) $(library)
$(programs):
	$(call quiet,LINK $@) $(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) $(filter %.o,$^) $(library) $(LDLIBS_ALL) -o $@

$(BUILD)/tests/%: $(BUILD)/obj/tests/unit/%.o $(library)
	@mkdir -p $(@D)
	$(call quiet,LINK $@) $(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) $(filter %.o,$^) $(library) $(LDLIBS_ALL) -lcmocka -o $@
.SECONDARY: $(call object,$(unit_sources) $(fuzz_sources))

# What scores the analysis on recorded hearts, as a program and as tests.
$(BUILD)/tests/compare_test $(BUILD)/tests/accuracy_test: $(call object,$(filter-out %/accuracy.c,$(accuracy_sources)))
$(BUILD)/accuracy: $(call object,$(accuracy_sources)) $(library)
	$(call quiet,LINK $@) $(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) $(filter %.o,$^) $(library) $(LDLIBS_ALL) -o $@

# Fuzz targets want the library itself watched by the fuzzer, so they are built by a make of their own with clang.
$(fuzz_targets): $(BUILD)/%: $(BUILD)/obj/tests/fuzz/%.o $(library)
	$(call quiet,LINK $@) $(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) -fsanitize=fuzzer $< $(library) $(LDLIBS_ALL) -o $@

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)

# ---- running --------------------------------------------------------------------------------------------------------
deps:
	@cgi-bin/deps.sh run test

run:
	@cgi-bin/deps.sh run
	@$(MAKE) --no-print-directory -s all
	@HEARTLINE_BUILD=$(abspath $(BUILD)) exec cgi-bin/stack.sh run

start:
	@cgi-bin/deps.sh run
	@$(MAKE) --no-print-directory -s all
	@HEARTLINE_BUILD=$(abspath $(BUILD)) cgi-bin/stack.sh start

stop restart status:
	@HEARTLINE_BUILD=$(abspath $(BUILD)) cgi-bin/stack.sh $@

# ---- testing --------------------------------------------------------------------------------------------------------
test:
	@cgi-bin/deps.sh run test
	@BUILD=$(abspath $(BUILD)) MAKE='$(MAKE)' tests/run.sh

# The whole suite again, with every program and test watched by the address and undefined-behaviour sanitizers.
asan:
	@cgi-bin/deps.sh run test
	@BUILD=$(abspath $(BUILD))/asan MAKE='$(MAKE)' SANITIZE=address,undefined tests/run.sh

unit-tests: $(unit_tests)
unit: unit-tests
	@tests/run.sh unit $(unit_tests)

fuzz-targets: $(fuzz_targets)
fuzz:
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/fuzz CC=$(CLANG) SANITIZE=fuzzer-no-link,address,undefined fuzz-targets
	@FUZZ_SECONDS=$(FUZZ_SECONDS) tests/run.sh fuzz $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(fuzz_sources))

lint: $(BUILD)/gen/queries.h
	@BUILD=$(abspath $(BUILD)) tests/run.sh lint

format:
	clang-format -i $(c_files)

$(BUILD)/bench-load: $(call object,tests/bench/load.c) $(library)
	$(call quiet,LINK $@) $(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) $^ $(LDLIBS_ALL) -o $@

$(BUILD)/bench-analysis: $(call object,tests/bench/analysis.c) $(library)
	$(call quiet,LINK $@) $(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) $^ $(LDLIBS_ALL) -o $@

bench:
	@cgi-bin/deps.sh run test bench
	@$(MAKE) --no-print-directory all $(BUILD)/bench-load $(BUILD)/bench-analysis
	@HEARTLINE_BUILD=$(abspath $(BUILD)) tests/bench/run.sh

accuracy: $(BUILD)/accuracy
	@$(BUILD)/accuracy docs/accuracy.md

# ---- installing -----------------------------------------------------------------------------------------------------
install: all
	@DESTDIR='$(DESTDIR)' PREFIX='$(PREFIX)' HEARTLINE_BUILD=$(abspath $(BUILD)) cgi-bin/install.sh

clean:
	rm -rf $(BUILD)

help:
	@echo 'run start stop restart status   one private copy of everything (HEARTLINE_HOME, HEARTLINE_PORT)'
	@echo 'test unit fuzz lint asan        tests; test ends in "N passed, N failed"'
	@echo 'all install clean format bench accuracy deps'
