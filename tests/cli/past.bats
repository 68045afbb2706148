#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Bundles that were accepted here while their sender's key was in force: read again, and told plainly; nothing else of that key.

load helper

# bob received plain.valise of alice; a second bundle of hers is on its way, and has not arrived.
received() {
	home alice bob
	plain
	reports
	ok alice pack --to bob "${LABELS[@]}" -o second.valise reports
	ok bob unpack -o first plain.valise
	DAY=$(date -u +%F)
}

# It is told; nothing new is taken; what was accepted is read in each way.
reads_the_past() { # WORDS [OPTION OF unpack…]
	local words=$1
	shift
	local options=("$@")
	fails 3 unfit-signer bob unpack -o whole plain.valise
	says "$words"
	says "this bundle was accepted here at $DAY"
	says "unpack --again"
	run --separate-stderr v bob --json verify plain.valise
	[ "$status" -eq 3 ]
	holds --arg words "$words" '.bundles[0] | .good == false and .verdict == "bad" and .signers[0].standing == "past"
		and (.error.message | contains($words) and contains("was accepted here at"))'
	run --separate-stderr v bob verify plain.valise
	[ "$status" -eq 3 ]
	says "$words"
	ok_json bob unpack --again "${options[@]}" -o again plain.valise
	holds --arg words "$words" '."received-before" and .signers[0].standing == "past" and (.notices[0] | contains($words))'
	diff -r first/reports again/reports
	ok bob unpack "${options[@]}" -o part plain.valise reports/indicators/collect.sh
	says "ACCEPTED BEFORE"
	says "$words"
	cmp first/reports/indicators/collect.sh part/reports/indicators/collect.sh
	fails 3 unfit-signer bob unpack -o new second.valise
	fails 3 unfit-signer bob unpack --again -o new second.valise
	fails 3 unfit-signer bob list second.valise
	fails 3 unfit-signer bob verify second.valise
	if [ ${#options[@]} -eq 0 ]; then
		ok_json bob list plain.valise
		holds --arg words "$words" '.signers[0].standing == "past" and (.notices[0] | contains($words))'
	fi
	rm -rf again part
}

@test "past: a key that the registry revoked" {
	received
	ok bob partner revoke alice --reason "left the agency"
	reads_the_past "the key of Alice Ardent is revoked in this registry since $DAY"
}

@test "past: a key that its owner revoked" {
	received
	ok bob partner revoke alice --certificate "$CAST/alice/gnupg/openpgp-revocs.d/$(fpr alice).rev"
	reads_the_past "the key of Alice Ardent is revoked in this registry since $DAY"
	ok bob partner remove alice --yes
	ok bob partner add "$CAST/alice.card" --as alice --fingerprint "$(fpr alice)"
	ok bob partner renew alice "$CAST/alice/gnupg/openpgp-revocs.d/$(fpr alice).rev"
	reads_the_past "the key of Alice Ardent is revoked by its owner"
}

@test "past: an entry that ended, a role that was taken away" {
	received
	ok bob partner set alice --valid-until 2020-01-01
	reads_the_past "has an entry in the registry that is over since 2020-01-01T23:59:59Z"
	ok bob partner set alice --valid-until none --role receive,carry
	reads_the_past "no longer has the role that a sender needs"
	ok bob partner set alice --role receive,approve
	reads_the_past "no longer has the role that a sender needs"
	ok bob partner set alice --role send,receive
	ok bob list plain.valise
	ok bob verify second.valise
}

@test "past: a key that expired" {
	need faketime
	received
	PRELUDE=("$ROOT/tests/lab/at" +800d)
	fails 3 unfit-signer bob verify second.valise
	fails 5 expired bob unpack --again -o again plain.valise
	reads_the_past "the key of Alice Ardent is expired since" --override expired --reason "an old case"
}

@test "past: whoever was removed is nobody, until the card is back" {
	received
	ok bob partner remove alice --yes
	local words
	words="its sender $(fpr alice) is not in the registry any more"
	fails 3 unknown-signer bob list plain.valise
	says "$words"
	fails 3 unknown-signer bob unpack --again plain.valise
	run --separate-stderr v bob verify plain.valise
	[ "$status" -eq 3 ]
	says "$words"
	fails 3 unknown-signer bob list second.valise
	says "nobody in the registry signed this"
	ok bob partner add "$CAST/alice.card" --as alice --fingerprint "$(fpr alice)"
	ok bob partner revoke alice
	reads_the_past "is revoked in this registry since"
}

@test "past: the mathematics must hold, and it must be that very bundle, at this station" {
	received
	ok bob partner revoke alice
	local signature
	signature=$(member_at plain.valise "signatures/$(fpr alice).sig")
	# the signature itself, and its first two bytes of the digest
	cp plain.valise bent.valise
	flip bent.valise $((signature + 80))
	fails 3 bad-signature bob list bent.valise
	fails 3 bad-signature bob unpack --again bent.valise
	cp plain.valise other.valise
	flip other.valise $(($(member_at plain.valise waybill.yaml) + 60))
	fails 3 bad-signature bob list other.valise
	# bob's own memory, nobody else's
	cp -a "$CAST/bob" "$T/twin"
	ok twin partner revoke alice
	fails 3 unfit-signer twin list plain.valise
	fails 3 unfit-signer twin unpack --again plain.valise
	# what was only looked at, or taken out in part, was not accepted
	cp -a "$CAST/bob" "$T/third"
	ok third list plain.valise
	ok third unpack -o part plain.valise reports/indicators/collect.sh
	ok third verify plain.valise
	ok third partner revoke alice
	fails 3 unfit-signer third list plain.valise
	fails 3 unfit-signer third unpack --again -o more plain.valise
}
