//! Codes as text: JSON, and the words that people type.

use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::Code;

/// A word that names no code.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "expected a code such as PF202, a slug such as side-too-small or one of the service's codes"
)]
#[non_exhaustive]
pub struct UnknownCode;

/// Takes an id, a slug, or (with the feature `remote`) one of the service's codes, in any case.
impl FromStr for Code {
    type Err = UnknownCode;

    fn from_str(word: &str) -> Result<Self, UnknownCode> {
        let named = Self::ALL.iter().copied().find(|code| {
            code.id().eq_ignore_ascii_case(word) || code.slug().eq_ignore_ascii_case(word)
        });
        named.or_else(|| of_the_service(word)).ok_or(UnknownCode)
    }
}

#[cfg(feature = "remote")]
fn of_the_service(word: &str) -> Option<Code> {
    use remote::{ErrorKind, FailureReason};

    match FailureReason::recognise(Some(word), None) {
        FailureReason::Other => ErrorKind::of_code(word).map(Code::of_kind).or_else(|| {
            // The set of verdict codes is open.
            let stem = word.get(..12)?;
            stem.eq_ignore_ascii_case("InvalidFile.")
                .then_some(Code::RemoteRejected)
        }),
        reason => Some(Code::of(reason)),
    }
}

#[cfg(not(feature = "remote"))]
fn of_the_service(_: &str) -> Option<Code> {
    None
}

/// As the id.
impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

/// From the id.
impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        let code = Self::ALL.iter().copied().find(|code| code.id() == id);
        code.ok_or_else(|| de::Error::custom(format_args!("expected a code, but found {id:?}")))
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Code {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Code".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let ids: Vec<_> = Self::ALL.iter().map(|code| code.id()).collect();
        schemars::json_schema!({ "type": "string", "enum": ids })
    }
}
