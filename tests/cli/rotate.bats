#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A station takes another key, and its partners go on with it: init --rotate, card --rotation, partner renew.

load helper

LOWEST=(--label TLP:CLEAR --label PD:NONE)

# alice takes another key; what was hers is in $old, what is hers now in $new.
rotate() {
	old=$(fpr alice)
	ok_json alice init --rotate --no-passphrase "$@"
	new=$(jq -r .fingerprint <<<"$output")
	holds --arg old "$old" '.former == $old and .fingerprint != $old'
	ok alice card --rotation -o alice.rotation
}

# The body of a rotation, with neither signature: body FILE
body() {
	head -n -2 "$1"
}

# sign FILE KEY: puts one more signature line of alice's home under the file, as valise does it.
sign() {
	[ -d "$T/user/.gnupg" ] || { cp -a "$T/alice/gnupg" "$T/user/.gnupg"; rm -f "$T/user/.gnupg/"*.conf; }
	gpg --homedir "$T/user/.gnupg" --batch --quiet --yes --digest-algo SHA512 --no-emit-version -u "$2!" -o sig -b "$1" 2>/dev/null
	printf 'signature: "%s"\n' "$(base64 -w0 sig)" >>"$1"
}

@test "rotate: the station goes on with another key, and opens what was sent to the old one" {
	home bob alice
	reports
	ok bob pack --to alice "${LOWEST[@]}" -o to-old.valise reports
	sed -i 's/^# jurisdiction:/# a remark of ours\n&/' "$T/alice/station.yaml"
	cp "$T/alice/station.yaml" before.yaml
	rotate
	# nothing else of station.yaml changed
	diff <(grep -v -e '^fingerprint: ' before.yaml) <(grep -v -e '^fingerprint: ' -e '^former: ' "$T/alice/station.yaml")
	grep -q "^fingerprint: \"$new\"$" "$T/alice/station.yaml"
	ok_json alice card
	holds --arg new "$new" '.fingerprint == $new'
	ok_json alice verify to-old.valise
	holds '.bundles[0].to[0].self'
	ok_json alice list to-old.valise
	ok alice unpack -o got to-old.valise
	diff -r reports got/reports
	ok alice doctor
	[ "$(find "$T/alice" -newer before.yaml -name '*.part-*')" = "" ]
}

@test "rotate: the partner takes it in, and both keys count for a while" {
	home bob alice carol
	reports
	mkdir mine && date >mine/file.txt
	ok alice pack --to bob "${LABELS[@]}" -o one.valise reports
	ok alice pack --to bob "${LABELS[@]}" -o two.valise reports
	ok bob unpack -o one one.valise
	ok bob pack --to alice "${LOWEST[@]}" -o b1.valise mine
	rotate
	ok_json bob partner renew alice alice.rotation
	holds --arg old "$old" --arg new "$new" '.renewed and .former == $old and .partner.fingerprint == $new
		and .partner.former[0].fingerprint == $old and .partner.key == "good" and .partner.alias == "alice"'
	ok_json bob partner renew alice alice.rotation
	holds '.renewed == false'
	ok bob partner show alice
	says "former key"
	# the old one's, on its way when it changed; and what was accepted
	ok bob verify two.valise
	ok bob unpack -o two two.valise
	ok bob unpack --again -o again one.valise
	# the new one's: numbers begin anew, and that is told
	ok alice pack --to bob "${LABELS[@]}" -o three.valise reports
	ok_json bob unpack -o three three.valise
	holds '.sequence == 1 and ."missing-before" == 0 and .from.name == "Alice Ardent"
		and (.notices | length == 1 and (.[0] | contains("number 2 was the last")))'
	ok alice pack --to bob "${LABELS[@]}" -o four.valise reports
	ok_json bob unpack -o four four.valise
	holds '.sequence == 2 and .notices == []'
	# to the new one: the channel's numbers go on
	ok_json bob pack --to alice "${LOWEST[@]}" -o b2.valise mine
	ok_json alice unpack -o b2 b2.valise
	holds '.sequence == 2 and ."missing-before" == 1'
	ok_json alice unpack -o b1 b1.valise
	ok_json bob pack --to alice "${LOWEST[@]}" -o b3.valise mine
	ok_json alice unpack -o b3 b3.valise
	holds '.sequence == 3 and .notices == []'
	ok alice verify one.valise
	# who was not told trusts the old key alone
	fails 3 unknown-signer carol verify three.valise
	ok carol verify two.valise
	ok bob partner remove alice --yes
	[ -z "$(find "$T/bob/keys" -name "$old*" -o -name "$new*")" ]
}

@test "rotate: after the overlap the old key counts no more, but what was accepted is read" {
	need faketime
	home bob alice
	reports
	ok alice pack --to bob --expires 300d "${LABELS[@]}" -o one.valise reports
	ok alice pack --to bob --expires 300d "${LABELS[@]}" -o two.valise reports
	ok bob unpack -o one one.valise
	rotate --overlap 30d
	ok bob partner renew alice alice.rotation
	PRELUDE=("$ROOT/tests/lab/at" +29d)
	ok bob verify two.valise
	PRELUDE=("$ROOT/tests/lab/at" +31d)
	fails 3 unfit-signer bob verify two.valise
	fails 3 unfit-signer bob unpack -o two two.valise
	ok bob list one.valise
	says "is replaced by another one"
	# and it names no successor any more
	home dora
	fails 3 expired dora partner renew alice alice.rotation || [ "$status" -eq 5 ]
}

@test "rotate: twice, adopted, and taken in one after the other" {
	home bob alice
	rotate
	cp alice.rotation first.rotation
	local first=$new
	mkdir -m 700 "$T/user/.gnupg"
	gpg --batch --quiet --pinentry-mode loopback --passphrase '' --quick-generate-key "Alice <a@example.org>" ed25519 cert,sign 1y 2>/dev/null
	local mine
	mine=$(gpg --with-colons --list-keys | awk -F: '/^fpr/ {print $10; exit}')
	gpg --batch --quiet --pinentry-mode loopback --passphrase '' --quick-add-key "$mine" cv25519 encr 1y
	ok_json alice init --rotate --adopt "$mine"
	holds --arg mine "$mine" --arg first "$first" '.fingerprint == $mine and .former == $first'
	ok alice card --rotation -o second.rotation
	fails 3 unknown-signer bob partner renew alice second.rotation
	ok bob partner renew alice first.rotation
	ok bob partner renew alice second.rotation --fingerprint "$mine"
	ok_json bob partner show alice
	holds --arg mine "$mine" '.partner.fingerprint == $mine and (.partner.former | length == 2)'
	reports
	ok alice pack --to bob "${LABELS[@]}" -o one.valise reports
	ok bob unpack -o one one.valise
	fails 7 exists alice init --rotate --adopt "$mine"
}

@test "rotate: what a former key's subkey signed counts until its time is over" {
	need faketime
	home bob alice
	local mine
	mkdir -m 700 "$T/user/.gnupg"
	gpg --batch --quiet --pinentry-mode loopback --passphrase '' --quick-generate-key "Alice <a@example.org>" ed25519 cert 1y 2>/dev/null
	mine=$(gpg --with-colons --list-keys | awk -F: '/^fpr/ {print $10; exit}')
	gpg --batch --quiet --pinentry-mode loopback --passphrase '' --quick-add-key "$mine" ed25519 sign 1y
	gpg --batch --quiet --pinentry-mode loopback --passphrase '' --quick-add-key "$mine" cv25519 encr 1y
	ok alice init --rotate --adopt "$mine"
	ok alice card --rotation -o first.rotation
	ok bob partner renew alice first.rotation
	ok bob partner set alice --role send,receive,administer
	printf 'valise-equivalence: 1\ncreated: "2026-01-01T00:00:00Z"\nentries:\n  - {%s}\n' \
		'from: "tlp/red", to: "pap/red", basis: "agreement 7", since: "2026-01-01T00:00:00Z"' >table.yaml
	ok alice scheme sign table.yaml
	ok bob scheme sign "$T/alice/equivalence.yaml"
	ok alice init --rotate --no-passphrase --overlap 30d
	ok alice card --rotation -o second.rotation
	ok bob partner renew alice second.rotation
	ok bob scheme sign "$T/alice/equivalence.yaml"
	cp "$T/alice/equivalence.yaml" signed.yaml
	ok alice scheme sign signed.yaml
	PRELUDE=("$ROOT/tests/lab/at" +31d)
	fails 3 unfit-signer bob scheme sign signed.yaml
	says "is replaced by another one"
	fails 3 unfit-signer alice scheme sign signed.yaml
}

@test "rotate: a rotation that is not proven is refused, and nothing changes" {
	home bob alice dora
	rotate
	fails 3 fingerprint bob partner renew alice alice.rotation --fingerprint "$old"
	fails 2 usage bob partner renew alice "$CAST/alice.card" --fingerprint "$old"
	fails 9 partner bob partner renew nobody alice.rotation
	# altered
	sed 's/^not-after: "20/not-after: "21/' alice.rotation >bad.rotation
	fails 3 bad-signature bob partner renew alice bad.rotation
	# without the new key's agreement: the old one signs in its place
	body alice.rotation >bad.rotation
	sign bad.rotation "$old"
	sign bad.rotation "$old"
	fails 3 bad-signature bob partner renew alice bad.rotation
	says "the new key did not sign it"
	# signed by the new key alone
	body alice.rotation >bad.rotation
	sign bad.rotation "$new"
	fails 3 unknown-signer bob partner renew alice bad.rotation
	# signed by the old key alone
	body alice.rotation >bad.rotation
	sign bad.rotation "$old"
	fails 8 document bob partner renew alice bad.rotation
	# both, well formed, taken (the tools of this test are right)
	body alice.rotation >good.rotation
	sign good.rotation "$new"
	sign good.rotation "$old"
	cp -a "$T/bob" "$T/twin"
	ok twin partner renew alice good.rotation
	# another card in it
	{ body alice.rotation | grep -v '^card: '; printf 'card: "%s"\n' "$(base64 -w0 "$CAST/dora.card")"; } >bad.rotation
	sign bad.rotation "$new"
	sign bad.rotation "$old"
	fails 3 fingerprint bob partner renew alice bad.rotation
	# more than 366 days
	body alice.rotation | sed 's/^not-after: "20/not-after: "21/' >bad.rotation
	sign bad.rotation "$new"
	sign bad.rotation "$old"
	fails 8 document bob partner renew alice bad.rotation
	# of another partner than the one named
	fails 3 fingerprint alice partner renew bob alice.rotation
	head -n 3 alice.rotation >bad.rotation
	fails 8 document bob partner renew alice bad.rotation
	# a revoked key names no successor
	ok bob partner revoke alice
	fails 3 unfit-signer bob partner renew alice alice.rotation
}

@test "rotate: the new key must be nobody's" {
	home bob alice
	rotate
	ok alice card -o new.card
	ok bob partner add new.card --as other --fingerprint "$new"
	fails 7 exists bob partner renew alice alice.rotation
	says "as one of other"
	ok bob partner remove other --yes
	ok bob partner renew alice alice.rotation
	fails 7 exists bob partner add "$CAST/alice.card" --as other --fingerprint "$old"
}

@test "rotate: what init --rotate does not take, and a station that cannot" {
	home alice carol
	fails 2 usage alice init --rotate --name X --no-passphrase
	fails 2 usage alice init --rotate --verify-only
	fails 2 usage alice init --rotate --overlap 400d --no-passphrase
	fails 2 usage alice init --overlap 30d --name X --organisation Y
	fails 9 station carol init --rotate --no-passphrase
	fails 9 station alice card --rotation
	fails 6 key-unavailable alice init --rotate
	fails 6 key-unavailable alice init --rotate --adopt "$(printf 'A%.0s' {1..40})"
	sed -i 's/^fingerprint: /  &/' "$T/alice/station.yaml" || true
	sed -i 's/^  fingerprint: "\(.*\)"/"fingerprint": "\1"/' "$T/alice/station.yaml"
	fails 9 station alice init --rotate --no-passphrase
	says "is not as init writes it"
}

@test "rotate: the key of a partner is not adopted" {
	home alice bob
	GNUPGHOME="$T/bob/gnupg" fails 7 exists alice init --rotate --adopt "$(fpr bob)"
	says "this is the key of bob"
	ok_json alice partner show bob
	holds '.partner.key == "good"'
	# neither one that it had before
	ok bob init --rotate --no-passphrase
	ok bob card --rotation -o bob.rotation
	ok alice partner renew bob bob.rotation
	GNUPGHOME="$T/bob/gnupg" fails 7 exists alice init --rotate --adopt "$(fpr bob)"
}

@test "rotate: the new secret key is on the disk before the station is of it" {
	need strace
	strace -o /dev/null true 2>/dev/null || not_permitted "tracing"
	home alice
	PRELUDE=(strace -qq -s 256 -e 'trace=syncfs,rename,renameat,renameat2' -e signal=none -o "$T/trace")
	ok alice init --rotate --no-passphrase
	grep -n -e syncfs -e '"station.yaml"' "$T/trace" >order
	[ "$(grep -c '"station.yaml"' order)" -eq 1 ] || fail "station.yaml is not renamed once: $(cat "$T/trace")"
	grep -B 1 '"station.yaml"' order | head -n 1 | grep -q 'syncfs([0-9]*) *= 0' || fail "no sync before: $(cat "$T/trace")"
}

@test "rotate: the partner is asked at a terminal" {
	need expect
	home bob alice
	rotate
	local renew="spawn -noecho $VALISE --home $T/bob partner renew alice alice.rotation"
	run expect -c "$renew"'
		expect {y/N]} {send "n\r"}; expect eof; exit [lindex [wait] 3]'
	[ "$status" -eq 5 ]
	grep -q "new key" <<<"$output"
	ok_json bob partner show alice
	holds --arg old "$old" '.partner.fingerprint == $old'
	run expect -c "$renew"'
		expect {y/N]} {send "y\r"}; expect eof; exit [lindex [wait] 3]'
	[ "$status" -eq 0 ]
	ok_json bob partner show alice
	holds --arg new "$new" '.partner.fingerprint == $new'
}

# --- the key of before, in the hands of others ---

# bob took in alice's new key: what she sealed by the old one before (one: received; two: under way), and by the new one (three)
stolen() {
	home bob alice
	reports
	ok alice pack --to bob "${LABELS[@]}" -o one.valise reports
	ok alice pack --to bob "${LABELS[@]}" -o two.valise reports
	ok bob unpack -o one one.valise
	rotate
	ok bob partner renew alice alice.rotation
	ok alice pack --to bob "${LABELS[@]}" -o three.valise reports
	ok bob verify two.valise
	rev="$T/alice/gnupg/openpgp-revocs.d/$old.rev"
	echo "tell us when you have the new key" >rev.txt
}

# The old key counts no more, from today; the new one does, and what was received before is read.
old_is_revoked() {
	fails 3 unfit-signer bob verify two.valise
	fails 3 unfit-signer bob unpack -o two two.valise
	fails 3 unfit-signer bob unpack -o new one.valise
	says "the key of Alice Ardent is revoked in this registry since $(date -u +%F)"
	ok bob list one.valise
	ok bob unpack --again -o again one.valise
	ok bob verify three.valise
	ok bob pack --to alice "${LOWEST[@]}" -o back.valise rev.txt
	ok_json bob partner show alice
	holds --arg old "$old" '.partner.former[0] | .fingerprint == $old and .revoked != null'
	holds '.partner | .revoked == null and .key == "good" and .state == "good"'
	ok bob partner show alice
	says "revoked $(date -u +%F)"
	rm -rf again back.valise
}

@test "stolen: the former key's own revocation certificate, which tells whose it is" {
	stolen
	local form
	sed -n '/-----BEGIN/,$p' "$rev" | sed 's/^://' | gpg --dearmor >rev.bin
	cp -a "$T/bob" "$T/before"
	for form in "$rev" rev.bin; do
		rm -rf "$T/bob" && cp -a "$T/before" "$T/bob"
		ok_json bob partner revoke alice --certificate "$form" --reason "laptop stolen"
		holds --arg old "$old" '.former == $old and .partner.former[0]."revoked-reason" == "laptop stolen"'
		old_is_revoked
		fails 2 usage bob partner revoke alice --certificate "$form"
		says "revoked already"
	done
	rm -rf "$T/bob" && cp -a "$T/before" "$T/bob"
	ok bob partner revoke alice --certificate "$rev"
	says "a former key of Alice Ardent"
	says "present key of this partner stays in force"
}

@test "stolen: its whole certificate, renewed; and by the registry alone" {
	stolen
	cp -a "$T/bob" "$T/before"
	ok_json bob partner renew alice "$rev"
	holds --arg old "$old" '.renewed and ."former-revoked" == $old and .partner.former[0].revoked != null'
	old_is_revoked
	rm -rf "$T/bob" && cp -a "$T/before" "$T/bob"
	cp -a "$T/alice/gnupg" "$T/user/.gnupg" && rm -f "$T/user/.gnupg/"*.conf
	sed -n '/-----BEGIN/,$p' "$rev" | sed 's/^://' | gpg --batch --quiet --import 2>/dev/null
	gpg --batch --quiet --export --armor "$old" >revoked.asc
	ok_json bob partner revoke alice --certificate revoked.asc
	holds --arg old "$old" '.former == $old'
	old_is_revoked
	rm -rf "$T/bob" && cp -a "$T/before" "$T/bob"
	ok_json bob partner revoke alice --former "$old" --reason "it was on the laptop"
	holds --arg old "$old" '.former == $old and .partner.former[0]."revoked-reason" == "it was on the laptop"'
	old_is_revoked
	fails 2 usage bob partner revoke alice --former "$old"
	# its certificate may come later; the day stays
	ok_json bob partner revoke alice --certificate "$rev"
	old_is_revoked
}

@test "stolen: what is no revocation of any of its keys, and the present key's" {
	stolen
	home dora
	fails 3 certificate bob partner revoke alice --certificate "$T/dora/gnupg/openpgp-revocs.d/$(fpr dora).rev"
	says "does not revoke the key of alice"
	fails 3 certificate bob partner renew alice "$T/dora/gnupg/openpgp-revocs.d/$(fpr dora).rev"
	fails 3 fingerprint bob partner revoke alice --certificate "$CAST/dora/keys/$(fpr dora).pgp"
	fails 3 fingerprint bob partner revoke alice --former "$new"
	fails 3 fingerprint bob partner revoke alice --former "$(fpr dora)"
	fails 2 usage bob partner revoke alice --former 1234
	fails 2 usage bob partner revoke alice --former "$old" --certificate "$rev"
	fails 2 usage bob partner revoke alice --former "$old" --reason ""
	# nothing is altered unseen: a bit of it
	sed -n '/-----BEGIN/,$p' "$rev" | sed 's/^://' | gpg --dearmor >bent.rev
	flip bent.rev 70
	fails 3 certificate bob partner revoke alice --certificate bent.rev
	# the present one's, which takes all back
	ok_json bob partner revoke alice --certificate "$T/alice/gnupg/openpgp-revocs.d/$new.rev"
	holds 'has("former") | not'
	fails 3 unfit-signer bob verify three.valise
	fails 3 unfit-signer bob verify two.valise
	ok bob partner revoke alice --certificate "$rev"
}

@test "stolen: nobody turns to another key by the old one's word, before or after" {
	stolen
	# the thief's rotation, from the old key to one of his
	cp -a "$CAST/alice" "$T/thief"
	ok thief init --rotate --no-passphrase
	ok thief card --rotation -o thief.rotation
	fails 3 fingerprint bob partner renew alice thief.rotation
	ok bob partner revoke alice --certificate "$rev"
	fails 3 unfit-signer bob partner renew alice thief.rotation
}

# --- bundles that were declared void ---

@test "void: a partner with another key is told, whichever key it was sealed for" {
	home bob alice
	reports
	local id
	ok alice pack --to bob "${LABELS[@]}" -o one.valise reports
	ok bob unpack -o one one.valise
	for n in 2 3; do
		id=$(v alice --json pack --to bob "${LABELS[@]}" -o lost$n.valise reports | jq -r .bundle)
		ok alice ledger void "$id" --reason "never left"
		[ $n = 3 ] || { # told to the old key, as alice does not know the new one yet
			ok bob init --rotate --no-passphrase
			ok alice pack --to bob "${LABELS[@]}" -o told.valise reports
			ok_json bob unpack -o told told.valise
			holds '."missing-before" == 0 and (.notices | map(test("1 earlier bundle of this channel was declared never sent")) | any)'
		}
	done
	ok bob card --rotation -o bob.rotation
	ok alice partner renew bob bob.rotation
	ok alice pack --to bob "${LABELS[@]}" -o next.valise reports
	ok_json bob unpack -o next next.valise
	holds '.sequence == 5 and ."missing-before" == 0 and (.notices | map(test("declared never sent")) | any)'
	ok alice pack --to bob "${LABELS[@]}" -o last.valise reports # told once
	ok_json bob unpack -o last last.valise
	holds '.notices == []'
}

@test "void: what was not told under the old key is listed when it is replaced" {
	home bob alice
	reports
	local id
	id=$(v alice --json pack --to bob "${LABELS[@]}" -o lost.valise reports | jq -r .bundle)
	ok alice ledger void "$id" --reason "never left"
	cp -a "$T/alice" "$T/twin"
	ok_json alice init --rotate --no-passphrase
	holds '."untold-void" == ["bob: number 1"]'
	ok twin init --rotate --no-passphrase
	says "bob: number 1"
	ok alice card --rotation -o alice.rotation
	ok bob partner renew alice alice.rotation
	ok alice pack --to bob "${LABELS[@]}" -o first.valise reports
	ok_json bob unpack -o first first.valise
	holds '.sequence == 1 and ."missing-before" == 0 and .notices == []'
}
