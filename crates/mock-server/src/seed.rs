//! Reproducible pseudo-random values, derived from the seed of the server and a purpose.

/// The seed of a server.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seed(pub(crate) u64);

impl Seed {
    /// Derives a number from the seed and the parts of a purpose (FNV-1a, finalized like SplitMix64).
    pub(crate) fn number<T: AsRef<str>>(self, parts: impl IntoIterator<Item = T>) -> u64 {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64 ^ self.0;
        for part in parts {
            // A separator, so that "ab", "c" differs from "a", "bc".
            for byte in part.as_ref().bytes().chain([0xff]) {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            }
        }
        let mixed = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Derives a version 4 UUID (RFC 9562, section 5.4).
    pub(crate) fn uuid(self, parts: &[&str]) -> String {
        let (high, low) = (self.number(parts), Self(!self.0).number(parts));
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xfff,
            0x8000 | ((low >> 48) & 0x3fff),
            low & 0xffff_ffff_ffff
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_depends_on_the_seed_and_every_part_of_the_purpose() {
        assert_eq!(Seed(1).uuid(&["a", "b"]), Seed(1).uuid(&["a", "b"]));
        assert_ne!(Seed(1).uuid(&["a", "b"]), Seed(2).uuid(&["a", "b"]));
        assert_ne!(Seed(1).uuid(&["ab"]), Seed(1).uuid(&["a", "b"]));
        let uuid = Seed(1).uuid(&["a"]);
        assert_eq!(
            (uuid.len(), &uuid[14..15], &uuid[19..20] >= "8"),
            (36, "4", true)
        );
    }
}
