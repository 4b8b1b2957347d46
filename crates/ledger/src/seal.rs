//! The seal of a verdict: the proof that its writer knew the API key.

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use remote::ApiKey;
use sha2::Sha256;

/// The key that seals verdicts. It is derived from the API key (HKDF-SHA256).
///
/// A verdict that bears no seal of this key counts as absent, wherever the file came from. The same
/// API key gives the same seal key on each machine. It does not lead back to the API key.
///
/// ```
/// use ledger::SealKey;
///
/// let key = remote::ApiKey::new("sk-0123456789abcdef")?;
/// assert_eq!(format!("{:?}", SealKey::of(&key)), "SealKey([redacted])");
/// # Ok::<(), remote::ApiKeyError>(())
/// ```
#[derive(Clone)]
pub struct SealKey {
    /// Has taken the key, and is overwritten when it is dropped. A seal is one of its copies.
    keyed: Hmac<Sha256>,
    name: KeyName,
}

/// The name of a seal key in the file, so that verdicts of two API keys can lie side by side.
/// It proves nothing.
pub(crate) type KeyName = [u8; 8];

/// Half of an HMAC-SHA256: RFC 2104, section 5, has no less than half of it, and at least 80 bits.
pub(crate) type Seal = [u8; 16];

impl SealKey {
    /// The seal key of an API key.
    #[must_use]
    pub fn of(key: &ApiKey) -> Self {
        let named = key.derive("preflight ledger 1: name of the seal key");
        let mut name = KeyName::default();
        for (to, from) in name.iter_mut().zip(named.iter()) {
            *to = *from;
        }
        let secret = key.derive("preflight ledger 1: seal");
        #[expect(
            clippy::expect_used,
            reason = "HMAC takes keys of every length (RFC 2104)"
        )]
        let keyed = Hmac::new_from_slice(&secret[..]).expect("any length");
        Self { keyed, name }
    }

    pub(crate) fn name(&self) -> &KeyName {
        &self.name
    }

    /// The seal of these fields, in this order.
    pub(crate) fn seal(&self, fields: &[Option<&[u8]>]) -> Seal {
        let whole = self.mac(fields).finalize().into_bytes();
        let mut seal = Seal::default();
        for (to, from) in seal.iter_mut().zip(whole) {
            *to = from;
        }
        seal
    }

    /// Whether this is the seal of these fields. Takes the same time for each wrong one.
    pub(crate) fn has_sealed(&self, fields: &[Option<&[u8]>], seal: &[u8]) -> bool {
        seal.len() == size_of::<Seal>() && self.mac(fields).verify_truncated_left(seal).is_ok()
    }

    fn mac(&self, fields: &[Option<&[u8]>]) -> Hmac<Sha256> {
        let mut mac = self.keyed.clone();
        for field in fields {
            // Each field with its length, so that no two lists of fields read alike.
            match field {
                Some(field) => {
                    mac.update(&[1]);
                    mac.update(&(field.len() as u64).to_be_bytes());
                    mac.update(field);
                }
                None => mac.update(&[0]),
            }
        }
        mac
    }
}

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealKey([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(text: &str) -> SealKey {
        SealKey::of(&ApiKey::new(text).unwrap())
    }

    fn borrowed(fields: &[Option<Vec<u8>>]) -> Vec<Option<&[u8]>> {
        fields.iter().map(Option::as_deref).collect()
    }

    proptest! {
        #[test]
        fn a_seal_holds_for_its_own_fields_and_key_only(
            fields: Vec<Option<Vec<u8>>>,
            others: Vec<Option<Vec<u8>>>,
            bit in 0..128_usize,
        ) {
            let (mine, theirs) = (key("sk-mine"), key("sk-theirs"));
            let mut seal = mine.seal(&borrowed(&fields));
            prop_assert!(mine.has_sealed(&borrowed(&fields), &seal));
            prop_assert!(!theirs.has_sealed(&borrowed(&fields), &seal));
            prop_assert_eq!(mine.has_sealed(&borrowed(&others), &seal), fields == others);
            for len in 0..seal.len() {
                prop_assert!(!mine.has_sealed(&borrowed(&fields), &seal[..len]));
            }
            seal[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(!mine.has_sealed(&borrowed(&fields), &seal));
        }
    }

    #[test]
    fn a_key_has_one_name_and_nothing_shows_it() {
        assert_eq!(key("sk-mine").name(), key(" sk-mine\n").name());
        assert_ne!(key("sk-mine").name(), key("sk-theirs").name());
        assert!(!format!("{:?}", key("sk-mine")).contains("mine"));
    }
}
