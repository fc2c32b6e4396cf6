/* Unsigned integers of up to 128 bits.
 *
 * The widest fields of the flow language (IPv6 addresses, xxreg0, ct_label)
 * have 128 bits.  Everything in lib/text calculates in this one type, in host
 * order and right-justified, so that code for a VLAN priority and for an IPv6
 * address is the same. */

#ifndef TEXT_WIDE_H
#define TEXT_WIDE_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Needs a 64-bit compiler; every platform that OVN is packaged for in a data
 * center has one. */
__extension__ typedef unsigned __int128 wide;

#define WIDE_BITS 128

/* Returns a number with the 'n' least significant bits set, 0 <= n <= 128. */
static inline wide
wide_ones(unsigned int n)
{
    return n >= WIDE_BITS ? ~(wide) 0 : (((wide) 1 << n) - 1);
}

/* Returns the number of bits needed to write 'x', 0 for 0. */
static inline int
wide_width(wide x)
{
    uint64_t hi = x >> 64;
    uint64_t lo = x;

    return hi ? 128 - __builtin_clzll(hi) : lo ? 64 - __builtin_clzll(lo) : 0;
}

/* Returns the number of trailing 0-bits in 'x', 128 for 0. */
static inline int
wide_ctz(wide x)
{
    uint64_t hi = x >> 64;
    uint64_t lo = x;

    return lo ? __builtin_ctzll(lo) : hi ? 64 + __builtin_ctzll(hi) : 128;
}

/* Returns the number of 1-bits in 'x'. */
static inline int
wide_popcount(wide x)
{
    return (__builtin_popcountll((uint64_t) (x >> 64))
            + __builtin_popcountll((uint64_t) x));
}

/* Returns true if 'mask', of 'width' bits, is a run of 1-bits from the most
 * significant bit down, as in a CIDR prefix (0 and all ones included). */
static inline bool
wide_is_prefix_mask(wide mask, unsigned int width)
{
    wide inverse = ~mask & wide_ones(width);

    return !(inverse & (inverse + 1));
}

/* Reads 'n' <= 16 bytes in network order. */
static inline wide
wide_from_bytes(const void *p_, size_t n)
{
    const uint8_t *p = p_;
    wide x = 0;

    for (size_t i = 0; i < n; i++) {
        x = (x << 8) | p[i];
    }
    return x;
}

/* Writes the 'n' <= 16 least significant bytes of 'x' in network order. */
static inline void
wide_to_bytes(wide x, void *p_, size_t n)
{
    uint8_t *p = p_;

    while (n--) {
        p[n] = x;
        x >>= 8;
    }
}

#endif /* text/wide.h */
