# SPDX-License-Identifier: Apache-2.0
# valise: offline secure-drop exchange. `make help` lists what can be made.

VERSION := 0.1.0
PREFIX ?= /usr/local
VARIANT ?= release
JOBS ?= $(shell nproc 2>/dev/null || echo 2)
V ?= 0

# Several goals (`make deps check`): one after the other, each for itself.
ifneq (,$(word 2,$(MAKECMDGOALS)))
.NOTPARALLEL:
.PHONY: $(MAKECMDGOALS)
$(MAKECMDGOALS):
	@$(MAKE) --no-print-directory -j$(JOBS) $@
else

# A make below another one has its jobs from there.
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(JOBS)
endif

B := build/$(VARIANT)
Q := $(if $(filter 1,$(V)),,@)
say = $(if $(filter 1,$(V)),,@printf '  %-8s %s\n' $(1) $(2))

PKGS := gpgme libarchive libsodium yaml-0.1 libgcrypt libzstd sqlite3 jansson libisal
# Asked once, and not before something is compiled: `make deps` may have to install pkg-config first.
PKG_CFLAGS = $(eval PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS)))$(PKG_CFLAGS)
PKG_LIBS = $(eval PKG_LIBS := $(shell pkg-config --libs $(PKGS)) -lunistring -lmagic -lpthread)$(PKG_LIBS)

CFLAGS ?= -O2 -g
WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wwrite-strings -Wvla \
	-Wundef -Wformat=2 -Wno-format-nonliteral -Wno-unused-parameter $(if $(CI),-Werror)
# glibc's checks need an optimising compiler.
FORTIFY := $(if $(filter-out -O0,$(filter -O%,$(CFLAGS))),-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
HARDEN := -fstack-protector-strong $(FORTIFY) -fPIE
SAN_asan := -fsanitize=address -fno-omit-frame-pointer -O1
SAN_ubsan := -fsanitize=undefined -fno-sanitize-recover=all -O1
SAN_san := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -O1
SAN_tsan := -fsanitize=thread -O1
SAN := $(SAN_$(VARIANT))
# C17, plus the [[gnu::…]] attribute syntax that gcc 12 and clang 14 know as gnu2x.
STD := -std=gnu2x
ALL_CFLAGS = $(STD) -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DVALISE_VERSION='"$(VERSION)"' -Isrc $(WARN) \
	$(if $(SAN),,$(HARDEN)) $(PKG_CFLAGS) $(CPPFLAGS) $(CFLAGS) $(SAN)
ALL_LDFLAGS = $(if $(SAN),,-pie -Wl,-z,relro,-z,now) $(LDFLAGS) $(SAN)

SRC := $(sort $(wildcard src/*/*.c))
OBJ := $(SRC:%.c=$(B)/%.o)
LIB_OBJ := $(filter-out $(B)/src/cli/main.o,$(OBJ))
BIN := $(B)/valise
UNIT_SRC := $(sort $(wildcard tests/unit/test_*.c))
UNIT := $(UNIT_SRC:%.c=$(B)/%)
MAN := $(sort $(wildcard man/*.[1-8]))

.PHONY: all
all: $(BIN) ## build valise (default); VARIANT=san|asan|ubsan|tsan builds it with a sanitizer

$(BIN): $(B)/src/cli/main.o $(B)/libvalise.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(B)/libvalise.a: $(LIB_OBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(B)/%.o: %.c Makefile
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# Files that are built in with .incbin, which -MMD does not see.
$(B)/src/policy/shipped.o: $(wildcard manifests/schemes/*.yaml)
$(B)/src/keyring/shipped.o: $(wildcard keys/*.conf)

$(B)/tests/unit/%: tests/unit/%.c $(B)/libvalise.a
	$(call say,TEST,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) -Itests/unit -MMD -MP $(ALL_LDFLAGS) -o $@ $< $(B)/libvalise.a $(PKG_LIBS) -lcmocka

# What `make bench` times below the command line.
BENCH := $(B)/tests/bench/labels $(B)/tests/bench/detect_time
$(BENCH): $(B)/%: %.c $(B)/libvalise.a
	$(call say,BENCH,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) -MMD -MP $(ALL_LDFLAGS) -o $@ $< $(B)/libvalise.a $(PKG_LIBS)

-include $(OBJ:.o=.d) $(UNIT:=.d) $(BENCH:=.d)

.PHONY: unit
unit: $(UNIT) ## build the unit tests

# --- tests ---

.PHONY: deps
deps: ## install the Debian packages that are missing
	$(Q)tests/deps

.PHONY: check
check: $(BIN) $(UNIT) ## run every test; SUITES="cli vectors" runs some
	$(Q)tests/run --build $(B) --valise $(BIN) $(SUITES)

# What the sanitizers can add: not the benchmarks, nor what kills the program on purpose, nor what passes few bytes through it.
SAN_SUITES ?= unit vectors cli/unpack cli/verify cli/pack cli/partner cli/ledger cli/doctor cli/names cli/repair cli/copy cli/volumes cli/scan
# `make check` judges all vectors, a sanitizer one of so many, with each kind among them; `make soak` all.
check-san check-asan check-ubsan: export VECTORS_EVERY ?= 8
.PHONY: check-san check-asan check-ubsan
check-san: ## tests with the sanitizers for addresses, leaks and undefined behaviour in one build
	$(Q)$(MAKE) --no-print-directory check VARIANT=san SUITES="$(SAN_SUITES)"
check-asan: ## tests with the address sanitizer alone, leaks included
	$(Q)$(MAKE) --no-print-directory check VARIANT=asan SUITES="$(SAN_SUITES)"
check-ubsan: ## tests with the undefined-behaviour sanitizer alone
	$(Q)$(MAKE) --no-print-directory check VARIANT=ubsan SUITES="$(SAN_SUITES)"

.PHONY: demo
demo: $(BIN) ## two stations and a courier, with real keys; DEMO_BREAK=1 must fail
	$(Q)tests/demo $(BIN)

.PHONY: bench
bench: $(BIN) $(BENCH) ## measure speed and memory beside other tools; writes build/bench.json
	$(Q)tests/bench/run $(BIN)

SOAK_CASES ?= 100000
MEND_CASES ?= 10000
.PHONY: soak
soak: $(BIN) ## the long runs: SOAK_CASES=100000 places damaged, very large files, every crash point, all vectors sanitized
	$(Q)DAMAGE_CASES=$(SOAK_CASES) MEND_CASES=$(MEND_CASES) tests/damage/run $(BIN)
	$(Q)tests/scale/run $(BIN) --large
	$(Q)tests/crash/run $(BIN) --all
	$(Q)$(MAKE) --no-print-directory check VARIANT=san SUITES=vectors

# --- fuzzing: clang's libFuzzer, each target for FUZZ_SECONDS ---

FUZZ_SECONDS ?= 20
F := build/fuzz
FUZZ_CC := clang
FUZZ_FLAGS := -g -O1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
FUZZ_SRC := $(sort $(wildcard tests/fuzz/fuzz_*.c))
FUZZ_BIN := $(FUZZ_SRC:tests/fuzz/%.c=$(F)/%)
FUZZ_OBJ := $(filter-out $(F)/src/cli/%,$(SRC:%.c=$(F)/%.o))

$(F)/%.o: %.c Makefile
	$(call say,CLANG,$<)
	$(Q)mkdir -p $(@D) && $(FUZZ_CC) $(STD) -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DVALISE_VERSION='"$(VERSION)"' -Isrc \
		$(PKG_CFLAGS) $(FUZZ_FLAGS) -MMD -MP -c -o $@ $<
$(F)/libvalise.a: $(FUZZ_OBJ)
	$(Q)rm -f $@ && $(AR) rcs $@ $^
$(FUZZ_BIN): $(F)/%: $(F)/tests/fuzz/%.o $(F)/libvalise.a
	$(call say,LINK,$@)
	$(Q)$(FUZZ_CC) $(FUZZ_FLAGS) -fsanitize=fuzzer -o $@ $^ $(PKG_LIBS)
.SECONDARY: $(FUZZ_SRC:%.c=$(F)/%.o)
-include $(wildcard $(F)/src/*/*.d $(F)/tests/fuzz/*.d)

.PHONY: fuzz
fuzz: $(FUZZ_BIN) ## feed the parsers invented input, FUZZ_SECONDS=20 each
	$(Q)tests/fuzz/run --seconds $(FUZZ_SECONDS) $(F)

# --- the house ---

.PHONY: lint
lint: ## layers, doors, headers, manual, scripts, format
	$(Q)tests/lint/run

.PHONY: format
format: ## let clang-format rewrite all C files
	$(Q)clang-format -i $(SRC) $(wildcard src/*/*.h tests/unit/*.[ch] tests/fuzz/*.[ch])

# --- where it goes ---

BINDIR = $(PREFIX)/bin
MANDIR = $(PREFIX)/share/man
DOCDIR = $(PREFIX)/share/doc/valise
INSTALL ?= install

.PHONY: install
install: $(BIN) ## install below PREFIX=/usr/local; DESTDIR is honoured
	$(call say,INSTALL,"$(DESTDIR)$(PREFIX)")
	$(Q)$(INSTALL) -d "$(DESTDIR)$(BINDIR)" "$(DESTDIR)$(DOCDIR)"
	$(Q)$(INSTALL) -m 755 $(BIN) "$(DESTDIR)$(BINDIR)/valise"
	$(Q)$(INSTALL) -m 644 README.md LICENSE "$(DESTDIR)$(DOCDIR)"
	$(Q)set -e; for page in $(MAN); do dir="$(DESTDIR)$(MANDIR)/man$${page##*.}"; \
		$(INSTALL) -d "$$dir"; $(INSTALL) -m 644 "$$page" "$$dir"; done

.PHONY: uninstall
uninstall: ## remove what install put there
	$(call say,REMOVE,"$(DESTDIR)$(PREFIX)")
	$(Q)rm -f "$(DESTDIR)$(BINDIR)/valise" "$(DESTDIR)$(DOCDIR)/README.md" "$(DESTDIR)$(DOCDIR)/LICENSE"
	$(Q)set -e; for page in $(MAN); do rm -f "$(DESTDIR)$(MANDIR)/man$${page##*.}/$${page##*/}"; done
	$(Q)rmdir "$(DESTDIR)$(DOCDIR)" 2>/dev/null || true

.PHONY: dist
dist: ## a source archive of the last commit
	$(Q)mkdir -p build
	$(call say,DIST,build/valise-$(VERSION).tar.gz)
	$(Q)git archive --format=tar --prefix=valise-$(VERSION)/ -o build/valise-$(VERSION).tar HEAD
	$(Q)gzip -nf build/valise-$(VERSION).tar

.PHONY: clean
clean: ## remove what was built
	$(Q)rm -rf build

.PHONY: help
help: ## show this
	$(Q)sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  \1\t\2/p' Makefile | expand -t 16

endif
