# SPDX-License-Identifier: Apache-2.0
# What the tests of the rules share: stations and registries as a person edits them, and label files.

GREEN=(--label TLP:GREEN --label PD:NONE)

# station WHO KEY VALUE: a line of its station.yaml.
station() {
	grep -q "^$2: " "$T/$1/station.yaml" || fail "no $2 in the station of $1"
	sed -i "s|^$2: .*|$2: $3|" "$T/$1/station.yaml"
}

# entry WHO ALIAS KEY VALUE: a line of a partner's entry in the registry of WHO, which may be new there.
entry() {
	edit_registry "$1" "/^- alias: \"$2\"/,/^  certificate:/ {/^  $3:/d; s|^  certificate:|  $3: $4\n&|}"
	grep -q "^  $3: " "$T/$1/registry.yaml" || fail "no $2 in the registry of $1"
}

# labels FOLDER: its label file from standard input, behind the first line.
labels() {
	{ echo "valise-labels: 1"; cat; } >"$1/.valise-labels.yaml"
}

# Stations that may hold all that tlp and pd have: high WHO…
high() {
	local who
	for who in "$@"; do
		station "$who" ceilings '["pd/personal", "tlp/red"]'
	done
}

# noted WHO CODE: the last thing in the ledger of WHO is this refusal.
noted() {
	v "$1" --json ledger list | jq -e --arg code "$2" '.entries | last | .event == "refused" and .code == $code' >/dev/null ||
		fail "the ledger of $1 does not end with $2"
}

# refused CODE ARGUMENT…: alice must not pack so, for policy; the ledger keeps it.
refused() {
	local code=$1
	shift
	fails 5 "$code" alice pack "$@"
	noted alice "$code"
}

# turned_away CODE BUNDLE: bob must not unpack it, for policy; the ledger keeps it.
turned_away() {
	fails 5 "$1" bob unpack -o out "$2"
	noted bob "$1"
}

# signed WHO FILE: the document with its signature, which gpg itself makes with the key of WHO. GPG_OPTIONS: more.
signed() {
	local sig=$T/user/signature.$BASHPID
	gpg --homedir "$T/$1/gnupg" --batch --quiet --local-user "$(fpr "$1")!" --disable-signer-uid --digest-algo SHA256 \
		"${GPG_OPTIONS[@]}" -o "$sig" --detach-sign "$2"
	gpgconf --homedir "$T/$1/gnupg" --kill all
	cat "$2"
	printf 'signature: "%s"\n' "$(base64 -w0 "$sig")"
	rm "$sig"
}
