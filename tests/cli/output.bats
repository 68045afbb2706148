#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What people see: colours, escaped names, a terminal's questions.

load helper

setup() {
	load_helper_setup
	home alice bob
	plain
}

# At a terminal: on_terminal COMMAND…; $output is what it showed, answers come from $ANSWERS.
on_terminal() {
	need expect
	output=$(ANSWERS="${ANSWERS:-}" expect -f - -- "$@" <<'TCL'
set timeout 60
log_user 1
set stty_init "rows 40 columns 100"
eval spawn -noecho $argv
foreach answer [split $env(ANSWERS) "|"] {
	if {$answer eq ""} continue
	expect -re {\[y/N\]|> ?$} {send -- "$answer\r"} timeout {exit 99} eof {exit 98}
}
expect eof
lassign [wait] pid spawned os status
exit $status
TCL
	) && status=0 || status=$?
}

@test "colour: at a terminal only, and never the only sign" {
	on_terminal env TERM=xterm "$VALISE" --home "$T/bob" verify plain.valise
	[ "$status" -eq 0 ]
	grep -q $'\033\[' <<<"$output" || fail "no colour at a terminal"
	grep -q GOOD <<<"$output"
	ok bob verify plain.valise
	! grep -q $'\033' <<<"$output" || fail "colour in a pipe"
}

@test "NO_COLOR, TERM=dumb and --color" {
	on_terminal env TERM=xterm NO_COLOR=1 "$VALISE" --home "$T/bob" verify plain.valise
	! grep -q $'\033\[' <<<"$output" || fail "NO_COLOR is ignored"
	on_terminal env TERM=dumb "$VALISE" --home "$T/bob" verify plain.valise
	! grep -q $'\033\[' <<<"$output" || fail "colour at a dumb terminal"
	on_terminal env TERM=xterm "$VALISE" --color never --home "$T/bob" verify plain.valise
	! grep -q $'\033\[' <<<"$output" || fail "--color never is ignored"
	NO_COLOR=1 ok bob --color always verify plain.valise
	grep -q $'\033\[' <<<"$output" || fail "--color always is ignored"
}

@test "pack asks at a terminal: no is no, yes is yes" {
	reports
	local before
	before=$(world)
	ANSWERS=n on_terminal "$VALISE" --home "$T/alice" pack --to bob "${LABELS[@]}" -o b.valise reports
	[ "$status" -eq 5 ] || fail "status $status"
	grep -q "Bob Brisk" <<<"$output" && grep -q "11 in 6 folders" <<<"$output"
	[ "$before" = "$(world)" ] || fail "something changed"
	ANSWERS=y on_terminal "$VALISE" --home "$T/alice" pack --to bob "${LABELS[@]}" -o b.valise reports
	[ "$status" -eq 0 ] && [ -f b.valise ]
	on_terminal "$VALISE" --home "$T/alice" pack --yes --to bob "${LABELS[@]}" -o c.valise reports
	[ "$status" -eq 0 ] && [ -f c.valise ]
}

@test "partner add asks for the fingerprint at a terminal" {
	home dora
	ANSWERS=$(sed -E 's/.{4}/& /g' "$CAST/bob.fpr") on_terminal "$VALISE" --home "$T/dora" partner add "$CAST/bob.card" --as bob
	[ "$status" -eq 0 ] || fail "status $status"
	grep -q "Added" <<<"$output"
	ANSWERS="$(fpr dora)" on_terminal "$VALISE" --home "$T/dora" partner add "$CAST/bob.card" --as bob2
	[ "$status" -eq 3 ]
}

@test "partner add takes words at a terminal, a few a line" {
	home dora
	local words
	words=$(v bob --json card | jq -r .words | xargs -n 5 | paste -sd '|')
	ANSWERS=$words on_terminal "$VALISE" --home "$T/dora" partner add "$CAST/bob.card" --as bob
	[ "$status" -eq 0 ] || fail "status $status"
	grep -q "Added" <<<"$output"
}

@test "progress: shown for what takes over a second, and only at a terminal" {
	mkdir big
	truncate -s 2G big/zeros
	on_terminal env TERM=xterm "$VALISE" --home "$T/alice" pack --yes --to bob "${LABELS[@]}" -o b.valise big
	[ "$status" -eq 0 ]
	grep -q '%' <<<"$output" || skip "this machine packs 2 GB in under a second"
	on_terminal env TERM=xterm "$VALISE" --quiet --home "$T/alice" pack --yes --to bob "${LABELS[@]}" -o c.valise big
	! grep -q '%' <<<"$output" || fail "--quiet shows progress"
	rm -r big b.valise c.valise
}

@test "hostile names in errors and verdicts are escaped" {
	local name=$'evil\033[2J\xe2\x80\xae\r\nGOOD  sealed by Alice'
	cp plain.valise "$name"
	ok bob verify "$name"
	! grep -qP '\x1b|\r|\xe2\x80\xae' <<<"$(said)" || fail "a control character reached the terminal"
	[ "$(grep -c '^GOOD' <<<"$output")" -eq 1 ] || fail "a name forged a verdict"
	run --separate-stderr v bob verify "no$name"
	[ "$status" -eq 7 ]
	! grep -qP '\x1b|\r|\xe2\x80\xae' <<<"$(said)"
	fails 7 io bob verify "no$name"
	fails 2 usage bob $'ver\033[31mify' x
	fails 2 usage bob verify $'--\033[31m'
	run --separate-stderr v bob verify $'--\033[31m'
	! grep -q $'\033' <<<"$stderr"
	fails 2 usage alice pack --to bob --expires $'9\033[31m' "${LABELS[@]}" plain.valise
}

@test "each error has one line of what, and one of what to do" {
	run --separate-stderr v bob verify nothing
	[ "$(grep -c '^valise: ' <<<"$stderr")" -eq 1 ]
	run --separate-stderr v alice pack --to bob plain.valise
	[ "$(sed -n 1p <<<"$stderr" | cut -c1-8)" = "valise: " ]
	sed -n 2p <<<"$stderr" | grep -q -- '→'
	LC_ALL=C run --separate-stderr v alice pack --to bob plain.valise
	! grep -q '→' <<<"$stderr" || fail "an arrow in a locale without UTF-8"
}

@test "--quiet: nothing but results and errors" {
	ok bob --quiet unpack -o out plain.valise
	[ "$output" = "$T/work/out" ] && [ -z "$stderr" ]
	run --separate-stderr v bob --quiet unpack -o out2 plain.valise
	[ "$status" -eq 5 ] && grep -q '^valise: ' <<<"$stderr"
}
