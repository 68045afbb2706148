#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# make install and uninstall, with PREFIX and DESTDIR.

load helper

@test "install into a DESTDIR: the program, its pages, its license; uninstall takes all of it back" {
	need make mandoc
	[ -n "$VALISE_BUILD" ] || skip "not run by make check"
	local make=(make -C "$ROOT" --no-print-directory "VARIANT=$(basename "$VALISE_BUILD")" "DESTDIR=$T/dest dir" PREFIX=/opt/valise)
	run "${make[@]}" install
	[ "$status" -eq 0 ]
	[ "$("$T/dest dir/opt/valise/bin/valise" --version)" = "$("$VALISE" --version)" ]
	[ "$(stat -c %a "$T/dest dir/opt/valise/bin/valise")" = 755 ]
	local page
	for page in "$ROOT"/man/*.[1-8]; do
		cmp "$page" "$T/dest dir/opt/valise/share/man/man${page##*.}/$(basename "$page")"
	done
	cmp "$ROOT/LICENSE" "$T/dest dir/opt/valise/share/doc/valise/LICENSE"
	cmp "$ROOT/README.md" "$T/dest dir/opt/valise/share/doc/valise/README.md"
	[ -z "$(find "$T/dest dir" -perm /022 ! -type l)" ] || fail "others may write to what was installed"
	run "${make[@]}" uninstall
	[ "$status" -eq 0 ]
	[ -z "$(find "$T/dest dir" ! -type d)" ] || fail "left: $(find "$T/dest dir" ! -type d)"
}

@test "the installed program needs nothing of the source tree" {
	need strace
	strace -o /dev/null true 2>/dev/null || not_permitted "tracing"
	cp "$VALISE" "$T/alone"
	home alice
	cd /
	run strace -f -qq -o "$T/trace" -e trace=open,openat,execve "$T/alone" --home "$T/alice" pack --dry-run --to bob "${LABELS[@]}" "$CAST/bob.card"
	[ "$status" -eq 0 ]
	! grep -F "\"$ROOT/" "$T/trace"
}

@test "the manual pages that valise names are there, and their synopses name its verbs" {
	local page
	for page in valise.1 valise-init.1 valise-partner.1 valise-pack.1 valise-verify.1 valise-copy.1 valise-list.1 valise-unpack.1 \
		valise-ledger.1 valise-doctor.1 valise-backup.1 valise-restore.1 valise-format.5 valise-station.5 valise-threats.7; do
		[ -f "$ROOT/man/$page" ] || fail "there is no $page"
	done
}
