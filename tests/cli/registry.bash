# SPDX-License-Identifier: Apache-2.0
# What the tests of signed registries share: stations that follow administrators, made once. Alice's registry is founded (as "hq")
# with dora, who administers too, and bob, who follows; each state has a folder below $GOVERNED with its stations and exports:
#
#   plain/   alice (not founded yet: dora administers), dora, bob, carol, erin; amy, another key of alice
#   one/     one signature is enough; alice, dora, bob, carol follow number 1: file.1
#   two/     two must sign; likewise: half.1 is signed by alice alone, file.1 by both
#   next/    number 2, where bob holds less, is in force at alice and dora: file.2; bob and carol still hold number 1

GOVERNED=$TEST_WORK/governed

make_governed() {
	[ ! -e "$GOVERNED/done" ] || return 0
	(
		flock 9
		[ -e "$GOVERNED/done" ] || (make_governed_now) >"$TEST_WORK/governed.log" 2>&1 || {
			cat "$TEST_WORK/governed.log"
			exit 1
		}
	) 9>"$TEST_WORK/governed.lock"
}

# In a state's folder, or there is no cast: as STATE WHO ARGUMENT…
as() {
	local state=$1 who=$2
	shift 2
	setsid -w "$VALISE" --quiet --home "$GOVERNED/$state/$who" "$@" </dev/null || exit 1
}

fresh_station() { # NAME PERSON ORGANISATION
	as plain "$1" init --name "$2" --organisation "$3" --jurisdiction NL --no-passphrase --ceiling TLP:RED
	as plain "$1" card -o "$CAST/$1.card"
	sed -n 's/^fingerprint: "\(.*\)"/\1/p' "$CAST/$1.card" >"$CAST/$1.fpr"
}

make_governed_now() {
	local who
	mkdir -p "$GOVERNED/plain"
	cp -a "$CAST"/{alice,bob,dora,carol} "$GOVERNED/plain"
	fresh_station amy "ALICE Ardent" "Agency A"
	fresh_station erin "Erin East" "Agency E"
	as plain alice partner set dora --role send,receive,administer
	cp -a "$GOVERNED/plain" "$GOVERNED/one"
	cp -a "$GOVERNED/plain" "$GOVERNED/two"

	as one alice registry sign --found hq
	as one alice registry export -o "$GOVERNED/one/file.1"
	as two alice registry sign --found hq --needed 2
	as two alice registry export -o "$GOVERNED/two/half.1"
	cp "$GOVERNED/two/half.1" "$GOVERNED/two/file.1"
	as two dora registry sign --fingerprint "$(fpr alice)" "$GOVERNED/two/file.1"
	as two alice registry import "$GOVERNED/two/file.1"
	for who in dora bob carol; do
		as one "$who" registry import --fingerprint "$(fpr alice)" "$GOVERNED/one/file.1"
		as two "$who" registry import --fingerprint "$(fpr alice)" "$GOVERNED/two/file.1"
	done

	cp -a "$GOVERNED/two" "$GOVERNED/next"
	as next alice partner set bob --ceiling TLP:GREEN
	as next alice registry sign
	as next alice registry export -o "$GOVERNED/next/file.2"
	as next dora registry sign "$GOVERNED/next/file.2"
	as next alice registry import "$GOVERNED/next/file.2"
	as next dora registry import "$GOVERNED/next/file.2"
	touch "$GOVERNED/done"
}

# Fresh copies of all that a state has: state NAME
state() {
	cp -a "$GOVERNED/$1/." "$T"
	mv "$T"/{file,half}.* . 2>/dev/null || true
}

# serial, digest of what a station follows: held WHO
held() {
	v "$1" --json registry verify | jq -r '"\(.serial) \(.digest)"'
}

# A GnuPG home with the keys of all who sign in these tests.
signers() {
	local who
	[ ! -d "$T/user/.gnupg" ] || return 0
	mkdir -m 700 "$T/user/.gnupg" "$T/user/.gnupg/private-keys-v1.d"
	for who in alice dora bob amy erin; do
		cp "$GOVERNED/plain/$who"/gnupg/private-keys-v1.d/* "$T/user/.gnupg/private-keys-v1.d/"
		sed -n 's/^certificate: "\(.*\)"/\1/p' "$CAST/$who.card" | base64 -d |
			gpg --homedir "$T/user/.gnupg" --batch --quiet --import 2>/dev/null
	done
}

# x/registry.yaml signed anew by these and by nobody else: signed_by WHO… [-- OPTION of gpg…]
signed_by() {
	local who all=()
	signers
	while [ $# -gt 0 ] && [ "$1" != -- ]; do all+=("$1") && shift; done
	rm -rf x/signatures && mkdir x/signatures
	for who in "${all[@]}"; do
		gpg --homedir "$T/user/.gnupg" --batch --quiet --passphrase '' --pinentry-mode loopback --digest-algo SHA512 "${@:2}" \
			-u "$(fpr "$who")!" --output "x/signatures/$(fpr "$who").sig" --detach-sign x/registry.yaml 2>/dev/null
	done
}
