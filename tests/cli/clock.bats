#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What is decided when a clock is wrong: each line of valise-station(5), CLOCK.

load helper

setup() {
	load_helper_setup
	need faketime
	home bob dora
	plain
	reports
}

at() {
	PRELUDE=("$ROOT/tests/lab/at" "$1")
}

now() {
	PRELUDE=()
}

@test "clock: behind the latest time seen, within the skew: works and is told" {
	ok bob unpack -o one plain.valise
	at -12h
	ok_json alice pack --to bob "${LABELS[@]}" -o two.valise reports
	holds '.notices | map(select(contains("this station was already at work at"))) | length == 1'
	ok bob verify plain.valise
	says "this station was already at work at"
	ok_json bob list plain.valise
	holds '.notices | map(select(contains("this station was already at work at"))) | length == 1'
	now
	ok_json alice pack --to bob "${LABELS[@]}" -o three.valise reports
	holds '.notices == []'
}

@test "clock: behind the latest time seen, beyond the skew: pack refuses, and nothing overrides that" {
	at -2d
	fails 5 clock alice pack --to bob "${LABELS[@]}" -o two.valise reports
	says "set the clock"
	fails 2 usage alice pack --to bob "${LABELS[@]}" --override clock --reason why -o two.valise reports
	ok alice pack --dry-run --to bob "${LABELS[@]}" reports
}

@test "clock: one that stood ahead is healed by voiding what was sealed under it" {
	at +40d
	ok_json alice pack --to bob "${LABELS[@]}" -o ahead.valise reports
	local id
	id=$(jq -r .bundle <<<"$output")
	now
	fails 5 clock alice pack --to bob "${LABELS[@]}" -o two.valise reports
	says "valise ledger void"
	fails 5 clock alice verify plain.valise
	ok alice ledger void "$id" --reason "the clock stood ahead"
	ok alice pack --to bob "${LABELS[@]}" -o two.valise reports
	# and nobody takes what claims to be of that day
	fails 3 signature-time bob verify ahead.valise
	fails 3 signature-time bob unpack --override clock --reason "never mind" -o ahead ahead.valise
	at +41d
	ok bob verify ahead.valise
}

@test "clock: before the registry was last changed, where nothing was sent or received yet" {
	rm -rf "$T/alice"
	home alice
	at -2d
	fails 5 clock alice pack --to bob "${LABELS[@]}" -o two.valise reports
	at -12h
	ok_json alice pack --to bob "${LABELS[@]}" -o two.valise reports
	holds '.notices | map(select(contains("this station was already at work at"))) | length == 1'
	at +40d
	ok dora partner set alice --approvals 2
	now
	fails 5 clock dora pack --to alice --label TLP:CLEAR --label PD:NONE -o three.valise reports
	ok dora partner set alice --approvals 1
	ok dora pack --to alice --label TLP:CLEAR --label PD:NONE -o three.valise reports
}

@test "clock: a bundle from the near future is taken, one from further ahead is not" {
	at +20h
	ok alice pack --to bob "${LABELS[@]}" -o near.valise reports
	at +30h
	ok alice pack --to bob "${LABELS[@]}" -o far.valise reports
	now
	ok bob verify near.valise
	ok bob unpack -o near near.valise
	fails 3 signature-time bob verify far.valise
	fails 3 signature-time bob unpack -o far far.valise
}

@test "clock: a key that ends tomorrow, and one that ended yesterday" {
	at +729d
	ok_json alice pack --to bob "${LABELS[@]}" -o two.valise reports
	holds '.notices | length == 2 and all(contains("expires in 0 days"))'
	ok_json bob verify two.valise
	holds '.bundles[0].notices | any(contains("expires in 0 days"))'
	at +731d
	fails 5 recipient alice pack --to bob "${LABELS[@]}" -o three.valise reports
	fails 3 unfit-signer bob verify two.valise
	fails 3 unfit-signer bob unpack -o two two.valise
}

@test "clock: ahead, what is over for it is refused by name" {
	at +91d
	fails 5 expired bob unpack -o one plain.valise
	at +800d
	fails 3 unfit-signer bob unpack -o one plain.valise
	now
	ok bob unpack -o one plain.valise
}
