#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# No network: the main path in an empty network namespace, and a trace of every socket that is made.

load helper

main_path() {
	"$VALISE" --quiet --home "$T/alice" pack --to bob "${LABELS[@]}" -o b.valise reports
	"$VALISE" --quiet --home "$T/carol" verify b.valise
	"$VALISE" --quiet --home "$T/bob" list b.valise
	"$VALISE" --quiet --home "$T/bob" unpack -o out b.valise
	"$VALISE" --quiet --home "$T/bob" ledger list
	"$VALISE" --quiet --home "$T/nora" init --name N --organisation N --no-passphrase
	"$VALISE" --quiet --home "$T/nora" partner add "$CAST/bob.card" --as bob --fingerprint "$(cat "$CAST/bob.fpr")"
}

setup() {
	load_helper_setup
	home alice bob carol
	reports
	export VALISE T CAST
	export -f main_path
}

with_labels='LABELS=(--label TLP:GREEN --label PD:NONE)'

@test "the main path in an empty network namespace" {
	need unshare
	unshare -rn true 2>/dev/null || not_permitted "network namespaces"
	run --separate-stderr timeout 120 unshare -rn bash -ec "$with_labels; main_path" </dev/null
	[ "$status" -eq 0 ] || fail "without a network"
	diff -r reports out/reports
}

@test "no socket but the local one to the agent" {
	need strace
	strace -o /dev/null true 2>/dev/null || not_permitted "tracing"
	run --separate-stderr timeout 300 strace -f -qq -o trace -e trace=socket,socketpair,connect,bind,sendto \
		bash -ec "$with_labels; main_path" </dev/null
	[ "$status" -eq 0 ] || fail "under strace"
	grep -q 'AF_UNIX' trace || fail "the trace shows nothing at all"
	run grep -E '(socket|socketpair)\((AF|PF)_' trace
	! grep -vE 'socket(pair)?\(AF_UNIX' <<<"$output" || fail "another socket"
	# each connection goes to an agent, and none to a name service or a daemon of the system
	run grep -E 'connect\(.*sun_path=' trace
	! grep -vE 'S\.gpg-agent' <<<"$output" | grep -vE 'nscd|= -1 ENOENT' || fail "a connection elsewhere"
}
