//! The registry of codes: every reason that this project gives, explained once.
//!
//! The explanation that `preflight explain` prints, the rules that SARIF lists and the page of
//! codes in the documents are all this table. To add a code: write its [`Entry`] in the file of its
//! stage, name it in [`Code`], and list it in [`Code::ALL`]; the tests ask for the rest.

mod content;
mod header;
mod input;
mod limits;
mod remote;

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use serde::{Serialize, Serializer};

use crate::{Effect, Stage};

/// A reason, by its entry in the registry.
#[derive(Clone, Copy)]
pub struct Code(&'static Entry);

/// What the registry says of a code.
#[derive(Debug)]
#[non_exhaustive]
pub struct Entry {
    /// `PF` and three digits, the first of which names the stage.
    pub id: &'static str,
    /// Lower-case words with hyphens.
    pub slug: &'static str,
    /// The stage that finds it.
    pub stage: Stage,
    /// What it usually does to the outcome.
    pub effect: Effect,
    /// One line for a list.
    pub summary: &'static str,
    /// What is looked at, and how.
    pub checks: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// Where the rule comes from.
    pub source: &'static str,
    /// How to put it right.
    pub remedy: &'static str,
    /// How to change or silence the check.
    pub change: &'static str,
    /// The service's own codes that end up here. One that ends in `.*` stands for all below it.
    pub api_codes: &'static [&'static str],
}

macro_rules! registry {
    ($($name:ident: $file:ident),+ $(,)?) => {
        impl Code {
            $(
                #[doc = concat!("See [`Code::entry`]; the slug is the name in lower case with hyphens.")]
                pub const $name: Self = Self(&$file::$name);
            )+

            /// Every code, by id.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];
        }
    };
}

registry! {
    NOT_FOUND: input,
    UNREADABLE: input,
    EMPTY_FILE: input,
    LFS_POINTER: input,
    HTTP_STATUS: input,
    UNREACHABLE: input,
    ADDRESS_REFUSED: input,
    URL_INVALID: input,
    URL_EXPIRED: input,
    FETCH_LIMIT: input,
    NOT_AN_IMAGE: header,
    TRUNCATED: header,
    MALFORMED: header,
    EXTENSION_MISMATCH: header,
    CONTENT_TYPE_MISMATCH: header,
    UNUSUAL_CODING: header,
    FORMAT_NOT_ACCEPTED: limits,
    SIDE_TOO_SMALL: limits,
    SIDE_TOO_LARGE: limits,
    FILE_TOO_LARGE: limits,
    ON_THE_BOUNDARY: limits,
    ASPECT_RATIO: limits,
    UNDECODABLE: content,
    BODY_TRUNCATED: content,
    DECODE_LIMIT: content,
    DECODER_LACKS: content,
    NO_HUMAN: remote,
    MULTI_HUMAN: remote,
    BODY_PROPORTION: remote,
    RESOLUTION: remote,
    VALUE: remote,
    FRONT_BODY: remote,
    FULL_FACE: remote,
    FACE_POSE: remote,
    FULL_BODY: remote,
    REMOTE_REJECTED: remote,
    KEY_REFUSED: remote,
    ACCOUNT: remote,
    THROTTLED: remote,
    SERVICE_ERROR: remote,
    OUTCOME_LOST: remote,
    URL_NOT_FETCHED: remote,
    NO_PUBLIC_URL: remote,
    BUDGET_REACHED: remote,
    MAP_MISMATCH: remote,
}

impl Code {
    /// What the registry says of it.
    #[must_use]
    pub const fn entry(self) -> &'static Entry {
        self.0
    }

    /// `PF` and three digits.
    #[must_use]
    pub const fn id(self) -> &'static str {
        self.0.id
    }

    /// Lower-case words with hyphens.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        self.0.slug
    }

    /// The stage that finds it.
    #[must_use]
    pub const fn stage(self) -> Stage {
        self.0.stage
    }

    /// What it usually does to the outcome.
    #[must_use]
    pub const fn effect(self) -> Effect {
        self.0.effect
    }

    /// The code that stands for one of the service's own, if it has one.
    #[must_use]
    pub fn of_api_code(api_code: &str) -> Option<Self> {
        let all = || Self::ALL.iter().copied();
        let exact = all().find(|code| {
            code.0
                .api_codes
                .iter()
                .any(|known| known.eq_ignore_ascii_case(api_code))
        });
        let below = |known: &str| {
            let Some(stem) = known.strip_suffix('*') else {
                return false;
            };
            api_code
                .get(..stem.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(stem))
        };
        exact.or_else(|| all().find(|code| code.0.api_codes.iter().any(|known| below(known))))
    }
}

impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        self.id() == other.id()
    }
}

impl Eq for Code {}

impl Hash for Code {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id().hash(state);
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// `PF202 side-too-small`.
impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.id(), self.slug())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

/// A word that names no code.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "expected a code such as PF202, a slug such as side-too-small or one of the service's codes"
)]
#[non_exhaustive]
pub struct UnknownCode;

/// Takes an id, a slug, or one of the service's codes, in any case.
impl FromStr for Code {
    type Err = UnknownCode;

    fn from_str(word: &str) -> Result<Self, UnknownCode> {
        Self::ALL
            .iter()
            .copied()
            .find(|code| {
                code.id().eq_ignore_ascii_case(word) || code.slug().eq_ignore_ascii_case(word)
            })
            .or_else(|| Self::of_api_code(word))
            .ok_or(UnknownCode)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_and_slugs_are_unique_and_in_order() {
        let ids: Vec<_> = Code::ALL.iter().map(|code| code.id()).collect();
        let mut sorted = ids.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(ids, sorted);
        let slugs: HashSet<_> = Code::ALL.iter().map(|code| code.slug()).collect();
        assert_eq!(slugs.len(), Code::ALL.len());
    }

    #[test]
    fn the_first_digit_names_the_stage() {
        for code in Code::ALL {
            let stage = match &code.id()[..3] {
                "PF0" => Stage::Input,
                "PF1" => Stage::Header,
                "PF2" => Stage::Limits,
                "PF3" => Stage::Content,
                "PF4" | "PF5" => Stage::Remote,
                other => panic!("{other}"),
            };
            assert_eq!(code.stage(), stage, "{code}");
        }
    }

    #[test]
    fn every_code_is_explained() {
        for code in Code::ALL {
            let Entry {
                slug,
                summary,
                checks,
                why,
                source,
                remedy,
                change,
                ..
            } = code.entry();
            assert!(
                slug.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'),
                "{code}"
            );
            for text in [summary, checks, why, source, remedy, change] {
                assert!(text.len() > 3 && text.trim() == *text, "{code}: {text:?}");
                assert!(!text.contains('\n'), "{code}: {text:?}");
            }
            assert!(
                !summary.ends_with('.') && checks.ends_with('.') && why.ends_with('.'),
                "{code}"
            );
        }
    }

    #[test]
    fn a_code_is_found_by_id_slug_and_the_services_word() {
        for code in Code::ALL {
            assert_eq!(code.id().to_lowercase().parse(), Ok(*code));
            assert_eq!(code.slug().to_uppercase().parse(), Ok(*code));
            for api_code in code.entry().api_codes {
                assert_eq!(api_code.replace('*', "Anything").parse(), Ok(*code));
            }
        }
        assert_eq!("invalidfile.nohuman".parse(), Ok(Code::NO_HUMAN));
        assert_eq!(
            "InvalidFile.SomethingNew".parse(),
            Ok(Code::REMOTE_REJECTED)
        );
        assert_eq!("PF999".parse::<Code>(), Err(UnknownCode));
        assert_eq!("".parse::<Code>(), Err(UnknownCode));
    }
}
