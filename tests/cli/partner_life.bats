#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# partner set, renew, revoke, remove, list --expiring: what happens to a partner after the first day.

load helper

# bob's key in a GnuPG home of his own, where it grows: bob_key; then: bobs_gpg ARGUMENT…
bob_key() {
	[ -d "$T/user/.gnupg" ] || mkdir -m 700 "$T/user/.gnupg"
	key=$(fpr bob)
	cp -a "$CAST/bob/gnupg/private-keys-v1.d" "$CAST/bob/gnupg/openpgp-revocs.d" "$CAST/bob/gnupg/pubring.kbx" "$T/user/.gnupg/"
}

bobs_gpg() {
	gpg --homedir "$T/user/.gnupg" --batch --quiet --pinentry-mode loopback --passphrase '' "$@" 2>/dev/null
}

# His own certificate as of now: export_bob FILE [OPTION…]
export_bob() {
	local file=$1
	shift
	bobs_gpg "$@" --export "$key" >"$file"
}

# The revocation certificate that gpg made with the key, to be used: as it lies there, and binary.
revocation() {
	cp "$T/user/.gnupg/openpgp-revocs.d/$key.rev" bob.rev
	sed 's/^:-----/-----/' bob.rev | gpg --dearmor >bob.rev.bin 2>/dev/null
}

subkey() {
	bobs_gpg --with-colons --list-keys "$key" | awk -F: '/^sub/{s=1} /^fpr/ && s {print $10; exit}'
}

certificate_digest() {
	sha256sum <"$T/$1/keys/$(fpr bob).pgp"
}

# --- set ---

@test "set: changes what is named and nothing else, and tells it in words" {
	home alice
	ok_json alice partner show bob
	local before=$output
	ok alice partner set bob --ceiling TLP:GREEN
	says "TLP:AMBER"
	says "TLP:GREEN"
	ok_json alice partner show bob
	local rest='.partner | del(.ceilings, ."key-days-left", ."days-left")' # a day may just end
	diff <(jq -S "$rest" <<<"$before") <(jq -S "$rest" <<<"$output")
	holds '.partner.ceilings == ["tlp/green"]'
	grep -q '^serial: 3$' "$T/alice/registry.yaml"
}

@test "set: every field, and each emptied again" {
	home alice
	ok_json alice partner set bob --role send,receive,approve --ceiling TLP:RED --ceiling PD:NONE --jurisdiction BE \
		--community first --community wa-2023 --mechanism "eu-gdpr:A46-3-b=No. 12" --sector private \
		--person "Bob B. Brisk" --approvals 2 --valid-until 2030-06-30
	holds '.partner | .roles == "send,receive,approve" and .jurisdiction == "BE" and .communities == ["first", "wa-2023"]
		and .mechanisms == [{"term": "eu-gdpr:A46-3-b", "reference": "No. 12"}] and .sector == "private"
		and .person == "Bob B. Brisk" and .approvals == 2 and ."valid-until" == "2030-06-30T23:59:59Z"'
	holds '.changed == ["roles", "ceilings", "jurisdiction", "communities", "mechanisms", "sector", "person", "approvals",
		"valid-until"]'
	holds '.before | .roles == "send,receive" and .ceilings == ["pd/personal", "tlp/amber"] and .jurisdiction == "US"
		and .communities == ["first"] and .mechanisms == [] and .sector == "public" and .person == "Bob Brisk"
		and .approvals == 1 and ."valid-until" == null and .alias == "bob"'
	ok_json alice partner set bob --ceiling none --community none --mechanism none --jurisdiction none --valid-until ""
	holds '.partner | .ceilings == [] and .communities == [] and .mechanisms == [] and .jurisdiction == null
		and ."valid-until" == null and .roles == "send,receive,approve"'
}

@test "set: another name" {
	home alice
	fails 7 exists alice partner set bob --as dora
	fails 2 usage alice partner set bob --as "Dr Bob"
	ok alice partner set bob --as zed
	fails 9 partner alice partner show bob
	ok_json alice partner list
	holds '[.partners[].alias] == ["dora", "zed"]'
	reports
	ok alice pack --to zed "${LABELS[@]}" reports
}

@test "set: nothing, nothing new, nobody, and nonsense" {
	home alice
	fails 2 usage alice partner set bob
	fails 2 usage alice partner set
	fails 2 usage alice partner set bob --ceiling TLP:AMBER --ceiling PD:PERSONAL
	says "nothing to change"
	fails 2 usage alice partner set bob --as bob
	fails 9 partner alice partner set nobody --approvals 2
	fails 2 usage alice partner set bob --role king
	fails 5 label alice partner set bob --ceiling TLP:BLUE
	fails 5 label alice partner set bob --ceiling none --ceiling TLP:RED
	fails 2 usage alice partner set bob --jurisdiction usa
	fails 2 usage alice partner set bob --community "A B"
	fails 2 usage alice partner set bob --mechanism eu-gdpr:A46-3-b
	fails 2 usage alice partner set bob --sector third
	fails 2 usage alice partner set bob --person ""
	fails 2 usage alice partner set bob --person $'a\e[31mb'
	fails 2 usage alice partner set bob --approvals 0
	fails 2 usage alice partner set bob --approvals 1e3
	fails 2 usage alice partner set bob --valid-until 2027-02-30
	fails 2 usage alice partner set bob --valid-until tomorrow
}

@test "set: the role receive needs a key to encrypt to" {
	home dora
	mkdir -m 700 "$T/user/.gnupg"
	bobs_gpg --quick-generate-key "Sig Nonly" ed25519 sign,cert 1y
	local only
	only=$(bobs_gpg --with-colons --list-keys | awk -F: '/^fpr/ {print $10; exit}')
	printf 'valise-card: 1\nname: "Sig"\norganisation: "S"\nkind: "person"\njurisdiction: "NL"\nfingerprint: "%s"\ncreated: "2026-11-01T00:00:00Z"\ncertificate: "%s"\n' \
		"$only" "$(bobs_gpg --export "$only" | base64 -w0)" >sig.card
	ok dora partner add sig.card --as sig --fingerprint "$only" --role send
	fails 3 certificate dora partner set sig --role send,receive
	ok dora partner set sig --role carry
}

@test "set: an entry that has ended is packed to no more" {
	home alice
	reports
	ok alice partner set bob --valid-until 2020-01-01
	fails 5 recipient alice pack --to bob "${LABELS[@]}" reports
	ok_json alice partner show bob
	holds '.partner | .state == "expired" and .key == "good" and ."days-left" == 0'
}

@test "set: while another valise changes the registry" {
	home alice
	(
		flock 7
		fails 7 busy alice partner set bob --approvals 2
		says "another valise is changing the registry"
		fails 7 busy alice partner revoke bob
		fails 7 busy alice partner remove bob
		fails 7 busy alice partner renew bob "$CAST/bob.card"
	) 7>"$T/alice/registry.lock"
}

# --- renew ---

@test "renew: a new end and a new subkey come in, from a card, binary and armored" {
	bob_key
	bobs_gpg --quick-set-expire "$key" 5y
	bobs_gpg --quick-set-expire "$key" 5y '*'
	bobs_gpg --quick-add-key "$key" cv25519 encr 5y
	export_bob new.pgp
	export_bob new.asc --armor
	sed "s|^certificate: .*|certificate: \"$(base64 -w0 new.pgp)\"|" "$CAST/bob.card" >new.card
	local form
	for form in pgp asc card; do
		rm -rf "$T/alice"
		home alice
		ok_json alice partner renew bob "new.$form"
		holds '.renewed and .partner.key == "good" and .partner."key-days-left" > 1800'
		[ "$(sha256sum <"$T/alice/keys/$key.pgp" | cut -c1-64)" = \
			"$(grep -A30 'alias: "bob"' "$T/alice/registry.yaml" | sed -n 's/^  certificate: "\(.*\)"/\1/p' | head -n 1)" ]
		[ -z "$(find "$T/alice/keys" -name '*.next')" ]
	done
	rm -rf "$T/alice"
	home alice
	ok alice partner renew bob new.pgp
	says "Renewed"
	says "new, is encrypted to"
	reports
	ok alice pack --to bob "${LABELS[@]}" reports
}

@test "renew: what brings nothing is told, and nothing is written" {
	home alice
	bob_key
	export_bob old.pgp
	fails 9 partner alice partner renew nobody old.pgp
	local before
	before=$(world)
	ok alice partner renew bob old.pgp
	says "Nothing new"
	ok_json alice partner renew bob "$CAST/bob.card"
	holds '.renewed == false'
	[ "$before" = "$(world)" ]
	sleep 1
	bobs_gpg --quick-set-expire "$key" 5y
	export_bob new.pgp
	ok alice partner renew bob new.pgp
	before=$(world)
	ok alice partner renew bob old.pgp
	says "Nothing new"
	[ "$before" = "$(world)" ]
}

@test "renew: another key, a secret key, two keys, and no key at all" {
	home alice
	bob_key
	fails 3 fingerprint alice partner renew bob "$CAST/dora.card"
	says "no renewal"
	export_bob bob.pgp
	bobs_gpg --export-secret-keys "$key" >secret.pgp
	bobs_gpg --armor --export-secret-keys "$key" >secret.asc
	fails 3 certificate alice partner renew bob secret.pgp
	fails 3 certificate alice partner renew bob secret.asc
	says "secret key"
	cat bob.pgp bob.pgp >twice.pgp
	fails 3 certificate alice partner renew bob twice.pgp
	export_bob bob.asc --armor
	cat bob.asc bob.asc >twice.asc
	fails 3 certificate alice partner renew bob twice.asc
	head -c 3000 /dev/urandom >garbage
	fails 3 certificate alice partner renew bob garbage
	head -c 100 bob.pgp >cut.pgp
	fails 3 certificate alice partner renew bob cut.pgp
	sed '/^-----END/d' bob.asc >cut.asc
	fails 3 certificate alice partner renew bob cut.asc
	sed '5s/^./!/' bob.asc >bad.asc
	fails 3 certificate alice partner renew bob bad.asc
	sed -E 's/^=..../=AAAA/' bob.asc >sum.asc
	fails 3 certificate alice partner renew bob sum.asc
	says "checksum"
	: >empty
	fails 3 certificate alice partner renew bob empty
	sed 's/^kind: .*/kind: "king"/' "$CAST/bob.card" >bad.card
	fails 8 document alice partner renew bob bad.card
	fails 7 io alice partner renew bob nowhere
	fails 2 usage alice partner renew bob
	revocation
	flip bob.rev.bin 100
	fails 3 certificate alice partner renew bob bob.rev.bin
	says "does not revoke the key of bob"
}

@test "renew: a revoked subkey stays revoked" {
	home alice
	bob_key
	export_bob before.pgp
	bobs_gpg --quick-add-key "$key" cv25519 encr 1y
	local old
	old=$(subkey)
	printf 'key %s\nrevkey\ny\n0\n\ny\nsave\n' "$old" |
		bobs_gpg --command-fd 0 --no-batch --no-tty --edit-key "$key" >/dev/null
	export_bob after.pgp
	ok alice partner renew bob after.pgp
	says "revoked"
	fails 3 certificate alice partner renew bob before.pgp
	says "nobody can take a revocation back"
	reports
	ok alice pack --to bob "${LABELS[@]}" reports
}

@test "renew: a revoked key comes in, and stays revoked" {
	home alice
	bob_key
	export_bob before.pgp
	revocation
	bobs_gpg --import bob.rev.bin
	export_bob revoked.pgp
	ok alice partner renew bob revoked.pgp
	says "REVOKED"
	ok_json alice partner show bob
	holds '.partner | .key == "revoked" and .state == "revoked" and .revoked == null'
	fails 3 certificate alice partner renew bob before.pgp
	fails 3 certificate alice partner renew bob "$CAST/bob.card"
	reports
	fails 5 recipient alice pack --to bob "${LABELS[@]}" reports
}

@test "renew: a revocation certificate alone, as gpg made it and binary" {
	bob_key
	revocation
	local form
	for form in bob.rev bob.rev.bin; do
		rm -rf "$T/alice"
		home alice
		ok_json alice partner renew bob "$form"
		holds '.renewed and .partner.key == "revoked" and .partner.state == "revoked" and .partner.revoked == null'
		ok_json alice partner renew bob "$form"
		holds '.renewed == false'
	done
}

@test "renew: a command that was stopped between its steps leaves a registry that works" {
	home alice
	bob_key
	bobs_gpg --quick-set-expire "$key" 5y
	export_bob new.pgp
	cp "$T/alice/keys/$key.pgp" old.pgp
	ok alice partner renew bob new.pgp
	# as if it had ended before the rename
	mv "$T/alice/keys/$key.pgp" "$T/alice/keys/$key.next"
	cp old.pgp "$T/alice/keys/$key.pgp"
	ok_json alice partner show bob
	holds '.partner.key == "good"'
	sleep 1
	bobs_gpg --quick-set-expire "$key" 6y
	bobs_gpg --quick-set-expire "$key" 6y '*'
	export_bob newer.pgp
	ok alice partner renew bob newer.pgp
	[ ! -e "$T/alice/keys/$key.next" ]
	ok_json alice partner show bob
	holds '.partner."key-days-left" > 2100'
	# as if it had ended before the registry was written
	echo stale >"$T/alice/keys/$key.next"
	ok_json alice partner show bob
	holds '.partner.key == "good"'
}

# --- revoke ---

@test "revoke: with gpg's own certificate, as it lies there and binary" {
	bob_key
	revocation
	local form
	for form in bob.rev bob.rev.bin; do
		rm -rf "$T/alice"
		home alice
		ok_json alice partner revoke bob --certificate "$form" --reason "laptop stolen"
		holds '.partner | .key == "revoked" and .state == "revoked" and .revoked != null and ."revoked-reason" == "laptop stolen"'
		reports 2>/dev/null || true
		fails 5 recipient alice pack --to bob "${LABELS[@]}" reports
		fails 2 usage alice partner revoke bob --certificate "$form"
		fails 2 usage alice partner revoke bob
	done
	ok alice partner show bob
	says "laptop stolen"
	ok alice partner list
	says "REVOKED"
}

@test "revoke: with the whole certificate, revoked by its owner" {
	bob_key
	revocation
	bobs_gpg --import bob.rev.bin
	export_bob revoked.pgp
	export_bob revoked.asc --armor
	local form
	for form in revoked.pgp revoked.asc; do
		rm -rf "$T/alice"
		home alice
		ok_json alice partner revoke bob --certificate "$form" --reason "laptop stolen"
		holds '.partner | .key == "revoked" and .revoked != null and ."revoked-reason" == "laptop stolen"'
		fails 2 usage alice partner revoke bob --certificate "$form"
	done
}

@test "revoke: whoever packs is told who revoked it, when, why, and what to do" {
	home alice
	reports
	ok alice partner revoke bob --reason "laptop stolen"
	fails 5 recipient alice pack --to bob "${LABELS[@]}" reports
	says "an administrator of this registry revoked the key of bob at 20"
	says "saying: laptop stolen"
	says "partner add"
	ok alice partner revoke dora
	fails 5 recipient alice pack --to dora "${LABELS[@]}" reports
	says "without saying why"
}

@test "revoke: a certificate of another key, of something else, or garbage" {
	home alice
	bob_key
	bobs_gpg --quick-generate-key "Mal" ed25519 sign,cert 1y
	local other
	other=$(bobs_gpg --with-colons --list-keys Mal | awk -F: '/^fpr/ {print $10; exit}')
	fails 3 certificate alice partner revoke bob --certificate "$T/user/.gnupg/openpgp-revocs.d/$other.rev"
	says "does not revoke the key of bob"
	revocation
	flip bob.rev.bin 100
	fails 3 certificate alice partner revoke bob --certificate bob.rev.bin
	export_bob bob.pgp
	fails 3 certificate alice partner revoke bob --certificate bob.pgp
	bobs_gpg --detach-sign -o bob.pgp.sig bob.pgp
	fails 3 certificate alice partner revoke bob --certificate bob.pgp.sig
	head -c 3000 /dev/urandom >garbage
	fails 3 certificate alice partner revoke bob --certificate garbage
	: >empty
	fails 3 certificate alice partner revoke bob --certificate empty
	fails 7 io alice partner revoke bob --certificate nowhere
	fails 3 fingerprint alice partner revoke bob --certificate "$CAST/alice/keys/$(fpr alice).pgp"
	fails 9 partner alice partner revoke nobody
	fails 2 usage alice partner revoke bob --reason ""
	fails 2 usage alice partner revoke bob --reason $'a\nb'
}

@test "revoke: the registry alone; what the key signs counts no more" {
	home bob carol
	plain
	ok bob partner revoke alice --reason "left the agency"
	says "in this registry alone"
	fails 3 unfit-signer bob unpack plain.valise
	fails 3 unfit-signer bob verify plain.valise
	ok carol verify plain.valise
	ok_json bob partner show alice
	holds '.partner | .state == "revoked" and .key == "good" and ."revoked-reason" == "left the agency"'
	grep -q '^  revoked: "20' "$T/bob/registry.yaml"
	reports
	fails 5 recipient bob pack --to alice "${LABELS[@]}" reports
	fails 2 usage bob partner revoke alice
	ok bob doctor
}

# --- remove ---

@test "remove: entry and certificate go, and come back only with a card" {
	home bob
	plain
	ok bob verify plain.valise
	fails 9 partner bob partner remove nobody
	ok_json bob partner remove alice
	holds --arg fpr "$(fpr alice)" '.removed | .alias == "alice" and .fingerprint == $fpr'
	[ ! -e "$T/bob/keys/$(fpr alice).pgp" ]
	fails 3 unknown-signer bob verify plain.valise
	ok_json bob partner list
	holds '.partners == []'
	ok bob partner add "$CAST/alice.card" --as alice --fingerprint "$(fpr alice)"
	ok bob verify plain.valise
	grep -q '^serial: 3$' "$T/bob/registry.yaml"
}

@test "remove: asked at a terminal" {
	need expect
	home alice
	local remove="spawn -noecho $VALISE --home $T/alice partner remove bob"
	run expect -c "$remove"'
		expect {y/N]} {send "n\r"}; expect eof; exit [lindex [wait] 3]'
	[ "$status" -eq 5 ]
	grep -q "no longer verify here" <<<"$output"
	ok alice partner show bob
	run expect -c "$remove"'
		expect {y/N]} {send "y\r"}; expect eof; exit [lindex [wait] 3]'
	[ "$status" -eq 0 ]
	fails 9 partner alice partner show bob
	ok alice partner remove dora --yes
}

# --- list --expiring ---

@test "list --expiring: only who ends within that time, and a status for cron" {
	home alice
	ok alice partner list --expiring 60d
	says "Nobody"
	ok_json alice partner list --expiring 60d
	holds '.partners == []'
	ok alice partner set bob --valid-until "$(date -u -d +30days +%F)"
	run --separate-stderr v alice --json partner list --expiring 60d
	[ "$status" -eq 10 ]
	holds '.error.code == "attention" and [.partners[].alias] == ["bob"] and .partners[0].state == "expires-soon"
		and .partners[0]."days-left" >= 29 and .partners[0]."days-left" <= 31 and .partners[0].key == "good"'
	ok alice partner list --expiring 20d
	ok alice partner list
	says "expires soon"
	fails 2 usage alice partner list --expiring soon
	fails 2 usage alice partner list --expiring 3651
	says "from 1 to 3650"
	fails 10 attention alice partner list --expiring 3650d # each key ends within ten years
	ok alice partner revoke bob
	ok alice partner list --expiring 60d
}

@test "list --expiring: keys, by the clock" {
	need faketime
	home alice
	PRELUDE=("$ROOT/tests/lab/at" +700d)
	run --separate-stderr v alice --json partner list --expiring 60d
	[ "$status" -eq 10 ]
	holds '[.partners[].state] == ["expires-soon", "expires-soon"]'
	PRELUDE=("$ROOT/tests/lab/at" +800d)
	run --separate-stderr v alice --json partner list --expiring 1d
	[ "$status" -eq 10 ]
	holds '[.partners[].state] == ["expired", "expired"]'
}

# --- what the registry says of a key ---

# gpg is started once, for its version, and asked nothing: traced WHO ARGUMENT… leaves each command line in trace.
traced() {
	need strace
	strace -o /dev/null true 2>/dev/null || not_permitted "tracing"
	PRELUDE=(strace -f -qq -s 4096 -o "$PWD/trace" -e trace=execve)
	run --separate-stderr v "$@"
	PRELUDE=()
}

questions() {
	grep 'execve(.*gpg.*= 0$' trace | grep -vc -- '--version' || true
}

row() { # WHO ALIAS: the lines about its key
	sed -n "/^- alias: \"$2\"/,/^- /p" "$T/$1/registry.yaml" | sed -n '/^  key-ends:/,/^  *revoked:/p'
}

@test "list: the ends are in the registry, and gpg is not asked" {
	home alice bob
	row alice bob | grep -q '^    signs: "20..-..-..T..:..:..Z"$'
	row alice bob | grep -q '^    encrypts: "20..-..-..T..:..:..Z"$'
	row alice bob | grep -q '^    revoked: false$'
	ok_json alice partner show bob
	local shown=$output
	traced alice --json partner list
	[ "$status" -eq 0 ]
	[ "$(questions)" -eq 0 ] || fail "gpg was asked: $(cat trace)"
	diff <(jq -S .partner.key,.partner.\"key-days-left\" <<<"$shown") \
		<(jq -S '.partners[] | select(.alias == "bob") | .key, ."key-days-left"' <<<"$output")
	ok alice partner set bob --valid-until "$(date -u -d +30days +%F)"
	traced alice --json partner list --expiring 60d
	[ "$status" -eq 10 ]
	[ "$(questions)" -eq 0 ]
	traced alice partner show bob # which does ask
	[ "$(questions)" -gt 0 ]
}

@test "list: of rows from before there was the field, gpg is asked" {
	home alice
	edit_registry alice '/^  key-ends:/,/^    revoked:/d'
	! grep -q key-ends "$T/alice/registry.yaml"
	traced alice --json partner list
	[ "$status" -eq 0 ]
	[ "$(questions)" -gt 0 ]
	holds '[.partners[].key] | unique == ["good"]'
	ok alice partner set bob --approvals 2 # what else changes does not touch it
	[ -z "$(row alice bob)" ]
}

@test "list: what becomes of a key is in its row" {
	home alice
	bob_key
	bobs_gpg --quick-set-expire "$key" 2031-01-01
	bobs_gpg --quick-set-expire "$key" 2030-01-01 "$(subkey)"
	export_bob new.pgp
	ok alice partner renew bob new.pgp
	row alice bob | grep -q '^    signs: "203[01]-..-..T'
	row alice bob | grep -q '^    encrypts: "20[23].-..-..T'
	ok_json alice partner list
	local listed=$output
	ok_json alice partner show bob
	diff <(jq '.partners[] | select(.alias == "bob") | ."key-days-left"' <<<"$listed") <(jq '.partner."key-days-left"' <<<"$output")
	revocation
	ok alice partner revoke bob --certificate bob.rev
	row alice bob | grep -q '^    revoked: true$'
	traced alice --json partner list
	[ "$(questions)" -eq 0 ]
	holds '.partners[] | select(.alias == "bob") | .key == "revoked" and .state == "revoked"'
}

@test "what a row says of a key is for lists: packing and verifying ask the certificate" {
	need faketime
	home alice bob
	reports
	edit_registry alice -E 's/^(    (signs|encrypts): )".*"/\1""/'
	edit_registry bob -E 's/^(    (signs|encrypts): )".*"/\1""/'
	ok alice pack --to bob "${LABELS[@]}" -o one.valise --expires 9d reports
	PRELUDE=("$ROOT/tests/lab/at" +800d)
	ok_json alice partner list
	holds '[.partners[].key] | unique == ["good"]'
	fails 5 recipient alice pack --to bob "${LABELS[@]}" -o two.valise reports
	[ ! -e two.valise ]
	fails 3 unfit-signer bob verify one.valise
}

# --- told in time ---

@test "who uses a key or an entry that ends within 60 days is told" {
	home alice bob carol
	reports
	local day
	day=$(date -u -d +30days +%F)
	ok alice partner set bob --valid-until "$day"
	ok_json alice pack --to bob "${LABELS[@]}" -o one.valise reports
	holds '.notices | length == 1 and (.[0] | test("entry of bob in the registry ends in (29|30|31) days"))'
	grep -q "entry of bob" <<<"$stderr"
	ok bob partner set alice --valid-until "$day"
	ok_json bob verify one.valise
	holds '.bundles[0].notices | length == 1 and (.[0] | test("entry of Alice Ardent"))'
	ok_json bob list one.valise
	holds '.notices | length == 1'
	ok bob unpack one.valise
	says "entry of Alice Ardent"
	ok_json carol verify one.valise
	holds '.bundles[0].notices == []'
}

@test "who uses a key that ends within 60 days is told, by the clock" {
	need faketime
	home alice bob
	reports
	PRELUDE=("$ROOT/tests/lab/at" +600d)
	ok_json alice pack --to bob "${LABELS[@]}" -o two.valise reports --expires 1d
	holds '.notices == []'
	PRELUDE=("$ROOT/tests/lab/at" +700d)
	ok_json alice pack --to bob "${LABELS[@]}" -o one.valise reports
	holds '.notices | length == 2 and (.[0] | test("key of bob expires in (29|30) days")) and (.[1] | test("own key"))'
	ok_json bob unpack one.valise
	holds '.notices[0] | test("key of Alice Ardent expires in (29|30) days")'
}
