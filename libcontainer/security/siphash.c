/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SipHash-2-4 with 128 bits of output (Aumasson and Bernstein). The key is
 * fixed: nothing here rests on it being hard to find a collision, because the
 * cache compares whole profiles.
 */
#include <string.h>

#include "security/seccomp_priv.h"

static inline uint64_t rotl(uint64_t x, int n)
{
	return x << n | x >> (64 - n);
}

static inline void rounds(uint64_t v[4], int n)
{
	while (n-- > 0) {
		v[0] += v[1];
		v[1] = rotl(v[1], 13) ^ v[0];
		v[0] = rotl(v[0], 32);
		v[2] += v[3];
		v[3] = rotl(v[3], 16) ^ v[2];
		v[0] += v[3];
		v[3] = rotl(v[3], 21) ^ v[0];
		v[2] += v[1];
		v[1] = rotl(v[1], 17) ^ v[2];
		v[2] = rotl(v[2], 32);
	}
}

static inline void absorb(uint64_t v[4], uint64_t m)
{
	v[3] ^= m;
	rounds(v, 2);
	v[0] ^= m;
}

void siphash128(const void *data, size_t n, uint64_t ret[2])
{
	const uint64_t k0 = 0x0706050403020100, k1 = 0x0f0e0d0c0b0a0908;
	uint64_t v[4] = { 0x736f6d6570736575 ^ k0, 0x646f72616e646f6d ^ k1,
			  0x6c7967656e657261 ^ k0, 0x7465646279746573 ^ k1 };
	const unsigned char *p = data;
	uint64_t m, last = (uint64_t)n << 56;
	size_t left = n;

	v[1] ^= 0xee;
	for (; left >= 8; p += 8, left -= 8) {
		memcpy(&m, p, 8);
		absorb(v, m);
	}
	for (size_t i = 0; i < left; i++)
		last |= (uint64_t)p[i] << (8 * i);
	absorb(v, last);
	v[2] ^= 0xee;
	rounds(v, 4);
	ret[0] = v[0] ^ v[1] ^ v[2] ^ v[3];
	v[1] ^= 0xdd;
	rounds(v, 4);
	ret[1] = v[0] ^ v[1] ^ v[2] ^ v[3];
}
