#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What lies beside the unpacked files: the manifest as it was signed, a page for people, attributes. And which types of files
# may be unpacked at all.

load helper

setup() {
	load_helper_setup
	home alice bob
}

# attribute FILE NAME: an extended attribute, or nothing.
attribute() {
	/usr/bin/python3 - "$1" "$2" <<'PY'
import os, sys
try:
    print(os.getxattr(sys.argv[1], sys.argv[2]).decode())
except OSError:
    pass
PY
}

# takes_attributes: whether the file system of the tests has any.
takes_attributes() {
	/usr/bin/python3 -c 'import os, sys; os.setxattr(sys.argv[1], "user.valise.test", b"x")' "$T/work" 2>/dev/null
}

# types SPEC: bob's station unpacks only these.
types() {
	sed -i '/^unpack-types:/d' "$T/bob/station.yaml"
	echo "unpack-types: [$1]" >>"$T/bob/station.yaml"
}

@test "the document and the page lie beside the files, private" {
	plain
	ok bob unpack plain.valise
	[ "$(ls plain)" = $'MANIFEST.html\nMANIFEST.yaml\nreports' ]
	[ "$(stat -c %a plain/MANIFEST.html plain/MANIFEST.yaml)" = $'600\n600' ]
	says "MANIFEST.html"
	head -n 1 plain/MANIFEST.yaml | grep -qx 'valise-manifest: [0-9]*'
	local id
	id=$(tar xOf plain.valise waybill.yaml | sed -n 's/^bundle: "\(.*\)"/\1/p')
	grep -q "^bundle: \"$id\"" plain/MANIFEST.yaml
	grep -q "$id" plain/MANIFEST.html
	[ "$(grep -c '<tr><th scope="row"><a href="reports/' plain/MANIFEST.html)" -eq 11 ]
	[ "$(grep -c '<div><span class="b k0">PD:NONE</span><span class="b tlp k1">TLP:GREEN</span></div>' plain/MANIFEST.html)" -eq 2 ]
	grep -q 'Alice Ardent, Agency A' plain/MANIFEST.html
}

# signed_document BUNDLE: the manifest's bytes as the second implementation decrypts them with bob's key.
signed_document() {
	cp -a "$T/bob/gnupg" "$T/user/.gnupg"
	gpg --homedir "$T/user/.gnupg" --batch --quiet --pinentry-mode loopback --passphrase '' --no-armor \
		--export-secret-keys "$(fpr bob)" >"$T/user/secret.pgp" 2>/dev/null
	gpgconf --homedir "$T/user/.gnupg" --kill all
	rm -rf "$T/user/.gnupg"
	/usr/bin/python3 - "$ROOT/tests/second" "$1" "$T/user/secret.pgp" "$CAST/alice.card" <<-'PY'
		import base64, re, sys
		folder, bundle, secret, card = sys.argv[1:]
		sys.path.insert(0, folder)
		import second
		with open(card, encoding="utf-8") as f:
		    certificate = base64.b64decode(re.search('certificate: "([^"]+)"', f.read()).group(1))
		with open(secret + ".sender", "wb") as f:
		    f.write(certificate)
		kept, load = [], second.plain.load
		second.plain.load = lambda text, kind: (kept.append(text), load(text, kind))[1]
		with open(bundle, "rb") as f:
		    second.open_bundle(f.read(), second.Files(secret, secret + ".sender"))
		sys.stdout.buffer.write(kept[-1])
	PY
}

@test "the document is the very bytes that were signed, padding included" {
	ok alice pack --to bob "${LABELS[@]}" --pad -o padded.valise "$ROOT/tests/data/reports"
	ok bob unpack -o one padded.valise
	ok bob unpack -o two padded.valise reports/indicators
	ok bob unpack --again --bag -o three padded.valise
	signed_document padded.valise >signed.yaml
	cmp one/MANIFEST.yaml signed.yaml
	cmp two/MANIFEST.yaml signed.yaml
	cmp three/MANIFEST.yaml signed.yaml
}

@test "single files: the page lists them, the document lists all" {
	plain
	ok bob unpack -o some plain.valise reports/indicators/2026-w47.csv
	[ "$(grep -c '<tr><th scope="row"><a href=' some/MANIFEST.html)" -eq 1 ]
	grep -q 'Only a part was unpacked: 1 of 11 files' some/MANIFEST.html
	[ "$(grep -c 'reports/' some/MANIFEST.yaml)" -ge 11 ]
}

@test "hostile names are text in the page, and links lead to the files" {
	mkdir -p in/odd
	local name
	for name in '<script>alert(1)</script>' '"><b>' "'" '&amp;' 'javascript:x' '100%?#' 'пример' 'a b'; do
		: >"in/odd/${name//\//_}"
	done
	ok alice pack --to bob "${LABELS[@]}" --purpose '<img src=x>' -o odd.valise in/odd
	ok bob unpack -o out odd.valise
	! grep -qi '<script\|<img\|<b>"' out/MANIFEST.html || fail "a name became a tag"
	/usr/bin/python3 - out <<'PY'
import html.parser, os, sys, urllib.parse
out = sys.argv[1]
class Page(html.parser.HTMLParser):
    tags, links, texts, cell = set(), [], [], None
    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        if tag == "a":
            self.cell = dict(attributes)["href"]
            self.links.append(self.cell)
page = Page()
with open(os.path.join(out, "MANIFEST.html"), encoding="utf-8") as f:
    page.feed(f.read())
known = set("html head meta title style body header footer main div span h1 h2 dl dt dd br code p a table caption thead tbody tr th td b".split())
assert page.tags <= known, page.tags - known
for link in page.links:
    assert os.path.isfile(os.path.join(out, urllib.parse.unquote(link))), link
assert len(page.links) == 9, page.links
PY
}

@test "attributes: each file its labels, the folder its bundle" {
	takes_attributes || not_permitted "extended attributes"
	mkdir in
	echo green >in/green.txt
	echo amber >in/amber.txt
	printf '%s\n' 'valise-labels: 1' 'default: {labels: ["TLP:GREEN", "PD:NONE"]}' 'rules:' \
		'  - {match: "amber.txt", labels: ["TLP:AMBER", "PAP:AMBER"]}' >in/.valise-labels.yaml
	ok alice pack --to bob -o in.valise in
	ok_json bob unpack -o out in.valise
	holds '.attributes and (.bag | not)'
	[ "$(attribute out/in/green.txt user.valise.labels)" = "pd/none tlp/green" ]
	[ "$(attribute out/in/amber.txt user.valise.labels)" = "pap/amber pd/none tlp/amber" ]
	[ "$(attribute out user.valise.bundle)" = "$(jq -r .bundle <<<"$output")" ]
}

# --- types ---

@test "types: what the manifest calls something else is refused before the payload is read" {
	mkdir in
	echo words >in/a.txt
	head -c 3000 /dev/zero >in/b.bin
	ok alice pack --to bob "${LABELS[@]}" -o in.valise in
	ok_json bob list in.valise
	holds '[.entries[] | select(.path == "in/b.bin")["media-type"]] == ["application/octet-stream"]'
	types '"text/*"'
	flip in.valise $(($(member_at in.valise payload/0000000000) + 9))
	fails 5 type bob unpack -o out in.valise
	says in/b.bin
	says unpack-types
	[ ! -e out ]
	ok_json bob ledger list
	holds '.entries | map(select(.event == "refused")) | length == 1'
}

@test "types: what fits is unpacked, also where another file of the bundle does not" {
	mkdir in
	echo words >in/a.txt
	: >in/empty.txt
	head -c 100000 /dev/zero | tr '\0' 'x' | fold >in/long.txt
	cp "$VALISE" in/program
	ok alice pack --to bob "${LABELS[@]}" -o in.valise in
	types '"text/*"'
	fails 5 type bob unpack -o out in.valise
	says "in/empty.txt is inode/x-empty"
	types '"text/*", "inode/*"'
	fails 5 type bob unpack -o out in.valise
	says in/program
	ok bob unpack -o some in.valise in/a.txt in/long.txt
	cmp in/long.txt some/in/long.txt
	types '"text/*", "application/*", "inode/*"'
	ok bob unpack -o out in.valise
	diff -r in out/in
}
