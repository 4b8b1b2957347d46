//! Where the service is: the base URL, and the workspace that may name its host.

use std::fmt;
use std::str::FromStr;

use url::{Host, Url};

mod mistake;

/// The base of every call, up to and including `/api/v1`.
///
/// The key goes there, so it must be https; plain http is taken for loopback only.
///
/// ```
/// use remote::BaseUrl;
///
/// assert_eq!(BaseUrl::default().as_str(), "https://dashscope.aliyuncs.com/api/v1");
/// assert!(BaseUrl::parse("http://127.0.0.1:8080/api/v1").is_ok());
/// assert!(BaseUrl::parse("http://dashscope.aliyuncs.com/api/v1").is_err());
/// # Ok::<(), remote::BaseUrlError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct BaseUrl(Url);

impl BaseUrl {
    const SHARED: &str = "https://dashscope.aliyuncs.com/api/v1";

    /// Takes a base URL.
    ///
    /// # Errors
    ///
    /// If it is not an https URL (or http on loopback) with a host, if it holds a user, a query or a
    /// fragment, or if it cannot be right: another dialect's (`compatible-mode`), a host of the
    /// vendor's in a region without the model, the vendor's host without `/api/v1`, or a whole
    /// endpoint. The error says which URL would be right.
    pub fn parse(text: &str) -> Result<Self, BaseUrlError> {
        if text.contains(['$', '{', '<']) {
            return Err(BaseUrlError::Variable);
        }
        let mut url = Url::parse(text.trim()).map_err(BaseUrlError::Syntax)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(BaseUrlError::Credentials);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(BaseUrlError::Tail);
        }
        if !is_private_enough(&url) {
            return Err(BaseUrlError::Plain {
                scheme: url.scheme().to_owned(),
            });
        }
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        mistake::check(&url)?;
        Ok(Self(url))
    }

    /// The URL, without a slash at its end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }

    /// The URL of a path below the base.
    pub(crate) fn join(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        url.set_path(&format!("{}/{path}", self.0.path().trim_end_matches('/')));
        url
    }

    pub(crate) fn is_plain(&self) -> bool {
        self.0.scheme() == "http"
    }
}

impl Default for BaseUrl {
    /// The shared host of the China (Beijing) region, the only one that has the model.
    fn default() -> Self {
        #[expect(clippy::expect_used, reason = "a constant that a test parses")]
        Self(Url::parse(Self::SHARED).expect("a URL"))
    }
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BaseUrl({})", self.as_str())
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for BaseUrl {
    type Err = BaseUrlError;

    fn from_str(text: &str) -> Result<Self, BaseUrlError> {
        Self::parse(text)
    }
}

/// Why a text cannot be a [`BaseUrl`].
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BaseUrlError {
    /// It names a user.
    #[error("expected a base URL without a user or password, but found one")]
    Credentials,
    /// Of another dialect: OpenAI's, say.
    #[error(
        "expected a base URL that ends in /api/v1, but found one of another dialect: use {offer}"
    )]
    Dialect {
        /// The base URL that would be right.
        offer: String,
    },
    /// The URL of a call, and not the base of all calls.
    #[error("expected a base URL, but found a whole endpoint: use {offer}")]
    Endpoint {
        /// The base URL that would be right.
        offer: String,
    },
    /// A host of the vendor's that does not serve the API: its console or its documentation.
    #[error(
        "expected a base URL of the API, but found the vendor's web site {host}: use {}",
        BaseUrl::SHARED
    )]
    NotTheApi {
        /// The host found.
        host: String,
    },
    /// The vendor's host with another path.
    #[error("expected a base URL whose path is /api/v1, but found {path}: use {offer}")]
    Path {
        /// The path found.
        path: String,
        /// The base URL that would be right.
        offer: String,
    },
    /// A host of the vendor's in a region without the model.
    #[error(
        "expected a base URL in China (Beijing), the only region with EMO, but found the host {host}: use {} and a \
         key of that region",
        BaseUrl::SHARED
    )]
    Region {
        /// The host found.
        host: String,
    },
    /// `https://${HOST}/api/v1`, `https://<host>/api/v1`: nobody put the value in.
    #[error(
        "expected a base URL, but found the name of a variable that nobody replaced by its value"
    )]
    Variable,
    /// Not https, and not loopback either.
    #[error(
        "expected a base URL with https (http on loopback only), but found {scheme}: the key would go in the clear"
    )]
    Plain {
        /// The scheme found.
        scheme: String,
    },
    /// No URL at all.
    #[error("expected a base URL such as {}, but found no URL", BaseUrl::SHARED)]
    Syntax(#[source] url::ParseError),
    /// It has a query or a fragment.
    #[error("expected a base URL without a query or fragment, but found one")]
    Tail,
}

/// The id of a workspace, fit for a header and for a host name.
///
/// The vendor's SDK admits `[A-Za-z0-9][A-Za-z0-9_-]{0,63}`, so that no id can name another host
/// and so lead the key away.
///
/// ```
/// use remote::WorkspaceId;
///
/// assert_eq!("ws-1a2b".parse::<WorkspaceId>()?.as_str(), "ws-1a2b");
/// assert!("evil.example/".parse::<WorkspaceId>().is_err());
/// # Ok::<(), remote::WorkspaceIdError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WorkspaceId(String);

impl WorkspaceId {
    const MAX_LEN: usize = 64;

    /// The id as given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for WorkspaceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for WorkspaceId {
    type Err = WorkspaceIdError;

    fn from_str(text: &str) -> Result<Self, WorkspaceIdError> {
        let text = text.trim();
        let starts = text.starts_with(|c: char| c.is_ascii_alphanumeric());
        let holds = text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
        if starts && holds && text.len() <= Self::MAX_LEN {
            Ok(Self(text.to_owned()))
        } else {
            Err(WorkspaceIdError)
        }
    }
}

/// A text that cannot be a [`WorkspaceId`].
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected a workspace id of 1 to {} letters, digits, `_` and `-` that starts with a letter or digit",
    WorkspaceId::MAX_LEN
)]
pub struct WorkspaceIdError;

/// Whether what is sent to this URL stays between us and its host: https, or http on loopback.
pub(crate) fn is_private_enough(url: &Url) -> bool {
    match url.scheme() {
        "https" => url.has_host(),
        "http" => is_loopback(url),
        _ => false,
    }
}

/// Whether the URL's host is this machine, as far as its name tells without a resolver.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined_below_the_base() {
        for text in [
            "https://h.example/api/v1",
            "https://h.example/api/v1/",
            " https://h.example/api/v1//\n",
        ] {
            let base: BaseUrl = text.parse().unwrap();
            assert_eq!(base.as_str(), "https://h.example/api/v1");
            assert_eq!(base.join("a/b").as_str(), "https://h.example/api/v1/a/b");
        }
        assert_eq!(
            BaseUrl::parse("http://[::1]:9").unwrap().join("a").as_str(),
            "http://[::1]:9/a"
        );
        assert_eq!(BaseUrl::parse(BaseUrl::SHARED), Ok(BaseUrl::default()));
    }

    #[test]
    fn a_base_that_would_show_the_key_is_refused() {
        let plain = |scheme: &str| BaseUrlError::Plain {
            scheme: scheme.to_owned(),
        };
        for (text, error) in [
            ("http://h.example/api/v1", plain("http")),
            ("http://localhost.evil.example", plain("http")),
            ("http://10.0.0.1/api/v1", plain("http")),
            ("ftp://localhost/", plain("ftp")),
            ("https://user:secret@h.example/", BaseUrlError::Credentials),
            ("https://:secret@h.example/", BaseUrlError::Credentials),
            ("https://user@h.example/", BaseUrlError::Credentials),
            ("https://h.example/?a=1", BaseUrlError::Tail),
            ("https://h.example/#a", BaseUrlError::Tail),
            ("https://${HOST}/api/v1", BaseUrlError::Variable),
            ("https://<host>/api/v1", BaseUrlError::Variable),
            ("{{ base_url }}", BaseUrlError::Variable),
        ] {
            let found = BaseUrl::parse(text).unwrap_err();
            assert_eq!(found, error, "{text}");
            assert!(!format!("{found} {found:?}").contains("secret"));
        }
        assert!(matches!(
            BaseUrl::parse("dashscope.aliyuncs.com"),
            Err(BaseUrlError::Syntax(_))
        ));
    }

    #[test]
    fn a_workspace_id_is_a_word_of_bounded_length() {
        let most = "a".repeat(WorkspaceId::MAX_LEN);
        for sound in ["a", "7", "llm-1_b", " ws-1\n", &most] {
            let id: WorkspaceId = sound.parse().unwrap();
            assert_eq!(id.to_string(), sound.trim());
        }
        let beyond = format!("{most}a");
        for other in [
            "", " ", "_a", "-a", "a b", "a.b", "a/b", "\u{e4}", "a\r\nb", &beyond,
        ] {
            assert_eq!(
                other.parse::<WorkspaceId>(),
                Err(WorkspaceIdError),
                "{other:?}"
            );
        }
    }
}
