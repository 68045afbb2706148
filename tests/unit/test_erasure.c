/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "bundle/erasure.h"
#include "format/parity.h"

#include <stdlib.h>

enum { LEN = 96, PIECES = 255 };

static unsigned char piece[PIECES][LEN];

static unsigned next_random(void)
{
	static uint64_t state = 88172645463325252ull;
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)(state >> 32);
}

/* The field by hand: bit by bit, sharing no table with the library. */
static unsigned char times(unsigned char a, unsigned char b)
{
	unsigned product = 0, x = a;
	for (; b != 0; b >>= 1, x = (x << 1) ^ ((x & 0x80) != 0 ? 0x11d : 0))
		product ^= (b & 1) != 0 ? x : 0;
	return (unsigned char)product;
}

static unsigned char inverse(unsigned char a)
{
	for (unsigned b = 1; b < 256; b++)
		if (times(a, (unsigned char)b) == 1)
			return (unsigned char)b;
	return 0;
}

static void encode(unsigned data, unsigned parity)
{
	auto_erasure *encoder = NULL;
	unsigned char *from[PIECES], *to[PIECES];
	for (unsigned i = 0; i < data; i++) {
		from[i] = piece[i];
		for (unsigned b = 0; b < LEN; b++)
			piece[i][b] = (unsigned char)next_random();
	}
	for (unsigned i = 0; i < parity; i++)
		to[i] = piece[data + i];
	expect_ok(erasure_encoder_new(&encoder, data, parity, err));
	erasure_run(encoder, LEN, from, to);
}

static void parity_is_what_the_manual_says(void **state)
{
	enum { DATA = 20, PARITY = 4 };
	encode(DATA, PARITY);
	for (unsigned p = 0; p < PARITY; p++)
		for (unsigned b = 0; b < LEN; b++) {
			unsigned char want = 0;
			for (unsigned d = 0; d < DATA; d++)
				want ^= times(piece[d][b], inverse((unsigned char)((DATA + p) ^ d)));
			assert_int_equal(piece[DATA + p][b], want);
		}
}

/* Some of 0 … all-1, ascending. */
static void choose(unsigned char *out, unsigned count, unsigned all)
{
	for (unsigned i = 0, taken = 0; taken < count; i++)
		if (next_random() % (all - i) < count - taken)
			out[taken++] = (unsigned char)i;
}

static void lose_and_get_back(unsigned data, unsigned parity, unsigned count)
{
	static unsigned char back[PIECES][LEN];
	struct erasure_loss loss = {.data = data, .count = count};
	auto_erasure *decoder = NULL;
	unsigned char *from[PIECES], *to[PIECES];
	choose(loss.lost, count, data);
	choose(loss.parity, count, parity);
	for (unsigned i = 0; i < data; i++)
		from[i] = piece[i];
	for (unsigned i = 0; i < count; i++) {
		from[loss.lost[i]] = piece[data + loss.parity[i]];
		to[i] = back[i];
	}
	expect_ok(erasure_decoder_new(&decoder, &loss, err));
	erasure_run(decoder, LEN, from, to);
	for (unsigned i = 0; i < count; i++)
		assert_memory_equal(back[i], piece[loss.lost[i]], LEN);
}

static void any_loss_up_to_the_parity_comes_back(void **state)
{
	static const unsigned codes[][2] = {{1, 1}, {1, 254}, {254, 1}, {10, 5}, {22, 5}, {229, 24}, {126, 128}, {3, 7}};
	for (size_t i = 0; i < COUNT(codes); i++) {
		const unsigned data = codes[i][0], parity = codes[i][1];
		encode(data, parity);
		for (unsigned round = 0; round < 200; round++) {
			const unsigned most = data < parity ? data : parity;
			lose_and_get_back(data, parity, 1 + next_random() % most);
		}
		lose_and_get_back(data, parity, data < parity ? data : parity);
	}
}

static void impossible_codes_are_bugs(void **state)
{
	struct erasure *none = NULL;
	struct erasure_loss loss = {.data = 3, .count = 4};
	expect_failure(erasure_encoder_new(&none, 0, 1, err), ERR_INTERNAL, "pieces", "no data");
	expect_failure(erasure_encoder_new(&none, 1, 0, err), ERR_INTERNAL, "pieces", "no parity");
	expect_failure(erasure_encoder_new(&none, 250, 6, err), ERR_INTERNAL, "pieces", "too many");
	expect_failure(erasure_decoder_new(&none, &loss, err), ERR_INTERNAL, "lost", "more lost than there are");
	assert_null(none);
}

static void sums_agree_with_the_plain_ones(void **state)
{
	static unsigned char bytes[5000];
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (unsigned char)next_random();
	for (size_t len = 0; len < sizeof bytes; len += len < 100 ? 1 : 97) {
		const uint64_t whole = parity_crc(0, bytes, len);
		assert_true(erasure_sum(0, bytes, len) == whole);
		const size_t cut = len / 3;
		assert_true(erasure_sum(erasure_sum(0, bytes, cut), bytes + cut, len - cut) == whole);
		assert_true(erasure_sum_join(erasure_sum(0, bytes, cut), erasure_sum(0, bytes + cut, len - cut),
									 erasure_shift(len - cut)) == whole);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parity_is_what_the_manual_says),
		cmocka_unit_test(any_loss_up_to_the_parity_comes_back),
		cmocka_unit_test(impossible_codes_are_bugs),
		cmocka_unit_test(sums_agree_with_the_plain_ones),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
