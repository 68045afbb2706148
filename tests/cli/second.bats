#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The second implementation, which shares no code with valise, opens what valise packs.

load helper

setup() {
	load_helper_setup
	[ -x /usr/bin/python3 ] && /usr/bin/python3 -c 'import cryptography' 2>/dev/null || need python3-cryptography
	home alice bob
	reports
}

certificate() {
	sed -n 's/^certificate: "\(.*\)"/\1/p' "$1" | base64 -d >"$2"
}

# With the keys as files.
opens() { # BUNDLE RECIPIENT-HOME RECIPIENT-FPR SENDER-CARD OUT
	mkdir -p "$T/user/keys"
	cp -a "$T/$2/gnupg" "$T/user/.gnupg"
	gpg --homedir "$T/user/.gnupg" --batch --quiet --pinentry-mode loopback --passphrase '' --no-armor \
		--export-secret-keys "$3" >"$T/user/keys/secret.pgp" 2>/dev/null
	gpgconf --homedir "$T/user/.gnupg" --kill all
	[ -s "$T/user/keys/secret.pgp" ] || fail "no secret key was exported"
	rm -rf "$T/user/.gnupg"
	certificate "$4" "$T/user/keys/sender.pgp"
	run /usr/bin/python3 "$ROOT/tests/second/second.py" open "$1" "$T/user/keys/secret.pgp" "$T/user/keys/sender.pgp" "$5"
	[ "$status" -eq 0 ] || fail "the second implementation does not open $1"
}

# A file by file comparison: it leaves the manifest of its own making beside what it unpacked, or nothing.
same() {
	diff -r reports "$1/reports"
}

@test "a bundle as valise packs it by default" {
	ok alice pack --to bob "${LABELS[@]}" -o b.valise reports
	opens b.valise bob "$(fpr bob)" "$CAST/alice.card" out
	same out
}

@test "with --pad, and a payload of several chunks" {
	head -c 3000000 /dev/urandom >reports/noise
	head -c 3000000 /dev/zero >reports/zeros
	ok alice pack --pad --to bob "${LABELS[@]}" -o p.valise reports
	opens p.valise bob "$(fpr bob)" "$CAST/alice.card" out
	same out
	ok alice pack --to bob "${LABELS[@]}" -o z.valise reports
	rm -rf out
	opens z.valise bob "$(fpr bob)" "$CAST/alice.card" out
	same out
}

@test "in volumes, given in any order" {
	head -c 3000000 /dev/urandom >reports/noise
	ok alice pack --to bob "${LABELS[@]}" --parity none --volume-size 1200K -o v.valise reports
	opens v.2of3.valise:v.3of3.valise:v.1of3.valise bob "$(fpr bob)" "$CAST/alice.card" out
	same out
}

@test "with an RSA sender and recipient, through gpg" {
	local gpg=(gpg --homedir "$T/user/.gnupg" --batch --quiet --passphrase '') own
	mkdir -m 700 "$T/user/.gnupg"
	"${gpg[@]}" --quick-generate-key 'Rosa' rsa3072 sign,cert 1y 2>/dev/null
	own=$("${gpg[@]}" --with-colons --list-keys | awk -F: '/^fpr/ {print $10; exit}')
	"${gpg[@]}" --quick-add-key "$own" rsa3072 encr 1y 2>/dev/null
	gpgconf --homedir "$T/user/.gnupg" --kill all
	ok rosa init --name Rosa --organisation R --adopt "$own" --community first --ceiling TLP:AMBER
	ok rosa card -o rosa.card
	ok alice partner add rosa.card --as rosa --fingerprint "$own" --community first --ceiling TLP:AMBER
	ok rosa partner add "$CAST/bob.card" --as bob --fingerprint "$(fpr bob)" --community first --ceiling TLP:AMBER
	ok alice pack --to rosa "${LABELS[@]}" -o to-rosa.valise reports
	ok rosa pack --to bob "${LABELS[@]}" -o from-rosa.valise reports
	mkdir -m 700 gnupg
	cp -a "$T/user/.gnupg/." gnupg/
	certificate "$CAST/alice.card" alice.pgp
	gpg --homedir "$T/user/.gnupg" --batch --quiet --import alice.pgp
	run /usr/bin/python3 "$ROOT/tests/second/second.py" open --gnupg "$T/user/.gnupg" to-rosa.valise - - out
	[ "$status" -eq 0 ] || fail "does not open what was packed for an RSA key"
	same out
	rm -rf gnupg "$T/user/.gnupg-2"
	gpgconf --homedir "$T/user/.gnupg" --kill all
	rm -rf "$T/user/.gnupg" out
	opens from-rosa.valise bob "$(fpr bob)" rosa.card out
	same out
}

@test "names in the scripts of the world, empty files and folders, times before 1970" {
	mkdir -p w/empty "w/ünï/コード"
	: >w/nothing
	printf 1 >"w/ünï/コード/файл"
	touch -d '1960-01-01 00:00:00' w/nothing
	ok alice pack --to bob "${LABELS[@]}" -o w.valise w
	opens w.valise bob "$(fpr bob)" "$CAST/alice.card" out
	diff -r w out/w
	[ -d out/w/empty ]
}
