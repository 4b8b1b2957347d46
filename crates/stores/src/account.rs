//! The stores that the environment sets up, and whose key opens them.

use std::ffi::OsString;
use std::fmt;
use std::sync::Arc;

use rusty_s3::Credentials;

use crate::Store;
use crate::endpoint::Endpoint;
use crate::setup_error::SetupError;
use crate::variables::{Found, Variables};

/// The stores that the environment sets up.
///
/// A store is set up by the two variables of its access key. Nothing else is looked at: no file with
/// profiles, no metadata service.
///
/// ```
/// use stores::{Location, Store, Stores};
///
/// let stores = Stores::from_vars(|name| match name {
///     "AWS_ACCESS_KEY_ID" => Some("AKIAIOSFODNN7EXAMPLE".into()),
///     "AWS_SECRET_ACCESS_KEY" => Some("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".into()),
///     _ => None,
/// });
/// let s3 = stores.account(Store::S3)?.expect("a key is set");
/// assert_eq!(s3.endpoint().host(), "s3.us-east-1.amazonaws.com");
/// assert!(stores.account(Store::Oss)?.is_none());
/// # Ok::<(), stores::SetupError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Stores {
    s3: Result<Option<Account>, SetupError>,
    oss: Result<Option<Account>, SetupError>,
}

/// One store, and the key that opens it. Clones share the key, which is in no text.
#[derive(Clone)]
pub struct Account {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    endpoint: Endpoint,
    credentials: Credentials,
}

impl Stores {
    /// The stores that the environment of this process sets up.
    #[must_use]
    pub fn from_env() -> Self {
        Self::from_vars(|name| std::env::var_os(name))
    }

    /// The stores that these variables set up.
    #[must_use]
    pub fn from_vars(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        Self {
            s3: Account::read(Store::S3, &variable),
            oss: Account::read(Store::Oss, &variable),
        }
    }

    /// A store, if it is set up.
    ///
    /// # Errors
    ///
    /// It is set up in a way that cannot be. That is no concern of those who do not ask for it.
    pub const fn account(&self, store: Store) -> Result<Option<&Account>, SetupError> {
        let account = match store {
            Store::S3 => &self.s3,
            Store::Oss => &self.oss,
        };
        match account {
            Ok(account) => Ok(account.as_ref()),
            Err(error) => Err(*error),
        }
    }

    /// All that are set up.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        Store::ALL
            .into_iter()
            .filter_map(|store| self.account(store).ok()?)
    }
}

impl Account {
    fn read(
        store: Store,
        variable: &dyn Fn(&str) -> Option<OsString>,
    ) -> Result<Option<Self>, SetupError> {
        let found = Found::new(store, variable);
        let Variables { key_id, secret, .. } = found.names;
        let credentials = match (found.one(key_id)?, found.one(secret)?) {
            (None, None) => return Ok(None),
            (Some(id), Some(key)) => {
                check_printable(key_id, &id)?;
                check_printable(secret, &key)?;
                match found.one(found.names.token)? {
                    Some(token) => {
                        check_printable(found.names.token, &token)?;
                        Credentials::new_with_token(id, key, token)
                    }
                    None => Credentials::new(id, key),
                }
            }
            (Some(_), None) => {
                return Err(SetupError::HalfAKey {
                    found: key_id,
                    missing: secret,
                });
            }
            (None, Some(_)) => {
                return Err(SetupError::HalfAKey {
                    found: secret,
                    missing: key_id,
                });
            }
        };
        let endpoint = found.first(found.names.endpoint)?;
        let region = found.first(found.names.region)?;
        let endpoint = match store {
            Store::S3 => {
                let style = match found.names.style {
                    Some(name) => found.one(name)?.map(|value| (name, value)),
                    None => None,
                };
                Endpoint::s3(endpoint, region, style)?
            }
            Store::Oss => Endpoint::oss(endpoint, region)?,
        };
        let inner = Arc::new(Inner {
            store,
            endpoint,
            credentials,
        });
        Ok(Some(Self { inner }))
    }

    /// Which store it is.
    #[must_use]
    pub fn store(&self) -> Store {
        self.inner.store
    }

    /// Where it is.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        &self.inner.endpoint
    }

    pub(crate) fn credentials(&self) -> &Credentials {
        &self.inner.credentials
    }
}

/// The key is left out, its identifier too.
impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account")
            .field("store", &self.inner.store)
            .field("endpoint", &self.inner.endpoint)
            .finish_non_exhaustive()
    }
}

/// A key with a line break or a blank in it was pasted wrong, and would be signed as it is.
fn check_printable(name: &'static str, value: &str) -> Result<(), SetupError> {
    if value.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(());
    }
    Err(SetupError::NotText { name })
}

#[cfg(test)]
mod tests;
