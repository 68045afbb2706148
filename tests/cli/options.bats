#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The command line: verbs, options, help, and JSON for each verb also where it fails.

load helper

@test "an unknown verb, with the nearest one" {
	fails 2 usage - unpakc
	says "unpack"
	fails 2 usage - verfy x
	says "verify"
	fails 2 usage - qqqqqq
	fails 2 usage - partner ad
	says "add"
	fails 2 usage - partner
	fails 2 usage - ledger frobnicate
	fails 2 usage - handover
}

@test "an unknown option, with the nearest one" {
	home alice
	fails 2 usage alice pack --lable TLP:GREEN x
	says "--label"
	fails 2 usage alice pack --too bob x
	says "--to"
	fails 2 usage alice verify --crad x
	says "--card"
	fails 2 usage alice pack -x bob
	fails 2 usage alice list --label TLP:GREEN x
	fails 2 usage alice pack --lab TLP:GREEN --to bob x
}

@test "values: missing, attached, twice, none wanted" {
	home alice
	reports
	fails 2 usage alice pack reports --to
	fails 2 usage alice pack --to --label TLP:GREEN reports
	fails 2 usage alice pack --to=bob --purpose=a --purpose=b "${LABELS[@]}" reports
	fails 2 usage alice pack --to=bob --pad=yes "${LABELS[@]}" reports
	ok alice pack --to=bob --label=TLP:GREEN --label=PD:NONE --purpose= --output=b.valise reports
	[ -f b.valise ]
	ok alice pack --to=bob "${LABELS[@]}" -oc.valise reports
	[ -f c.valise ]
}

@test "options may stand anywhere; -- ends them" {
	home alice bob
	mkdir -- --label
	echo 1 >--label/file
	ok alice pack --to bob "${LABELS[@]}" -o b.valise -- --label
	ok bob b.valise unpack -o out || ok bob unpack b.valise -o out
	[ -f out/--label/file ]
	run --separate-stderr setsid -w "$VALISE" pack --to bob "${LABELS[@]}" ./--label -o c.valise --home "$T/alice" --json </dev/null
	[ "$status" -eq 0 ]
	holds '.files == 1'
}

@test "global options that are wrong" {
	home alice
	fails 2 usage alice --color sometimes partner list
	fails 2 usage alice --quiet --verbose partner list
	fails 2 usage alice --passphrase-fd x card
	fails 2 usage alice --passphrase-fd -1 card
	fails 7 io alice --passphrase-fd 77 card
	run --separate-stderr "$VALISE" --home "" card
	[ "$status" -eq 2 ]
}

@test "no verb at all: the overview on standard error, exit 2" {
	run --separate-stderr "$VALISE"
	[ "$status" -eq 2 ] && [ -z "$output" ]
	grep -q "usage:" <<<"$stderr"
	fails 2 usage -
}

@test "--version and --help need no station" {
	PRELUDE=(env -u HOME)
	ok - --version
	[[ $output =~ ^valise\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
	ok - --help
	ok - help
}

verbs() {
	"$VALISE" --help | awk '/^verbs:/ {on = 1; next} /^[a-z]/ {on = 0} on && NF {print}' | sed -E 's/^  ([a-z]+( [a-z]+)?)  .*/\1/'
}

@test "help of each verb: exit 0, at most 80 columns, on standard output, ends with the manual's name" {
	local verb count=0 page
	while read -r verb; do
		count=$((count + 1))
		# shellcheck disable=SC2086
		run --separate-stderr "$VALISE" $verb --help
		[ "$status" -eq 0 ] || fail "$verb --help"
		[ -z "$stderr" ] || fail "$verb --help says something on standard error"
		[ "$(wc -L <<<"$output")" -le 80 ] || fail "$verb --help is wider than 80 columns"
		grep -q "^usage: valise $verb" <<<"$output" || fail "$verb --help shows no usage"
		page=$(sed -n 's/^manual: man //p' <<<"$output")
		[ -n "$page" ] || fail "$verb names no page"
		[ -f "$ROOT/man/$page.1" ] || fail "there is no manual page $page(1)"
		# shellcheck disable=SC2086
		[ "$output" = "$("$VALISE" help $verb)" ] || fail "help $verb differs"
	done < <(verbs)
	[ "$count" -ge 12 ] || fail "only $count verbs were found"
	run "$VALISE" --help
	[ "$(wc -L <<<"$output")" -le 80 ]
	run "$VALISE" partner --help
	[ "$status" -eq 0 ]
}

@test "help comes first: also with wrong options beside it, nothing is done" {
	home alice
	local before
	before=$(world)
	run "$VALISE" --home "$T/alice" pack --to bob --help nothing
	[ "$status" -eq 0 ]
	[ "$before" = "$(world)" ]
}

@test "every option of every verb stands in its manual page" {
	local verb page option missing=''
	while read -r verb; do
		# shellcheck disable=SC2086
		page=$("$VALISE" $verb --help | sed -n 's/^manual: man //p')
		# shellcheck disable=SC2086
		for option in $("$VALISE" $verb --help | sed -nE '/^options:/,/^global/ s/^  (-., )?--([a-z-]+).*/\2/p'); do
			grep -qE -- "Fl (Fl |-)?(\\\\-|-)?${option//-/(\\\\?-)}|${option//-/\\\\?-}" "$ROOT/man/$page.1" || missing+=" $verb:--$option"
		done
	done < <(verbs)
	[ -z "$missing" ] || fail "missing in the manual:$missing"
}

@test "JSON on failure, for each verb" {
	fails 9 no-station nowhere card
	fails 9 no-station nowhere partner add "$CAST/bob.card" --as bob --fingerprint "$(fpr bob)"
	fails 9 no-station nowhere partner list
	fails 9 no-station nowhere partner show bob
	fails 9 no-station nowhere pack --to bob x
	fails 9 no-station nowhere verify x
	fails 9 no-station nowhere list x
	fails 9 no-station nowhere unpack x
	fails 9 no-station nowhere ledger list
	fails 9 no-station nowhere ledger void 12345678 --reason x
	fails 2 usage nowhere init
	run --separate-stderr v nowhere --json doctor
	[ "$status" -eq 9 ]
	holds '.error.exit == 9'
}

@test "exit statuses are those of the manual" {
	# each name and number of the table in err.h stands in valise(1)
	local name number
	while read -r name number; do
		grep -q -- "$name" "$ROOT/man/valise.1" || fail "$name ($number) is not in valise(1)"
	done < <(sed -nE 's/^\tX\([A-Z_]+, "([a-z-]+)", ([0-9]+),.*/\1 \2/p' "$ROOT/src/base/err.h")
}

@test "standard output is full or closed: that is a failure" {
	home alice
	[ -w /dev/full ] || not_permitted "/dev/full"
	status=0
	setsid -w "$VALISE" --home "$T/alice" card >/dev/full 2>err </dev/null || status=$?
	[ "$status" -eq 7 ]
	grep -q "standard output" err
	status=0
	"$VALISE" --help >/dev/full 2>/dev/null || status=$?
	[ "$status" -ne 0 ] || fail "--help into a full device"
}

@test "descriptors that are closed at the start" {
	home alice
	v alice card -o a.card <&- >&- 2>&-
	[ "$(head -n 1 a.card)" = "valise-card: 1" ]
}
