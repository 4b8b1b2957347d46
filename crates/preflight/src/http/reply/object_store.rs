//! What an object store says in the body of an error.

use core::fmt;

/// The code of an object store's error, such as `AccessDenied`.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct StoreError {
    /// The code, of letters, digits, dots, dashes and underscores, at most 64.
    pub code: String,
    /// Whether the store says that the signature has expired.
    pub expired: bool,
    /// See [`home`](Self::home).
    home: Option<String>,
}

/// What a store's error is about, as far as its code is known: S3's, and OSS's.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum StoreCause {
    /// The key may not do that.
    AccessDenied,
    /// The secret does not belong to the key.
    BadSignature,
    /// The clocks of the store and of who signed differ too much.
    ClockSkew,
    /// Temporary credentials are past.
    ExpiredToken,
    /// There is no such bucket.
    NoSuchBucket,
    /// There is no such object.
    NoSuchKey,
    /// The store has too much to do.
    Throttled,
    /// The store does not know the key.
    UnknownKey,
    /// The bucket is in another region.
    WrongRegion,
}

/// Longer codes are not codes.
const MAX_CODE: usize = 64;

/// Codes for an object that does not exist: S3 and OSS, Azure.
const GONE: [&str; 5] = [
    "NoSuchKey",
    "NoSuchBucket",
    "NoSuchVersion",
    "BlobNotFound",
    "ContainerNotFound",
];

/// Codes that say that the signature has expired, without a look at the message.
const EXPIRED: [&str; 3] = ["ExpiredToken", "RequestExpired", "TokenExpired"];

/// What the messages say next to a general code: S3 and OSS, Azure, Qiniu.
const EXPIRED_WORDS: [&str; 4] = [
    "request has expired",
    "signature not valid in the specified time frame",
    "expired token",
    "token expired",
];

impl StoreError {
    /// Reads the start of an error's body: `<Code>` in XML, or `"error"` in JSON (Qiniu).
    pub(crate) fn read(body: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(body);
        let lower = text.to_ascii_lowercase();
        let says_expired = EXPIRED_WORDS.iter().any(|words| lower.contains(words));
        let code = between(&text, "<Code>", "</Code>")
            .filter(|code| is_code(code))
            .or_else(|| {
                (says_expired && text.trim_start().starts_with('{')).then_some("expired")
            })?;
        let home = ["Region", "Endpoint"].iter().find_map(|name| {
            let text = between(&text, &format!("<{name}>"), &format!("</{name}>"))?;
            is_code(text).then(|| text.to_owned())
        });
        Some(Self {
            expired: says_expired || EXPIRED.contains(&code),
            code: code.to_owned(),
            home,
        })
    }

    /// With the bucket's region, where a header says it and the body does not.
    pub(crate) fn at_home(mut self, region: Option<String>) -> Self {
        self.home = self.home.or(region.filter(|region| is_code(region)));
        self
    }

    /// What it is about, where the code is known.
    #[must_use]
    pub fn cause(&self) -> Option<StoreCause> {
        Some(match self.code.as_str() {
            // OSS has no other code for a bucket that is asked for elsewhere than where it is.
            "AccessDenied" if self.home.is_some() => StoreCause::WrongRegion,
            "AccessDenied" | "AllAccessDisabled" => StoreCause::AccessDenied,
            "SignatureDoesNotMatch" => StoreCause::BadSignature,
            "RequestTimeTooSkewed" | "RequestNotYetValid" => StoreCause::ClockSkew,
            "ExpiredToken" | "SecurityTokenExpired" | "TokenRefreshRequired" => {
                StoreCause::ExpiredToken
            }
            "NoSuchBucket" => StoreCause::NoSuchBucket,
            "NoSuchKey" => StoreCause::NoSuchKey,
            "RequestLimitExceeded"
            | "ServiceUnavailable"
            | "SlowDown"
            | "Throttling"
            | "TooManyRequests" => StoreCause::Throttled,
            "InvalidAccessKeyId" | "InvalidSecurityToken" | "InvalidToken" => {
                StoreCause::UnknownKey
            }
            "AuthorizationHeaderMalformed"
            | "AuthorizationQueryParametersError"
            | "IllegalLocationConstraintException"
            | "PermanentRedirect"
            | "TemporaryRedirect" => StoreCause::WrongRegion,
            _ => return None,
        })
    }

    /// The region of the bucket, or the host that it is asked for at, where the store says that it is
    /// elsewhere.
    #[must_use]
    pub fn home(&self) -> Option<&str> {
        self.home.as_deref()
    }

    /// Whether it holds for everybody: the object is not there, or the signature is past.
    pub(crate) fn is_final(&self) -> bool {
        self.expired || GONE.contains(&self.code.as_str())
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.code)?;
        if self.expired && !self.code.to_ascii_lowercase().contains("expired") {
            f.write_str(", the signature has expired")?;
        }
        match &self.home {
            Some(home) if self.cause() == Some(StoreCause::WrongRegion) => {
                write!(f, ", the bucket is in {home}")
            }
            _ => Ok(()),
        }
    }
}

fn between<'t>(text: &'t str, start: &str, end: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(start)?;
    Some(rest.split_once(end)?.0.trim())
}

fn is_code(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= MAX_CODE
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stores_words_are_understood() {
        for (body, shown, is_final) in [
            (
                "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code><Message>Request has expired</Message>",
                Some("AccessDenied, the signature has expired"),
                true,
            ),
            (
                "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>",
                Some("AccessDenied"),
                false,
            ),
            ("<Error>\n <Code>NoSuchKey</Code>", Some("NoSuchKey"), true),
            (
                "<Error><Code>ExpiredToken</Code>",
                Some("ExpiredToken"),
                true,
            ),
            (
                "<Error><Code>InvalidObjectState</Code>",
                Some("InvalidObjectState"),
                false,
            ),
            (
                "<Error><Code>AuthenticationFailed</Code><AuthenticationErrorDetail>Signature not valid in the specified time frame",
                Some("AuthenticationFailed, the signature has expired"),
                true,
            ),
            ("{\"error\":\"expired token\"}", Some("expired"), true),
            (
                "<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-west-1</Region>",
                Some("AuthorizationHeaderMalformed, the bucket is in eu-west-1"),
                false,
            ),
            (
                "<Error><Code>AccessDenied</Code><Endpoint>oss-cn-beijing.aliyuncs.com</Endpoint>",
                Some("AccessDenied, the bucket is in oss-cn-beijing.aliyuncs.com"),
                false,
            ),
            (
                "<Error><Code>PermanentRedirect</Code><Endpoint>evil\n</Endpoint>",
                Some("PermanentRedirect, the bucket is in evil"),
                false,
            ),
            (
                "<Error><Code>PermanentRedirect</Code><Endpoint>e vil</Endpoint>",
                Some("PermanentRedirect"),
                false,
            ),
            ("<Error><Code>evil \u{1b}[31m</Code>", None, false),
            ("<html>an article about expired tokens</html>", None, false),
            ("<Code>", None, false),
            ("", None, false),
        ] {
            let error = StoreError::read(body.as_bytes());
            assert_eq!(
                error.as_ref().map(ToString::to_string).as_deref(),
                shown,
                "{body}"
            );
            assert_eq!(error.is_some_and(|e| e.is_final()), is_final, "{body}");
        }
    }

    /// The codes of S3, OSS, COS and their like for the same few causes.
    #[test]
    fn each_code_says_what_it_is_about() {
        for (codes, cause) in [
            (
                "AccessDenied AllAccessDisabled",
                Some(StoreCause::AccessDenied),
            ),
            ("SignatureDoesNotMatch", Some(StoreCause::BadSignature)),
            (
                "RequestTimeTooSkewed RequestNotYetValid",
                Some(StoreCause::ClockSkew),
            ),
            (
                "ExpiredToken SecurityTokenExpired TokenRefreshRequired",
                Some(StoreCause::ExpiredToken),
            ),
            ("NoSuchBucket", Some(StoreCause::NoSuchBucket)),
            ("NoSuchKey", Some(StoreCause::NoSuchKey)),
            (
                "RequestLimitExceeded ServiceUnavailable SlowDown Throttling TooManyRequests",
                Some(StoreCause::Throttled),
            ),
            (
                "InvalidAccessKeyId InvalidSecurityToken InvalidToken",
                Some(StoreCause::UnknownKey),
            ),
            (
                "AuthorizationHeaderMalformed AuthorizationQueryParametersError \
                 IllegalLocationConstraintException PermanentRedirect TemporaryRedirect",
                Some(StoreCause::WrongRegion),
            ),
            ("InternalError nosuchkey", None),
        ] {
            for code in codes.split_whitespace() {
                let error = StoreError::read(format!("<Code>{code}</Code>").as_bytes()).unwrap();
                assert_eq!(error.cause(), cause, "{code}");
            }
        }
    }

    /// A region in a header is shown like one in the body: if it is a word, and only for that cause.
    #[test]
    fn a_header_says_where_the_bucket_is() {
        let shown = |code: &str, region: &str| {
            let body = format!("<Code>{code}</Code>");
            let error = StoreError::read(body.as_bytes()).unwrap();
            error.at_home(Some(region.to_owned())).to_string()
        };
        let moved = "PermanentRedirect";
        assert_eq!(
            shown(moved, "eu-west-1"),
            "PermanentRedirect, the bucket is in eu-west-1"
        );
        let long = "a".repeat(MAX_CODE + 1);
        for none in ["", " ", "eu west", "\u{1b}[31m", &long] {
            assert_eq!(shown(moved, none), moved);
        }
        assert_eq!(shown("NoSuchKey", "eu-west-1"), "NoSuchKey");
    }

    #[test]
    fn a_refusal_that_names_another_endpoint_is_about_the_region() {
        let body = b"<Code>AccessDenied</Code><Endpoint>oss-cn-beijing.aliyuncs.com</Endpoint>";
        let error = StoreError::read(body).unwrap();
        assert_eq!(error.cause(), Some(StoreCause::WrongRegion));
    }

    #[test]
    fn a_code_is_1_to_64_plain_characters_and_a_region_likewise() {
        let code = |code: &str| StoreError::read(format!("<Code>{code}</Code>").as_bytes());
        assert!(code(&"x".repeat(64)).is_some());
        assert_eq!(code(&"x".repeat(65)), None);
        assert_eq!(code(""), None);
        let at = |region: &str| {
            let error = code("PermanentRedirect").unwrap();
            error
                .at_home(Some(region.to_owned()))
                .home()
                .map(str::to_owned)
        };
        assert_eq!(at("eu-west-3").as_deref(), Some("eu-west-3"));
        assert_eq!((at("e\u{1b}vil"), at(&"x".repeat(65))), (None, None));
    }
}
