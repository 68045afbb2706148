#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What files say of themselves: compared with what their labels say, and their types with what the station allows.

load helper

setup() {
	load_helper_setup
	home alice
	mkdir r
	echo plain >r/plain.txt
}

# understated PATH WORDS: packing r/ with low labels must be refused for this file, naming both labels and the place.
understated() {
	fails 5 understated alice pack --to bob "${LABELS[@]}" r
	local words
	for words in "$@" TLP:GREEN; do
		jq -e --arg w "$words" '.error.message | contains($w)' <<<"$output" >/dev/null || fail "does not name $words"
	done
}

@test "a text that says more than its label is refused; the label raised, it is packed" {
	printf '# Summary\n\nTLP: AMBER\n' >r/a.md
	understated r/a.md TLP:AMBER "line 3"
	ok alice pack --to bob --label TLP:AMBER --label PD:NONE r
}

@test "a text that says less is told" {
	echo TLP:CLEAR >r/a.txt
	ok alice pack --to bob "${LABELS[@]}" r
	says "r/a.txt says TLP:CLEAR inside"
}

@test "text as two bytes a letter, pages, mail" {
	printf 'TLP:AMBER' | iconv -t UTF-16 >r/wide.txt
	understated r/wide.txt TLP:AMBER "line 1"
	rm r/wide.txt
	printf '<!doctype html>\n<p>TLP&#58;<b>AMBER</b></p>' >r/page.html
	understated r/page.html TLP:AMBER "line 2"
	rm r/page.html
	printf 'From: a@b\nTo: c@d\nSubject: =?utf-8?B?VExQOkFNQkVS?=\n\nhello\n' >r/mail.eml
	understated r/mail.eml TLP:AMBER "header Subject"
	rm r/mail.eml
	printf '<!doctype html>\n<!-- TLP:AMBER -->' >r/page.html
	ok alice pack --to bob "${LABELS[@]}" r
}

@test "office documents: text, headers, properties" {
	need python3
	python3 - <<-'END'
		import zipfile
		with zipfile.ZipFile("r/a.docx", "w", zipfile.ZIP_DEFLATED) as z:
		    z.writestr("[Content_Types].xml", "<x/>")
		    z.writestr("word/document.xml", "<w:p><w:t>x</w:t></w:p>")
		    z.writestr("word/header1.xml", "<w:p><w:t>TLP:</w:t><w:t>AMBER</w:t></w:p>")
	END
	understated r/a.docx TLP:AMBER word/header1.xml
}

# A page that says $1, as small as readers take it.
pdf() {
	local text="BT /F1 12 Tf 72 700 Td ($1) Tj ET"
	printf '%%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n'
	printf '3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>\nendobj\n'
	printf '4 0 obj\n<</Length %d>>\nstream\n%s\nendstream\nendobj\n' ${#text} "$text"
	printf '5 0 obj\n<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>\nendobj\ntrailer\n<</Root 1 0 R/Size 6>>\n%%%%EOF\n'
}

@test "PDF, and what of it cannot be read" {
	need pdftotext
	pdf "Report TLP:AMBER" >r/a.pdf
	understated r/a.pdf TLP:AMBER "page 1"
	pdf "" >r/a.pdf
	ok alice pack --to bob "${LABELS[@]}" r
	says "r/a.pdf: its first pages hold no text"
}

@test "a file named .json that is none is refused, with the way out" {
	echo '{"a":' >r/broken.json
	fails 5 content alice pack --to bob "${LABELS[@]}" r
	holds '.error.message | contains("r/broken.json") and contains("line ")'
	holds '.error.hint | contains("not-inspected")'
}

@test "a name that claims another type is told; the type in the manifest is that of the content" {
	home bob
	cp /bin/true r/report.pdf
	ok alice pack --to bob "${LABELS[@]}" -o b.valise r
	says "r/report.pdf"
	says "not application/pdf"
	ok_json bob list b.valise
	holds '[.entries[] | select(.path == "r/plain.txt")."media-type"] == ["text/plain"]'
	holds '[.entries[] | select(.path == "r/report.pdf")."media-type"][0] | startswith("application/x-")'
}

@test "pack-types: only what the station lists, by content" {
	sed -i '/^pack-types:/d' "$T/alice/station.yaml"
	echo 'pack-types: ["text/*"]' >>"$T/alice/station.yaml"
	ok alice pack --to bob "${LABELS[@]}" r
	cp /bin/true r/notes.txt
	fails 5 type alice pack --to bob "${LABELS[@]}" r
	holds '.error.message | contains("r/notes.txt") and contains("application/x-")'
}

@test "hostile files neither stop it nor make it slow" {
	head -c 3000000 /dev/zero | tr '\0' ':' >r/colons.txt
	head -c 3000000 /dev/zero | tr '\0' '<' >r/angles.html
	head -c 3000000 /dev/urandom >r/random.pdf
	{ printf '%%PDF-1.7\n'; head -c 100000 /dev/urandom; } >r/noise.pdf
	{ printf 'PK\3\4'; head -c 100000 /dev/urandom; } >r/noise.docx
	SECONDS=0
	ok alice pack --to bob "${LABELS[@]}" r
	[ "$SECONDS" -lt 20 ]
}
