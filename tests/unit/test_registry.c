/* SPDX-License-Identifier: Apache-2.0 */
#include "station_fixture.h"

#include <sys/file.h>

static int group_setup(void **state)
{
	(void)state;
	fixture_start();
	(void)make_station("home");
	(void)make_station("bob");
	(void)make_station("alice");
	return 0;
}

static int group_teardown(void **state)
{
	(void)state;
	fixture_end();
	return 0;
}

static void test_add(void **state)
{
	struct err err = ERR_INIT;
	auto_station station = {0};
	auto_registry registry = {0}, again = {0};
	auto_buf certificate = {0}, first = {0};
	struct digest digest;
	(void)state;
	assert_ok(station_open(&station, below_root("home"), &err));
	assert_ok(registry_open(&registry, &station, NULL, &err));
	assert_int_equal(registry.doc.count, 0);
	assert_int_equal(registry.doc.serial, 0);
	add_partner(&registry, "bob", ROLE_SEND | ROLE_RECEIVE, "");
	assert_int_equal(registry.doc.serial, 1);
	assert_true(digest_is_zero(&registry.doc.previous));
	read_root("home/registry.yaml", &first);
	hash_bytes(&digest, first.data, first.len);
	add_partner(&registry, "alice", ROLE_CARRY, "Alice A.");
	assert_int_equal(registry.doc.serial, 2);
	assert_true(digest_equal(&registry.doc.previous, &digest));

	assert_ok(registry_open(&again, &station, NULL, &err));
	assert_int_equal(again.doc.count, 2);
	assert_string_equal(again.doc.partners[0].alias, "alice");
	assert_string_equal(again.doc.partners[0].person, "Alice A.");
	assert_string_equal(again.doc.partners[1].alias, "bob");
	assert_string_equal(again.doc.partners[1].person, "bob");
	assert_string_equal(again.doc.domain.text, registry.doc.domain.text);
	assert_int_equal(again.doc.not_after, again.doc.created + 366 * DAY_S);
	const struct partner *bob = registry_find_alias(&again, "bob");
	assert_ptr_equal(bob, registry_find(&again, &bob->fingerprint));
	assert_null(registry_find_alias(&again, "bo"));
	assert_ok(registry_certificate(&again, bob, &certificate, &err));
	shell("[ \"$(find $R/home -type f ! -perm 600)\" = '' ]");
}

static void test_add_refuses(void **state)
{
	struct err err = ERR_INIT;
	auto_station station = {0};
	auto_registry registry = {0};
	auto_card bob = {0}, self = {0};
	(void)state;
	assert_ok(station_open(&station, below_root("home"), &err));
	assert_ok(registry_open(&registry, &station, NULL, &err));
	get_card("bob", &bob);
	get_card("home", &self);
	(void)make_station("carol");
	auto_card carol = {0};
	get_card("carol", &carol);
	int64_t now = utc_now();
	shell("cd $R/home && sha256sum registry.yaml keys/* > $R/sums");

	struct partner partner = partner_of(&bob, "other", ROLE_SEND);
	assert_fails(registry_add(&registry, &partner, &bob, &bob.fingerprint, now, &err), ERR_EXISTS);
	assert_fails(registry_add(&registry, &partner, &bob, &carol.fingerprint, now, &err), ERR_FINGERPRINT);
	partner = partner_of(&carol, "bob", ROLE_SEND);
	assert_fails(registry_add(&registry, &partner, &carol, &carol.fingerprint, now, &err), ERR_EXISTS);
	partner = partner_of(&carol, "Carol", ROLE_SEND);
	assert_fails(registry_add(&registry, &partner, &carol, &carol.fingerprint, now, &err), ERR_USAGE);
	partner = partner_of(&self, "self", ROLE_SEND);
	assert_fails(registry_add(&registry, &partner, &self, &self.fingerprint, now, &err), ERR_EXISTS);
	/* A card whose fingerprint was confirmed and whose certificate is another's. */
	partner = partner_of(&carol, "carol", ROLE_SEND);
	struct card forged = carol;
	forged.certificate = bob.certificate;
	forged.certificate_len = bob.certificate_len;
	assert_fails(registry_add(&registry, &partner, &forged, &carol.fingerprint, now, &err), ERR_FINGERPRINT);
	(void)snprintf(partner.party.jurisdiction, sizeof partner.party.jurisdiction, "xx");
	assert_fails(registry_add(&registry, &partner, &carol, &carol.fingerprint, now, &err), ERR_USAGE);

	shell("cd $R/home && sha256sum registry.yaml keys/* | diff $R/sums -");
	assert_int_equal(registry.doc.count, 2);
}

/* A certificate that can sign and not encrypt is enough for those who only send. */
static void test_roles_need_keys(void **state)
{
	struct err err = ERR_INIT;
	auto_station station = {0};
	auto_registry registry = {0};
	auto_buf exported = {0};
	struct fingerprint fpr;
	auto_buf hex = {0};
	(void)state;
	assert_ok(station_open(&station, below_root("home"), &err));
	assert_ok(registry_open(&registry, &station, NULL, &err));
	make_home("signer");
	plain_gpg("signer", "--passphrase '' --quick-gen-key Signer ed25519 sign,cert");
	plain_gpg("signer", "-o signer.pgp --export");
	shell("gpg --homedir $R/signer --with-colons -k | awk -F: '/^fpr/{print $10; exit}' | tr -d '\\n' > $R/hex");
	read_root("signer.pgp", &exported);
	read_root("hex", &hex);
	assert_true(fingerprint_parse(&fpr, hex.data, hex.len));
	struct card card = {.fingerprint = fpr,
						.certificate = (unsigned char *)exported.data,
						.certificate_len = exported.len,
						.party = {.name = "S", .organisation = "O"}};
	struct partner partner = partner_of(&card, "signer", ROLE_SEND | ROLE_RECEIVE);
	assert_fails(registry_add(&registry, &partner, &card, &fpr, utc_now(), &err), ERR_CERTIFICATE);
	partner.roles = ROLE_SEND;
	assert_ok(registry_add(&registry, &partner, &card, &fpr, utc_now(), &err));
}

static void test_busy(void **state)
{
	struct err err = ERR_INIT;
	auto_station station = {0};
	auto_registry registry = {0};
	auto_card carol = {0};
	(void)state;
	assert_ok(station_open(&station, below_root("home"), &err));
	assert_ok(registry_open(&registry, &station, NULL, &err));
	get_card("carol", &carol);
	struct partner partner = partner_of(&carol, "carol", ROLE_SEND);
	auto_fd int lock = open(below_root("home/registry.lock"), O_RDWR | O_CLOEXEC);
	assert_int_equal(flock(lock, LOCK_EX), 0);
	assert_fails(registry_add(&registry, &partner, &carol, &carol.fingerprint, utc_now(), &err), ERR_BUSY);
}

static void test_changed_certificate(void **state)
{
	struct err err = ERR_INIT;
	auto_station station = {0};
	auto_registry registry = {0};
	auto_buf certificate = {0};
	(void)state;
	assert_ok(station_open(&station, below_root("home"), &err));
	assert_ok(registry_open(&registry, &station, NULL, &err));
	const struct partner *bob = registry_find_alias(&registry, "bob");
	shell("cp $R/home/keys/%s.pgp $R/saved && printf x >> $R/home/keys/%s.pgp", bob->fingerprint.hex,
		  bob->fingerprint.hex);
	assert_fails(registry_certificate(&registry, bob, &certificate, &err), ERR_CERTIFICATE);
	shell("rm $R/home/keys/%s.pgp", bob->fingerprint.hex);
	assert_fails(registry_certificate(&registry, bob, &certificate, &err), ERR_REGISTRY);
	shell("cp $R/saved $R/home/keys/%s.pgp", bob->fingerprint.hex);
	shell("echo 'valise-registry: 1' > $R/home/registry.yaml");
	auto_registry broken = {0};
	assert_fails(registry_open(&broken, &station, NULL, &err), ERR_REGISTRY);
}

/* The examples of keys/ are what they say. */
static void test_examples(void **state)
{
	struct err err = ERR_INIT;
	auto_buf card_text = {0}, registry_text = {0}, clean = {0};
	auto_card card = {0};
	AUTO(registry_doc_clear) struct registry_doc doc = {0};
	struct cert cert;
	(void)state;
	assert_ok(io_read_file(&card_text, AT_FDCWD, "keys/card.example.yaml", CARD_BYTES_MAX, &err));
	assert_ok(card_parse(&card, card_text.data, card_text.len, &err));
	assert_ok(gpg_launder(card.certificate, card.certificate_len, &card.fingerprint, &clean, &cert, &err));
	assert_ok(io_read_file(&registry_text, AT_FDCWD, "keys/registry.example.yaml", REGISTRY_BYTES_MAX, &err));
	assert_ok(registry_doc_parse(&doc, registry_text.data, registry_text.len, &err));
	struct digest digest;
	hash_bytes(&digest, clean.data, clean.len);
	assert_true(digest_equal(&digest, &doc.partners[0].certificate));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_add),  cmocka_unit_test(test_add_refuses),         cmocka_unit_test(test_roles_need_keys),
		cmocka_unit_test(test_busy), cmocka_unit_test(test_changed_certificate), cmocka_unit_test(test_examples),
	};
	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
