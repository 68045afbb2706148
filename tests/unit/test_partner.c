/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "ops/partner.h"

enum { NOW = 1800000000 };

/* A primary that signs and a subkey that encrypts, each with its end in days from now; 0: never. */
static struct cert make_cert(int sign_days, int encrypt_days)
{
	struct cert cert = {.subkey_count = 2};
	cert.expires = sign_days != 0 ? NOW + sign_days * (int64_t)DAY_S : 0;
	cert.subkeys[0] = (struct cert_subkey){.can_sign = true, .expires = cert.expires};
	cert.subkeys[1] = (struct cert_subkey){.can_encrypt = true,
										   .expires = encrypt_days != 0 ? NOW + encrypt_days * (int64_t)DAY_S : 0};
	return cert;
}

static void expect_state(const struct cert *cert, unsigned roles, enum key_state state, int64_t days)
{
	int64_t got_days = -7;
	assert_int_equal(cert_state(cert, roles, NOW, &got_days), state);
	assert_int_equal(got_days, days);
}

static void test_ends(void **state)
{
	static const unsigned both = ROLE_SEND | ROLE_RECEIVE;
	struct cert cert = make_cert(0, 0);
	expect_state(&cert, both, KEY_FINE, -1);
	cert = make_cert(300, 0);
	expect_state(&cert, both, KEY_FINE, 300);
	cert = make_cert(300, 59);
	expect_state(&cert, both, KEY_EXPIRES_SOON, 59);
	expect_state(&cert, ROLE_SEND, KEY_FINE, 300); /* nobody encrypts to it */
	cert = make_cert(0, 60);
	expect_state(&cert, ROLE_RECEIVE, KEY_FINE, 60);
	cert = make_cert(300, -1);
	expect_state(&cert, both, KEY_EXPIRED, 0);
	cert = make_cert(-1, 0);
	expect_state(&cert, ROLE_SEND, KEY_EXPIRED, 0);
}

static void test_unfit(void **state)
{
	struct cert cert = make_cert(300, 300);
	int64_t days;
	cert.revoked = true;
	assert_int_equal(cert_state(&cert, ROLE_SEND, NOW, &days), KEY_REVOKED);
	cert = make_cert(300, 300);
	cert.disabled = true;
	assert_int_equal(cert_state(&cert, ROLE_SEND, NOW, &days), KEY_REVOKED);
	cert = make_cert(300, 300);
	cert.expired = true;
	assert_int_equal(cert_state(&cert, ROLE_SEND, NOW, &days), KEY_EXPIRED);
	cert = make_cert(300, 300);
	cert.subkeys[1].revoked = true; /* nothing left to encrypt to */
	assert_int_equal(cert_state(&cert, ROLE_RECEIVE, NOW, &days), KEY_EXPIRED);
}

/* What the registry says of a key comes to the same as what its certificate says. */
static void test_by_row(void **state)
{
	(void)state;
	static const int days[] = {0, 300, 59, 60, -1};
	static const unsigned roles[] = {ROLE_SEND, ROLE_RECEIVE, ROLE_SEND | ROLE_RECEIVE, ROLE_CARRY, 0};
	for (size_t s = 0; s < COUNT(days); s++)
		for (size_t e = 0; e < COUNT(days); e++)
			for (size_t r = 0; r < COUNT(roles); r++) {
				struct cert cert = make_cert(days[s], days[e]);
				const struct key_ends ends = {
					.known = true, .signs = cert_end(&cert, CERT_SIGNS), .encrypts = cert_end(&cert, CERT_ENCRYPTS)};
				int64_t by_cert = -7, by_row = -8;
				assert_int_equal(cert_state(&cert, roles[r], NOW, &by_cert),
								 key_ends_state(&ends, roles[r], NOW, &by_row));
				assert_int_equal(by_cert, by_row);
			}
}

static void test_by_row_unfit(void **state)
{
	(void)state;
	int64_t days;
	const struct key_ends revoked = {.known = true, .revoked = true}, signs_only = {.known = true, .encrypts = -1};
	assert_int_equal(key_ends_state(&revoked, ROLE_SEND, NOW, &days), KEY_REVOKED);
	assert_int_equal(key_ends_state(&signs_only, ROLE_SEND, NOW, &days), KEY_FINE);
	assert_int_equal(key_ends_state(&signs_only, ROLE_RECEIVE, NOW, &days), KEY_EXPIRED);
	assert_int_equal(days, 0);
}

/* A newer subkey beside an old one counts. */
static void test_renewed(void **state)
{
	struct cert cert = make_cert(0, -10);
	cert.subkeys[2] = (struct cert_subkey){.can_encrypt = true, .expires = NOW + 100 * (int64_t)DAY_S};
	cert.subkey_count = 3;
	expect_state(&cert, ROLE_RECEIVE, KEY_FINE, 100);
}

/* Key and entry together: the worse state, the earlier end. */
static void test_whole(void **state)
{
	(void)state;
	static const struct {
		enum key_state key;
		int64_t key_days, entry_days; /* 0: no end of the entry */
		bool revoked;
		enum key_state want;
		int64_t want_days;
	} rows[] = {
		{KEY_FINE, 300, 0, false, KEY_FINE, 300},
		{KEY_FINE, -1, 0, false, KEY_FINE, -1},
		{KEY_FINE, -1, 90, false, KEY_FINE, 90},
		{KEY_FINE, 300, 30, false, KEY_EXPIRES_SOON, 30},
		{KEY_EXPIRES_SOON, 10, 90, false, KEY_EXPIRES_SOON, 10},
		{KEY_FINE, 300, -3, false, KEY_EXPIRED, 0},
		{KEY_EXPIRED, 0, 90, false, KEY_EXPIRED, 0},
		{KEY_REVOKED, 300, 90, false, KEY_REVOKED, 90},
		{KEY_FINE, 300, 0, true, KEY_REVOKED, 300},
		{KEY_EXPIRED, 0, 0, true, KEY_REVOKED, 0},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t days = -7;
		const struct partner partner = {.valid_until = rows[i].entry_days != 0 ? NOW + rows[i].entry_days * DAY_S : 0,
										.revoked = rows[i].revoked ? NOW - DAY_S : 0};
		assert_int_equal(partner_state(&partner, rows[i].key, rows[i].key_days, NOW, &days), rows[i].want);
		assert_int_equal(days, rows[i].want_days);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ends),   cmocka_unit_test(test_unfit),        cmocka_unit_test(test_renewed),
		cmocka_unit_test(test_by_row), cmocka_unit_test(test_by_row_unfit), cmocka_unit_test(test_whole),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
