#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Keys with passphrases: from a descriptor, from a pinentry at a terminal, and never hanging where nobody is there.

load helper

WORDS="correct horse ünd staple"

# Once for the file: a station whose key has the passphrase $WORDS, and which knows bob, and bob knows it.
setup_file() {
	export GUARDED=$BATS_FILE_TMPDIR/guarded
}

setup() {
	load_helper_setup
	make_guarded
	cp -a "$GUARDED/greta" "$GUARDED/bob" "$T/"
	reports
}

make_guarded() {
	[ ! -e "$GUARDED/done" ] || return 0
	mkdir -p "$GUARDED"
	local v=("$VALISE" --quiet --home)
	"${v[@]}" "$GUARDED/greta" --passphrase-fd 4 init --name "Greta" --organisation "Agency G" --community first \
		--ceiling TLP:AMBER 4<<<"$WORDS" >/dev/null
	"${v[@]}" "$GUARDED/greta" card -o "$GUARDED/greta.card" </dev/null
	cp -a "$CAST/bob" "$GUARDED/bob"
	greta=$(sed -n 's/^fingerprint: "\(.*\)"/\1/p' "$GUARDED/greta.card")
	"${v[@]}" "$GUARDED/bob" partner add "$GUARDED/greta.card" --as greta --fingerprint "$greta" --community first \
		--ceiling TLP:AMBER
	"${v[@]}" "$GUARDED/greta" partner add "$CAST/bob.card" --as bob --fingerprint "$(fpr bob)" --community first \
		--ceiling TLP:AMBER
	"${v[@]}" "$GUARDED/bob" pack --to greta "${LABELS[@]}" -o "$GUARDED/for-greta.valise" "$ROOT/tests/data/reports"
	touch "$GUARDED/done"
}

# Processes of this test that should have ended.
survivors() {
	local process
	for process in /proc/[0-9]*; do
		grep -qE '^(valise|gpg-agent|gpg|pinentry)' "$process/comm" 2>/dev/null || continue
		grep -qzF "TMPDIR=$T/tmp" "$process/environ" 2>/dev/null || continue
		tr '\0' ' ' <"$process/cmdline"
	done
}

no_survivors() {
	local tries=0
	until [ -z "$(survivors)" ]; do
		[ $((tries += 1)) -lt 100 ] || fail "still running: $(survivors)"
		sleep 0.05
	done
}

@test "the key on disk is protected" {
	grep -rq 'protected-private-key' "$T/greta/gnupg/private-keys-v1.d" || fail "not protected"
	! grep -rqF "$WORDS" "$T/greta"
}

@test "--passphrase-fd: pack, unpack, list" {
	ok greta --passphrase-fd 4 pack --to bob "${LABELS[@]}" -o b.valise reports 4<<<"$WORDS"
	ok bob unpack -o out b.valise
	diff -r reports out/reports
	ok greta --passphrase-fd 4 list "$GUARDED/for-greta.valise" 4<<<"$WORDS"
	ok greta --passphrase-fd 4 unpack -o back "$GUARDED/for-greta.valise" 4<<<"$WORDS"
	diff -r reports back/reports
	! grep -rqaF "$WORDS" "$T/greta" "$T/work" "$T/tmp" || fail "the passphrase was written somewhere"
}

@test "--passphrase-fd: wrong, empty, closed, too long, with a zero byte" {
	fails 6 key-unavailable greta --passphrase-fd 4 pack --to bob "${LABELS[@]}" -o b.valise reports 4<<<"wrong"
	fails 6 key-unavailable greta --passphrase-fd 4 unpack -o out "$GUARDED/for-greta.valise" 4<<<"wrong"
	fails 2 usage greta --passphrase-fd 4 pack --to bob "${LABELS[@]}" reports 4<<<""
	fails 7 io greta --passphrase-fd 44 pack --to bob "${LABELS[@]}" reports
	fails 2 usage greta --passphrase-fd 4 pack --to bob "${LABELS[@]}" reports 4< <(head -c 5000 /dev/zero | tr '\0' x)
	fails 2 usage greta --passphrase-fd 4 pack --to bob "${LABELS[@]}" reports 4< <(printf 'a\0b\n')
}

@test "what needs no secret key asks nobody" {
	ok greta card
	ok greta verify "$GUARDED/for-greta.valise"
	ok greta partner list
	ok greta ledger list
	ok greta pack --dry-run --to bob "${LABELS[@]}" reports
}

@test "nobody there: batch never hangs" {
	local start=$SECONDS
	fails 6 key-unavailable greta pack --to bob "${LABELS[@]}" -o b.valise reports
	says "--passphrase-fd"
	fails 6 key-unavailable greta unpack -o out "$GUARDED/for-greta.valise"
	fails 6 key-unavailable greta list "$GUARDED/for-greta.valise"
	fails 6 key-unavailable nora init --name N --organisation N
	[ $((SECONDS - start)) -lt 30 ] || fail "took $((SECONDS - start)) seconds"
	no_survivors
}

# At a terminal with pinentry-curses. $1: what to do at the prompt (an expect command). Then the command.
at_pinentry() {
	need expect pinentry-curses
	echo "pinentry-program $(command -v pinentry-curses)" >>"$T/greta/gnupg/gpg-agent.conf"
	local act=$1
	shift
	output=$(env -u GPG_TTY TERM=xterm ACT="$act" expect -f - -- "$@" <<'TCL'
set timeout 60
log_user 1
set stty_init "rows 40 columns 100"
eval spawn -noecho $argv
expect -re {[Pp]assphrase} {} timeout {exit 99} eof {exit 98}
expect -re {OK} {} timeout {exit 97} eof {exit 96}
eval $env(ACT)
lassign [wait] pid spawned os status
exit $status
TCL
	) && status=0 || status=$?
}

@test "a real pinentry: the right passphrase" {
	at_pinentry "send -- \"$WORDS\\r\"; expect eof" "$VALISE" --home "$T/greta" pack --yes --to bob "${LABELS[@]}" -o b.valise reports
	[ "$status" -eq 0 ] || fail "status $status"
	ok bob unpack -o out b.valise
	no_survivors
}

@test "a real pinentry: cancelled" {
	local before
	before=$(snapshot .)
	at_pinentry 'send -- "\t\t\r"; expect eof' "$VALISE" --home "$T/greta" unpack -o out "$GUARDED/for-greta.valise"
	[ "$status" -eq 6 ] || [ "$status" -eq 130 ] || fail "status $status"
	[ "$before" = "$(snapshot .)" ]
	no_survivors
}

@test "a real pinentry: the terminal is closed while it asks; nothing is left" {
	local before
	before=$(snapshot .)
	at_pinentry 'close' "$VALISE" --home "$T/greta" pack --yes --to bob "${LABELS[@]}" -o b.valise reports
	[ "$status" -ne 0 ] || fail "status $status"
	no_survivors
	[ "$before" = "$(snapshot .)" ] || fail "left: $(ls -A)"
	[ -z "$(ls -A "$T/tmp")" ] || fail "left in TMPDIR: $(ls -A "$T/tmp")"
	ok greta --passphrase-fd 4 pack --to bob "${LABELS[@]}" -o b.valise reports 4<<<"$WORDS"
}

@test "init asks twice at a terminal, and protects the new key" {
	need expect pinentry-curses
	skip_unless_default_pinentry
	output=$(TERM=xterm expect -f - -- "$VALISE" --home "$T/nora" init --name N --organisation N <<'TCL'
set timeout 60
set stty_init "rows 40 columns 100"
eval spawn -noecho $argv
expect {
	-re {OK.*Cancel} { send -- "a long enough phrase 7\r"; exp_continue }
	timeout { exit 99 }
	eof {}
}
lassign [wait] pid spawned os status
exit $status
TCL
	) && status=0 || status=$?
	[ "$status" -eq 0 ] || fail "status $status"
	grep -rq 'protected-private-key' "$T/nora/gnupg/private-keys-v1.d"
	no_survivors
}

skip_unless_default_pinentry() {
	[ "$(basename "$(readlink -f "$(command -v pinentry)")")" = pinentry-curses ] || skip "the default pinentry here is another"
}
