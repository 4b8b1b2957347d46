//! The variables that set stores up.

#[cfg(feature = "stores")]
use ::stores::{Store, Variables};

#[cfg(feature = "stores")]
use crate::environment::variable::Holds;
use crate::environment::variable::Variable;

/// None: no store can be set up.
#[cfg(not(feature = "stores"))]
pub(super) const fn variables() -> [Variable; 0] {
    []
}

/// The variables of every store, and what each says. Only the stores' own type sees the keys.
#[cfg(feature = "stores")]
pub(super) fn variables() -> Vec<Variable> {
    let of = |store| {
        let names = Variables::of(store);
        let key = match store {
            Store::S3 => "the access key for s3:// addresses",
            Store::Oss => "the access key for oss:// addresses",
        };
        let secrets = [
            (names.key_id, key),
            (names.secret, "its secret"),
            (names.token, "the token of a temporary key"),
        ];
        let secrets = secrets.map(|(name, help)| Variable::holding(Holds::Secret, name, help));
        let regions = names.region.iter();
        let regions = regions.map(|name| Variable::of(name, "the region of the buckets"));
        let endpoints = names.endpoint.iter().map(|name| {
            let help = "where the store is; it may be in a private network";
            Variable::holding(Holds::Url, name, help)
        });
        let styles = names.style.iter();
        let styles = styles
            .map(|name| Variable::of(name, "how a bucket stands in a URL: auto, path or virtual"));
        let rest = regions.chain(endpoints).chain(styles);
        secrets.into_iter().chain(rest).collect::<Vec<_>>()
    };
    Store::ALL.into_iter().flat_map(of).collect()
}
