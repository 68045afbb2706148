#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# card and partner: cards out, cards in, and what hostile cards may not do.

load helper

# A changed copy of bob's card: card_with SED-EXPRESSION…
card_with() {
	sed -E "$@" "$CAST/bob.card" >bad.card
}

# The certificate of a fresh key as a card that claims it: forge_card NAME USER-ID ALGORITHM [ENCRYPTION [EXPIRY]]
forge_card() {
	local gpg=(gpg --homedir "$T/user/.gnupg" --batch --quiet --passphrase '' --no-auto-check-trustdb)
	[ -d "$T/user/.gnupg" ] || mkdir -m 700 "$T/user/.gnupg"
	"${gpg[@]}" --quick-generate-key "$2" "$3" sign,cert "${5:-1y}" 2>/dev/null
	forged=$("${gpg[@]}" --with-colons --list-keys "$2" | awk -F: '/^fpr/ {print $10; exit}')
	[ "${4:--}" = - ] || "${gpg[@]}" --quick-add-key "$forged" "$4" encr "${5:-1y}" 2>/dev/null
	write_card "$1"
}

write_card() {
	{
		printf 'valise-card: 1\nname: "Fay Forger"\norganisation: "Agency F"\nkind: "person"\njurisdiction: "NL"\n'
		printf 'fingerprint: "%s"\ncreated: "2026-11-01T00:00:00Z"\ncertificate: "%s"\n' "$forged" \
			"$(gpg --homedir "$T/user/.gnupg" --batch --export "$forged" | base64 -w0)"
	} >"$1"
}

@test "card: to standard output, to a new file, as JSON" {
	home alice
	ok alice card
	[ "$(head -n 1 <<<"$output")" = "valise-card: 1" ]
	says "$(sed -E 's/.{4}/& /g; s/ $//' "$CAST/alice.fpr")"
	! grep -q PRIVATE <<<"$output"
	ok alice card -o my.card
	[ -z "$output" ]
	[ "$(head -n 1 my.card)" = "valise-card: 1" ]
	ok_json alice card
	holds --arg fpr "$(fpr alice)" '.fingerprint == $fpr and (.card | startswith("valise-card: 1\n"))'
}

@test "card: overwrites nothing" {
	home alice
	echo mine >my.card
	ln -s nowhere link.card
	fails 7 exists alice card -o my.card
	fails 7 exists alice card -o link.card
	fails 7 io alice card -o no/such/folder/my.card
	fails 2 usage alice card surplus
}

@test "add: shows the claims, wants the fingerprint, and tells what was added" {
	ok nora init --name Nora --organisation "Agency N" --verify-only
	ok nora partner add "$CAST/bob.card" --as bob --fingerprint "$(fpr bob)" --ceiling TLP:GREEN --role receive,carry
	says 'nobody has checked'
	says '"Bob Brisk"'
	says 'receive,carry'
	ok_json nora partner show bob
	holds --arg fpr "$(fpr bob)" '.partner | .alias == "bob" and .fingerprint == $fpr and .roles == "receive,carry"
		and .ceilings == ["tlp/green"] and .jurisdiction == "US" and .key == "good"'
	ok nora partner list
	says "bob"
	[ -z "$(ls -A "$T/user")" ] || fail "something appeared in HOME"
}

@test "add: the fingerprint may be typed with spaces and in lower case" {
	home dora
	ok dora partner add "$CAST/bob.card" --as bob --fingerprint "$(sed -E 's/.{4}/& /g' "$CAST/bob.fpr" | tr A-F a-f)"
}

# The words of a station's fingerprint, as its card shows them.
words_of() {
	v "$1" --json card | jq -r .words
}

@test "card, init and show tell the fingerprint as words too, and all tell the same" {
	local words
	home alice dora
	words=$(words_of alice)
	[ "$(wc -w <<<"$words")" -eq 21 ] || fail "not 21 words: $words"
	ok_json dora partner show alice
	holds --arg words "$words" '.partner.words == $words'
	ok dora partner show alice
	[ "$(sed -n '/in words/,/roles/p' <<<"$output" | sed 's/in words//; /roles/d' | xargs)" = "$words" ] || fail "show: other words"
	ok alice card -o my.card
	[ "$(sed -n '/in words/,/Read it/p' <<<"$stderr" | sed 's/in words//; /Read it/d' | xargs)" = "$words" ] || fail "card: other words"
	ok_json nora init --name Nora --organisation N --no-passphrase
	[ "$(jq -r .words <<<"$output")" = "$(words_of nora)" ]
	ok_json courier init --name C --organisation N --verify-only
	holds '.words == null and .fingerprint == null'
}

@test "add: the fingerprint may be typed as words: any case, hyphens, lines" {
	local words
	home alice bob dora
	words=$(words_of bob)
	ok dora partner add "$CAST/bob.card" --as bob --fingerprint "$(tr ' a-z' '\nA-Z' <<<"$words")"
	ok nora init --name Nora --organisation N --verify-only
	ok nora partner add "$CAST/bob.card" --as bob --fingerprint "${words// /-}"
	ok_json nora partner show bob
	holds --arg fpr "$(fpr bob)" '.partner.fingerprint == $fpr'
}

@test "add: words that are mistyped, swapped, left out, or another's" {
	local words add
	home alice bob dora
	read -ra words <<<"$(words_of bob)"
	add=(dora partner add "$CAST/bob.card" --as bob --fingerprint)
	fails 3 fingerprint "${add[@]}" "$(words_of alice)"
	! grep -q "$(fpr bob)" <<<"$stderr$output" || fail "tells the card's own fingerprint, to be copied"
	fails 2 usage "${add[@]}" "${words[*]:0:20}"
	says "20 words"
	fails 2 usage "${add[@]}" "${words[*]:1}"
	says "word 1 "
	fails 2 usage "${add[@]}" "${words[*]:0:4} ${words[4]}x ${words[*]:5}"
	says "word 5 "
	says "did you mean ${words[4]}?"
	fails 2 usage "${add[@]}" "${words[*]:0:19} ${words[18]} ${words[20]}"
	fails 2 usage "${add[@]}" "${words[*]} ${words[*]}"
	fails 2 usage "${add[@]}" "nothing of the kind"
	[ "${words[2]}" = "${words[4]}" ] || {
		fails 2 usage "${add[@]}" "${words[*]:0:2} ${words[4]} ${words[3]} ${words[2]} ${words[*]:5}"
		says "do not fit together"
	}
}

@test "add: another fingerprint, half of one, or none" {
	home dora
	fails 3 fingerprint dora partner add "$CAST/bob.card" --as bob --fingerprint "$(fpr alice)"
	! grep -qi "$(fpr bob)" <<<"$stderr$output" || fail "tells the card's own fingerprint, to be copied"
	fails 2 usage dora partner add "$CAST/bob.card" --as bob --fingerprint "$(cut -c25-40 "$CAST/bob.fpr")"
	fails 2 usage dora partner add "$CAST/bob.card" --as bob --fingerprint ""
	fails 2 usage dora partner add "$CAST/bob.card" --as bob
	says "no terminal to ask at"
}

@test "add: the alias is wrong or taken, the partner is known" {
	home alice dora
	local add=(dora partner add "$CAST/bob.card" --fingerprint "$(fpr bob)")
	fails 2 usage "${add[@]}"
	fails 2 usage "${add[@]}" --as "Bob"
	fails 2 usage "${add[@]}" --as "a/b"
	fails 2 usage "${add[@]}" --as "$(printf 'a%.0s' {1..80})"
	fails 7 exists "${add[@]}" --as alice
	fails 7 exists alice partner add "$CAST/bob.card" --as other --fingerprint "$(fpr bob)"
}

@test "add: roles, ceilings, jurisdiction that do not exist" {
	home dora
	local add=(dora partner add "$CAST/bob.card" --as bob --fingerprint "$(fpr bob)")
	fails 2 usage "${add[@]}" --role recieve
	fails 2 usage "${add[@]}" --role ""
	fails 5 label "${add[@]}" --ceiling TLP:BLUE
	fails 5 label "${add[@]}" --ceiling "TLP: AMBER"
	says "TLP:AMBER"
	fails 2 usage "${add[@]}" --jurisdiction usa
	ok "${add[@]}" --jurisdiction BE
	ok_json dora partner show bob
	holds '.partner.jurisdiction == "BE"'
}

@test "add: a card that is no card" {
	home dora
	local add=(dora partner add bad.card --as bob --fingerprint "$(fpr bob)")
	: >bad.card
	fails 8 document "${add[@]}"
	head -c 3000 /dev/urandom >bad.card
	fails 8 document "${add[@]}"
	cp "$CAST/plain.valise" bad.card
	fails 8 document "${add[@]}"
	head -c 400 "$CAST/bob.card" >bad.card
	fails 8 document "${add[@]}"
	{ cat "$CAST/bob.card"; yes '# more' | head -c 2000000; } >bad.card
	fails 8 limit "${add[@]}"
	{ echo 'valise-card: 1'; head -c 65536 /dev/zero | tr '\0' '['; } >bad.card
	fails 8 document "${add[@]}"
	rm bad.card
	fails 7 io "${add[@]}"
	mkdir bad.card
	fails 7 io "${add[@]}"
}

@test "add: a card with words that break its rules" {
	home dora
	local add=(dora partner add bad.card --as bob --fingerprint "$(fpr bob)")
	card_with 's/^valise-card: 1/valise-card: 2/'
	fails 8 version "${add[@]}"
	card_with 's/^valise-card: 1/valise-waybill: 1/'
	fails 8 document "${add[@]}"
	card_with '$ a surprise: "x"'
	fails 8 document "${add[@]}"
	says "surprise"
	card_with '/^name/p'
	fails 8 document "${add[@]}"
	card_with '/^kind/d'
	fails 8 document "${add[@]}"
	card_with 's/^name: .*/name: "a\\e[31mb"/'
	fails 8 document "${add[@]}"
	card_with 's/^name: .*/name: "a\\0b"/'
	fails 8 document "${add[@]}"
	card_with 's/^name: .*/name: \&a "Bob"/'
	fails 8 document "${add[@]}"
	card_with 's/^kind: .*/kind: "king"/'
	fails 8 document "${add[@]}"
	card_with 's/^certificate: "....../certificate: "!!!!!!/'
	fails 8 document "${add[@]}"
	card_with 's/^fingerprint: "(.*)(..)"/fingerprint: "\1\L\2"/; t; s/$//'
	printf '\xef\xbb\xbf' | cat - "$CAST/bob.card" >bad.card
	fails 8 document "${add[@]}"
}

@test "add: a card that claims the key of somebody else" {
	home dora
	# bob's words and fingerprint, alice's certificate
	card_with "s|^certificate: .*|$(grep ^certificate: "$CAST/alice.card")|"
	fails 3 fingerprint dora partner add bad.card --as bob --fingerprint "$(fpr bob)"
	# two certificates in one card
	{
		grep -v ^certificate: "$CAST/bob.card"
		printf 'certificate: "%s"\n' "$(cat <(sed -n 's/^certificate: "\(.*\)"/\1/p' "$CAST/bob.card" | base64 -d) \
			<(sed -n 's/^certificate: "\(.*\)"/\1/p' "$CAST/alice.card" | base64 -d) | base64 -w0)"
	} >bad.card
	fails 3 certificate dora partner add bad.card --as bob --fingerprint "$(fpr bob)"
}

@test "add: a card that holds a secret key" {
	home dora
	forge_card bad.card "Fay" ed25519 cv25519
	sed -i '/^certificate/d' bad.card
	printf 'certificate: "%s"\n' "$(gpg --homedir "$T/user/.gnupg" --batch --pinentry-mode loopback --passphrase '' \
		--export-secret-keys "$forged" | base64 -w0)" >>bad.card
	fails 3 certificate dora partner add bad.card --as fay --fingerprint "$forged"
}

@test "add: keys that are expired, revoked, cannot be encrypted to, or are of a weak kind" {
	home dora
	forge_card good.card "Gil Good" ed25519 cv25519
	local good=$forged
	forge_card sign-only.card "Sig Nonly" ed25519
	fails 3 certificate dora partner add sign-only.card --as sig --fingerprint "$forged"
	forge_card rsa1024.card "Ron Weak" rsa1024 rsa1024
	fails 3 certificate dora partner add rsa1024.card --as ron --fingerprint "$forged"
	sed 's/^:-----/-----/' "$T/user/.gnupg/openpgp-revocs.d/$good.rev" | gpg --homedir "$T/user/.gnupg" --batch --quiet --import
	ok dora partner add good.card --as gil --fingerprint "$good"
	forged=$good
	write_card revoked.card
	home alice
	fails 3 certificate alice partner add revoked.card --as gil --fingerprint "$good"
	need faketime
	local key=$good
	PRELUDE=("$ROOT/tests/lab/at" +800d)
	fails 3 certificate alice partner add good.card --as gil --fingerprint "$key"
}

@test "add: user ids with escapes and line ends stay harmless" {
	home dora
	forge_card odd.card $'Eve \033[31mRed\033[0m \xe2\x80\xaebidi' ed25519 cv25519
	ok dora partner add odd.card --as eve --fingerprint "$forged"
	! grep -qP '\x1b|\xe2\x80\xae' <<<"$(said)" || fail "an escape reached the terminal"
	ok dora partner show eve
	! grep -qP '\x1b|\xe2\x80\xae' <<<"$(said)" || fail "an escape reached the terminal"
}

@test "list and show: nobody, somebody, unknown" {
	ok nora init --name Nora --organisation "Agency N" --verify-only
	ok nora partner list
	says "No partners yet"
	ok_json nora partner list
	holds '.partners == []'
	fails 9 partner nora partner show bob
	home alice
	ok_json alice partner list
	holds '[.partners[].alias] | sort == ["bob", "dora"]'
	ok alice partner show bob
	says "TLP:AMBER"
}

@test "list: a certificate that was changed in the home is told" {
	home alice
	printf x >>"$T/alice/keys/$(fpr bob).pgp"
	ok_json alice partner list
	holds '.partners[] | select(.alias == "bob") | .key == "unreadable"'
	reports
	fails 3 certificate alice pack --to bob "${LABELS[@]}" reports
}

@test "a registry that was changed by hand is refused, with line and column" {
	home alice
	sed -i 's/^  name: "Bob Brisk"/&\n&/' "$T/alice/registry.yaml"
	fails 9 registry alice partner list
	says "line"
	cp "$CAST/alice/registry.yaml" "$T/alice/"
	echo 'surprise: 1' >>"$T/alice/registry.yaml"
	fails 9 registry alice partner list
	: >"$T/alice/registry.yaml"
	fails 9 registry alice partner list
}

@test "two at once: both partners arrive" {
	ok nora init --name Nora --organisation "Agency N" --verify-only
	v nora --quiet partner add "$CAST/bob.card" --as bob --fingerprint "$(fpr bob)" 3>&- &
	local first=$!
	v nora --quiet partner add "$CAST/alice.card" --as alice --fingerprint "$(fpr alice)" || true
	wait $first || true
	v nora --quiet partner add "$CAST/bob.card" --as bob --fingerprint "$(fpr bob)" || true
	v nora --quiet partner add "$CAST/alice.card" --as alice --fingerprint "$(fpr alice)" || true
	ok_json nora partner list
	holds '[.partners[].alias] | sort == ["alice", "bob"]'
}

@test "one's own card and a wrong file are told as what they are" {
	home alice
	fails 7 exists alice partner add "$CAST/alice.card" --as me --fingerprint "$(fpr alice)"
	says "you need no entry of yourself"
	echo "a letter" >letter.txt
	fails 8 document alice partner add letter.txt --as x --fingerprint "$(fpr bob)"
	says 'A card is what `valise card` writes'
	fails 8 document alice registry import --fingerprint "$(fpr bob)" letter.txt
	says '`valise registry export` makes such files'
	v nora --quiet init --name Nora --organisation "Agency N" --verify-only
	ok nora registry verify
	says "no partners yet"
	! grep -q 1970 <<<"$output$stderr" || fail "a registry that nobody wrote has a time"
}
