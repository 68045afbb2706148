/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/cleanup.h"
#include "format/pgp.h"

#include <stdlib.h>

/* What gpg 2.2.40 made with throwaway keys, in hex. */
static const char ed25519_signature[] =
	"887504001608001d16210408f8776c648fbef4b22da15730b45343362d553905026b04b591000a091030b45343362d55"
	"39253000fe247480553aa0cd90cdd0284b712896e3c6772bfe9f62bdf8bebe32069a1d94760100e1b645dea80df71480"
	"9be45b331632e232cb02d58e70388eb2376d54b187da07";
static const char p256_signature[] =
	"887504001308001d162104e7e5d059c289a9405e1267c86e79bf8b67fa311905026b04b57c000a09106e79bf8b67fa31"
	"199f3600ff7cc998b1e61536a79e878e8598b19f7ae43b65e32c0b4428395a0df65a24441f010084d37fa834872e42cf"
	"f06372e507cde394965eb295c68c8907fa6e2212517bca";
static const char rsa_signature[] =
	"8901330400010a001d162104513904fedf18563f55604f1328daaf0af1768dc205026b04b57c000a091028daaf0af176"
	"8dc2088e07fd19d41347a7bb0f0d605f23c76978a465a32e92be1a6b8d0962d02e363e665284a4b5a053867f05867af7"
	"69e9b1323212f7ff3b73eb162e7f0681c3b4590a12f90c62c87adb04767c2ac51947068bf011468558f96c1acb2e403d"
	"9c7c4d71cbbee0205d93848cfd5deb5cb554ef0c76288caf8d29c283e362a169d57fe496ea70a8889571934fac44d4ee"
	"b101dc61315e30f09abea3a03340650f0833cdbf6bc7c4749c23f1085f433b2234c2195a5812b9ba04126129957b17ae"
	"5854d9fc54aba0f732e1a396ea2028efd2d796a0bb0b436c8ae6faa63cd8937d5e4811f3f43aa4479ee0691d4c752d9d"
	"cb54b57e7c0153344174d6698eeef64d2d8e61b800c9";
static const char cv25519_slot[] =
	"845e03ce63d72882d3e9ba120107404bec964efcbe815a950f5e10807e15a9654daf6c5ac917cfa0f400244196c07930"
	"48a7e1758d4a2fa3fbc182e55a621916b1059023cdf01693ea1abf10d5498f0e800a1ac937835c851395a868d72e152e"
	"d2c04201f4b1084f48ca15962ab89027111bc7b0d63c3efd3ed29db77f422c0ded3ddd5766347053af258e98dd7f84db"
	"f687fa03534dde1f45db860fbaf865abf19c82939dbe63512da1ded064b921274495f4ebf3b6d3e1427e5b09a07531e0"
	"0607638e0aaed9bcb24de7a6e816dd2fd94ff4c39256b6a15ec752d6c36081dc71b85e3ca8359e9ee367c5e366b6eb31"
	"5aa10468f49ee512b97c72e3e7eb218d13f5c479f6da66ae96efe3fe99e4ddbd5c5af618e150f9566d1a273bc18e9b90"
	"bd88117f76f7ca35a7709994a55824684d274c6c81a9f699eb995cf623f8445329b383063cfd487003b018b2a21ce14e"
	"47b4b4583c3c8acc10518a8f235dbaf0e34d8ee622";
static const char rsa_slot[] =
	"85010c0300000000000000000107fe35485a957430a3b6ea2fedf24064eb203ede51232ab18e8449840d967a2fcd7d14"
	"f936d0d69bda717931f9b84e507edd3a702dacdad245b4bfc4ff1c41de168e488e52db8e31f12b4b5fc206df13b585a7"
	"9f1693d4646a439f139aa88286cc352de8848d31ca55c9f86e8531a03084e3b89aa4bdb1ab2bd2ad5f14c13c02630ce0"
	"df3716537198e7bdca46de1781b3ad549d5f676de2ce749f9befda796c1e2c5f5cc6bdbe6e233b264ff72aef3fb2f883"
	"7beef5c3f40e54f78773d1e37da4c74694ff22e5fe5eb85ea66130953a7caee128b9f4055e6c3df38541e6e47a582887"
	"6fede7b44f99edf1b63e2d22adff7bc8af64ffdd6b1ad4b3365a49ee41ae84d2c042012510ff3c5d04b224c5d79f7064"
	"fef7718733072875a2d5090a30868b0832f298f904f1433dd0221e9e2945367e4bf232a4f7a63383877c9f50cee32393"
	"d5b79d9241014f28d5a8b51a4ede41242811f4e40f0fe180fa4464e948cb9926965122dd29bae8b5a924ced96cf087e8"
	"b906ce91722903727a89a4adcb583385c6e593e1b117733ee3a86b45975f4eda02e5a3ed421085beaf3ade454171cffc"
	"ff89e8fa474a2baeed89b177e696a6a1da6c99b0bd69e5c48dbdefb2f73b7c89a1be8b77efc45fb675f7c30e758324f2"
	"581d409ed531866c7d039410622ddf95c58ba4e0934ca209a4861b58ec42f24b476219430b0d169b69f015db7ee66fc9"
	"b11daac5";
static const char certificate[] =
	"9833046b04b59116092b06010401da470f0101074071a9a8a1e71d53bfb11256d869a6266c003927141a959618cd0490"
	"7fdd7fc853b409556e69742054657374889004131608003816210408f8776c648fbef4b22da15730b45343362d553905"
	"026b04b591021b03050b0908070206150a09080b020416020301021e01021780000a091030b45343362d5539878100fd"
	"1f6737e395b3a3af36763c04becfb96278e971025f0fd3308d420843c7df376000ff7fad1212f75c7bd4e79df96b4a99"
	"74eb653b8430fa9ded90b55438025cda470cb838046b04b591120a2b060104019755010501010740f7cb1a8f45bef060"
	"f9800a97160c5da880ad7820b28a7d8dbebadeb32be9823803010807887804181608002016210408f8776c648fbef4b2"
	"2da15730b45343362d553905026b04b591021b0c000a091030b45343362d5539b0a200ff4b31a99f212ca087dfc4493a"
	"fb728d526f923f9b831a845f7556c12b1dce66b200ff45ba0c6f75433dbfb1d42b37263e1410748597a33aca2fec3fd8"
	"537d8990f208";

/* Bytes that are put together by a test. */
struct bytes {
	unsigned char at[8192];
	size_t len;
};

static void put(struct bytes *b, const void *bytes, size_t len)
{
	assert_true(b->len + len <= sizeof b->at);
	memcpy(b->at + b->len, bytes, len);
	b->len += len;
}

static void put_hex(struct bytes *b, const char *hex)
{
	size_t len = strlen(hex) / 2;
	assert_true(b->len + len <= sizeof b->at);
	assert_true(hex_decode(b->at + b->len, len, hex, 2 * len));
	b->len += len;
}

static void from_hex(struct bytes *b, const char *hex)
{
	b->len = 0;
	put_hex(b, hex);
}

/* A packet with a new header and the shortest length. */
static void put_packet(struct bytes *b, unsigned tag, const struct bytes *body)
{
	unsigned char head[3] = {(unsigned char)(0xC0 | tag)};
	if (body->len < 192) {
		head[1] = (unsigned char)body->len;
		put(b, head, 2);
	} else {
		head[1] = (unsigned char)(((body->len - 192) >> 8) + 192);
		head[2] = (unsigned char)(body->len - 192);
		put(b, head, 3);
	}
	put(b, body->at, body->len);
}

#define ISSUER "08f8776c648fbef4b22da15730b45343362d5539"
#define TIME_SUB "05026b04b591"
#define ISSUER_SUB "162104" ISSUER
#define KEY_ID_SUB "091030b45343362d5539"
#define NUMBERS \
	"000f"      \
	"0008ff"    \
	"0008ff"

/* A signature packet out of version, type, algorithm, digest; hashed; unhashed; the rest. Each part in hex. */
static void make_signature(struct bytes *out, const char *start, const char *hashed, const char *unhashed,
						   const char *rest)
{
	struct bytes body = {.len = 0};
	unsigned char len[2] = {0, (unsigned char)(strlen(hashed) / 2)};
	out->len = 0;
	put_hex(&body, start);
	put(&body, len, 2);
	put_hex(&body, hashed);
	len[0] = (unsigned char)(strlen(unhashed) / 2 >> 8);
	len[1] = (unsigned char)(strlen(unhashed) / 2);
	put(&body, len, 2);
	put_hex(&body, unhashed);
	put_hex(&body, rest);
	put_packet(out, 2, &body);
}

static int parse_signature(const struct bytes *b, struct err *err)
{
	struct pgp_signature s;
	/* a copy of the exact size lets the address sanitizer see a byte read too far */
	auto_free unsigned char *exact = malloc(b->len > 0 ? b->len : 1);
	assert_non_null(exact);
	memcpy(exact, b->at, b->len);
	return pgp_parse_signature(&s, exact, b->len, err);
}

static int parse_slot(const struct bytes *b, struct pgp_slot *slot, struct err *err)
{
	auto_free unsigned char *exact = malloc(b->len > 0 ? b->len : 1);
	assert_non_null(exact);
	memcpy(exact, b->at, b->len);
	return pgp_parse_slot(slot, exact, b->len, err);
}

static void test_signatures_of_gpg(void **state)
{
	static const struct {
		const char *hex, *issuer;
		unsigned algorithm, hash;
	} rows[] = {
		{ed25519_signature, "08F8776C648FBEF4B22DA15730B45343362D5539", 22, 8},
		{p256_signature, "E7E5D059C289A9405E1267C86E79BF8B67FA3119", 19, 8},
		{rsa_signature, "513904FEDF18563F55604F1328DAAF0AF1768DC2", 1, 10},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct bytes b;
		struct pgp_signature s;
		from_hex(&b, rows[i].hex);
		expect_ok(pgp_parse_signature(&s, b.at, b.len, err));
		assert_string_equal(s.issuer.hex, rows[i].issuer);
		assert_int_equal(s.algorithm, rows[i].algorithm);
		assert_int_equal(s.hash, rows[i].hash);
		assert_true(s.created >= 1795470716 && s.created <= 1795470737);
	}
}

static void test_signature_parts(void **state)
{
	static const struct {
		const char *start, *hashed, *unhashed, *rest, *piece;
	} rows[] = {
		{"04001608", ISSUER_SUB TIME_SUB, KEY_ID_SUB, NUMBERS, NULL},
		{"04001608", TIME_SUB ISSUER_SUB, KEY_ID_SUB, NUMBERS, NULL},
		{"0400130a", ISSUER_SUB TIME_SUB, KEY_ID_SUB, NUMBERS, NULL},
		{"04000109", ISSUER_SUB TIME_SUB, KEY_ID_SUB, "000f0008ff", NULL},
		{"04001608", "222105" ISSUER "000102030405060708090a0b" TIME_SUB, KEY_ID_SUB, NUMBERS, NULL},
		{"04001608",
		 "ff00000016"
		 "2104" ISSUER TIME_SUB,
		 KEY_ID_SUB, NUMBERS, NULL},
		{"03001608", ISSUER_SUB TIME_SUB, KEY_ID_SUB, NUMBERS, "version 4"},
		{"05001608", ISSUER_SUB TIME_SUB, KEY_ID_SUB, NUMBERS, "version 4"},
		{"06001608", ISSUER_SUB TIME_SUB, KEY_ID_SUB, NUMBERS, "version 4"},
		{"04011608", ISSUER_SUB TIME_SUB, KEY_ID_SUB, NUMBERS, "binary document"},
		{"04021608", ISSUER_SUB TIME_SUB, KEY_ID_SUB, NUMBERS, "binary document"},
		{"04131608", ISSUER_SUB TIME_SUB, KEY_ID_SUB, NUMBERS, "binary document"},
		{"04001108", ISSUER_SUB TIME_SUB, KEY_ID_SUB, NUMBERS, "RSA, ECDSA or EdDSA"},
		{"04000308", ISSUER_SUB TIME_SUB, KEY_ID_SUB, NUMBERS, "RSA, ECDSA or EdDSA"},
		{"04001b08", ISSUER_SUB TIME_SUB, KEY_ID_SUB, NUMBERS, "RSA, ECDSA or EdDSA"},
		{"04001602", ISSUER_SUB TIME_SUB, KEY_ID_SUB, NUMBERS, "SHA-256, SHA-384 or SHA-512"},
		{"04001601", ISSUER_SUB TIME_SUB, KEY_ID_SUB, NUMBERS, "SHA-256, SHA-384 or SHA-512"},
		{"0400160b", ISSUER_SUB TIME_SUB, KEY_ID_SUB, NUMBERS, "SHA-256, SHA-384 or SHA-512"},
		{"04001608", ISSUER_SUB, KEY_ID_SUB, NUMBERS, "as hashed subpackets"},
		{"04001608", TIME_SUB, KEY_ID_SUB, NUMBERS, "as hashed subpackets"},
		{"04001608", "", KEY_ID_SUB, NUMBERS, "as hashed subpackets"},
		{"04001608", TIME_SUB TIME_SUB, KEY_ID_SUB, NUMBERS, "as hashed subpackets"},
		{"04001608", ISSUER_SUB TIME_SUB TIME_SUB, KEY_ID_SUB, NUMBERS, "as hashed subpackets"},
		{"04001608", ISSUER_SUB TIME_SUB KEY_ID_SUB, KEY_ID_SUB, NUMBERS, "as hashed subpackets"},
		{"04001608", ISSUER_SUB TIME_SUB "021c61", KEY_ID_SUB, NUMBERS, "as hashed subpackets"},
		{"04001608", ISSUER_SUB "05826b04b591", KEY_ID_SUB, NUMBERS, "critical"},
		{"04001608", "16a104" ISSUER TIME_SUB, KEY_ID_SUB, NUMBERS, "critical"},
		{"04001608", ISSUER_SUB TIME_SUB "02e361", KEY_ID_SUB, NUMBERS, "critical"},
		{"04001608", ISSUER_SUB "04026b04b5", KEY_ID_SUB, NUMBERS, "creation time of another length"},
		{"04001608", ISSUER_SUB "06026b04b59100", KEY_ID_SUB, NUMBERS, "creation time of another length"},
		{"04001608", "162105" ISSUER TIME_SUB, KEY_ID_SUB, NUMBERS, "fingerprint of another version"},
		{"04001608", "162106" ISSUER TIME_SUB, KEY_ID_SUB, NUMBERS, "fingerprint of another version"},
		{"04001608", "172104" ISSUER "00" TIME_SUB, KEY_ID_SUB, NUMBERS, "fingerprint of another version"},
		{"04001608", "0121" TIME_SUB, KEY_ID_SUB, NUMBERS, "fingerprint of another version"},
		{"04001608", ISSUER_SUB TIME_SUB "00", KEY_ID_SUB, NUMBERS, "malformed subpacket"},
		{"04001608", ISSUER_SUB TIME_SUB "05", KEY_ID_SUB, NUMBERS, "malformed subpacket"},
		{"04001608", ISSUER_SUB TIME_SUB "ffffffffff", KEY_ID_SUB, NUMBERS, "malformed subpacket"},
		{"04001608", ISSUER_SUB TIME_SUB "c0", KEY_ID_SUB, NUMBERS, "malformed subpacket"},
		{"04001608", ISSUER_SUB TIME_SUB, "", NUMBERS, "the issuer as unhashed"},
		{"04001608", ISSUER_SUB TIME_SUB, KEY_ID_SUB KEY_ID_SUB, NUMBERS, "the issuer as unhashed"},
		{"04001608", ISSUER_SUB TIME_SUB, KEY_ID_SUB "03646d6d", NUMBERS, "the issuer as unhashed"},
		{"04001608", ISSUER_SUB TIME_SUB, KEY_ID_SUB TIME_SUB, NUMBERS, "the issuer as unhashed"},
		{"04001608", ISSUER_SUB TIME_SUB, "081030b45343362d55", NUMBERS, "the issuer as unhashed"},
		{"04001608", ISSUER_SUB TIME_SUB, "099030b45343362d5539", NUMBERS, "critical"},
		{"04001608", ISSUER_SUB TIME_SUB, "09100000000000000000", NUMBERS, "two different issuers"},
		{"04001608", ISSUER_SUB TIME_SUB, KEY_ID_SUB, "", "cut short"},
		{"04001608", ISSUER_SUB TIME_SUB, KEY_ID_SUB, "000f", "cut short"},
		{"04001608", ISSUER_SUB TIME_SUB, KEY_ID_SUB, "000f0008ff", "cut short"},
		{"04001608", ISSUER_SUB TIME_SUB, KEY_ID_SUB, "000f0008ff0009ff", "cut short"},
		{"04001608", ISSUER_SUB TIME_SUB, KEY_ID_SUB, "000f00000000", "cut short"},
		{"04001608", ISSUER_SUB TIME_SUB, KEY_ID_SUB, NUMBERS "00", "behind its numbers"},
		{"04000108", ISSUER_SUB TIME_SUB, KEY_ID_SUB, NUMBERS, "behind its numbers"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct bytes b;
		char name[16];
		(void)snprintf(name, sizeof name, "row %zu", i);
		make_signature(&b, rows[i].start, rows[i].hashed, rows[i].unhashed, rows[i].rest);
		if (rows[i].piece == NULL)
			expect_ok(parse_signature(&b, err));
		else
			expect_failure(parse_signature(&b, err), ERR_SIGNATURE_PACKET, rows[i].piece, name);
	}
}

/* The same packet in every form of header that has a definite length. */
static void test_header_forms(void **state)
{
	static const char *const good[] = {"8875", "890075", "8a00000075", "c275", "c2ff00000075"};
	static const char *const bad[] = {"8b",         "8874", "8876", "c274", "c276", "c2e675", "c2e0",
									  "c2ff000000", "0875", "4275", "8c75", "c175", "b475",   "8475"};
	const char *body = ed25519_signature + 4;
	for (size_t i = 0; i < COUNT(good); i++) {
		struct bytes b;
		from_hex(&b, good[i]);
		put_hex(&b, body);
		expect_ok(parse_signature(&b, err));
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct bytes b;
		from_hex(&b, bad[i]);
		put_hex(&b, body);
		expect_failure(parse_signature(&b, err), ERR_SIGNATURE_PACKET, "the signature", bad[i]);
	}
}

static void test_signature_alone_in_its_file(void **state)
{
	struct bytes b;
	from_hex(&b, ed25519_signature);
	put_hex(&b, ed25519_signature);
	expect_failure(parse_signature(&b, err), ERR_SIGNATURE_PACKET, "behind its one packet", "two");
	from_hex(&b, ed25519_signature);
	put_hex(&b, "00");
	expect_failure(parse_signature(&b, err), ERR_SIGNATURE_PACKET, "behind its one packet", "trailing");
	from_hex(&b, "ca03504750");
	put_hex(&b, ed25519_signature);
	expect_failure(parse_signature(&b, err), ERR_SIGNATURE_PACKET, "not a signature packet", "marker");
	b.len = 0;
	put(&b, "-----BEGIN PGP SIGNATURE-----\n", 30);
	expect_failure(parse_signature(&b, err), ERR_SIGNATURE_PACKET, "not made of OpenPGP packets", "armor");
	b.len = 0;
	expect_failure(parse_signature(&b, err), ERR_SIGNATURE_PACKET, "not made of OpenPGP packets", "empty");
}

static void test_cut_anywhere(void **state)
{
	struct bytes b;
	from_hex(&b, ed25519_signature);
	for (size_t len = b.len; len-- > 0;) {
		struct bytes cut = b;
		cut.len = len;
		expect_failure(parse_signature(&cut, err), ERR_SIGNATURE_PACKET, "the signature", "cut");
	}
	from_hex(&b, cv25519_slot);
	for (size_t len = b.len; len-- > 0;) {
		struct pgp_slot slot;
		struct bytes cut = b;
		cut.len = len;
		expect_failure(parse_slot(&cut, &slot, err), ERR_SLOT, "the key slot", "cut");
	}
}

static void test_slots_of_gpg(void **state)
{
	struct bytes b;
	struct pgp_slot slot;
	from_hex(&b, cv25519_slot);
	expect_ok(parse_slot(&b, &slot, err));
	assert_int_equal(slot.algorithm, 18);
	assert_true(slot.key_id == 0xCE63D72882D3E9BA);
	from_hex(&b, rsa_slot);
	expect_ok(parse_slot(&b, &slot, err));
	assert_int_equal(slot.algorithm, 1);
	assert_true(slot.key_id == 0);
}

static void test_name_slot_key(void **state)
{
	struct bytes b, before;
	struct pgp_slot slot;
	from_hex(&b, cv25519_slot);
	before = b;
	expect_ok(pgp_name_slot_key(b.at, b.len, 0x0123456789abcdef, err));
	expect_ok(parse_slot(&b, &slot, err));
	assert_true(slot.key_id == 0x0123456789abcdef);
	unsigned changed = 0;
	for (size_t i = 0; i < b.len; i++)
		changed += b.at[i] != before.at[i];
	assert_int_equal(changed, 8);
	b.len--;
	expect_failure(pgp_name_slot_key(b.at, b.len, 1, err), ERR_SLOT, "", "cut");
}

static void make_slot(struct bytes *b, const char *first, unsigned tag, const char *second)
{
	struct bytes body;
	b->len = 0;
	from_hex(&body, first);
	put_packet(b, 1, &body);
	from_hex(&body, second);
	put_packet(b, tag, &body);
}

#define SESSION            \
	"03ce63d72882d3e9ba12" \
	"0008ff01aa"

static void test_slot_parts(void **state)
{
	static const struct {
		const char *first;
		unsigned tag;
		const char *second, *piece;
	} rows[] = {
		{SESSION, 18, "01ff", NULL},
		{SESSION, 18, "02ff", NULL},
		{SESSION, 20, "01ff", NULL},
		{"030000000000000000010008ff", 18, "01ff", NULL},
		{"02ce63d72882d3e9ba120008ff", 18, "01ff", "not of version 3"},
		{"06ce63d72882d3e9ba120008ff", 18, "01ff", "not of version 3"},
		{"03ce63d72882d3e9ba100008ff", 18, "01ff", "not encrypted by RSA or ECDH"},
		{"03ce63d72882d3e9ba190008ff", 18, "01ff", "not encrypted by RSA or ECDH"},
		{"03ce63d72882d3e9ba12", 18, "01ff", "more or less than an encrypted key"},
		{"03ce63d72882d3e9ba120008ff", 18, "01ff", "more or less than an encrypted key"},
		{"03ce63d72882d3e9ba120008ff02aa", 18, "01ff", "more or less than an encrypted key"},
		{"03ce63d72882d3e9ba120008ff01aa00", 18, "01ff", "more or less than an encrypted key"},
		{"03ce63d72882d3e9ba010008ff00", 18, "01ff", "more or less than an encrypted key"},
		{"03ce63d72882d3e9ba010009ff", 18, "01ff", "more or less than an encrypted key"},
		{"03ce63d7", 18, "01ff", "cut short in its first"},
		{"", 18, "01ff", "not of version 3"},
		{SESSION, 18, "00ff", "unknown version"},
		{SESSION, 18, "03ff", "unknown version"},
		{SESSION, 20, "02ff", "unknown version"},
		{SESSION, 18, "01", "cut short in its second"},
		{SESSION, 18, "", "unknown version"},
		{SESSION, 9, "01ff", "not integrity-protected"},
		{SESSION, 11, "01ff", "not integrity-protected"},
		{SESSION, 8, "01ff", "not integrity-protected"},
		{SESSION, 1, "01ff", "not integrity-protected"},
		{SESSION, 3, "01ff", "not integrity-protected"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct bytes b;
		struct pgp_slot slot;
		char name[16];
		(void)snprintf(name, sizeof name, "row %zu", i);
		make_slot(&b, rows[i].first, rows[i].tag, rows[i].second);
		if (rows[i].piece == NULL)
			expect_ok(parse_slot(&b, &slot, err));
		else
			expect_failure(parse_slot(&b, &slot, err), ERR_SLOT, rows[i].piece, name);
	}
}

static void test_slot_has_two_packets(void **state)
{
	struct bytes b, literal;
	struct pgp_slot slot;
	from_hex(&literal, "620000000000");
	from_hex(&b, cv25519_slot);
	put_packet(&b, 11, &literal);
	expect_failure(parse_slot(&b, &slot, err), ERR_SLOT, "more than two packets", "literal behind");
	from_hex(&b, cv25519_slot);
	put_hex(&b, cv25519_slot);
	expect_failure(parse_slot(&b, &slot, err), ERR_SLOT, "more than two packets", "twice");
	struct bytes first;
	from_hex(&first, SESSION);
	b.len = 0;
	put_packet(&b, 1, &first);
	expect_failure(parse_slot(&b, &slot, err), ERR_SLOT, "no second packet", "one");
	put_packet(&b, 1, &first);
	put_hex(&b, "d20201ff");
	expect_failure(parse_slot(&b, &slot, err), ERR_SLOT, "not integrity-protected", "two recipients");
	from_hex(&b, "c30d04090308000102030405060760");
	put_hex(&b, "d20201ff");
	expect_failure(parse_slot(&b, &slot, err), ERR_SLOT, "session key for a public key", "password");
	/* partial and indeterminate lengths */
	b.len = 0;
	put_packet(&b, 1, &first);
	put_hex(&b, "d2e101ff00");
	expect_failure(parse_slot(&b, &slot, err), ERR_SLOT, "definite length", "partial");
	b.len = 0;
	put_packet(&b, 1, &first);
	put_hex(&b, "a701ff");
	expect_failure(parse_slot(&b, &slot, err), ERR_SLOT, "definite length", "indeterminate");
}

static int check_certificate(const struct bytes *b, struct err *err)
{
	return pgp_check_certificate(b->at, b->len, err);
}

static void test_certificate_of_gpg(void **state)
{
	struct bytes b;
	from_hex(&b, certificate);
	expect_ok(check_certificate(&b, err));
	put_hex(&b, certificate);
	expect_failure(check_certificate(&b, err), ERR_CERTIFICATE, "more than one public key", "two");
	from_hex(&b, certificate);
	b.len--;
	expect_failure(check_certificate(&b, err), ERR_CERTIFICATE, "longer than the file", "cut");
	b.len = 0;
	expect_failure(check_certificate(&b, err), ERR_CERTIFICATE, "0 bytes", "empty");
	from_hex(&b, ed25519_signature);
	expect_failure(check_certificate(&b, err), ERR_CERTIFICATE, "does not begin with a public key", "signature first");
	b.len = 0;
	put(&b, "-----BEGIN PGP PUBLIC KEY BLOCK-----\n", 37);
	expect_failure(check_certificate(&b, err), ERR_CERTIFICATE, "armored", "armor");
}

/* gpg takes milliseconds for each. */
static void test_certificate_with_many_signatures(void **state)
{
	static struct bytes b;
	auto_buf many = {0};
	from_hex(&b, certificate);
	expect_ok(buf_append(&many, b.at, b.len, err));
	unsigned signatures = 0;
	for (struct bytes one; signatures <= PGP_CERT_SIGNATURES_MAX; signatures++) {
		from_hex(&one, ed25519_signature);
		expect_ok(buf_append(&many, one.at, one.len, err));
	}
	expect_failure(pgp_check_certificate((unsigned char *)many.data, many.len, err), ERR_CERTIFICATE,
				   "more than 256 signatures", "a flood");
}

/* gpg would pass over such a key without a word. */
static void test_certificate_of_an_unknown_kind(void **state)
{
	static const struct {
		const char *body, *piece;
	} rows[] = {
		{"04", "cut short"},           {"0400000000", "cut short"},   {"030000000001", "version"},
		{"060000000001", "version"},   {"000000000001", "version"},   {"040000000063", "algorithm"},
		{"040000000012", "algorithm"}, {"040000000000", "algorithm"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct bytes b = {.len = 0}, body;
		from_hex(&body, rows[i].body);
		put_packet(&b, 6, &body);
		expect_failure(check_certificate(&b, err), ERR_CERTIFICATE, rows[i].piece, rows[i].body);
	}
}

/* Whatever tag stands behind the key: user ids, signatures, subkeys and attributes may, nothing else. */
static void test_certificate_tags(void **state)
{
	for (unsigned tag = 0; tag < 64; tag++) {
		struct bytes b, body;
		from_hex(&b, certificate);
		from_hex(&body, "0102");
		put_packet(&b, tag, &body);
		bool may = tag == 2 || tag == 13 || tag == 14 || tag == 17;
		if (may)
			expect_ok(check_certificate(&b, err));
		else
			expect_failure(check_certificate(&b, err), ERR_CERTIFICATE, "the certificate has", "tag");
		b.len = 0;
		put_packet(&b, tag, &body);
		if (tag != 6)
			expect_failure(check_certificate(&b, err), ERR_CERTIFICATE, "does not begin with", "first tag");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_signatures_of_gpg),
		cmocka_unit_test(test_signature_parts),
		cmocka_unit_test(test_header_forms),
		cmocka_unit_test(test_signature_alone_in_its_file),
		cmocka_unit_test(test_cut_anywhere),
		cmocka_unit_test(test_slots_of_gpg),
		cmocka_unit_test(test_name_slot_key),
		cmocka_unit_test(test_slot_parts),
		cmocka_unit_test(test_slot_has_two_packets),
		cmocka_unit_test(test_certificate_of_gpg),
		cmocka_unit_test(test_certificate_with_many_signatures),
		cmocka_unit_test(test_certificate_of_an_unknown_kind),
		cmocka_unit_test(test_certificate_tags),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
