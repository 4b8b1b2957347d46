//! The parameters of a URL's query.

use url::Url;
use url::form_urlencoded;

/// The query's parameters by name, whatever the case, and whether or not the query was escaped for
/// HTML.
pub(super) struct Query<'u>(pub(super) &'u Url);

impl Query<'_> {
    pub(super) fn value(&self, name: &str) -> Option<String> {
        let (_, value) = self
            .0
            .query_pairs()
            .find(|(found, _)| plain_name(found).eq_ignore_ascii_case(name))?;
        Some(value.into_owned())
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    /// The values, whatever their names.
    pub(super) fn values(&self) -> impl Iterator<Item = String> {
        self.0.query_pairs().map(|(_, value)| value.into_owned())
    }

    /// The parameters as they are written, each with its name in lower case.
    pub(super) fn parts(&self) -> impl Iterator<Item = (String, &str)> {
        let parts = self.0.query().unwrap_or_default().split('&');
        parts.filter(|part| !part.is_empty()).map(|part| {
            let name = form_urlencoded::parse(part.as_bytes())
                .next()
                .map(|(name, _)| plain_name(&name).to_ascii_lowercase());
            (name.unwrap_or_default(), part)
        })
    }
}

/// Of `a=1&amp;b=2` the second name is `amp;b`.
fn plain_name(name: &str) -> &str {
    let mut name = name;
    while let Some(rest) = name.strip_prefix("amp;") {
        name = rest;
    }
    name
}
