#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# ledger: what was sent, received and refused; bundles that were never sent.

load helper

setup() {
	load_helper_setup
	home alice bob
	reports
}

pack() {
	ok_json alice pack --to bob "${LABELS[@]}" "$@" reports
	id=$(jq -r .bundle <<<"$output")
}

@test "empty at first" {
	ok alice ledger list
	says "empty"
	ok_json alice ledger list
	holds '.entries == []'
}

@test "sent and received, with numbers, sizes and labels" {
	pack -o a.valise
	ok_json alice ledger list
	holds --arg id "$id" '.entries | length == 1 and (.[0] | .event == "sent" and .bundle == $id and .alias == "bob"
		and .sequence == 1 and .files == 11 and (.time | fromdate) > 0)'
	ok bob unpack -o out a.valise
	ok_json bob ledger list
	holds --arg id "$id" '.entries[] | select(.event == "received") | .bundle == $id and .alias == "alice" and .sequence == 1'
	ok bob ledger list
	says "received"
	[ "$(awk '{ if (length($0) > m) m = length($0) } END { print m }' <<<"$output")" -lt 250 ]
}

@test "refusals are there, with their reason" {
	pack -o a.valise
	flip a.valise $(($(member_at a.valise payload/0000000000) + 20))
	fails 4 damaged bob unpack -o out a.valise
	: >nothing
	fails 8 not-a-bundle bob unpack -o out nothing
	ok_json bob ledger list
	holds '.entries | map(select(.event == "refused")) | length == 2'
	holds '[.entries[] | tostring | test("payload/0000000000")] | any'
}

@test "numbers go on by one for each partner by itself" {
	echo open >news # other bytes: those of the reports do not go lower any more
	pack -o a.valise
	ok_json alice pack --to dora --label TLP:CLEAR --label PD:NONE -o b.valise news
	holds '.to[0].sequence == 1'
	ok_json alice pack --to bob,dora --label TLP:CLEAR --label PD:NONE -o c.valise news
	holds '[.to[].sequence] == [2, 2]'
	pack -o d.valise
	holds '.to[0].sequence == 3'
}

@test "a pack that failed takes no number" {
	fails 5 unlabelled alice pack --to bob reports
	: >there
	fails 7 exists alice pack --to bob "${LABELS[@]}" -o there reports
	pack -o a.valise
	holds '.to[0].sequence == 1'
}

@test "void: the next bundle says so, and the receiver sees no gap" {
	pack -o lost.valise
	ok_json alice ledger void "$id" --reason "stick lost before handover"
	holds --arg id "$id" '.bundle == $id'
	pack -o next.valise
	holds '.to[0].sequence == 2'
	ok_json bob unpack -o out next.valise
	holds '.sequence == 2 and .["missing-before"] == 0 and (.notices | map(test("never sent")) | any)'
	ok_json alice ledger list
	holds '[.entries[] | tostring | test("stick lost before handover")] | any'
	# told once
	pack -o third.valise
	ok_json bob unpack -o out3 third.valise
	holds '.["missing-before"] == 0 and .notices == []'
}

@test "without void the receiver is told of the gap" {
	pack -o lost.valise
	pack -o next.valise
	ok_json bob unpack -o out next.valise
	holds '.sequence == 2 and .["missing-before"] == 1'
	says "ask the sender"
}

@test "void by the first 8 characters; unknown, twice, received, without reason" {
	pack -o a.valise
	ok alice ledger void "${id:0:8}" --reason "second thoughts"
	fails 2 usage alice ledger void "$id"
	fails 2 usage alice ledger void "$id" --reason ""
	fails 2 usage alice ledger void
	local before
	before=$(jq -S . <<<"$(v alice --json ledger list)")
	run --separate-stderr v alice --json ledger void "${id:0:7}" --reason x
	[ "$status" -ne 0 ] || fail "seven characters"
	run --separate-stderr v alice --json ledger void "00000000-0000-4000-8000-000000000000" --reason x
	[ "$status" -ne 0 ] || fail "an unknown id"
	run --separate-stderr v alice --json ledger void "not an id" --reason x
	[ "$status" -ne 0 ] || fail "no id at all"
	[ "$before" = "$(jq -S . <<<"$(v alice --json ledger list)")" ] || fail "the ledger changed"
}

@test "the ledger links each bundle to the one before" {
	pack -o a.valise
	local digest
	digest=$(jq -r .digest <<<"$output")
	pack -o b.valise
	ok bob unpack -o one a.valise
	ok bob unpack -o two b.valise
	run sqlite_dump "$T/bob/ledger.sqlite"
	[ "$status" -eq 0 ]
	# once as the digest of the first, once as what the second says stood before it
	[ "$(grep -oi "$digest" <<<"$output" | wc -l)" -ge 2 ] || fail "the second bundle is not linked to the first"
}

sqlite_dump() {
	/usr/bin/python3 -c '
import sqlite3, sys
for line in sqlite3.connect("file:" + sys.argv[1] + "?mode=ro", uri=True).iterdump(): print(line)' "$1"
}

@test "a ledger that is damaged or from the future is refused, and kept" {
	pack -o a.valise
	rm -f "$T/alice/ledger.sqlite-wal" "$T/alice/ledger.sqlite-shm"
	head -c 4096 /dev/urandom >"$T/alice/ledger.sqlite"
	local sum
	sum=$(sha256sum <"$T/alice/ledger.sqlite")
	fails 9 ledger alice pack --to bob "${LABELS[@]}" -o b.valise reports
	fails 9 ledger alice ledger list
	[ "$sum" = "$(sha256sum <"$T/alice/ledger.sqlite")" ]
}

@test "what was looked at and is no reception: listed, read; a refusal names the bundle" {
	pack -o a.valise
	ok bob list a.valise
	ok bob unpack -o one a.valise reports/2026-w47
	ok_json bob ledger list
	holds --arg id "$id" '[.entries[] | select(.bundle == $id) | .event] == ["listed", "read"]'
	home dora
	fails 6 not-for-us dora unpack -o out a.valise
	ok_json dora ledger list
	holds --arg id "$id" '.entries | length == 1 and (.[0] | .event == "refused" and .code == "not-for-us" and .bundle == $id)'
}
