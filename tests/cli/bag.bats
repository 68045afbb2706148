#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# unpack --bag. Whether it is a bag is judged in tests/bag, by a validator; here is how it is asked for, and what is where.

load helper

setup() {
	load_helper_setup
	home bob
	plain
}

@test "--bag: the files below data, the lists and the labels beside" {
	ok_json bob unpack --bag -o out plain.valise
	holds '.bag and .complete and .["unpacked-files"] == 11'
	[ "$(ls out)" = $'MANIFEST.html\nMANIFEST.yaml\nbag-info.txt\nbagit.txt\ndata\nmanifest-sha256.txt\ntagmanifest-sha256.txt' ]
	diff -r "$ROOT/tests/data/reports" out/data/reports
	[ "$(stat -c %a out/data)" = 700 ]
	[ "$(stat -c %a out/*.txt | sort -u)" = 600 ]
	(cd out && sha256sum --quiet --strict -c manifest-sha256.txt tagmanifest-sha256.txt)
	/usr/bin/python3 "$ROOT/tests/bag/validate.py" --strict out
	grep -q 'href="data/reports/' out/MANIFEST.html
}

@test "--bag: bag-info.txt" {
	local bytes
	ok alice pack --to bob "${LABELS[@]}" --purpose "Weekly exchange" -o week.valise "$ROOT/tests/data/reports"
	ok_json bob unpack --bag -o out week.valise
	bytes=$(find out/data -type f -printf '%s\n' | awk '{sum += $1} END {print sum}')
	grep -qx "Payload-Oxum: $bytes.11" out/bag-info.txt
	grep -qx "External-Identifier: $(jq -r .bundle <<<"$output")" out/bag-info.txt
	grep -qx "Source-Organization: Agency A" out/bag-info.txt
	grep -qx "Internal-Sender-Description: Weekly exchange" out/bag-info.txt
	grep -qE '^Bagging-Date: [0-9]{4}-[0-9]{2}-[0-9]{2}$' out/bag-info.txt
	grep -q '^Bag-Software-Agent: valise ' out/bag-info.txt
}

@test "--bag takes the whole bundle" {
	fails 2 usage bob unpack --bag -o out plain.valise reports/indicators
	says "--bag"
	fails 2 usage bob list --bag plain.valise
}

@test "--bag counts as the reception, and is whole or not at all" {
	cp plain.valise bad.valise
	flip bad.valise $(($(member_at bad.valise payload/0000000000) + 100))
	fails 4 damaged bob unpack --bag -o out bad.valise
	ok bob unpack --bag -o out plain.valise
	fails 5 replay bob unpack -o two plain.valise
	fails 7 exists bob unpack --again --bag -o out plain.valise
	ok bob unpack --again -o two plain.valise
	diff -r two/reports out/data/reports
}
