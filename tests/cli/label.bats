#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# label: looking at what a folder would carry, and writing its label file at a terminal.

load helper

setup() {
	load_helper_setup
	home alice
	reports
}

# A person at a terminal who answers one question after another: dialogue ANSWER… -- COMMAND…
dialogue() {
	need expect
	local answers=()
	while [ "$1" != -- ]; do
		answers+=("$1")
		shift
	done
	shift
	status=0
	output=$(printf '%s' "${answers[@]/%/$'\n'}" >"$T/answers" && ANSWERS=$T/answers expect -f - -- "$@" <<'TCL'
set timeout 60
set file [open $env(ANSWERS)]
set stty_init "rows 50 cols 100"
eval spawn -noecho $argv
while {[gets $file answer] >= 0} {
	expect -re {(: |\] |:\n?) ?$} {} timeout {exit 99} eof {exit 98}
	send -- "$answer\r"
}
expect eof {} timeout {exit 97}
lassign [wait] pid spawned os status
exit $status
TCL
	) || status=$?
	stderr=
}

@test "--check: each file with its labels and where they come from, and what the rules say" {
	ok_json alice label --check --to bob --label TLP:AMBER --label PD:NONE reports
	holds '[.entries[] | select(.type != "folder")] | length == 11 and all(.labels | map(.label) == ["pd/none", "tlp/amber"])'
	holds '.reasons | length == 22 and all(.why == "--label")'
	holds '[.decisions[] | select(.who == "bob" and .rule == "ceiling")] | length == 1 and .[0].decision == "allowed"'
	holds '[.decisions[] | select(.decision == "refused")] == []'
	ok alice label --check --to bob --label TLP:AMBER --label PD:NONE reports
	says "reports/2026-w47/weekly-summary.md"
	says "bob: "
	[ ! -e reports/.valise-labels.yaml ]
}

@test "--check: a refusal is shown for whom it is, and gives the exit status; nothing is noted" {
	fails 5 ceiling alice label --check --to bob,dora --label TLP:AMBER --label PD:NONE reports
	holds '[.decisions[] | select(.decision == "refused") | .who] == ["dora"]'
	holds '.decisions[] | select(.decision == "refused") | .code == "ceiling" and (.hint | length > 0)'
	run --separate-stderr v alice label --check --to bob,dora --label TLP:AMBER --label PD:NONE reports
	[ "$status" -eq 5 ]
	says "REFUSED"
	ok_json alice ledger list
	holds '.entries == []'
}

@test "--check: unlabelled files, label files, several folders" {
	fails 5 unlabelled alice label --check reports
	says "valise label DIR"
	printf 'valise-labels: 1\ndefault: {labels: ["TLP:AMBER", "PD:NONE"]}\nrules:\n- match: "*.pcap"\n  labels: ["TLP:RED"]\n' \
		>reports/.valise-labels.yaml
	ok_json alice label --check reports
	holds '.marks == ["pd/none", "tlp/red"]'
	holds '.reasons[] | select(.path == "reports/samples/traffic-0412.pcap" and .label == "tlp/red")
		| .why | contains("rule at line 4 of reports/.valise-labels.yaml")'
	cp -a reports more
	ok_json alice label --check reports more
	holds '.files == 22'
}

@test "options of one mode are mistakes in another" {
	fails 2 usage alice label --check --authorise reports
	fails 2 usage alice label --to bob reports
	fails 2 usage alice label --check --reason x reports
	fails 2 usage alice label --authorise reports
	fails 2 usage alice label reports
	says "there is no terminal"
}

@test "at a terminal: questions, a table, and the label file that pack then uses" {
	dialogue "amber" "3" "1" "weekly reports" "y" -- "$VALISE" --home "$T/alice" label reports
	[ "$status" -eq 0 ] || fail "should have written it"
	says "That is none of them" # "amber" is not how it is written
	says "reports/.valise-labels.yaml"
	grep -q 'TLP:AMBER' reports/.valise-labels.yaml
	ok_json alice pack --to bob -o a.valise reports
	holds '.marks == ["pd/none", "tlp/amber"] and .purpose == "weekly reports" and .files == 11'
	dialogue -- "$VALISE" --home "$T/alice" label reports
	[ "$status" -eq 7 ] || fail "there is a label file already"
}

@test "at a terminal: what the files say inside is proposed, and counts where it is wanted" {
	printf 'TLP:GREEN\nhello\n' >reports/own.txt
	dialogue "y" "3" "1" "" "y" -- "$VALISE" --home "$T/alice" label reports/
	[ "$status" -eq 0 ] || fail "should have written it"
	says "1 file, such as reports/own.txt (line 1)"
	says "[TLP:GREEN]"
	ok_json alice label --check reports
	holds '.reasons[] | select(.path == "reports/own.txt" and .label == "tlp/green") | .why | contains("inside, line 1")'
	holds '.marks == ["pd/none", "tlp/amber"]'
}

@test "at a terminal: saying no writes nothing, and so does going away" {
	dialogue "3" "1" "" "n" -- "$VALISE" --home "$T/alice" label reports
	[ "$status" -eq 5 ] || fail "declined"
	[ ! -e reports/.valise-labels.yaml ]
	dialogue "3" $'\004' -- "$VALISE" --home "$T/alice" label reports
	[ "$status" -eq 5 ] || fail "no answer"
	[ ! -e reports/.valise-labels.yaml ]
}

@test "at a terminal: personal data get their record, and answers that the rules would refuse are asked again" {
	dialogue "3" "4" "7 12" \
		"Agency A" "privacy@a.example" "D. Officer" "incident handling" "victims" "health, contact" "many" "12" "partners" \
		"none" "eu-gdpr:A6-1-e" "a year" "P1Y" "" "eu-gdpr:A9-2-g" "" "y" -- "$VALISE" --home "$T/alice" label reports
	[ "$status" -eq 0 ] || fail "should have written it"
	says "must be a number"
	says "must be a duration"
	grep -q 'eu-gdpr:A9-2-g' reports/.valise-labels.yaml
	fails 5 ceiling alice label --check reports
	sed -i 's|^ceilings: .*|ceilings: ["pd/personal", "pdcat/contact", "pdcat/art9-health", "tlp/red"]|' "$T/alice/station.yaml"
	ok_json alice label --check reports
	holds '.marks | contains(["pd/personal", "pdcat/contact", "pdcat/art9-health"])'
}
