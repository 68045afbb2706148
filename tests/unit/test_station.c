/* SPDX-License-Identifier: Apache-2.0 */
#include "gpg_fixture.h"

#include "keyring/station.h"

static int group_setup(void **state)
{
	(void)state;
	fixture_start();
	return 0;
}

static int group_teardown(void **state)
{
	(void)state;
	fixture_end();
	return 0;
}

static struct station_init new_station(const char *name)
{
	struct station_init init = {.key = STATION_KEY_NEW, .protection = GPG_UNPROTECTED};
	(void)snprintf(init.party.name, sizeof init.party.name, "%s", name);
	(void)snprintf(init.party.organisation, sizeof init.party.organisation, "Agency");
	(void)snprintf(init.party.jurisdiction, sizeof init.party.jurisdiction, "BE");
	(void)snprintf(init.ceilings.labels[0], sizeof init.ceilings.labels[0], "tlp/amber");
	init.ceilings.count = 1;
	return init;
}

static void test_init_and_card(void **state)
{
	struct err err = ERR_INIT;
	struct fingerprint fpr;
	const struct station_init init = new_station("Żółw \"quoted\"");
	(void)state;
	shell("mkdir $R/deep");
	assert_ok(station_init(below_root("deep/er/home"), &init, never_ask(), &fpr, &err));
	shell("[ \"$(find $R/deep/er/home -type d ! -perm 700)$(find $R/deep/er/home -type f ! -perm 600)\" = '' ]");
	shell("[ \"$(ls -A $R/deep/er)\" = home ]");
	shell("[ \"$(ls -A $R/deep/er/home | tr '\\n' ' ')\" = 'gnupg keys schemes station.yaml ' ]");
	shell("ls $R/deep/er/home/gnupg/openpgp-revocs.d/%s.rev $R/deep/er/home/keys/%s.pgp", fpr.hex, fpr.hex);

	auto_station station = {0};
	assert_ok(station_open(&station, below_root("deep/er/home"), &err));
	assert_true(station_can_sign(&station));
	assert_string_equal(station.doc.party.name, "Żółw \"quoted\"");
	assert_string_equal(station.doc.ceilings.labels[0], "tlp/amber");
	auto_card card = {0};
	assert_ok(station_card(&station, &card, &err));
	assert_true(fingerprint_equal(&card.fingerprint, &fpr));
	assert_string_equal(card.party.organisation, "Agency");
	assert_true(card.certificate_len > 300);

	auto_gpg *gpg = NULL;
	auto_buf sig = {0};
	assert_ok(gpg_open_station(&gpg, station.gnupg, never_ask(), &err));
	assert_ok(gpg_sign(gpg, &fpr, "x", 1, &sig, &err));
}

/* What init leaves when it fails: nothing. */
static void test_init_refuses(void **state)
{
	struct err err = ERR_INIT;
	struct fingerprint fpr;
	struct station_init init = new_station("N");
	(void)state;
	shell("mkdir $R/full $R/empty $R/one && touch $R/full/x && ln -s empty $R/link");
	assert_fails(station_init(below_root("full"), &init, never_ask(), &fpr, &err), ERR_EXISTS);
	assert_fails(station_init(below_root("full/x"), &init, never_ask(), &fpr, &err), ERR_EXISTS);
	init.protection = GPG_PROTECTED;
	assert_fails(station_init(below_root("one/home"), &init, never_ask(), &fpr, &err), ERR_KEY_UNAVAILABLE);
	init.protection = GPG_UNPROTECTED;
	(void)snprintf(init.party.jurisdiction, sizeof init.party.jurisdiction, "b1");
	assert_fails(station_init(below_root("one/home"), &init, never_ask(), &fpr, &err), ERR_USAGE);
	init = new_station("two\nlines");
	assert_fails(station_init(below_root("one/home"), &init, never_ask(), &fpr, &err), ERR_USAGE);
	shell("[ \"$(ls -A $R/one)\" = '' ]");
	init = new_station("N");
	assert_ok(station_init(below_root("link"), &init, never_ask(), &fpr, &err));
	shell("[ -f $R/empty/station.yaml ] && [ -L $R/link ]");
	assert_fails(station_init(below_root("link"), &init, never_ask(), &fpr, &err), ERR_EXISTS);
	shell("! ls -d $R/.valise-init-* $R/*/.valise-init-*");
}

static void test_verify_only(void **state)
{
	struct err err = ERR_INIT;
	struct fingerprint fpr;
	struct station_init init = new_station("Courier");
	(void)state;
	init.key = STATION_KEY_NONE;
	assert_ok(station_init(below_root("courier"), &init, never_ask(), &fpr, &err));
	assert_string_equal(fpr.hex, "");
	auto_station station = {0};
	auto_card card = {0};
	assert_ok(station_open(&station, below_root("courier"), &err));
	assert_false(station_can_sign(&station));
	assert_fails(station_card(&station, &card, &err), ERR_STATION);
}

static void test_open_refuses(void **state)
{
	struct err err = ERR_INIT;
	struct station station;
	(void)state;
	assert_fails(station_open(&station, below_root("nowhere"), &err), ERR_NO_STATION);
	shell("mkdir -m 700 $R/bare");
	assert_fails(station_open(&station, below_root("bare"), &err), ERR_NO_STATION);
	shell("printf 'valise-station: 1\\nname: 3\\n' > $R/bare/station.yaml");
	assert_fails(station_open(&station, below_root("bare"), &err), ERR_STATION);
	shell("chmod 770 $R/courier");
	assert_fails(station_open(&station, below_root("courier"), &err), ERR_STATION);
	shell("chmod 700 $R/courier");
}

static void test_home_path(void **state)
{
	struct err err = ERR_INIT;
	(void)state;
	static const struct {
		const char *option, *valise, *xdg, *home, *want;
	} cases[] = {
		{"/o/", "/v", "/x", "/h", "/o"},
		{NULL, "/v", "/x", "/h", "/v"},
		{NULL, "", "/x", "/h", "/x/valise"},
		{NULL, NULL, "rel", "/h", "/h/.local/share/valise"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		auto_free char *path = NULL;
		cases[i].valise != NULL ? setenv("VALISE_HOME", cases[i].valise, 1) : unsetenv("VALISE_HOME");
		cases[i].xdg != NULL ? setenv("XDG_DATA_HOME", cases[i].xdg, 1) : unsetenv("XDG_DATA_HOME");
		(void)setenv("HOME", cases[i].home, 1);
		assert_ok(station_home_path(&path, cases[i].option, &err));
		assert_string_equal(path, cases[i].want);
	}
	char *path = NULL;
	(void)unsetenv("XDG_DATA_HOME");
	(void)unsetenv("HOME");
	assert_fails(station_home_path(&path, NULL, &err), ERR_NO_STATION);
}

/* --- adopting --- */

static struct fingerprint first_fingerprint(const char *home)
{
	struct fingerprint fpr;
	auto_buf hex = {0};
	char name[64];
	(void)snprintf(name, sizeof name, "%s.fpr", home);
	shell("gpg --homedir $R/%s --with-colons -k | awk -F: '/^fpr/{print $10; exit}' | tr -d '\\n' > $R/%s", home, name);
	read_root(name, &hex);
	assert_true(fingerprint_parse(&fpr, hex.data, hex.len));
	return fpr;
}

/* in: words of quick-generate for a primary and for a subkey; "" for none. */
static struct fingerprint foreign_key(const char *home, const char *primary, const char *subkey)
{
	struct fingerprint fpr;
	shell("mkdir -m 700 $R/%s && printf 'allow-loopback-pinentry\\ns2k-count 65536\\n' > $R/%s/gpg-agent.conf", home,
		  home);
	plain_gpg(home, "--passphrase '' --quick-gen-key Foreign %s", primary);
	fpr = first_fingerprint(home);
	if (subkey[0] != '\0')
		plain_gpg(home, "--passphrase '' --quick-add-key %s %s", fpr.hex, subkey);
	return fpr;
}

static int adopt(const char *home, const char *foreign, const struct fingerprint *fpr, struct err *err)
{
	struct station_init init = new_station("Adopter");
	struct fingerprint got;
	init.key = STATION_KEY_ADOPT;
	init.adopt = *fpr;
	(void)setenv("GNUPGHOME", below_root(foreign), 1);
	int rc = station_init(below_root(home), &init, never_ask(), &got, err);
	(void)unsetenv("GNUPGHOME");
	if (rc == 0)
		assert_true(fingerprint_equal(&got, fpr));
	return rc;
}

static void adopted_works(const char *home, const struct fingerprint *fpr)
{
	struct err err = ERR_INIT;
	auto_station station = {0};
	auto_card card = {0};
	auto_gpg *gpg = NULL;
	auto_buf sig = {0}, slot = {0};
	auto_secret *plain = NULL, *back = NULL;
	assert_ok(station_open(&station, below_root(home), &err));
	assert_ok(station_card(&station, &card, &err));
	assert_ok(gpg_open_station(&gpg, station.gnupg, never_ask(), &err));
	assert_ok(gpg_sign(gpg, fpr, "x", 1, &sig, &err));
	assert_ok(secret_random(&plain, 208, &err));
	assert_ok(gpg_encrypt(gpg, fpr, plain, &slot, &err));
	assert_ok(gpg_decrypt(gpg, slot.data, slot.len, 208, &back, &err));
	assert_memory_equal(plain->bytes, back->bytes, 208);
}

static void test_adopt(void **state)
{
	struct err err = ERR_INIT;
	(void)state;
	static const struct {
		const char *name, *primary, *subkey;
	} fit[] = {
		{"rsa", "rsa2048 sign,cert", "rsa2048 encrypt"},
		{"p256", "nistp256 sign,cert", "nistp256 encrypt"},
		{"p384", "nistp384 sign,cert", "nistp384 encrypt"},
		{"p521", "nistp521 sign,cert", "nistp521 encrypt"},
		{"bp", "brainpoolP384r1 sign,cert", "brainpoolP256r1 encrypt"},
		{"ed", "ed25519 sign,cert", "cv25519 encrypt"},
	};
	for (size_t i = 0; i < sizeof fit / sizeof fit[0]; i++) {
		char home[32];
		struct fingerprint fpr = foreign_key(fit[i].name, fit[i].primary, fit[i].subkey);
		(void)snprintf(home, sizeof home, "of-%s", fit[i].name);
		shell("cd $R/%s && ls -lR --time-style=full-iso > $R/before", fit[i].name);
		assert_ok(adopt(home, fit[i].name, &fpr, &err));
		shell("cd $R/%s && ls -lR --time-style=full-iso | diff $R/before -", fit[i].name);
		adopted_works(home, &fpr);
	}
}

/* A primary key that only certifies: a subkey signs, and the signature is the primary's. */
static void test_signing_subkey(void **state)
{
	struct err err = ERR_INIT;
	struct signature_result result;
	auto_buf sig = {0};
	auto_gpg *gpg = NULL, *reader = NULL;
	auto_station station = {0};
	auto_buf certificate = {0};
	(void)state;
	struct fingerprint fpr = foreign_key("subs", "ed25519 cert", "cv25519 encrypt");
	plain_gpg("subs", "--passphrase '' --quick-add-key %s ed25519 sign", fpr.hex);
	assert_ok(adopt("of-subs", "subs", &fpr, &err));
	assert_ok(station_open(&station, below_root("of-subs"), &err));
	assert_ok(gpg_open_station(&gpg, station.gnupg, never_ask(), &err));
	assert_ok(gpg_sign(gpg, &fpr, "x", 1, &sig, &err));
	assert_ok(station_certificate(&station, &certificate, &err));
	assert_ok(gpg_open_throwaway(&reader, &err));
	assert_ok(gpg_import(reader, certificate.data, certificate.len, &fpr, &err));
	assert_ok(gpg_verify(reader, sig.data, sig.len, "x", 1, &result, &err));
	assert_int_equal(result.state, SIGNATURE_GOOD);
	assert_true(fingerprint_equal(&result.signer, &fpr));
	assert_false(fingerprint_equal(&result.subkey, &fpr));
}

static void test_adopt_refuses(void **state)
{
	struct err err = ERR_INIT;
	(void)state;
	struct fingerprint sign_only = foreign_key("so", "ed25519 sign,cert", "");
	assert_fails(adopt("x", "so", &sign_only, &err), ERR_CERTIFICATE);
	struct fingerprint dsa = foreign_key("dsa", "dsa2048 sign,cert", "cv25519 encrypt");
	assert_fails(adopt("x", "dsa", &dsa, &err), ERR_CERTIFICATE);
	struct fingerprint koblitz = foreign_key("koblitz", "ed25519 sign,cert", "secp256k1 encrypt");
	assert_fails(adopt("x", "koblitz", &koblitz, &err), ERR_CERTIFICATE);
	struct fingerprint ed = first_fingerprint("ed");
	assert_fails(adopt("x", "so", &ed, &err), ERR_KEY_UNAVAILABLE);
	assert_fails(adopt("x", "nowhere", &ed, &err), ERR_KEY_UNAVAILABLE);
	shell("cp -r $R/ed $R/stub && rm $R/stub/private-keys-v1.d/*");
	assert_fails(adopt("x", "stub", &ed, &err), ERR_CERTIFICATE);
	plain_gpg("ed", "--trust-model pgp --quick-set-expire %s seconds=1", ed.hex);
	shell("sleep 2.2");
	assert_fails(adopt("x", "ed", &ed, &err), ERR_CERTIFICATE);
	shell("! ls -d $R/x $R/.valise-init-*");
}

/* A key with a passphrase keeps it, and nobody is asked while it is adopted. */
static void test_adopt_protected(void **state)
{
	struct err err = ERR_INIT;
	auto_secret *word = NULL;
	auto_buf sig = {0};
	auto_gpg *gpg = NULL;
	(void)state;
	shell("mkdir -m 700 $R/prot && printf 'allow-loopback-pinentry\\ns2k-count 65536\\n' > $R/prot/gpg-agent.conf");
	plain_gpg("prot", "--passphrase word --quick-gen-key P ed25519 sign,cert");
	struct fingerprint fpr = first_fingerprint("prot");
	plain_gpg("prot", "--passphrase word --quick-add-key %s cv25519 encrypt", fpr.hex);
	assert_ok(adopt("of-prot", "prot", &fpr, &err));
	assert_ok(secret_new(&word, 4, &err));
	memcpy(word->bytes, "word", 4);
	const struct gpg_passphrase given = {GPG_PASSPHRASE_GIVEN, word};
	assert_ok(gpg_open_station(&gpg, below_root("of-prot/gnupg"), never_ask(), &err));
	assert_fails(gpg_sign(gpg, &fpr, "x", 1, &sig, &err), ERR_KEY_UNAVAILABLE);
	gpg_close(steal(&gpg));
	assert_ok(gpg_open_station(&gpg, below_root("of-prot/gnupg"), &given, &err));
	assert_ok(gpg_sign(gpg, &fpr, "x", 1, &sig, &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_init_and_card),  cmocka_unit_test(test_init_refuses),
		cmocka_unit_test(test_verify_only),    cmocka_unit_test(test_open_refuses),
		cmocka_unit_test(test_adopt),          cmocka_unit_test(test_adopt_refuses),
		cmocka_unit_test(test_signing_subkey), cmocka_unit_test(test_adopt_protected),
		cmocka_unit_test(test_home_path),
	};
	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
