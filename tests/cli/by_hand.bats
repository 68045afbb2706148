#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The README's recipe for verifying by hand: the very text that stands there is run, in an empty folder, with GnuPG and
# coreutils alone.

load helper

setup() {
	load_helper_setup
	awk '/<!-- by-hand -->/ {on = 1} on && /^```/ {n++; next} on && n == 1 {print} n == 2 {exit}' "$ROOT/README.md" >"$T/recipe"
	[ "$(wc -l <"$T/recipe")" -ge 3 ]
	export GNUPGHOME=$T/user/.gnupg
	mkdir -m 700 "$GNUPGHOME"
	sed -n 's/^certificate: "\(.*\)"/\1/p' "$CAST/alice.card" | base64 -d | gpg --batch --quiet --import
	cp "$CAST/plain.valise" b.valise
}

by_hand() {
	rm -rf hand
	mkdir hand
	cp "${1:-b.valise}" hand/b.valise
	run bash -c "cd hand && . $T/recipe" </dev/null
}

@test "the recipe is that of valise-format(5)" {
	local line
	while IFS= read -r line; do
		grep -qF -- "${line//\\/\\e}" "$ROOT/man/valise-format.5" || [[ $line == echo* ]] || fail "not in the manual: $line"
	done <"$T/recipe"
}

@test "a good bundle: says so, member by member" {
	by_hand
	[ "$status" -eq 0 ]
	grep -q 'Good signature' <<<"$output"
	grep -q '^payload/0000000000: OK' <<<"$output"
	grep -q '^SHA256SUMS: OK' <<<"$output"
}

@test "one changed byte, in each member" {
	local name
	for name in valise keys/0000.pgp payload/0000000000 manifest/0000000000 SHA256SUMS waybill.yaml; do
		cp b.valise bad.valise
		flip bad.valise $(($(member_at bad.valise "$name") + 2))
		by_hand bad.valise
		[ "$status" -ne 0 ] || fail "a changed byte in $name was not noticed"
	done
}

@test "a payload and a SHA256SUMS that were replaced together" {
	unbuild b.valise b
	printf x >>b/payload/0000000000
	(cd b && sha256sum valise keys/* payload/* manifest/* >SHA256SUMS)
	build b ../bad.valise
	by_hand bad.valise
	[ "$status" -ne 0 ]
	grep -q 'SHA256SUMS: FAILED' <<<"$output"
}

@test "two signatures: both good; one of them bad; one by a stranger" {
	gpg --batch --quiet --passphrase '' --quick-generate-key 'Second Signer' ed25519 sign 1y 2>/dev/null
	local second
	second=$(gpg --batch --with-colons --list-keys Second | awk -F: '/^fpr/ {print $10; exit}')
	unbuild b.valise b
	gpg --batch --quiet -u "$second" -o "b/signatures/$second.sig" -b b/waybill.yaml
	build b ../two.valise
	by_hand two.valise
	[ "$status" -eq 0 ] || fail "two good signatures"
	[ "$(grep -c 'Good signature' <<<"$output")" -eq 2 ]
	cp b/waybill.yaml other
	echo "x" >>other
	gpg --batch --quiet --yes -u "$second" -o "b/signatures/$second.sig" -b other
	build b ../one-bad.valise
	by_hand one-bad.valise
	[ "$status" -ne 0 ] || fail "a bad signature beside a good one was not noticed"
	grep -q 'BAD signature' <<<"$output"
	gpg --batch --quiet --yes -u "$second" -o "b/signatures/$second.sig" -b b/waybill.yaml
	gpg --batch --quiet --yes --delete-secret-and-public-key "$second"
	build b ../stranger.valise
	by_hand stranger.valise
	[ "$status" -ne 0 ] || fail "a stranger's signature was not noticed"
}

@test "valise says the same of each" {
	home carol
	ok carol verify b.valise
	cp b.valise bad.valise
	flip bad.valise $(($(member_at bad.valise payload/0000000000) + 2))
	fails 4 damaged carol verify bad.valise
}
