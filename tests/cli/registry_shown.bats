#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What a registry changes is shown before it is signed or taken in, and what nobody could mean is refused: certificates, people,
# keys that move, signatures of strangers, administrators who can no longer sign.

load helper
load registry

setup() {
	load_helper_setup
	make_governed
}

# An exported registry as x/, its text one number on, following what it was: follow FILE
follow() {
	rm -rf x
	"$ROOT/tests/lab/registry.py" apart "$1" x
	local previous
	previous=$(sha256sum <x/registry.yaml | cut -d' ' -f1)
	sed -i -E "s/^previous: .*/previous: \"$previous\"/; s/^serial: ([0-9]+)/echo \"serial: \$((\1 + 1))\"/e" x/registry.yaml
}

# The certificate that x/ has of WHO is another: certificate WHO FILE
certificate() {
	local new old
	old=$(sha256sum <"x/certificates/$(fpr "$1").pgp" | cut -d' ' -f1)
	new=$(sha256sum <"$2" | cut -d' ' -f1)
	cp "$2" "x/certificates/$(fpr "$1").pgp"
	grep -q "$old" x/registry.yaml || fail "the registry does not speak of it"
	sed -i "s/$old/$new/" x/registry.yaml
}

# x/ signed by these alone, as FILE: signed FILE WHO…
signed() {
	local file=$1
	shift
	signed_by "$@"
	"$ROOT/tests/lab/registry.py" build x "$file"
}

# The next number, which alice prepares: both sign it, and these take it in: agreed FILE WHO…
agreed() {
	local file=$1 who
	shift
	v alice --quiet registry sign
	v alice --quiet registry export -o "$file"
	v dora --quiet registry sign "$file"
	for who in "$@"; do v "$who" --quiet registry import "$file"; done
}

refused_everywhere() { # STATUS CODE FILE
	local before
	before=$(held bob)
	fails "$1" "$2" dora registry sign "$3"
	fails "$1" "$2" dora registry diff "$3"
	fails "$1" "$2" bob registry import "$3"
	[ "$(held bob)" = "$before" ]
}

# --- certificates ---

@test "a revocation that was known is not lost by the next registry" {
	state two
	sed 's/^:-----/-----/' "$T/bob/gnupg/openpgp-revocs.d/$(fpr bob).rev" >bob.rev
	follow file.1
	cp "x/certificates/$(fpr bob).pgp" old.pgp
	v alice --quiet partner renew --yes bob bob.rev
	ok alice registry diff
	says "now REVOKED"
	agreed file.2 alice dora carol
	ok_json carol partner list
	holds '.partners[] | select(.alias == "bob") | .state == "revoked"'
	follow file.2
	certificate bob old.pgp
	signed file.3 alice dora
	local before
	before=$(held carol)
	fails 3 certificate dora registry sign file.3
	says "$(fpr bob) is revoked"
	says "partner bob"
	fails 3 certificate carol registry import file.3
	says "$(fpr bob) is revoked"
	[ "$(held carol)" = "$before" ]
}

@test "what is no certificate, or another key's, is neither signed nor taken in" {
	state two
	head -c 300 /dev/urandom >noise
	follow file.1
	certificate alice noise
	signed noise.2 alice dora
	refused_everywhere 3 certificate noise.2
	says "partner hq"
	follow file.1
	certificate bob "x/certificates/$(fpr dora).pgp"
	signed other.2 alice dora
	refused_everywhere 3 fingerprint other.2
	says "partner bob"
}

@test "a first registry: the certificate of another key, or none, is not taken in" {
	state plain
	cp "$GOVERNED/two/file.1" .
	follow file.1
	certificate dora "x/certificates/$(fpr bob).pgp"
	signed other alice dora
	fails 3 fingerprint erin registry import --fingerprint "$(fpr alice)" other
	says "partner dora"
	follow file.1
	head -c 300 /dev/urandom >noise
	certificate dora noise
	signed noise.2 alice dora
	fails 3 certificate erin registry import --fingerprint "$(fpr alice)" noise.2
	[ ! -e "$T/erin/registry.yaml" ]
	ok erin registry import --fingerprint "$(fpr alice)" file.1
}

@test "what became of a certificate is told in words, not in digits" {
	state two
	gnupg=$T/user/gnupg
	mkdir -m 700 "$gnupg"
	cp -a "$T/bob/gnupg/private-keys-v1.d" "$gnupg"
	sed -n 's/^certificate: "\(.*\)"/\1/p' "$CAST/bob.card" | base64 -d | gpg --homedir "$gnupg" --batch --quiet --import 2>/dev/null
	gpg --homedir "$gnupg" --batch --quiet --passphrase '' --pinentry-mode loopback --quick-set-expire "$(fpr bob)" 2030-01-02 2>/dev/null
	gpg --homedir "$gnupg" --batch --quiet --passphrase '' --pinentry-mode loopback --quick-add-key "$(fpr bob)" cv25519 encr 2030-01-02 2>/dev/null
	gpg --homedir "$gnupg" --export-options export-minimal --export "$(fpr bob)" >bob.pgp
	gpgconf --homedir "$gnupg" --kill all
	v alice --quiet partner renew --yes bob bob.pgp
	v alice --quiet registry sign
	v alice --quiet registry export -o file.2
	ok dora registry sign file.2
	says "the key to sign now ends: 2030-01-0"
	says "new encryption subkey"
	! said | grep -q SHA-256 || fail "digits"
	ok_json bob registry import file.2
	holds '.difference.changed[0].fields == ["certificate"]'
	holds '.difference.changed[0].certificates[0] | .["new-encryption"] == 1 and .revoked == false and (.["signs-until"] | startswith("2030-01-0"))'
}

@test "a certificate that gpg does not take makes its own partner useless, and nobody else" {
	state plain
	cp "$GOVERNED/two/file.1" .
	follow file.1
	# dora's primary key and nothing else: well framed, of her key, and of no use
	python3 - "x/certificates/$(fpr dora).pgp" <<-'PY'
	import sys
	data = open(sys.argv[1], "rb").read()
	length = data[1] if data[0] & 0x40 else data[1] if data[0] & 3 == 0 else data[1] << 8 | data[2]
	open("bare.pgp", "wb").write(data[:length + (2 if data[0] & 0x40 or data[0] & 3 == 0 else 3)])
	PY
	certificate dora bare.pgp
	sed -i 's/^administrators-needed: 2/administrators-needed: 1/' x/registry.yaml
	signed bare.2 alice dora
	ok_json erin registry import --fingerprint "$(fpr alice)" bare.2
	holds '.signed == 1'
	ok erin registry verify
	# and its successor mends it
	follow bare.2
	certificate dora "$T/alice/keys/$(fpr dora).pgp"
	signed mended.3 alice dora
	ok erin registry import mended.3
	says "cannot be used; this one can"
	ok_json erin registry verify
	holds '.signed == 2'
}

# --- partners ---

# bob goes, and his key becomes a former key of dora: his row out of x/registry.yaml.
key_moves() {
	python3 - "$(fpr bob)" "$(fpr dora)" <<-'PY'
	import re, sys
	bob, dora = sys.argv[1:]
	head, rest = open("x/registry.yaml").read().split("partners:\n", 1)
	rows = re.split(r"(?m)^(?=- alias)", rest)[1:]
	gone = [r for r in rows if bob in r][0]
	certificate = re.search(r'certificate: "([0-9a-f]{64})"', gone).group(1)
	former = f'  former:\n  - fingerprint: "{bob}"\n    certificate: "{certificate}"\n    until: "2036-01-01T00:00:00Z"\n'
	rows = [r + former if dora in r else r for r in rows if r is not gone]
	open("x/registry.yaml", "w").write(head + "partners:\n" + "".join(rows))
	PY
}

@test "a partner's key does not become a former key of another" {
	state two
	follow file.1
	key_moves
	signed moved.2 alice dora
	refused_everywhere 9 registry moved.2
	says "the key $(fpr bob) of partner bob would become a former key of partner dora"
}

@test "where a key may move, at a station's first registry, it is told, and who goes" {
	state plain
	v alice --quiet registry sign --found hq
	v alice --quiet registry export -o file.1
	follow file.1
	key_moves
	signed moved.2 alice
	v erin --quiet partner add "$CAST/bob.card" --as robert --fingerprint "$(fpr bob)"
	v erin --quiet partner add "$CAST/dora.card" --as dee --fingerprint "$(fpr dora)"
	ok erin registry diff --fingerprint "$(fpr alice)" moved.2
	says "- gone  robert"
	says "it was a key of robert"
	ok_json erin registry diff --fingerprint "$(fpr alice)" moved.2
	holds '(.difference.removed | map(.alias) == ["robert"]) and (.difference.changed[] | select(.alias == "dora") | .["key-from"] == "robert")'
}

@test "of a new partner all is shown, and that it may sign the registry" {
	state two
	v alice --quiet partner add "$CAST/erin.card" --as aa --fingerprint "$(fpr erin)" --role send --community first --jurisdiction US \
		--mechanism "eu-gdpr:A46-3-b=agreement 7"
	v alice --quiet partner set aa --valid-until 2037-01-02
	v alice --quiet partner add "$CAST/amy.card" --as zz --fingerprint "$(fpr amy)" --role send,administer
	v alice --quiet partner set zz --person "Jan de Vries"
	v alice --quiet registry sign
	v alice --quiet registry export -o file.2
	ok dora registry diff file.2
	for text in "Jan de Vries" "ADMINISTRATOR: may sign the registry; 2 must sign" "Erin East" "first" "US" "agreement 7" "2037-01-02"; do says "$text"; done
	[ "$(said | grep -c ADMINISTRATOR)" = 1 ]
	[ "$(said | grep -n '+ new  zz' | cut -d: -f1)" -lt "$(said | grep -n '+ new  aa' | cut -d: -f1)" ]
	ok dora registry sign file.2
	says "Jan de Vries"
	ok_json bob registry diff file.2
	holds '.difference.added | map(.alias) == ["zz", "aa"]'
	holds '.difference.added[0] | .person == "Jan de Vries" and .administrator and .roles == "send,administer"'
	holds '.difference.added[1] | .communities == ["first"] and .jurisdiction == "US" and (.mechanisms | length) == 1 and (.administrator | not)'
}

@test "who was an administrator and is none any more stands first; the person is shown where it stays" {
	state two
	v alice --quiet partner set bob --ceiling TLP:GREEN
	v alice --quiet registry sign --needed 1
	v alice --quiet partner set dora --role send,receive
	ok alice registry diff
	says "NO ADMINISTRATOR ANY MORE: could sign the registry; 1 must sign"
	[ "$(said | grep -n '~ changed  dora' | cut -d: -f1)" -lt "$(said | grep -n '~ changed  bob' | cut -d: -f1)" ]
	ok_json alice registry diff
	holds '.difference.changed[0] | .alias == "dora" and .administrator == false and .fields == ["roles"]'
}

# --- signatures ---

# As many strangers' signatures as fill x/ to 16: strangers HOW-MANY
strangers() {
	local i key gnupg=$T/user/strangers
	mkdir -m 700 "$gnupg"
	for i in $(seq "$1"); do
		gpg --homedir "$gnupg" --batch --quiet --passphrase '' --pinentry-mode loopback --quick-gen-key "stranger $i" ed25519 sign never 2>/dev/null
	done
	for key in $(gpg --homedir "$gnupg" --batch --list-keys --with-colons 2>/dev/null | awk -F: '/^fpr/ { print $10 }'); do
		gpg --homedir "$gnupg" --batch --quiet --passphrase '' --pinentry-mode loopback --digest-algo SHA512 -u "$key!" \
			--output "x/signatures/$key.sig" --detach-sign x/registry.yaml 2>/dev/null
	done
	gpgconf --homedir "$gnupg" --kill all
}

@test "strangers' signatures take no room" {
	state next
	"$ROOT/tests/lab/registry.py" apart file.2 x
	rm "x/signatures/$(fpr dora).sig"
	strangers 15
	[ "$(ls x/signatures | wc -l)" = 16 ]
	"$ROOT/tests/lab/registry.py" build x flood
	cp -a "$GOVERNED/two/dora" "$T/dora.before"
	ok dora.before registry sign flood
	says "Left out: 15 signatures by keys of no administrator"
	rm -r x && "$ROOT/tests/lab/registry.py" apart flood x
	[ "$(ls x/signatures)" = "$(printf '%s.sig\n' "$(fpr alice)" "$(fpr dora)" | LC_ALL=C sort)" ]
	ok_json bob registry import flood
	holds '.signed == 2 and .["left-out"] == 0'
}

@test "strangers' signatures are not kept, nor exported" {
	state two
	cp "$GOVERNED/next/file.2" .
	"$ROOT/tests/lab/registry.py" apart file.2 x
	strangers 2
	"$ROOT/tests/lab/registry.py" build x four
	ok_json bob registry import four
	holds '.signed == 2 and .["left-out"] == 2 and (.signers | length) == 2'
	[ "$(find "$T/bob/registry.sig" -type f | wc -l)" = 2 ]
	ok bob registry export -o out
	cmp out file.2
}

# --- who can go on, and until when ---

@test "administrators whose key is revoked do not count as those who must sign" {
	state two
	sed 's/^:-----/-----/' "$T/dora/gnupg/openpgp-revocs.d/$(fpr dora).rev" >dora.rev
	fails 2 usage alice partner renew --yes dora dora.rev
	says "it names 1 whose key is in force"
	[ ! -e "$T/alice/registry.draft.yaml" ]
	fails 2 usage alice partner set dora --valid-until 2020-01-01
	ok alice registry sign --needed 1
	ok alice partner renew --yes dora dora.rev
}

@test "doctor tells on whose end the number of administrators hangs" {
	state two
	v alice --quiet partner set dora --valid-until "$(date -u -d '+30 days' +%F)"
	agreed file.2 alice
	run --separate-stderr v alice --json doctor
	says "2 administrators must sign the next one: that hangs on Dora"
	v bob --json doctor >out || true
	! grep -q "that hangs on" out || fail "where nobody ends it is told"
}

@test "doctor tells what the registry says of this station's own key" {
	state two
	v bob --json doctor >out || true
	! grep -q '"own key".*egistry' <(jq -c '.findings[]' out) || fail "there is nothing to tell bob"
	ok erin registry import --fingerprint "$(fpr alice)" file.1
	run --separate-stderr v erin --json doctor
	holds '.findings | map(select(.topic == "own key" and .level == "attention" and
		(.text | contains("the registry does not know this key")) and (.advice | contains("valise card")))) | length == 1'
	v alice --quiet partner revoke bob --reason "laptop lost"
	agreed file.2 alice bob
	run --separate-stderr v bob --json doctor
	[ "$status" -eq 9 ]
	holds '.findings | map(select(.topic == "own key" and .level == "broken" and
		(.text | contains("the registry revoked the key of this station (bob)")) and (.advice | contains("Alice")))) | length == 1'
}

@test "no registry is in force for longer than a year" {
	state two
	follow file.1
	sed -i 's/^not-after: .*/not-after: "2099-01-01T00:00:00Z"/' x/registry.yaml
	signed long.2 alice dora
	refused_everywhere 9 registry long.2
	says "more than 366 days"
	fails 9 registry erin registry import --fingerprint "$(fpr alice)" long.2
}

@test "a clock that was set back makes no registry young again" {
	state two
	reports
	cp "$GOVERNED/next/file.2" .
	PRELUDE=("$ROOT/tests/lab/at" +364d)
	ok alice pack --to bob "${LABELS[@]}" -o b.valise reports
	PRELUDE=("$ROOT/tests/lab/at" +368d)
	ok bob unpack -o got b.valise
	PRELUDE=()
	fails 5 expired bob registry import file.2
	says "this clock says"
	says "but this station was at work at"
	fails 5 expired bob registry verify file.2
	ok carol registry import file.2
}

@test "what is over by this clock is told with what the clock says" {
	state two
	cp "$GOVERNED/next/file.2" .
	PRELUDE=("$ROOT/tests/lab/at" +400d)
	fails 5 expired dora registry sign --yes file.2
	says "and this clock says"
	says "set the clock if that is wrong"
}
