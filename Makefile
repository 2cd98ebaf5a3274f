# SPDX-License-Identifier: BSD-2-Clause
#
# vss-tools: GNU make, one file.
#
#   make                    the libraries, the tools, the in-box writers and the helpers
#   make check              what needs neither root nor a disk: layers, pages, unit tests, tests of the tools
#   make check-unit         cmocka programs of tests/unit        make check-cli    bats files of tests/cli
#   make check-integration  tests/integration: real btrfs on loop devices, as root
#   make check-vm           tests/vm/jobs: in guests that QEMU emulates, Debian 12 with KERNEL=6.1 or 6.12; see tests/vm/README
#   make check-slow         tests/slow, and integration with REPEAT=20
#   make check-layers       no include and no symbol crosses lib/LAYERS against its arrows
#   make check-man          pages are clean, and agree with --help
#   make lint               shellcheck, clang-tidy               make format       clang-format, in place
#   make fuzz               each tests/fuzz/fuzz_*.c for FUZZ_SECONDS (clang)
#   make bench, make demo   scripts/bench, scripts/demo
#   make hooks              scripts/pre-commit becomes this clone's hook
#   make install            below DESTDIR$(PREFIX); SHORT_NAMES=no leaves out the bare names (backup, restore ...)
#   make clean              takes $(B) away
#
#   VARIANT=release|asan|cov   build flavour, side by side below build/
#   B=DIR                      where results go (build/$(VARIANT))
#   WERROR=1  V=1              warnings are errors;  whole command lines
#   CC= CFLAGS= LDFLAGS=       as everywhere;  REPEAT=N  how often the counted tests repeat
#
# Nothing is listed here: a new folder lib/<room>, cmd/<tool>, cmd/writers/<name>, cmd/providers/<name>, cmd/libexec/<name> or a new file in one
# is found; so are tests/unit/<room>/test_*.c and the small programs of tests/tools.  A file named LIBS in a folder of cmd/ names pkg-config packages that only this program links; a writer
# whose packages are missing is left out, and named.  A file named STATIC says why this program is linked statically (in a release), with
# nothing but our own libraries.  A folder cmd/writers/<name> with <name>.sh and no C is a writer in shell:
# @DATADIR@ in it becomes the place of vss-writer.sh.

VERSION := 0.1.0
VARIANT ?= release
B ?= build/$(VARIANT)
PREFIX ?= /usr/local
SYSCONFDIR ?= /etc
BINDIR ?= $(PREFIX)/sbin
UNITDIR ?= $(PREFIX)/lib/systemd/system
INITDIR ?= $(if $(filter /usr /usr/local,$(PREFIX)),$(SYSCONFDIR),$(PREFIX)/etc)/init.d
SHORT_NAMES ?= yes
REPEAT ?= 2
KERNEL ?= 6.1
FUZZ_SECONDS ?= 10
CC := $(if $(filter default,$(origin CC)),gcc,$(CC))
CFLAGS ?= -O2 -g

PACKAGES := libzstd libxml-2.0 jansson mount blkid libcrypto libarchive libedit
PKG_CFLAGS := $(shell pkg-config --cflags $(PACKAGES))
PKG_LIBS := $(shell pkg-config --libs $(PACKAGES))

FLAGS_asan := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
FLAGS_cov := -O0 --coverage
FLAGS_fuzz := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wcast-qual -Wformat=2 \
	-Wvla -Wundef $(if $(WERROR),-Werror)
DEFINES := -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DVSS_VERSION='"$(VERSION)"' -DVSS_LIBEXECDIR='"$(PREFIX)/libexec/vss"' \
	-DVSS_LIBDIR='"$(PREFIX)/lib/vss"' -DVSS_DATADIR='"$(PREFIX)/share/vss"' -DVSS_SYSCONFDIR='"$(SYSCONFDIR)/vss"'
ALL_CFLAGS = -std=c17 $(CFLAGS) $(WARNINGS) -pthread $(FLAGS_$(VARIANT))
ALL_CPPFLAGS = -Ilib $(DEFINES) $(PKG_CFLAGS) $(OWN_CFLAGS) $(CPPFLAGS)
COMPILE = $(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS)
LINK = $(CC) $(ALL_CFLAGS) $(LDFLAGS) -Wl,--as-needed
say = $(if $V,,@echo '  $1  $2';)

FRONT := cli script front
obj = $(patsubst %.c,$(B)/%.o,$1)
LIB_SRC := $(sort $(wildcard lib/*/*.c))
FE_SRC := $(foreach r,$(FRONT),$(filter lib/$r/%,$(LIB_SRC)))
ARCHIVES := $(B)/libvssfe.a $(B)/libvss.a
TOOLS := $(sort $(patsubst cmd/%/main.c,%,$(wildcard cmd/*/main.c)))
found = $(sort $(patsubst cmd/%/,%,$(dir $(wildcard cmd/$1/*/*.c))))
missing = $(strip $(foreach l,$(call libs,$1),$(shell pkg-config --exists $l || echo $l)))
libs = $(strip $(if $(wildcard cmd/$1/LIBS),$(shell cat cmd/$1/LIBS)))
SKIPPED := $(foreach w,$(call found,writers) $(call found,providers),$(if $(call missing,$w),$w))
WRITERS := $(filter-out $(SKIPPED),$(call found,writers))
PROVIDERS := $(filter-out $(SKIPPED),$(call found,providers))
SHELL_WRITERS := $(sort $(foreach d,$(patsubst cmd/%/,%,$(wildcard cmd/writers/*/)),\
	$(if $(wildcard cmd/$d/*.c),,$(if $(wildcard cmd/$d/$(notdir $d).sh),$d))))
HELPERS := $(call found,libexec)
UNIT_SRC := $(sort $(wildcard tests/unit/*/test_*.c))
UNIT := $(patsubst tests/unit/%.c,$(B)/tests/%,$(UNIT_SRC))
FUZZ := $(patsubst tests/fuzz/%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
HEADERS := $(filter-out %_internal.h $(FRONT:%=lib/%/%),$(sort $(wildcard lib/*.h lib/*/*.h)))
PAGES := $(sort $(wildcard man/*.[578]))
PROVE = VSS_BUILD=$(abspath $(B)) REPEAT=$(REPEAT) prove -j2 --comments --exec scripts/tap

all: $(ARCHIVES) programs skipped
.PHONY: all programs unit skipped check check-unit check-cli check-integration check-vm check-slow check-layers check-man lint \
	format fuzz fuzz-programs bench demo hooks install clean
.DELETE_ON_ERROR:
.SECONDARY:

# What the flags and the list of sources were: when they change, all that depends on them is made again.
$(shell mkdir -p $(B))
remember = $(shell printf '%s\n' '$(subst ','\'',$2)' | cmp -s - $(B)/$1 || printf '%s\n' '$(subst ','\'',$2)' > $(B)/$1)
$(call remember,flags,$(filter-out -Werror,$(COMPILE) $(LINK) $(PKG_LIBS)))
$(call remember,sources,$(LIB_SRC))

$(B)/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(call say,CC,$@)$(COMPILE) -MMD -MP -c -o $@ $<

$(B)/libvss.a: $(call obj,$(filter-out $(FE_SRC),$(LIB_SRC))) $(B)/sources
	$(call say,AR,$@)rm -f $@ && $(AR) rcs $@ $(filter %.o,$^)
$(B)/libvssfe.a: $(call obj,$(FE_SRC)) $(B)/sources
	$(call say,AR,$@)rm -f $@ && $(AR) rcs $@ $(filter %.o,$^)

static = $(if $(filter release,$(VARIANT)),$(if $(wildcard cmd/$1/STATIC),-static))
# $1 folder below cmd/, $2 the program
define program
programs: $2
$(call obj,$(wildcard cmd/$1/*.c)): OWN_CFLAGS := $(if $(call libs,$1),$(shell pkg-config --cflags $(call libs,$1)))
$2: $(call obj,$(sort $(wildcard cmd/$1/*.c))) $(ARCHIVES)
	@mkdir -p $$(@D)
	$$(call say,LD,$$@)$$(LINK) $(call static,$1) -o $$@ $$^ $(if $(call libs,$1),$(shell pkg-config --libs $(call libs,$1))) \
		$(if $(call static,$1),,$(PKG_LIBS))
endef
$(foreach t,$(TOOLS),$(eval $(call program,$t,$(B)/bin/$t)))
$(foreach w,$(WRITERS) $(PROVIDERS) $(patsubst libexec/%,%,$(HELPERS)),$(eval \
	$(call program,$(if $(filter writers/% providers/%,$w),$w,libexec/$w),$(B)/libexec/vss/$w)))
# $1 folder below cmd/, $2 where vss-writer.sh lies, $3 the program
shell_writer = sed 's|@DATADIR@|$2|g' cmd/$1/$(notdir $1).sh > $3 && chmod 755 $3
define shell_program
programs: $2
$2: cmd/$1/$(notdir $1).sh $(B)/flags
	@mkdir -p $$(@D)
	$$(call say,SH,$$@)$(call shell_writer,$1,$(CURDIR)/scripts,$2)
endef
$(foreach w,$(SHELL_WRITERS),$(eval $(call shell_program,$w,$(B)/libexec/vss/$w)))
programs:
skipped:
	@:$(foreach w,$(SKIPPED), && echo "left out: $w: pkg-config knows no $(call missing,$w)")

TEST_TOOLS := $(patsubst %.c,$(B)/%,$(sort $(wildcard tests/tools/*.c)))
UNIT_LIB := $(call obj,$(wildcard tests/unit/lib/*.c))
unit: $(UNIT) $(TEST_TOOLS)
$(UNIT): $(B)/tests/%: $(B)/tests/unit/%.o $(UNIT_LIB) $(ARCHIVES)
	@mkdir -p $(@D)
	$(call say,LD,$@)$(LINK) -o $@ $^ -lcmocka $(PKG_LIBS)
$(TEST_TOOLS): $(B)/tests/tools/%: $(B)/tests/tools/%.o $(ARCHIVES)
	@mkdir -p $(@D)
	$(call say,LD,$@)$(LINK) -o $@ $^ $(PKG_LIBS)
$(B)/tests/unit/%.o: ALL_CPPFLAGS += -Itests/unit -DVSS_SOURCE_DIR='"$(CURDIR)"' -DVSS_BUILD_DIR='"$(abspath $(B))"'

check: check-layers check-man check-unit check-cli
check-unit: all unit
	$(PROVE) $(UNIT)
check-cli: all unit
	$(PROVE) $(sort $(wildcard tests/cli/*.bats))
check-integration: all unit
	$(PROVE) -j1 $(sort $(wildcard tests/integration/*.bats))
check-vm: all unit
	tests/vm/make-guest $(KERNEL) >/dev/null
	VSS_VM_KERNEL=$(KERNEL) $(PROVE) -j1 $(sort $(wildcard tests/vm/jobs/*))
check-slow: all unit
	$(PROVE) -j1 $(sort $(wildcard tests/slow/*.bats))
	$(MAKE) check-integration REPEAT=20
check-layers: all
	scripts/check-layers $(B)
	scripts/check-stops
check-man: all
	scripts/check-docs $(B)
lint:
	shellcheck -x $$(scripts/list-scripts)
	clang-tidy --quiet $(LIB_SRC) $(wildcard cmd/*/*.c cmd/*/*/*.c) -- -std=c17 $(ALL_CPPFLAGS) \
		$(shell pkg-config --cflags $(foreach w,$(WRITERS) $(PROVIDERS),$(call libs,$w)) libzstd)
format:
	clang-format -i $(LIB_SRC) $(wildcard lib/*.h lib/*/*.h cmd/*/*.[ch] cmd/*/*/*.[ch] tests/unit/*/*.[ch] tests/fuzz/*.c)
fuzz:
	$(MAKE) B=$(B)-fuzz VARIANT=fuzz CC=clang fuzz-programs
	VSS_BUILD=$(abspath $(B))-fuzz FUZZ_SECONDS=$(FUZZ_SECONDS) prove -j2 --comments --exec scripts/tap $(FUZZ:%=$(B)-fuzz/fuzz/%)
fuzz-programs: $(FUZZ:%=$(B)/fuzz/%)
$(B)/fuzz/%: $(B)/tests/fuzz/%.o $(ARCHIVES)
	@mkdir -p $(@D)
	$(call say,LD,$@)$(LINK) -fsanitize=fuzzer -o $@ $^ $(PKG_LIBS)
bench: all
	VSS_BUILD=$(abspath $(B)) scripts/bench
demo:
	scripts/demo
hooks:
	ln -sf ../../scripts/pre-commit .git/hooks/pre-commit

D = $(DESTDIR)$(PREFIX)
short = $(if $(filter vss-%,$1),$1,vss-$1)
install_unit = install -D -m 644 scripts/$1 $(DESTDIR)$(UNITDIR)/$1 && sed -i 's|@BINDIR@|$(BINDIR)|g' $(DESTDIR)$(UNITDIR)/$1
# It is part of every start, as packages do it: enabled by a link, not by systemctl.  Templates wait for an instance.
enable_unit = for target in $$(sed -n 's/^WantedBy=//p' scripts/$1); do install -d $(DESTDIR)$(UNITDIR)/$$target.wants && \
	ln -sf ../$1 $(DESTDIR)$(UNITDIR)/$$target.wants/$1; done
install: all
	install -d $(DESTDIR)$(BINDIR) $D/lib/vss/writers.d $D/lib/vss/providers.d $D/libexec/vss/writers $D/include/vss $D/share/vss $D/share/man/man8
	$(foreach t,$(TOOLS),install -m 755 $(B)/bin/$t $(DESTDIR)$(BINDIR)/$(call short,$t)$(NL))
	$(foreach t,$(if $(filter no,$(SHORT_NAMES)),,$(filter-out vss-%,$(TOOLS))),ln -sf vss-$t $(DESTDIR)$(BINDIR)/$t$(NL))
	$(foreach w,$(WRITERS) $(PROVIDERS) $(HELPERS:libexec/%=%),install -D -m 755 $(B)/libexec/vss/$w $D/libexec/vss/$w$(NL))
	$(foreach w,$(SHELL_WRITERS),$(call shell_writer,$w,$(PREFIX)/share/vss,$D/libexec/vss/$w)$(NL))
	$(foreach w,$(WRITERS) $(SHELL_WRITERS),$(foreach f,$(wildcard cmd/$w/*.writer),sed 's|^Exec=.*|Exec=$(PREFIX)/libexec/vss/$w|' \
		$f > $D/lib/vss/writers.d/$(notdir $f)$(NL)))
	$(foreach w,$(PROVIDERS),$(foreach f,$(wildcard cmd/$w/*.provider),install -D -m 644 $f $D/share/vss/examples/$(notdir $f) && \
		sed -i 's|^Exec=.*|Exec=$(PREFIX)/libexec/vss/$w|' $D/share/vss/examples/$(notdir $f)$(NL)))
	$(foreach p,$(PAGES),install -D -m 644 -t $D/share/man/man$(subst .,,$(suffix $p)) $p$(NL))
	$(foreach t,$(filter-out vss-%,$(TOOLS)),$(if $(wildcard man/$t.8),ln -sf $t.8 $D/share/man/man8/vss-$t.8$(NL)))
	$(foreach f,$(wildcard scripts/*.service scripts/*.timer),$(call install_unit,$(notdir $f))$(NL))
	$(foreach f,$(filter-out %@.service,$(wildcard scripts/*.service)),$(call enable_unit,$(notdir $f))$(NL))
	$(foreach f,$(wildcard scripts/*.cron tests/data/diskshadow/examples/*.dsh),install -D -m 644 -t $D/share/vss/examples $f$(NL))
	$(foreach f,$(wildcard scripts/*.init),install -D -m 755 $f $(DESTDIR)$(INITDIR)/$(notdir $(f:.init=)) && \
		sed -i 's|@BINDIR@|$(BINDIR)|g' $(DESTDIR)$(INITDIR)/$(notdir $(f:.init=))$(NL))
	install -m 644 $(B)/libvss.a $D/lib
	$(foreach f,$(HEADERS),install -D -m 644 $f $D/include/vss/$(f:lib/%=%)$(NL))
	$(foreach f,$(wildcard scripts/vss-writer.sh lib/doc/*.rng),install -m 644 $f $D/share/vss$(NL))

clean:
	rm -rf $(B)

define NL


endef
-include $(shell find $(B) -name '*.d' 2>/dev/null)
