//! The variables of the environment that set a store up.

use std::ffi::OsString;

use crate::Store;

/// The names of the variables of a store.
///
/// Those of S3 are the AWS SDKs' own, except for the style, which has none there and goes by the name
/// that programs around them use. Those of OSS are ossutil's and the OSS SDKs'.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Variables {
    /// The identifier of the access key.
    pub key_id: &'static str,
    /// Its secret.
    pub secret: &'static str,
    /// The token of temporary credentials.
    pub token: &'static str,
    /// The region; the first that is set counts.
    pub region: &'static [&'static str],
    /// Where the store is; the first that is set counts.
    pub endpoint: &'static [&'static str],
    /// How a bucket stands in a URL, where that can be chosen.
    pub style: Option<&'static str>,
}

impl Variables {
    /// The variables of a store.
    #[must_use]
    pub const fn of(store: Store) -> Self {
        match store {
            Store::S3 => Self {
                key_id: "AWS_ACCESS_KEY_ID",
                secret: "AWS_SECRET_ACCESS_KEY",
                token: "AWS_SESSION_TOKEN",
                region: &["AWS_REGION", "AWS_DEFAULT_REGION"],
                endpoint: &["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"],
                style: Some("AWS_S3_ADDRESSING_STYLE"),
            },
            Store::Oss => Self {
                key_id: "OSS_ACCESS_KEY_ID",
                secret: "OSS_ACCESS_KEY_SECRET",
                token: "OSS_SESSION_TOKEN",
                region: &["OSS_REGION"],
                endpoint: &["OSS_ENDPOINT"],
                style: None,
            },
        }
    }
}

/// What the variables of a store say. One that is empty or blank counts as not set.
pub(crate) struct Found<'v> {
    pub(crate) names: Variables,
    variable: &'v dyn Fn(&str) -> Option<OsString>,
}

/// A value that is not text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NotText {
    pub(crate) name: &'static str,
}

impl<'v> Found<'v> {
    pub(crate) const fn new(store: Store, variable: &'v dyn Fn(&str) -> Option<OsString>) -> Self {
        Self {
            names: Variables::of(store),
            variable,
        }
    }

    pub(crate) fn one(&self, name: &'static str) -> Result<Option<String>, NotText> {
        let Some(value) = (self.variable)(name) else {
            return Ok(None);
        };
        let text = value.into_string().map_err(|_| NotText { name })?;
        // Keys are often pasted, with the end of the line.
        let text = text.trim();
        Ok((!text.is_empty()).then(|| text.to_owned()))
    }

    /// The first of several that is set, and its name.
    pub(crate) fn first(
        &self,
        names: &'static [&'static str],
    ) -> Result<Option<(&'static str, String)>, NotText> {
        for name in names {
            if let Some(value) = self.one(name)? {
                return Ok(Some((name, value)));
            }
        }
        Ok(None)
    }
}
