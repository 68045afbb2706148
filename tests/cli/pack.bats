#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# pack: labels, ceilings, recipients, where the bundle goes, and what it tells.

load helper

setup() {
	load_helper_setup
	home alice
	reports
}

pack() {
	ok alice pack --to bob "${LABELS[@]}" "$@"
}

@test "the path goes to standard output and nothing else; all else to standard error" {
	pack reports
	[ "$(wc -l <<<"$output")" -eq 1 ]
	[[ $output == "$T/work/$(date -u +%Y%m%d)-bob-0001-"????????.valise ]] || fail "not the default name"
	[ -f "$output" ]
	grep -q "Sealed 11 files" <<<"$stderr"
	ok alice --quiet pack --to bob "${LABELS[@]}" reports
	[[ $output == *-bob-0002-* ]]
	[ -z "$stderr" ]
}

@test "JSON tells all" {
	ok_json alice pack --to bob "${LABELS[@]}" --purpose "weekly" --expires 10d -o b.valise reports
	holds --arg path "$T/work/b.valise" '.path == $path and (.bundle | test("^[0-9a-f-]{36}$")) and (.digest | length == 64)
		and .files == 11 and .folders == 6 and .purpose == "weekly" and .marks == ["pd/none", "tlp/green"]
		and .to[0].alias == "bob" and .to[0].sequence == 1 and .notices == []'
	holds '(.["not-after"] | fromdate) - (.created | fromdate) == 10 * 86400'
	[ "$(stat -c %s b.valise)" = "$(jq '.["file-bytes"]' <<<"$output")" ]
}

@test "without labels: refused, with the words to type next" {
	fails 5 unlabelled alice pack --to bob reports
	says "--label TLP:AMBER"
	says "--label PD:NONE"
	fails 5 unlabelled alice pack --to bob --label TLP:GREEN reports
	says "--label PD:NONE"
	fails 5 unlabelled alice pack --to bob --label PD:NONE reports
	says "TLP:GREEN"
	fails 5 unlabelled alice pack --to bob --label PAP:GREEN reports
}

@test "the words that the refusal proposes work" {
	run --separate-stderr v alice --json pack --to bob reports
	local words
	words=$(jq -r .error.hint <<<"$output" | grep -oE -- '--label [A-Z]+:[A-Z+]+' | tr '\n' ' ')
	# shellcheck disable=SC2086
	ok alice pack --to bob $words reports
}

@test "labels that are unknown, misspelt, or contradict each other" {
	fails 5 label alice pack --to bob --label TLP:BLUE --label PD:NONE reports
	fails 5 label alice pack --to bob --label tlp:green --label PD:NONE reports
	says "TLP:GREEN"
	fails 5 label alice pack --to bob --label "TLP: GREEN" --label PD:NONE reports
	says "TLP:GREEN"
	fails 5 label alice pack --to bob --label " TLP:GREEN" --label PD:NONE reports
	fails 5 label alice pack --to bob --label "" --label PD:NONE reports
	fails 5 label alice pack --to bob --label TLP:GREEN --label TLP:AMBER --label PD:NONE reports
	fails 5 label alice pack --to bob --label tlp:white --label PD:NONE reports
	says "TLP:CLEAR"
	fails 5 label alice pack --to bob --label TLP:ROT --label PD:NONE reports
	says "never translated"
	fails 5 label alice pack --to bob --label TLP:EX:CHR --label PD:NONE reports
	fails 5 label alice pack --to bob --label $'TLP:\e[31mRED' --label PD:NONE reports
	! grep -q $'\e' <<<"$stderr"
}

@test "a word of an earlier version is taken for the one of today, and today's is written" {
	ok_json alice pack --to bob --label TLP:WHITE --label PD:NONE --dry-run reports
	holds '.marks == ["pd/none", "tlp/clear"]'
}

@test "labels by scheme/id; the same one twice is once; PAP as well" {
	ok_json alice pack --to bob --label tlp/green --label TLP:GREEN --label pd/none --label PAP:AMBER --dry-run reports
	holds '.marks == ["pap/amber", "pd/none", "tlp/green"]'
}

@test "above the partner's ceiling, above the station's" {
	fails 5 ceiling alice pack --to bob --label TLP:AMBER+STRICT --label PD:NONE reports
	says "bob"
	fails 5 ceiling alice pack --to dora --label TLP:GREEN --label PD:NONE reports
	fails 5 ceiling alice pack --to bob,dora --label TLP:GREEN --label PD:NONE reports
	says "dora"
	ok alice pack --to dora --label TLP:CLEAR --label PD:NONE reports
	home bob
	ok bob partner add "$CAST/dora.card" --as dora --fingerprint "$(fpr dora)" --ceiling TLP:RED
	fails 5 ceiling bob pack --to dora --label TLP:RED --label PD:NONE reports
	says "this station"
}

@test "labels that a person wrote down as default are used, and shown" {
	sed -i 's|^default-labels: .*|default-labels: ["pd/none", "tlp/amber"]|' "$T/alice/station.yaml"
	ok_json alice pack --to bob --label TLP:GREEN -o b.valise reports
	holds '.marks == ["pd/none", "tlp/green"] and (.notices | length == 1)'
	ok alice pack --to bob -o c.valise reports
	says "default-labels"
	home bob
	ok_json bob list b.valise
	holds '[.entries[] | select(.path == "reports/samples/empty.log").labels[] | .label + " " + .origin] |
		sort == ["pd/none default", "tlp/green option"]'
}

@test "recipients: unknown, twice, without the role, none" {
	fails 9 partner alice pack --to nobody "${LABELS[@]}" reports
	fails 2 usage alice pack --to bob,bob "${LABELS[@]}" reports
	fails 2 usage alice pack --to bob, "${LABELS[@]}" reports
	fails 2 usage alice pack "${LABELS[@]}" reports
	home dora
	ok dora partner add "$CAST/bob.card" --as bob --fingerprint "$(fpr bob)" --role send,carry
	fails 5 recipient dora pack --to bob --label TLP:CLEAR --label PD:NONE reports
}

@test "several recipients: each opens it, and the name tells neither" {
	home bob dora
	ok alice pack --to dora,bob --label TLP:CLEAR --label PD:NONE reports
	[[ $(basename "$output") =~ ^[0-9]{8}-[0-9a-f]{8}\.valise$ ]] || fail "not the name for several"
	local bundle=$output
	ok bob unpack -o for-bob "$bundle"
	ok dora unpack -o for-dora "$bundle"
	diff -r reports for-bob/reports
	diff -r reports for-dora/reports
	rm -r for-bob
	ok_json bob verify "$bundle"
	holds '.bundles[0].to | length == 2 and .[1].self'
}

@test "to oneself: not without being one's own partner" {
	fails 9 partner alice pack --to alice "${LABELS[@]}" reports
}

@test "-o: a file, a folder, a folder to be; nothing is overwritten" {
	mkdir there
	pack -o there reports
	[[ $output == "$T/work/there/"*-bob-0001-* ]]
	pack -o there/ reports
	pack -o there/named.valise reports
	[ "$output" = "$T/work/there/named.valise" ]
	fails 7 exists alice pack --to bob "${LABELS[@]}" -o there/named.valise reports
	ln -s nowhere there/link
	fails 7 exists alice pack --to bob "${LABELS[@]}" -o there/link reports
	fails 7 io alice pack --to bob "${LABELS[@]}" -o missing/ reports
	fails 7 io alice pack --to bob "${LABELS[@]}" -o missing/b.valise reports
	[ "$(stat -c %a there/named.valise)" = 600 ] || [ "$(stat -c %a there/named.valise)" = 644 ]
}

@test "a folder that cannot be written" {
	mkdir closed
	as_nobody closed
	chown -R nobody "$T/alice" 2>/dev/null || true
	fails 7 io alice pack --to bob "${LABELS[@]}" -o closed/b.valise reports
}

@test "--dry-run shows and leaves nothing" {
	local before
	before=$(world; ls "$T/alice")
	ok_json alice pack --dry-run --to bob "${LABELS[@]}" reports
	holds '.["dry-run"] and (.entries | length == 17) and .files == 11 and (has("path") | not)'
	ok alice pack --dry-run --to bob "${LABELS[@]}" reports
	says "Nothing was made"
	[ "$before" = "$(world; ls "$T/alice")" ] || fail "something changed"
	fails 5 unlabelled alice pack --dry-run --to bob reports
	fails 5 ceiling alice pack --dry-run --to bob --label TLP:RED --label PD:NONE reports
	pack reports
	[[ $output == *-bob-0001-* ]] || fail "the dry run took a number"
}

@test "--expires: days or weeks, 1 to 366" {
	local bad
	for bad in 0 0d 367 53w -1 1y 90dd "" d 1.5 99999999999999999999; do
		fails 2 usage alice pack --to bob "${LABELS[@]}" "--expires=$bad" reports
	done
	ok_json alice pack --to bob "${LABELS[@]}" --expires 52w --dry-run reports
	ok_json alice pack --to bob "${LABELS[@]}" --expires 366 -o b.valise reports
	holds '(.["not-after"] | fromdate) - (.created | fromdate) == 366 * 86400'
}

@test "--purpose and --supersedes" {
	fails 2 usage alice pack --to bob "${LABELS[@]}" --purpose $'a\nb' reports
	fails 2 usage alice pack --to bob "${LABELS[@]}" --purpose "$(printf 'x%.0s' {1..1025})" reports
	fails 2 usage alice pack --to bob "${LABELS[@]}" --supersedes 12 reports
	ok_json alice pack --to bob "${LABELS[@]}" -o a.valise reports
	local old
	old=$(jq -r .bundle <<<"$output")
	pack --purpose "Größe: 5 °C – ≥ ok" --supersedes "$old" -o b.valise reports
	home bob
	ok_json bob list b.valise
	holds --arg old "$old" '.purpose == "Größe: 5 °C – ≥ ok" and .supersedes == $old'
}

@test "--pad: sizes tell little, and contents come out the same" {
	home bob
	mkdir one two
	head -c 100400 /dev/zero >one/zeros
	head -c 102000 /dev/urandom >two/zeros
	pack --pad -o one.valise one
	local first=$output
	pack --pad -o two.valise two
	[ "$(stat -c %s one.valise)" = "$(stat -c %s two.valise)" ] || fail "the sizes differ: $(stat -c %s one.valise two.valise)"
	pack -o bare.valise one
	[ "$(stat -c %s bare.valise)" -lt 20000 ]
	ok_json alice verify one.valise
	holds '.bundles[0].compression == "none"'
	# Padmé: of the length's bits at most the first few are not zero.
	holds '.bundles[0]["payload-bytes"] % 2048 == 0'
	ok bob unpack -o out two.valise
	cmp two/zeros out/two/zeros
}

@test "files of all sizes, small ones many and large ones between them, come out as they were" {
	local size
	home alice bob
	mkdir sizes sizes/many
	for size in 0 1 4095 4096 262143 262144 262145 524287 524288 524289 1048576 3000001; do
		head -c "$size" /dev/urandom >"sizes/$size"
	done
	for ((size = 0; size < 200; size++)); do
		head -c "$((size * 97))" /dev/urandom >"sizes/many/$size"
	done
	seal alice -o sizes.valise sizes
	ok bob unpack -o out sizes.valise
	diff -r sizes out/sizes
}

@test "the same id, number and key never come twice" {
	pack -o a.valise reports
	pack -o b.valise reports
	! cmp -s a.valise b.valise
	unbuild a.valise a
	unbuild b.valise b
	! cmp -s a/payload/0000000000 b/payload/0000000000
	[ "$(grep ^bundle a/waybill.yaml)" != "$(grep ^bundle b/waybill.yaml)" ]
}

@test "nothing of the inside stands outside" {
	pack --purpose "a secret purpose" -o b.valise reports
	! grep -aqiE 'reports|INC-2026|secret purpose|TLP|green|Ardent|Brisk|agency' b.valise
}

@test "two at once: both arrive, or one is told that another works" {
	v alice --quiet pack --to bob "${LABELS[@]}" -o a.valise reports 3>&- >/dev/null 2>first &
	local first=$!
	run --separate-stderr v alice --json pack --to bob "${LABELS[@]}" -o b.valise reports
	[ "$status" -eq 0 ] || [ "$(jq -r .error.code <<<"$output")" = busy ]
	wait $first || grep -q "another valise" first
	ok_json alice ledger list
	holds '[.entries[] | select(.event == "sent").sequence] | . == unique and length >= 1'
}
