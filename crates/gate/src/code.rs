//! The registry of codes: every reason that this project gives, explained once.
//!
//! The explanations of the command, the rules that SARIF lists and the page of codes in the
//! documents are all this table. To add a code: write its [`Entry`] in the file of its stage, its
//! words in the other languages beside it, and name it in the list below; the tests ask for the
//! rest.

mod content;
mod header;
mod input;
mod limits;
#[cfg(feature = "remote")]
mod remote;
mod text;
mod zh;

use std::fmt;

use language::Language;

use crate::{Effect, Stage};

pub use self::text::UnknownCode;

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
    /// Its usual effect on the outcome.
    pub effect: Effect,
    /// One line for a list.
    pub summary: &'static str,
    /// The property that is checked, and how.
    pub checks: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// Where the rule comes from.
    pub source: &'static str,
    /// How to put it right.
    pub remedy: &'static str,
    /// What decides whether and how it is checked.
    pub change: &'static str,
}

macro_rules! codes {
    ($($(#[cfg($cfg:meta)])? $name:ident = $file:ident::$entry:ident, $doc:literal;)+) => {
        /// A reason, by its place in the registry.
        ///
        /// The set grows with the checks. Those of the paid stage are there with the feature
        /// `remote`.
        ///
        /// ```
        /// use gate::{Code, Effect};
        ///
        /// let code: Code = "side-too-small".parse()?;
        /// match code {
        ///     Code::SideTooSmall => assert_eq!(code.to_string(), "PF202 side-too-small"),
        ///     _ => unreachable!(),
        /// }
        /// assert_eq!(code.effect(), Effect::Reject);
        /// # Ok::<(), gate::UnknownCode>(())
        /// ```
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[cfg($cfg)])? #[doc = $doc] $name,)+
        }

        impl Code {
            /// Every code, by id.
            pub const ALL: &'static [Self] = &[$($(#[cfg($cfg)])? Self::$name,)+];

            /// What the registry says of it, in English.
            #[must_use]
            pub const fn entry(self) -> &'static Entry {
                match self {
                    $($(#[cfg($cfg)])? Self::$name => &$file::$entry,)+
                }
            }

            /// What the registry says of it in a language. Ids, slugs, stages and effects are the
            /// same in all of them.
            ///
            /// ```
            /// use gate::{Code, Language};
            ///
            /// let entry = Code::SideTooSmall.entry_in(Language::Zh);
            /// assert_eq!((entry.id, entry.summary), ("PF202", "最小边长低于 profile 的下限"));
            /// ```
            #[must_use]
            pub const fn entry_in(self, language: Language) -> &'static Entry {
                match (language, self) {
                    (Language::En, _) => self.entry(),
                    $($(#[cfg($cfg)])? (Language::Zh, Self::$name) => &zh::$file::$entry,)+
                }
            }
        }
    };
}

codes! {
    NotFound = input::NOT_FOUND, "PF001: an input names nothing to check.";
    Unreadable = input::UNREADABLE, "PF002: the file cannot be read, or changed while it was read.";
    EmptyFile = input::EMPTY_FILE, "PF003: there are no bytes.";
    NotFetched = input::NOT_FETCHED, "PF004: something stands in for content that is elsewhere.";
    HttpStatus = input::HTTP_STATUS, "PF005: the server did not answer with the image.";
    Unreachable = input::UNREACHABLE, "PF006: the server could not be reached.";
    AddressRefused = input::ADDRESS_REFUSED, "PF007: the URL leads to an address that must not be fetched.";
    UrlInvalid = input::URL_INVALID, "PF008: the URL is not one that the service could fetch.";
    UrlExpired = input::URL_EXPIRED, "PF009: the URL's signature has expired.";
    FetchLimit = input::FETCH_LIMIT, "PF010: a limit of bytes, requests, redirects or time ran out.";
    NotAnImage = header::NOT_AN_IMAGE, "PF101: the bytes are something other than an image.";
    Truncated = header::TRUNCATED, "PF102: the data ends inside the header, or before it says.";
    Malformed = header::MALFORMED, "PF103: the header breaks a rule of its format.";
    ExtensionMismatch = header::EXTENSION_MISMATCH, "PF104: the extension names another format.";
    ContentTypeMismatch = header::CONTENT_TYPE_MISMATCH, "PF105: the media type names another format.";
    UnusualCoding = header::UNUSUAL_CODING, "PF106: a legal coding that many decoders do not read.";
    FormatNotAccepted = limits::FORMAT_NOT_ACCEPTED, "PF201: the profile does not take this format.";
    SideTooSmall = limits::SIDE_TOO_SMALL, "PF202: a side is shorter than the profile allows.";
    SideTooLarge = limits::SIDE_TOO_LARGE, "PF203: a side is longer than the profile allows.";
    FileTooLarge = limits::FILE_TOO_LARGE, "PF204: the file holds more bytes than allowed.";
    OnTheBoundary = limits::ON_THE_BOUNDARY, "PF205: a side is exactly as long as the limit.";
    AspectRatio = limits::ASPECT_RATIO, "PF206: the image is longer for its width than allowed.";
    Undecodable = content::UNDECODABLE, "PF301: the pixels do not decode.";
    BodyTruncated = content::BODY_TRUNCATED, "PF302: the file ends before the image does.";
    DecodeLimit = content::DECODE_LIMIT, "PF303: decoding would take more memory than allowed.";
    DecoderLacks = content::DECODER_LACKS, "PF304: our decoder does not read this coding.";
    #[cfg(feature = "remote")]
    NoHuman = remote::NO_HUMAN, "PF401: no person, or no face.";
    #[cfg(feature = "remote")]
    MultiHuman = remote::MULTI_HUMAN, "PF402: more than one person.";
    #[cfg(feature = "remote")]
    BodyProportion = remote::BODY_PROPORTION, "PF403: the person takes too much or too little.";
    #[cfg(feature = "remote")]
    Resolution = remote::RESOLUTION, "PF404: the service finds a side out of its limits.";
    #[cfg(feature = "remote")]
    Value = remote::VALUE, "PF405: too dark, or not clear.";
    #[cfg(feature = "remote")]
    FrontBody = remote::FRONT_BODY, "PF406: the person faces away.";
    #[cfg(feature = "remote")]
    FullFace = remote::FULL_FACE, "PF407: the face is not wholly visible.";
    #[cfg(feature = "remote")]
    FacePose = remote::FACE_POSE, "PF408: the face is turned or tilted too far.";
    #[cfg(feature = "remote")]
    FullBody = remote::FULL_BODY, "PF409: not enough of the body for the ratio.";
    #[cfg(feature = "remote")]
    DoubtfulBoxes = remote::DOUBTFUL_BOXES, "PF410: a box of the pass looks wrong.";
    #[cfg(feature = "remote")]
    TurnedImage = remote::TURNED_IMAGE, "PF411: the boxes may be in px of the turned image.";
    #[cfg(feature = "remote")]
    RemoteRejected = remote::REMOTE_REJECTED, "PF499: rejected for another reason, or for none given.";
    #[cfg(feature = "remote")]
    KeyRefused = remote::KEY_REFUSED, "PF501: the service refused the key.";
    #[cfg(feature = "remote")]
    Account = remote::ACCOUNT, "PF502: the account may not make the call.";
    #[cfg(feature = "remote")]
    Throttled = remote::THROTTLED, "PF503: still asked to slow down after retries.";
    #[cfg(feature = "remote")]
    ServiceError = remote::SERVICE_ERROR, "PF504: the service failed.";
    #[cfg(feature = "remote")]
    OutcomeLost = remote::OUTCOME_LOST, "PF505: the request was sent, and its answer never came.";
    #[cfg(feature = "remote")]
    UrlNotFetched = remote::URL_NOT_FETCHED, "PF506: the service could not fetch the image.";
    #[cfg(feature = "remote")]
    NoPublicUrl = remote::NO_PUBLIC_URL, "PF507: the service has no address to fetch from.";
    #[cfg(feature = "remote")]
    BudgetReached = remote::BUDGET_REACHED, "PF508: the budget of paid requests is used up.";
    #[cfg(feature = "remote")]
    MapMismatch = remote::MAP_MISMATCH, "PF509: the public copy is not the local image.";
    #[cfg(feature = "remote")]
    RequestRefused = remote::REQUEST_REFUSED, "PF510: the service refused the request as such.";
    #[cfg(feature = "remote")]
    Moderated = remote::MODERATED, "PF511: the content filter refused the image.";
    #[cfg(feature = "remote")]
    ContractBroken = remote::CONTRACT_BROKEN, "PF512: an answer that cannot be read as one.";
    #[cfg(feature = "remote")]
    UploadFailed = remote::UPLOAD_FAILED, "PF513: the image could not be uploaded.";
    #[cfg(feature = "remote")]
    ServiceUnreachable = remote::SERVICE_UNREACHABLE, "PF514: the service could not be reached.";
    #[cfg(feature = "remote")]
    NotRecorded = remote::NOT_RECORDED, "PF515: the call could not be written down.";
}

impl Code {
    /// `PF` and three digits.
    #[must_use]
    pub const fn id(self) -> &'static str {
        self.entry().id
    }

    /// Lower-case words with hyphens.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        self.entry().slug
    }

    /// The stage that finds it.
    #[must_use]
    pub const fn stage(self) -> Stage {
        self.entry().stage
    }

    /// Its usual effect on the outcome.
    #[must_use]
    pub const fn effect(self) -> Effect {
        self.entry().effect
    }
}

#[cfg(feature = "remote")]
impl Code {
    /// The code of a reason for which the service rejects.
    #[must_use]
    pub const fn of(reason: ::remote::FailureReason) -> Self {
        use ::remote::FailureReason as Reason;

        match reason {
            Reason::NoHuman => Self::NoHuman,
            Reason::MultiHuman => Self::MultiHuman,
            Reason::BodyProportion => Self::BodyProportion,
            Reason::Resolution => Self::Resolution,
            Reason::Value => Self::Value,
            Reason::FrontBody => Self::FrontBody,
            Reason::FullFace => Self::FullFace,
            Reason::FacePose => Self::FacePose,
            Reason::FullBody => Self::FullBody,
            Reason::Other => Self::RemoteRejected,
        }
    }

    /// The code for a call that ended without a verdict.
    #[must_use]
    pub const fn of_kind(kind: ::remote::ErrorKind) -> Self {
        use ::remote::ErrorKind as Kind;

        match kind {
            Kind::KeyRefused => Self::KeyRefused,
            Kind::Account => Self::Account,
            Kind::Throttled => Self::Throttled,
            Kind::OutcomeUnknown => Self::OutcomeLost,
            Kind::NotFetched => Self::UrlNotFetched,
            Kind::RequestRefused => Self::RequestRefused,
            Kind::Moderated => Self::Moderated,
            Kind::ContractBroken => Self::ContractBroken,
            Kind::UploadFailed => Self::UploadFailed,
            Kind::Unreachable | Kind::NotTheApi => Self::ServiceUnreachable,
            Kind::Vetoed => Self::BudgetReached,
            Kind::ServiceFailed => Self::ServiceError,
        }
    }
}

/// `PF202 side-too-small`.
impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.id(), self.slug())
    }
}

#[cfg(test)]
mod tests;
