//! What a text such as `s3://bucket/key` names.

use std::fmt;
use std::str::FromStr;

/// The longest key, in bytes of UTF-8 (Amazon S3 User Guide, "Naming Amazon S3 objects"; OSS:
/// 1,023).
const MAX_KEY: usize = 1024;

/// The longest name of a bucket. New ones have at most 63 characters; those of us-east-1 that are
/// older than 2018 may have this many.
const MAX_BUCKET: usize = 255;

const MIN_BUCKET: usize = 3;

/// A kind of store: what its addresses begin with, and whose variables set it up.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a new store has variables and rules of its own, which a caller must know"
)]
pub enum Store {
    /// Amazon S3, and everything that speaks its dialect.
    S3,
    /// Alibaba Cloud OSS, by its S3 dialect.
    Oss,
}

/// What an address names.
///
/// The text behind the bucket is the key itself: nothing in it is decoded, and `?`, `#` and `%` are
/// characters like any other.
///
/// ```
/// use stores::{Location, Store};
///
/// let Location::Object(object) = "s3://portraits/2026/anna ü+1.jpg".parse()? else { panic!() };
/// assert_eq!((object.store(), object.bucket(), object.key()), (Store::S3, "portraits", "2026/anna ü+1.jpg"));
/// assert_eq!(object.to_string(), "s3://portraits/2026/anna ü+1.jpg");
///
/// // What ends in a slash, and a bucket by itself, is all that begins so.
/// assert!(matches!("s3://portraits/2026/".parse()?, Location::Prefix(_)));
/// assert!(matches!("s3://portraits".parse()?, Location::Prefix(_)));
/// # Ok::<(), stores::LocationError>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "an address names one object or many"
)]
pub enum Location {
    /// One object.
    Object(Object),
    /// All objects whose keys begin so.
    Prefix(Prefix),
}

/// The name of one object. `Display` is its address.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Object {
    store: Store,
    bucket: String,
    key: String,
}

/// The start of the keys of some objects of a bucket. `Display` is its address.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Prefix {
    store: Store,
    bucket: String,
    prefix: String,
}

/// A text that names neither an object nor a prefix. It does not repeat the text, which may hold a
/// secret.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LocationError {
    /// Another character than buckets have in their names: a user name and password, say.
    #[error(
        "expected a bucket of letters, digits, dots, hyphens and underscores, but found another character"
    )]
    BucketCharacter,
    /// A bucket whose name is too short or too long.
    #[error(
        "expected a bucket of {} to {} characters, but found {found}",
        MIN_BUCKET,
        MAX_BUCKET
    )]
    BucketLength {
        /// Characters in the name.
        found: usize,
    },
    /// A key that no store takes.
    #[error("expected a key of at most {} bytes, but found {found}", MAX_KEY)]
    KeyLength {
        /// Bytes in the key.
        found: usize,
    },
    /// A text that begins otherwise.
    #[error("expected an address that begins with s3:// or oss://, but found another text")]
    Scheme,
}

impl Store {
    /// Every store.
    pub const ALL: [Self; 2] = [Self::S3, Self::Oss];

    /// The scheme of its addresses.
    #[must_use]
    pub const fn scheme(self) -> &'static str {
        match self {
            Self::S3 => "s3",
            Self::Oss => "oss",
        }
    }

    /// The store whose addresses begin as a text does, in any case.
    #[must_use]
    pub fn of_address(text: &str) -> Option<Self> {
        let (scheme, _) = text.split_once("://")?;
        Self::ALL
            .into_iter()
            .find(|store| scheme.eq_ignore_ascii_case(store.scheme()))
    }
}

impl Object {
    /// The store that it is in.
    #[must_use]
    pub const fn store(&self) -> Store {
        self.store
    }

    /// The name of its bucket.
    #[must_use]
    pub fn bucket(&self) -> &str {
        &self.bucket
    }

    /// Its key, as it is.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }
}

impl Prefix {
    /// The store that the objects are in.
    #[must_use]
    pub const fn store(&self) -> Store {
        self.store
    }

    /// The name of their bucket.
    #[must_use]
    pub fn bucket(&self) -> &str {
        &self.bucket
    }

    /// What their keys begin with; empty for a whole bucket.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The object of this bucket that has a key.
    pub(crate) fn object(&self, key: String) -> Object {
        Object {
            store: self.store,
            bucket: self.bucket.clone(),
            key,
        }
    }
}

impl FromStr for Location {
    type Err = LocationError;

    fn from_str(text: &str) -> Result<Self, LocationError> {
        let store = Store::of_address(text).ok_or(LocationError::Scheme)?;
        let (_, rest) = text.split_once("://").ok_or(LocationError::Scheme)?;
        let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
        check_bucket(bucket)?;
        if key.len() > MAX_KEY {
            return Err(LocationError::KeyLength { found: key.len() });
        }
        let (bucket, key) = (bucket.to_owned(), key.to_owned());
        Ok(if key.is_empty() || key.ends_with('/') {
            let prefix = key;
            Self::Prefix(Prefix {
                store,
                bucket,
                prefix,
            })
        } else {
            Self::Object(Object { store, bucket, key })
        })
    }
}

fn check_bucket(name: &str) -> Result<(), LocationError> {
    let is_of_bucket =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    if !name.bytes().all(is_of_bucket) {
        return Err(LocationError::BucketCharacter);
    }
    if !(MIN_BUCKET..=MAX_BUCKET).contains(&name.len()) {
        return Err(LocationError::BucketLength { found: name.len() });
    }
    Ok(())
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}/{}", self.store.scheme(), self.bucket, self.key)
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}://{}/{}",
            self.store.scheme(),
            self.bucket,
            self.prefix
        )
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Object(object) => object.fmt(f),
            Self::Prefix(prefix) => prefix.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use proptest::prelude::*;

    #[test]
    fn what_is_no_address_is_said_without_repeating_it() {
        for (text, error) in [
            ("https://bucket/key", LocationError::Scheme),
            ("bucket/key", LocationError::Scheme),
            ("s3://key:s3cret@bucket/k", LocationError::BucketCharacter),
            ("s3://bücket/k", LocationError::BucketCharacter),
            ("s3:///k", LocationError::BucketLength { found: 0 }),
            ("oss://ab/k", LocationError::BucketLength { found: 2 }),
        ] {
            assert_eq!(text.parse::<Location>(), Err(error), "{text}");
            assert!(!error.to_string().contains("s3cret"));
        }
        let long = format!("s3://bucket/{}", "k".repeat(MAX_KEY + 1));
        let found = MAX_KEY + 1;
        assert_eq!(
            long.parse::<Location>(),
            Err(LocationError::KeyLength { found })
        );
    }

    #[test]
    fn odd_keys_stay_as_they_are() {
        for key in [
            "/a.jpg",
            "//a.jpg",
            "a//b.jpg",
            "a/../b.jpg",
            "a?b=c#d.jpg",
            "100%.jpg",
            "a%20b.jpg",
            "a+b c.jpg",
            "\u{1F600}.jpg",
            "a\nb.jpg",
            " a.jpg ",
            "a\\b.jpg",
            "s3://b/c.jpg",
        ] {
            let Ok(Location::Object(object)) = format!("S3://bucket/{key}").parse() else {
                panic!("{key:?} names an object");
            };
            assert_eq!(object.key(), key);
        }
    }

    proptest! {
        /// The text that is shown of a name reads back as the same name.
        #[test]
        fn a_name_reads_back(
            store in prop::sample::select(&Store::ALL),
            bucket in "[a-z0-9][a-z0-9.-]{1,20}[a-z0-9]",
            key in "\\PC{0,60}/?",
        ) {
            let text = format!("{}://{bucket}/{key}", store.scheme());
            let location: Location = text.parse().unwrap();
            prop_assert_eq!(location.to_string(), text);
        }

        #[test]
        fn no_text_panics(text in "(s3|oss|S3)?(:/?/?)?.{0,40}") {
            let _ = text.parse::<Location>();
        }
    }
}
