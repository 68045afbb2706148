#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What hostile cards may not do, as far as it lies in their certificates: each is refused by name, and the home stays as it
# was; or what is hostile in it is left outside.

load helper

GPG=(gpg --homedir "" --batch --quiet --passphrase '' --no-auto-check-trustdb)

setup() {
	load_helper_setup
	home dora
	GPG[2]=$T/user/.gnupg
	mkdir -m 700 "$T/user/.gnupg"
	certificate_of bob >bob.pgp
	bob=$(fpr bob)
}

certificate_of() {
	sed -n 's/^certificate: "\(.*\)"/\1/p' "$CAST/$1.card" | base64 -d
}

# A card that claims a key and has the certificate on standard input: card_around FINGERPRINT >CARD
card_around() {
	printf 'valise-card: 1\nname: "Fay Forger"\norganisation: "Agency F"\nkind: "person"\njurisdiction: "NL"\n'
	printf 'fingerprint: "%s"\ncreated: "2026-11-01T00:00:00Z"\ncertificate: "%s"\n' "$1" "$(base64 -w0)"
}

# Makes a key: new_key USER-ID ALGORITHM [ENCRYPTION [OPTION…]]; its fingerprint in $new
new_key() {
	local user_id=$1 algorithm=$2 encryption=${3:--}
	shift $(($# < 3 ? $# : 3))
	"${GPG[@]}" "$@" --quick-generate-key "$user_id" "$algorithm" sign,cert 1y 2>/dev/null
	new=$("${GPG[@]}" --with-colons --list-keys "$user_id" 2>/dev/null | awk -F: '/^fpr/ {print $10; exit}')
	[ "$encryption" = - ] || "${GPG[@]}" "$@" --quick-add-key "$new" "$encryption" encr 1y 2>/dev/null
}

export_card() { # FINGERPRINT OPTION…
	local own=$1
	shift
	"${GPG[@]}" "$@" --export "$own" 2>/dev/null | card_around "$own"
}

# Python over the packets of a certificate: edit FILE 'STATEMENT over p, a list of [tag, body]' writes the new one.
edit() {
	PYTHONPATH=$ROOT/tests/second /usr/bin/python3 - "$1" "$2" <<'PY'
import sys
import pgp
data = open(sys.argv[1], "rb").read()
p = [list(one[:2]) for one in pgp.packets(data)]
exec(sys.argv[2])
sys.stdout.buffer.write(b"".join(pgp.packet(tag, body, tag < 16) for tag, body in p))
PY
}

# The card bad.card as partner of dora: refused STATUS CODE FINGERPRINT OPTION…
refused() {
	local want=$1 code=$2 own=$3
	shift 3
	fails "$want" "$code" dora partner add bad.card --as fay --fingerprint "$own" "$@"
}

# Nothing but bob's own certificate, clean, was kept.
kept_as_bob() {
	cmp "$T/dora/keys/$bob.pgp" "$CAST/alice/keys/$bob.pgp" || fail "kept more than bob's own certificate"
}

@test "the editor of these tests changes nothing by itself" {
	edit bob.pgp 'pass' | cmp - bob.pgp
	card_around "$bob" <bob.pgp >good.card
	ok dora partner add good.card --as fay --fingerprint "$bob"
	kept_as_bob
}

@test "forged trust packets" {
	local at
	for at in 1 2 3 'len(p)'; do
		edit bob.pgp "p.insert($at, [12, b'\x06\x00'])" | card_around "$bob" >bad.card
		refused 3 certificate "$bob"
	done
	edit bob.pgp "p.insert(0, [12, b'\x06\x00'])" | card_around "$bob" >bad.card
	refused 3 certificate "$bob"
	# as gpg itself writes them out of a keyring
	new_key Fay ed25519 cv25519
	echo "$new:6:" | "${GPG[@]}" --import-ownertrust 2>/dev/null
	export_card "$new" --export-options backup >bad.card
	refused 3 certificate "$new"
	says "does not belong"
}

@test "a disabled key: a mark of somebody's keyring, which no certificate carries" {
	new_key Fay ed25519 cv25519
	printf 'disable\nsave\n' | "${GPG[@]}" --no-tty --command-fd 0 --edit-key "$new" 2>/dev/null
	"${GPG[@]}" --with-colons --list-keys "$new" 2>/dev/null | awk -F: '/^pub/ && $12 ~ /D/ {found = 1} END {exit !found}' ||
		fail "it is not disabled"
	export_card "$new" >good.card
	ok dora partner add good.card --as fay --fingerprint "$new"
	ok_json dora partner show fay
	holds '.partner.key == "good"'
}

@test "10 MB of user ids" {
	edit bob.pgp "p[1:1] = [[13, b'user %d ' % n + b'x' * 2000] for n in range(5000)]" | card_around "$bob" >bad.card
	[ "$(stat -c %s bad.card)" -gt 10000000 ]
	refused 8 limit "$bob"
	# fewer, that a card may hold, but no certificate
	edit bob.pgp "p[1:1] = [[13, b'x' * 2000] for n in range(300)]" | card_around "$bob" >bad.card
	[ "$(stat -c %s bad.card)" -lt 1048576 ]
	refused 8 document "$bob"
	# a long one that nobody signed
	edit bob.pgp "p[1:1] = [[13, b'x' * 400000]]" | card_around "$bob" >odd.card
	ok dora partner add odd.card --as fay --fingerprint "$bob"
	kept_as_bob
}

@test "user ids that the key did not sign stay outside" {
	edit bob.pgp "p += [[13, b'Alice Ardent %d' % n] for n in range(100)]" | card_around "$bob" >odd.card
	ok dora partner add odd.card --as fay --fingerprint "$bob"
	kept_as_bob
}

@test "the subkey of somebody else stays outside" {
	certificate_of alice >alice.pgp
	PYTHONPATH=$ROOT/tests/second /usr/bin/python3 -c '
import sys, pgp
mine, theirs = ([list(one[:2]) for one in pgp.packets(open(name, "rb").read())] for name in ("bob.pgp", "alice.pgp"))
at = [tag for tag, body in theirs].index(14)
sys.stdout.buffer.write(b"".join(pgp.packet(tag, body) for tag, body in mine + theirs[at:]))' >both.pgp
	[ "$(stat -c %s both.pgp)" -gt "$(stat -c %s bob.pgp)" ]
	card_around "$bob" <both.pgp >odd.card
	ok dora partner add odd.card --as fay --fingerprint "$bob"
	kept_as_bob
}

@test "no user id, no signature, a broken signature" {
	edit bob.pgp 'p = [one for one in p if one[0] != 13]' | card_around "$bob" >bad.card
	refused 3 certificate "$bob"
	edit bob.pgp 'p = [one for one in p if one[0] != 2]' | card_around "$bob" >bad.card
	refused 3 certificate "$bob"
	edit bob.pgp 'p = p[:1]' | card_around "$bob" >bad.card
	refused 3 certificate "$bob"
	edit bob.pgp 'p[2][1] = p[2][1][:-1] + bytes([p[2][1][-1] ^ 1])' | card_around "$bob" >bad.card
	refused 3 certificate "$bob"
}

@test "the binding of the encryption key is broken or gone" {
	edit bob.pgp 'p[4][1] = p[4][1][:-1] + bytes([p[4][1][-1] ^ 1])' | card_around "$bob" >bad.card
	refused 3 certificate "$bob"
	edit bob.pgp 'p = p[:4]' | card_around "$bob" >bad.card
	refused 3 certificate "$bob"
	edit bob.pgp 'p = p[:3]' | card_around "$bob" >bad.card
	refused 3 certificate "$bob"
	says "encrypt to"
	# a sender needs none
	ok dora partner add bad.card --as fay --fingerprint "$bob" --role send
}

@test "cut short, or with more behind it" {
	head -c -1 bob.pgp | card_around "$bob" >bad.card
	refused 3 certificate "$bob"
	head -c 40 bob.pgp | card_around "$bob" >bad.card
	refused 3 certificate "$bob"
	{ cat bob.pgp; printf x; } | card_around "$bob" >bad.card
	refused 3 certificate "$bob"
	edit bob.pgp "p.append([11, b'b\x00\x00\x00\x00\x00hello'])" | card_around "$bob" >bad.card
	refused 3 certificate "$bob"
	cat bob.pgp bob.pgp | card_around "$bob" >bad.card
	refused 3 certificate "$bob"
	{ echo '-----BEGIN PGP PUBLIC KEY BLOCK-----'; base64 bob.pgp; } | card_around "$bob" >bad.card
	refused 3 certificate "$bob"
}

@test "signed with SHA-1" {
	new_key Fay ed25519 cv25519 --allow-weak-digest-algos --cert-digest-algo SHA1
	"${GPG[@]}" --export "$new" 2>/dev/null | gpg --list-packets 2>/dev/null | grep -q 'digest algo 2,' || fail "not SHA-1"
	export_card "$new" >bad.card
	refused 3 certificate "$new"
	# only the encryption key is
	new_key Gay ed25519 -
	"${GPG[@]}" --allow-weak-digest-algos --cert-digest-algo SHA1 --quick-add-key "$new" cv25519 encr 1y 2>/dev/null
	export_card "$new" >bad.card
	refused 3 certificate "$new"
	says "encrypt to"
}

@test "algorithms that valise does not take" {
	new_key Dan dsa2048 elg2048
	export_card "$new" >bad.card
	refused 3 certificate "$new"
	says "algorithm"
	new_key Kay secp256k1 secp256k1
	export_card "$new" >bad.card
	refused 3 certificate "$new"
	new_key Ela ed25519 elg2048
	export_card "$new" >bad.card
	refused 3 certificate "$new"
	says "encrypt to"
	# one that nobody knows, and a version to come
	edit bob.pgp 'p[0][1] = p[0][1][:5] + bytes([99]) + p[0][1][6:]' | card_around "$bob" >bad.card
	refused 3 certificate "$bob"
	edit bob.pgp 'p[0][1] = bytes([6]) + p[0][1][1:]' | card_around "$bob" >bad.card
	refused 3 certificate "$bob"
	edit bob.pgp 'p[0][1] = bytes([3]) + p[0][1][1:]' | card_around "$bob" >bad.card
	refused 3 certificate "$bob"
}

@test "names with ESC, bidi controls, line ends, zero bytes, or not UTF-8" {
	local field bad
	for field in name organisation; do
		for bad in '\\e[31mred' '\\u202egro' '\\u2066a' '\\u200bz' 'a\\nb' 'a\\0b' '\\U000e0041' $'\xff\xfe' $'\xe2\x80\xae' '\\x9b'; do
			card_around "$bob" <bob.pgp | sed -E "s/^$field: .*/$field: \"$bad\"/" >bad.card
			! cmp -s bad.card <(card_around "$bob" <bob.pgp) || fail "not changed"
			refused 8 document "$bob"
			! grep -qP '\x1b|\xe2\x80[\xae\x8b]|\xe2\x81\xa6' <<<"$(said)" || fail "$bad reached the terminal"
		done
	done
}
