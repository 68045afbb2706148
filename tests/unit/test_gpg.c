/* SPDX-License-Identifier: Apache-2.0 */
#include "gpg_fixture.h"

#include "format/pgp.h"

#include <time.h>

static struct fingerprint alice, bob;
static struct buf alice_cert, bob_cert;
static const char text[] = "valise-waybill: 1\n";

/* A path of 200 characters: the agent's sockets would not fit there. */
static char long_home[220];

static int group_setup(void **state)
{
	(void)state;
	fixture_start();
	make_home("a");
	alice = make_key("a", "Alice Żółw (Agency A)");
	export_key("a", &alice, &alice_cert);
	memset(long_home, 'b', 200 - strlen(fixture_root));
	make_home(long_home);
	bob = make_key(long_home, "9 Bob (Agency B)");
	export_key(long_home, &bob, &bob_cert);
	return 0;
}

static int group_teardown(void **state)
{
	(void)state;
	buf_clear(&alice_cert);
	buf_clear(&bob_cert);
	fixture_end();
	return 0;
}

static void open_with(struct gpg **out, const struct buf *cert, const struct fingerprint *fpr)
{
	struct err err = ERR_INIT;
	assert_ok(gpg_open_throwaway(out, &err));
	assert_ok(gpg_import(*out, cert->data, cert->len, fpr, &err));
}

static void sign_as(const char *home, const struct fingerprint *fpr, struct buf *out)
{
	struct err err = ERR_INIT;
	auto_gpg *gpg = NULL;
	assert_ok(gpg_open_station(&gpg, below_root(home), never_ask(), &err));
	assert_ok(gpg_sign(gpg, fpr, text, strlen(text), out, &err));
}

static void test_generated_key(void **state)
{
	struct err err = ERR_INIT;
	struct cert cert;
	auto_gpg *gpg = NULL;
	(void)state;
	open_with(&gpg, &alice_cert, &alice);
	assert_ok(gpg_describe(gpg, &alice, &cert, &err));
	assert_string_equal(cert.algorithm, "ed25519");
	assert_string_equal(cert.uid, "Alice Żółw (Agency A)");
	assert_int_equal(cert.subkey_count, 2);
	assert_true(cert.subkeys[0].can_sign && !cert.subkeys[0].can_encrypt);
	assert_true(!cert.subkeys[1].can_sign && cert.subkeys[1].can_encrypt);
	assert_int_equal(cert.expires, cert.created + 730 * (int64_t)DAY_S);
	assert_false(cert.has_secret || cert.revoked || cert.expired || cert.disabled || cert.invalid);
	assert_fails(gpg_describe(gpg, &bob, &cert, &err), ERR_CERTIFICATE);
	assert_fails(gpg_describe(gpg, &cert.subkeys[1].fingerprint, &cert, &err), ERR_CERTIFICATE);
}

static void test_sign_and_verify(void **state)
{
	struct err err = ERR_INIT;
	struct signature_result result;
	auto_buf sig = {0};
	auto_gpg *gpg = NULL, *empty = NULL;
	(void)state;
	sign_as("a", &alice, &sig);
	open_with(&gpg, &alice_cert, &alice);
	assert_ok(gpg_verify(gpg, sig.data, sig.len, text, strlen(text), &result, &err));
	assert_int_equal(result.state, SIGNATURE_GOOD);
	assert_true(fingerprint_equal(&result.signer, &alice));
	assert_ok(gpg_verify(gpg, sig.data, sig.len, text, strlen(text) - 1, &result, &err));
	assert_int_equal(result.state, SIGNATURE_BAD);
	assert_ok(gpg_open_throwaway(&empty, &err));
	assert_ok(gpg_verify(empty, sig.data, sig.len, text, strlen(text), &result, &err));
	assert_int_equal(result.state, SIGNATURE_NO_KEY);
}

static void test_encrypt_and_decrypt(void **state)
{
	struct err err = ERR_INIT;
	auto_gpg *gpg = NULL, *station = NULL, *other = NULL;
	auto_secret *plain = NULL, *back = NULL, *hidden = NULL, *none = NULL;
	auto_buf slot = {0}, slot_hidden = {0};
	(void)state;
	assert_ok(secret_random(&plain, 208, &err));
	open_with(&gpg, &bob_cert, &bob);
	assert_ok(gpg_encrypt(gpg, &bob, plain, &slot, &err));
	assert_ok(gpg_encrypt_with(gpg, &bob, GPG_KEY_ID_HIDDEN, plain, &slot_hidden, &err));
	assert_fails(gpg_encrypt(gpg, &alice, plain, &slot, &err), ERR_CERTIFICATE);

	assert_ok(gpg_open_station(&station, below_root(long_home), never_ask(), &err));
	assert_ok(gpg_decrypt(station, slot.data, slot.len, 208, &back, &err));
	assert_memory_equal(back->bytes, plain->bytes, 208);
	assert_ok(gpg_decrypt(station, slot_hidden.data, slot_hidden.len, 208, &hidden, &err));
	assert_memory_equal(hidden->bytes, plain->bytes, 208);
	assert_fails(gpg_decrypt(station, slot.data, slot.len, 207, &none, &err), ERR_SLOT);
	assert_fails(gpg_decrypt(station, slot.data, slot.len, 209, &none, &err), ERR_SLOT);

	assert_ok(gpg_open_station(&other, below_root("a"), never_ask(), &err));
	assert_fails(gpg_decrypt(other, slot.data, slot.len, 208, &none, &err), ERR_KEY_UNAVAILABLE);
	assert_fails(gpg_decrypt(other, slot_hidden.data, slot_hidden.len, 208, &none, &err), ERR_KEY_UNAVAILABLE);
	slot.data[slot.len - 1] ^= 1;
	assert_fails(gpg_decrypt(station, slot.data, slot.len, 208, &none, &err), ERR_SLOT);
	assert_null(none);
}

static void test_hidden_slots(void **state)
{
	struct err err = ERR_INIT;
	auto_gpg *gpg = NULL, *station = NULL, *other = NULL, *wrong = NULL;
	auto_secret *plain = NULL, *back = NULL, *none = NULL, *good = NULL, *bad = NULL;
	auto_buf slot = {0}, cert = {0}, guarded_slot = {0};
	(void)state;
	assert_ok(secret_random(&plain, 208, &err));
	open_with(&gpg, &bob_cert, &bob);
	assert_ok(gpg_encrypt_with(gpg, &bob, GPG_KEY_ID_HIDDEN, plain, &slot, &err));
	assert_ok(gpg_open_station(&station, below_root(long_home), never_ask(), &err));
	assert_ok(gpg_decrypt_hidden(station, &bob, slot.data, slot.len, 208, &back, &err));
	assert_memory_equal(back->bytes, plain->bytes, 208);
	assert_fails(gpg_decrypt_hidden(station, &bob, slot.data, slot.len, 207, &none, &err), ERR_SLOT);
	assert_ok(gpg_open_station(&other, below_root("a"), never_ask(), &err));
	assert_ok(gpg_decrypt_hidden(other, &alice, slot.data, slot.len, 208, &none, &err));
	assert_null(none);
	/* ours, but changed on the way: not to be taken for somebody else's */
	slot.data[slot.len - 1] ^= 1;
	assert_fails(gpg_decrypt_hidden(station, &bob, slot.data, slot.len, 208, &none, &err), ERR_SLOT);
	slot.data[slot.len - 1] ^= 1;

	/* A passphrase that is not right, or not there, is told, and is no "somebody else's". */
	make_home("hidden");
	shell("echo 's2k-count 65536' >>$R/hidden/gpg-agent.conf");
	assert_ok(secret_new(&good, 4, &err));
	memcpy(good->bytes, "good", 4);
	assert_ok(secret_new(&bad, 3, &err));
	const struct gpg_passphrase right = {GPG_PASSPHRASE_GIVEN, good}, not_right = {GPG_PASSPHRASE_GIVEN, bad};
	struct fingerprint fpr;
	auto_gpg *maker = NULL;
	assert_ok(gpg_open_station(&maker, below_root("hidden"), &right, &err));
	assert_ok(gpg_generate(maker, "Guarded", GPG_PROTECTED, &fpr, &err));
	assert_ok(gpg_encrypt_with(maker, &fpr, GPG_KEY_ID_HIDDEN, plain, &guarded_slot, &err));
	gpg_close(steal(&maker)); /* and with its agent what it remembers */
	assert_ok(gpg_open_station(&wrong, below_root("hidden"), &not_right, &err));
	assert_fails(gpg_decrypt_hidden(wrong, &fpr, slot.data, slot.len, 208, &none, &err), ERR_KEY_UNAVAILABLE);
	assert_fails(gpg_decrypt_hidden(wrong, &fpr, guarded_slot.data, guarded_slot.len, 208, &none, &err),
				 ERR_KEY_UNAVAILABLE);
	gpg_close(steal(&wrong));
	assert_ok(gpg_open_station(&wrong, below_root("hidden"), never_ask(), &err));
	assert_fails(gpg_decrypt_hidden(wrong, &fpr, slot.data, slot.len, 208, &none, &err), ERR_KEY_UNAVAILABLE);
	gpg_close(steal(&wrong));
	assert_ok(gpg_open_station(&wrong, below_root("hidden"), &right, &err));
	assert_ok(gpg_decrypt_hidden(wrong, &fpr, slot.data, slot.len, 208, &none, &err));
	assert_null(none);
	assert_ok(gpg_decrypt_hidden(wrong, &fpr, guarded_slot.data, guarded_slot.len, 208, &none, &err));
	assert_memory_equal(none->bytes, plain->bytes, 208);
}

/* A home of plain gpg may have RSA keys, of two sizes: the wrapped key is then no multiple of the other's. */
static void test_hidden_slots_of_rsa(void **state)
{
	static const char *const homes[] = {"rsa-2048", "rsa-3072"};
	struct err err = ERR_INIT;
	struct fingerprint fprs[2];
	auto_secret *plain = NULL;
	(void)state;
	assert_ok(secret_random(&plain, 208, &err));
	for (unsigned i = 0; i < 2; i++) {
		auto_buf listed = {0};
		make_home(homes[i]);
		plain_gpg(homes[i], "--passphrase '' --quick-gen-key %s %.3s%s cert,sign 2y", homes[i], homes[i], homes[i] + 4);
		shell("GNUPGHOME=$R/%s gpg --list-keys --with-colons | sed -n 's/^fpr:*\\([0-9A-F]*\\):/\\1/p' >$R/fpr",
			  homes[i]);
		read_root("fpr", &listed);
		assert_true(listed.len >= 40 && fingerprint_parse(&fprs[i], listed.data, 40));
		plain_gpg(homes[i], "--passphrase '' --quick-add-key %s %.3s%s encr", fprs[i].hex, homes[i], homes[i] + 4);
	}
	for (unsigned from = 0; from < 2; from++)
		for (unsigned to = 0; to < 2; to++) {
			auto_gpg *sender = NULL, *reader = NULL;
			auto_buf slot = {0};
			auto_secret *back = NULL;
			assert_ok(gpg_open_station(&sender, below_root(homes[from]), never_ask(), &err));
			assert_ok(gpg_encrypt_with(sender, &fprs[from], GPG_KEY_ID_HIDDEN, plain, &slot, &err));
			assert_ok(gpg_open_station(&reader, below_root(homes[to]), never_ask(), &err));
			assert_ok(gpg_decrypt_hidden(reader, &fprs[to], slot.data, slot.len, 208, &back, &err));
			assert_true((back != NULL) == (from == to));
		}
}

static void test_import_all(void **state)
{
	struct err err = ERR_INIT;
	struct cert cert;
	auto_gpg *gpg = NULL, *half = NULL;
	struct gpg_certificate both[] = {{alice_cert, alice}, {bob_cert, bob}};
	struct gpg_certificate swapped[] = {{alice_cert, alice}, {alice_cert, bob}};
	struct gpg_certificate cut[] = {{alice_cert, alice}, {{.data = bob_cert.data, .len = bob_cert.len - 1}, bob}};
	(void)state;
	assert_ok(gpg_open_throwaway(&gpg, &err));
	assert_ok(gpg_import_all(gpg, both, 2, &err));
	assert_ok(gpg_describe(gpg, &alice, &cert, &err));
	assert_ok(gpg_describe(gpg, &bob, &cert, &err));
	assert_ok(gpg_open_throwaway(&half, &err));
	assert_ok(gpg_import_all(half, both, 0, &err));
	assert_fails(gpg_import_all(half, swapped, 2, &err), ERR_CERTIFICATE);
	assert_fails(gpg_import_all(half, cut, 2, &err), ERR_CERTIFICATE);
	assert_fails(gpg_describe(half, &bob, &cert, &err), ERR_CERTIFICATE);
}

static void test_import_refuses(void **state)
{
	struct err err = ERR_INIT;
	struct cert cert;
	auto_buf two = {0}, secret = {0}, armored = {0}, clean = {0};
	(void)state;
	assert_fails(gpg_launder(alice_cert.data, alice_cert.len, &bob, &clean, &cert, &err), ERR_FINGERPRINT);
	assert_fails(gpg_launder("x", 1, &bob, &clean, &cert, &err), ERR_CERTIFICATE);
	assert_fails(gpg_launder(alice_cert.data, alice_cert.len - 1, &alice, &clean, &cert, &err), ERR_CERTIFICATE);
	assert_ok(buf_append(&two, alice_cert.data, alice_cert.len, &err));
	assert_ok(buf_append(&two, bob_cert.data, bob_cert.len, &err));
	assert_fails(gpg_launder(two.data, two.len, &alice, &clean, &cert, &err), ERR_CERTIFICATE);
	plain_gpg("a", "-o secret --export-secret-keys");
	read_root("secret", &secret);
	assert_fails(gpg_launder(secret.data, secret.len, &alice, &clean, &cert, &err), ERR_CERTIFICATE);
	plain_gpg("a", "--armor -o armored --export");
	read_root("armored", &armored);
	assert_fails(gpg_launder(armored.data, armored.len, &alice, &clean, &cert, &err), ERR_CERTIFICATE);
	assert_int_equal(clean.len, 0);
	assert_ok(gpg_launder(alice_cert.data, alice_cert.len, &alice, &clean, &cert, &err));
	assert_int_equal(clean.len, alice_cert.len);
	assert_memory_equal(clean.data, alice_cert.data, clean.len);
}

static void test_revoked_key(void **state)
{
	struct err err = ERR_INIT;
	struct cert cert;
	struct signature_result result;
	auto_gpg *gpg = NULL;
	auto_buf sig = {0}, revoked = {0}, clean = {0}, slot = {0};
	auto_secret *plain = NULL;
	(void)state;
	make_home("r");
	struct fingerprint fpr = make_key("r", "Revoked");
	sign_as("r", &fpr, &sig);
	shell("sed 's/^:---/---/' $R/r/openpgp-revocs.d/%s.rev | gpg --homedir $R/r --dearmor > $R/rev", fpr.hex);
	plain_gpg("r", "--trust-model pgp --import rev");
	plain_gpg("r", "-o revoked.pgp --export");
	read_root("revoked.pgp", &revoked);
	assert_ok(gpg_launder(revoked.data, revoked.len, &fpr, &clean, &cert, &err));
	assert_true(cert.revoked);
	assert_false(cert.subkeys[0].can_sign);
	open_with(&gpg, &clean, &fpr);
	assert_ok(gpg_verify(gpg, sig.data, sig.len, text, strlen(text), &result, &err));
	assert_int_equal(result.state, SIGNATURE_REVOKED);
	assert_true(fingerprint_equal(&result.signer, &fpr));
	assert_ok(secret_random(&plain, 208, &err));
	assert_fails(gpg_encrypt(gpg, &fpr, plain, &slot, &err), ERR_RECIPIENT);
}

static void test_expired_key(void **state)
{
	struct err err = ERR_INIT;
	struct signature_result result;
	struct cert cert;
	auto_gpg *gpg = NULL;
	auto_buf sig = {0}, exported = {0};
	auto_secret *plain = NULL;
	auto_buf slot = {0};
	struct fingerprint fpr;
	(void)state;
	make_home("e");
	plain_gpg("e", "--faked-system-time 20200101T000000 --passphrase '' --quick-gen-key Expired ed25519 sign,cert 30d");
	shell("gpg --homedir $R/e --with-colons -k | awk -F: '/^fpr/{print $10; exit}' | tr -d '\\n' > $R/e.fpr");
	auto_buf hex = {0};
	read_root("e.fpr", &hex);
	assert_true(fingerprint_parse(&fpr, hex.data, hex.len));
	shell("printf 'valise-waybill: 1\\n' > $R/text");
	plain_gpg("e", "--faked-system-time 20200102T000000! -o e.sig --detach-sign text");
	plain_gpg("e", "-o e.pgp --export");
	read_root("e.sig", &sig);
	read_root("e.pgp", &exported);
	open_with(&gpg, &exported, &fpr);
	assert_ok(gpg_describe(gpg, &fpr, &cert, &err));
	assert_true(cert.expired);
	assert_ok(gpg_verify(gpg, sig.data, sig.len, text, strlen(text), &result, &err));
	assert_int_equal(result.state, SIGNATURE_EXPIRED);
	assert_int_equal(result.created, 1577923200);
	assert_ok(secret_random(&plain, 208, &err));
	assert_fails(gpg_encrypt(gpg, &fpr, plain, &slot, &err), ERR_RECIPIENT);
}

static void test_passphrases(void **state)
{
	struct err err = ERR_INIT;
	auto_secret *right = NULL, *wrong = NULL;
	auto_buf sig = {0};
	struct fingerprint fpr;
	(void)state;
	make_home("p");
	shell("echo s2k-count 65536 >> $R/p/gpg-agent.conf");
	assert_ok(secret_new(&right, 5, &err));
	memcpy(right->bytes, "right", 5);
	assert_ok(secret_new(&wrong, 5, &err));
	memcpy(wrong->bytes, "wrong", 5);
	const struct gpg_passphrase given = {GPG_PASSPHRASE_GIVEN, right}, bad = {GPG_PASSPHRASE_GIVEN, wrong};
	struct gpg *gpg = NULL;
	assert_ok(gpg_open_station(&gpg, below_root("p"), never_ask(), &err));
	assert_fails(gpg_generate(gpg, "P", GPG_PROTECTED, &fpr, &err), ERR_KEY_UNAVAILABLE);
	gpg_close(gpg);
	assert_ok(gpg_open_station(&gpg, below_root("p"), &given, &err));
	assert_ok(gpg_generate(gpg, "P", GPG_PROTECTED, &fpr, &err));
	assert_ok(gpg_sign(gpg, &fpr, text, strlen(text), &sig, &err));
	gpg_close(gpg);
	shell("grep -q protected-private-key $R/p/private-keys-v1.d/*.key");
	shell("! grep -l '(private-key' $R/p/private-keys-v1.d/*.key");
	assert_ok(gpg_open_station(&gpg, below_root("p"), &given, &err));
	assert_ok(gpg_sign(gpg, &fpr, text, strlen(text), &sig, &err));
	gpg_close(gpg);
	assert_ok(gpg_open_station(&gpg, below_root("p"), &bad, &err));
	assert_fails(gpg_sign(gpg, &fpr, text, strlen(text), &sig, &err), ERR_KEY_UNAVAILABLE);
	gpg_close(gpg);
	assert_ok(gpg_open_station(&gpg, below_root("p"), never_ask(), &err));
	assert_fails(gpg_sign(gpg, &fpr, text, strlen(text), &sig, &err), ERR_KEY_UNAVAILABLE);
	gpg_close(gpg);
}

/* gpg tries one key after the other where it is not told for which a slot is: each may ask. */
static void test_passphrase_for_each_hidden_key(void **state)
{
	struct err err = ERR_INIT;
	auto_secret *right = NULL;
	auto_gpg *gpg = NULL;
	struct fingerprint fpr;
	struct cert cert;
	(void)state;
	make_home("q");
	shell("echo s2k-count 65536 >> $R/q/gpg-agent.conf");
	assert_ok(secret_new(&right, 5, &err));
	memcpy(right->bytes, "right", 5);
	const struct gpg_passphrase given = {GPG_PASSPHRASE_GIVEN, right};
	assert_ok(gpg_open_station(&gpg, below_root("q"), &given, &err));
	assert_ok(gpg_generate(gpg, "Q", GPG_PROTECTED, &fpr, &err));
	gpg_close(steal(&gpg));
	plain_gpg("q", "--passphrase right --quick-add-key %s cv25519 encrypt", fpr.hex);
	assert_ok(gpg_open_station(&gpg, below_root("q"), &given, &err));
	assert_ok(gpg_describe(gpg, &fpr, &cert, &err));
	gpg_close(steal(&gpg));
	assert_int_equal(cert.subkey_count, 3);
	for (unsigned i = 1; i < cert.subkey_count; i++) {
		auto_buf slot = {0};
		auto_secret *back = NULL;
		shell("printf hello >$R/hello");
		plain_gpg("q", "-o slot --hidden-recipient %s! --encrypt hello", cert.subkeys[i].fingerprint.hex);
		read_root("slot", &slot);
		/* a fresh agent remembers nothing */
		assert_ok(gpg_open_station(&gpg, below_root("q"), &given, &err));
		assert_ok(gpg_decrypt(gpg, slot.data, slot.len, 5, &back, &err));
		assert_memory_equal(back->bytes, "hello", 5);
		gpg_close(steal(&gpg));
	}
}

/* Several commands at one station: none ends another's agent. */
static void test_at_the_same_time(void **state)
{
	pid_t children[4];
	(void)state;
	for (size_t i = 0; i < 4; i++) {
		children[i] = fork();
		assert_true(children[i] >= 0);
		if (children[i] == 0) {
			struct err err = ERR_INIT;
			auto_gpg *gpg = NULL;
			auto_buf sig = {0};
			int rc = gpg_open_station(&gpg, below_root("a"), never_ask(), &err);
			for (int n = 0; rc == 0 && n < 4; n++)
				rc = gpg_sign(gpg, &alice, text, strlen(text), &sig, &err);
			gpg_close(steal(&gpg));
			_exit(rc == 0 ? 0 : 1);
		}
	}
	for (size_t i = 0; i < 4; i++) {
		int status = -1;
		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	}
}

/* A partner whose clock is an hour ahead of ours is no forger. */
static void test_young_key(void **state)
{
	struct err err = ERR_INIT;
	struct signature_result result;
	struct cert cert;
	auto_gpg *gpg = NULL;
	auto_buf sig = {0}, exported = {0}, hex = {0}, slot = {0};
	auto_secret *plain = NULL;
	struct fingerprint fpr;
	(void)state;
	make_home("y");
	shell("date -u -d '+1 hour' +%%Y%%m%%dT%%H%%M%%S | tr -d '\n' > $R/ahead");
	plain_gpg("y", "--faked-system-time $(cat $R/ahead) --passphrase '' --quick-gen-key Y ed25519 sign,cert 30d");
	shell("gpg --homedir $R/y --with-colons -k | awk -F: '/^fpr/{print $10; exit}' | tr -d '\n' > $R/y.fpr");
	read_root("y.fpr", &hex);
	assert_true(fingerprint_parse(&fpr, hex.data, hex.len));
	plain_gpg("y", "--faked-system-time $(cat $R/ahead) --passphrase '' --quick-add-key %s cv25519 encrypt", fpr.hex);
	plain_gpg("y", "--faked-system-time $(cat $R/ahead) -o y.sig --detach-sign text");
	plain_gpg("y", "-o y.pgp --export");
	read_root("y.sig", &sig);
	read_root("y.pgp", &exported);
	open_with(&gpg, &exported, &fpr);
	assert_ok(gpg_verify(gpg, sig.data, sig.len, text, strlen(text), &result, &err));
	assert_int_equal(result.state, SIGNATURE_GOOD);
	assert_ok(gpg_describe(gpg, &fpr, &cert, &err));
	assert_true(cert.created > utc_now() + 3000 && cert.subkeys[1].can_encrypt);
	assert_ok(secret_random(&plain, 208, &err));
	assert_ok(gpg_encrypt(gpg, &fpr, plain, &slot, &err));
}

static void test_nothing_stays(void **state)
{
	(void)state;
	shell("! ls $R/a/S.* $R/%s/S.* 2>/dev/null", long_home);
	shell("! ls -d ${XDG_RUNTIME_DIR:-/nonexistent}/valise-?????? ${TMPDIR:-/nonexistent}/valise-?????? 2>/dev/null");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_generated_key),
		cmocka_unit_test(test_sign_and_verify),
		cmocka_unit_test(test_encrypt_and_decrypt),
		cmocka_unit_test(test_import_refuses),
		cmocka_unit_test(test_revoked_key),
		cmocka_unit_test(test_expired_key),
		cmocka_unit_test(test_hidden_slots),
		cmocka_unit_test(test_hidden_slots_of_rsa),
		cmocka_unit_test(test_import_all),
		cmocka_unit_test(test_passphrases),
		cmocka_unit_test(test_passphrase_for_each_hidden_key),
		cmocka_unit_test(test_at_the_same_time),
		cmocka_unit_test(test_young_key),
		cmocka_unit_test(test_nothing_stays),
	};
	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
