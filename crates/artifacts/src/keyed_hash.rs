//! Keyed hash of integers, for draws that do not depend on an order.
//!
//! The hash is made of 32-bit steps whose products stay below 2^63, so that signed 64-bit integers of any SQL engine
//! compute it without overflow (`vgae-scale` does):
//!
//! `h(a, b) = mix(mix(a ^ outer) ^ b ^ inner)`,
//! `mix(x)`: `x ^= x >> 16; x *= 0x21f0aaad; x ^= x >> 15; x *= 0x735a2d97; x ^= x >> 15` modulo 2^32.
//!
//! `mix` is a bijection of 32-bit integers whose constants were found by a search for low bias (Wellons,
//! hash-prospector). The keys `outer` and `inner` are the first eight bytes, as little-endian 32-bit integers, of
//! BLAKE3's key derivation from the purpose and the seed (8 bytes, little-endian).

use crate::Seed;

/// Purpose of a keyed hash. Each purpose has keys of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HashPurpose {
    /// Order of the edges in the split; `a` and `b` are the nodes of the pair.
    Split,
    /// Candidates for negatives; `a` is the number of the candidate, `b` the word.
    Negatives,
    /// First word of the digest of pairs.
    DigestFirst,
    /// Second word of the digest of pairs.
    DigestSecond,
    /// Random vectors of `fastrp`; `a` is the node, `b` the word of 32 signs.
    Vectors,
    /// Signs of the random projection that verifies propagation; `a` is the node.
    Verification,
}

impl HashPurpose {
    /// Returns the context string of BLAKE3's key derivation.
    const fn context(self) -> &'static str {
        macro_rules! context {
            ($label:literal) => {
                concat!("vgae 2026-11 keyed hash: ", $label)
            };
        }
        match self {
            Self::Split => context!("split"),
            Self::Negatives => context!("negatives"),
            Self::DigestFirst => context!("digest, first word"),
            Self::DigestSecond => context!("digest, second word"),
            Self::Vectors => context!("vectors"),
            Self::Verification => context!("verification"),
        }
    }
}

/// Hash of two 32-bit integers to one, with two keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyedHash {
    outer: u32,
    inner: u32,
}

impl KeyedHash {
    /// Factors of the first and the second product.
    pub const FACTORS: [u32; 2] = [0x21f0_aaad, 0x735a_2d97];

    /// Returns the hash of a purpose and seed.
    #[must_use]
    pub fn new(purpose: HashPurpose, seed: Seed) -> Self {
        let key = blake3::derive_key(purpose.context(), &seed.0.to_le_bytes());
        let [a, b, c, d, e, f, g, h, ..] = key;
        Self { outer: u32::from_le_bytes([a, b, c, d]), inner: u32::from_le_bytes([e, f, g, h]) }
    }

    /// Returns the keys: `outer` and `inner`.
    #[must_use]
    pub const fn keys(self) -> [u32; 2] {
        [self.outer, self.inner]
    }

    /// Returns the hash of `a` and `b`, in this order.
    #[inline]
    #[must_use]
    pub const fn of(self, a: u32, b: u32) -> u32 {
        mix(mix(a ^ self.outer) ^ b ^ self.inner)
    }
}

#[inline]
const fn mix(mut x: u32) -> u32 {
    x = (x ^ (x >> 16)).wrapping_mul(KeyedHash::FACTORS[0]);
    x = (x ^ (x >> 15)).wrapping_mul(KeyedHash::FACTORS[1]);
    x ^ (x >> 15)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_never_change() {
        // Pinned: a change here changes existing splits and vectors.
        assert_eq!([mix(0), mix(1)], [0, 2_261_973_619]);
        assert_eq!(KeyedHash { outer: 1, inner: 2 }.of(0, 0), 1_870_567_865);
        assert_eq!(KeyedHash::new(HashPurpose::Split, Seed(42)).of(7, 9), 2_708_445_060);
    }

    #[test]
    fn bits_are_balanced_and_independent_of_their_arguments() {
        let hash = KeyedHash::new(HashPurpose::Split, Seed(0));
        let side = 512u32;
        let count = f64::from(side * side);
        for bit in 0..32 {
            let of = |a: u32, b: u32| (hash.of(a, b) >> bit) & 1;
            let pairs = || (0..side).flat_map(|a| (0..side).map(move |b| (a, b)));
            let ones: u32 = pairs().map(|(a, b)| of(a, b)).sum();
            // Changes of one bit of an argument, and exchanged arguments.
            let changes = [
                pairs().map(|(a, b)| of(a, b) ^ of(a ^ 1, b)).sum::<u32>(),
                pairs().map(|(a, b)| of(a, b) ^ of(a, b ^ 256)).sum::<u32>(),
                pairs().map(|(a, b)| of(a, b) ^ of(b, a + 1)).sum::<u32>(),
            ];
            for sum in [ones].into_iter().chain(changes) {
                // Seven standard errors, with pairs of equal changes counted twice.
                assert!((f64::from(sum) / count - 0.5).abs() < 7.0 * 0.5 * (2.0 / count).sqrt());
            }
        }
    }

    #[test]
    fn purposes_and_seeds_have_keys_of_their_own() {
        let base = KeyedHash::new(HashPurpose::Split, Seed(0));
        assert_ne!(base, KeyedHash::new(HashPurpose::Negatives, Seed(0)));
        assert_ne!(base, KeyedHash::new(HashPurpose::Split, Seed(1)));
    }
}
