#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# init: a new station, an adopted key, a courier's; odd places.

load helper

WHO=(--name "Nora New" --organisation "Agency N")

@test "a new station: private, whole, with an Ed25519 and a Cv25519 key" {
	ok_json nora init "${WHO[@]}" --no-passphrase --kind station --jurisdiction NL --ceiling TLP:AMBER
	holds --arg home "$T/nora" '.home == $home and (.fingerprint | test("^[0-9A-F]{40}$"))'
	[ "$(stat -c %a "$T/nora")" = 700 ]
	[ -z "$(find "$T/nora" -perm /077 ! -type l)" ] || fail "readable by others: $(find "$T/nora" -perm /077)"
	grep -q '^kind: "station"' "$T/nora/station.yaml"
	grep -q '^ *# ' "$T/nora/station.yaml" || fail "station.yaml explains nothing"
	grep -q '"tlp/amber"' "$T/nora/station.yaml"
	cmp "$T/nora/gnupg/gpg.conf" "$ROOT/keys/gpg.conf"
	cmp "$T/nora/gnupg/gpg-agent.conf" "$ROOT/keys/gpg-agent.conf"
	run gpg --homedir "$T/nora/gnupg" --no-autostart --batch --with-colons --list-keys
	grep -q '^pub:[^:]*:255:22:' <<<"$output" || fail "no Ed25519 key"
	grep -q '^sub:[^:]*:255:18:' <<<"$output" || fail "no Cv25519 key"
	[ -z "$(ls -A "$T/user")" ] || fail "something appeared in HOME: $(ls -A "$T/user")"
}

@test "its words and the next step are told" {
	ok nora init "${WHO[@]}" --no-passphrase
	says "Nora New (Agency N)"
	says "valise card"
	ok - --home "$T/other" --quiet init "${WHO[@]}" --no-passphrase
	[ -z "$stderr" ]
}

@test "verify-only: no key, and what needs one says so" {
	ok_json carla init "${WHO[@]}" --verify-only
	holds '.fingerprint == null'
	[ -z "$(ls "$T/carla/gnupg/private-keys-v1.d")" ]
	reports
	fails 9 station carla card
	fails 9 station carla pack --to bob "${LABELS[@]}" reports
}

@test "an existing home, file, or folder with something in it is left alone" {
	home alice
	fails 7 exists alice init "${WHO[@]}" --no-passphrase
	mkdir "$T/full"
	touch "$T/full/file" "$T/plain-file"
	fails 7 exists full init "${WHO[@]}" --no-passphrase
	fails 7 exists plain-file init "${WHO[@]}" --no-passphrase
}

@test "an empty folder, or a link to one, becomes the home" {
	mkdir "$T/empty" "$T/target"
	ln -s target "$T/link"
	ok empty init "${WHO[@]}" --verify-only
	[ -f "$T/empty/station.yaml" ]
	ok link init "${WHO[@]}" --verify-only
	[ -L "$T/link" ] && [ -f "$T/target/station.yaml" ]
}

@test "a home whose path has 200 characters packs, verifies and unpacks" {
	local deep
	deep=$T/$(printf 'd%.0s' {1..90})/$(printf 'e%.0s' {1..110})
	[ ${#deep} -ge 200 ]
	reports
	ok - --home "$deep" init "${WHO[@]}" --no-passphrase --community first --ceiling TLP:AMBER
	ok - --home "$deep" card -o n.card
	local own
	own=$(sed -n 's/^fingerprint: "\(.*\)"/\1/p' n.card)
	ok - --home "$deep" partner add "$CAST/bob.card" --as bob --fingerprint "$(fpr bob)" --community first \
		--ceiling TLP:AMBER
	ok - --home "$deep" pack --to bob "${LABELS[@]}" -o n.valise reports
	home bob
	ok bob partner add n.card --as nora --fingerprint "$own" --community first --ceiling TLP:AMBER
	ok - --home "$deep" verify n.valise
	ok bob pack --to nora "${LABELS[@]}" -o b.valise reports
	ok - --home "$deep" partner add "$CAST/bob.card" --as bob2 --fingerprint "$(fpr bob)" || true
	ok - --home "$deep" unpack -o out b.valise
	diff -r reports out/reports
}

@test "where the home is: --home, VALISE_HOME, XDG_DATA_HOME, HOME, in this order" {
	VALISE_HOME=$T/by-valise XDG_DATA_HOME=$T/by-xdg ok - --home "$T/by-option" init "${WHO[@]}" --verify-only
	VALISE_HOME=$T/by-valise XDG_DATA_HOME=$T/by-xdg ok - init "${WHO[@]}" --verify-only
	VALISE_HOME='' XDG_DATA_HOME=$T/by-xdg ok - init "${WHO[@]}" --verify-only
	XDG_DATA_HOME=relative ok - init "${WHO[@]}" --verify-only
	[ -f "$T/by-option/station.yaml" ] && [ -f "$T/by-valise/station.yaml" ] && [ -f "$T/by-xdg/valise/station.yaml" ]
	[ -f "$T/user/.local/share/valise/station.yaml" ]
	[ ! -e relative ]
}

@test "nothing says where the home is" {
	PRELUDE=(env -u HOME)
	fails 9 no-station - init "${WHO[@]}" --verify-only
	fails 9 no-station - ledger list
	ok nora init "${WHO[@]}" --no-passphrase
}

@test "no station there" {
	fails 9 no-station nowhere card
	fails 9 no-station nowhere verify "$CAST/plain.valise"
	fails 9 no-station nowhere ledger list
	says "valise init"
}

@test "a home that others can write to is not used" {
	home alice
	chmod g+w "$T/alice"
	fails 9 station alice card
	says "chmod 700"
}

@test "a parent that cannot be written" {
	mkdir "$T/closed"
	as_nobody "$T/closed"
	fails 7 io closed/home init "${WHO[@]}" --verify-only
}

@test "what is missing, wrong or contradicts itself" {
	fails 2 usage nora init --organisation "Agency N"
	fails 2 usage nora init --name ""
	fails 2 usage nora init --name "Nora"
	fails 2 usage nora init "${WHO[@]}" --kind robot --no-passphrase
	fails 2 usage nora init "${WHO[@]}" --jurisdiction nl --no-passphrase
	fails 2 usage nora init "${WHO[@]}" --no-passphrase --verify-only
	fails 2 usage nora init "${WHO[@]}" --adopt ABC
	fails 2 usage nora init --name $'a\033[31mb' --organisation x --verify-only
	fails 2 usage nora init --name "$(printf 'x%.0s' {1..300})" --organisation x --verify-only
	fails 5 label nora init "${WHO[@]}" --ceiling tlp:amber --verify-only
	says "TLP:AMBER"
	fails 5 label nora init "${WHO[@]}" --ceiling TLP:AMBER --ceiling TLP:RED --verify-only
	fails 6 key-unavailable nora init "${WHO[@]}"
	says "--no-passphrase"
}

adopt() { # ALGORITHM ENCRYPTION-ALGORITHM [SIGNING-ALGORITHM: then the primary key is kept elsewhere]
	local gpg=(gpg --homedir "$T/user/.gnupg" --batch --quiet --passphrase '') own primary
	mkdir -m 700 "$T/user/.gnupg"
	"${gpg[@]}" --quick-generate-key 'Adam Adopted <adam@agency.example>' "$1" "$([ -n "${3:-}" ] && echo cert || echo sign,cert)" 1y 2>/dev/null
	own=$("${gpg[@]}" --with-colons --list-keys | awk -F: '/^fpr/ {print $10; exit}')
	"${gpg[@]}" --quick-add-key "$own" "$2" encr 1y 2>/dev/null
	if [ -n "${3:-}" ]; then
		"${gpg[@]}" --quick-add-key "$own" "$3" sign 1y 2>/dev/null
		primary=$("${gpg[@]}" --with-colons --with-keygrip --list-keys | awk -F: '/^grp/ {print $10; exit}')
		rm "$T/user/.gnupg/private-keys-v1.d/$primary.key"
	fi
	gpgconf --homedir "$T/user/.gnupg" --kill all
	ok_json adam init "${WHO[@]}" --adopt "$own" --community first --ceiling TLP:AMBER
	holds --arg own "$own" '.fingerprint == $own'
	# There and back again.
	home bob
	reports
	ok adam card -o adam.card
	ok bob partner add adam.card --as adam --fingerprint "$own" --community first --ceiling TLP:AMBER
	ok adam partner add "$CAST/bob.card" --as bob --fingerprint "$(fpr bob)" --community first \
		--ceiling TLP:AMBER
	ok adam pack --to bob "${LABELS[@]}" -o there.valise reports
	ok bob unpack -o there there.valise
	diff -r reports there/reports
	ok bob pack --to adam "${LABELS[@]}" -o back.valise reports
	ok adam unpack -o back back.valise
	diff -r reports back/reports
	[ -n "$(gpg --homedir "$T/user/.gnupg" --batch --with-colons --no-autostart --list-keys "$own")" ]
	! grep -aq 'adam@agency.example' there.valise
}

@test "adopts an RSA key" {
	adopt rsa2048 rsa2048
}

@test "adopts a NIST P-256 key" {
	adopt nistp256 nistp256
}

@test "adopts a NIST P-384 key" {
	adopt nistp384 nistp384
}

@test "adopts a Brainpool key" {
	adopt brainpoolP256r1 brainpoolP256r1
}

@test "adopts keys to sign and to decrypt whose primary key, of a size of its own, is kept elsewhere" {
	adopt rsa4096 cv25519 ed25519
}

@test "adopts nothing: a key that is not there, or without its secret part" {
	fails 6 key-unavailable adam init "${WHO[@]}" --adopt "$(fpr alice)"
	mkdir -m 700 "$T/user/.gnupg"
	sed -n 's/^certificate: "\(.*\)"/\1/p' "$CAST/alice.card" | base64 -d |
		gpg --homedir "$T/user/.gnupg" --batch --quiet --import 2>/dev/null
	gpgconf --homedir "$T/user/.gnupg" --kill all
	fails 3 certificate adam init "${WHO[@]}" --adopt "$(fpr alice)"
	says "GNUPGHOME"
}
