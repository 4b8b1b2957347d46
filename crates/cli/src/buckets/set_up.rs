//! The stores that the environment sets up.

use std::ffi::OsString;

use gate::{Code, DecodeMemory, Gate, Report};
use preflight::http::{self, AddressPolicy, Fetcher};
use stores::{Account, Location, Object, Prefix, Store, Stores};

use crate::buckets::Named;
use crate::buckets::objects::Objects;
use crate::settings::Settings;

/// The bucket of the service's own temporary store. What lies there can be looked at by the service
/// only, whatever keys there are.
const OF_THE_SERVICE: &str = "dashscope-instant";

/// How often the next page of a list is asked for when a store is busy: as often as the fetcher lets
/// us, over some 8 s. A list that breaks off leaves everything behind it unchecked.
const LIST_RETRIES: u32 = 5;

/// A store that the command line names is set up in a way that cannot be.
#[derive(Debug, thiserror::Error)]
#[error("{address}")]
pub(crate) struct SetupError {
    address: String,
    source: stores::SetupError,
}

/// Objects that are fetched from a store at a time, where `--jobs` does not say. Stores are built for
/// thousands of requests a second, and this one is the user's own: there is no need to be as shy as
/// towards a stranger's server.
const AT_ONCE: usize = 32;

/// The stores that the environment sets up, and the ways to them.
#[derive(Debug)]
pub(crate) struct Buckets {
    stores: Stores,
    /// Fetches lists.
    lists: Fetcher,
    /// Fetches objects, and nothing else: what leads elsewhere is judged as ever.
    gate: Gate,
}

impl Buckets {
    /// The stores that the environment of this process sets up. Nothing is asked yet.
    ///
    /// # Errors
    ///
    /// URLs cannot be fetched as the settings say.
    pub(crate) fn open(
        settings: &Settings,
        memory: &DecodeMemory,
    ) -> Result<Self, http::SetupError> {
        let stores = Stores::from_env();
        let policy = stores
            .accounts()
            .map(Account::endpoint)
            .fold(settings.address_policy(), |policy: AddressPolicy, at| {
                policy.allow_host(at.host(), at.port())
            });
        let fetcher = settings.fetcher_to(policy.clone());
        let fetcher = match settings.jobs.asked {
            Some(_) => fetcher,
            None => fetcher.per_host(AT_ONCE),
        }
        .build()?;
        let lists = settings.fetcher_to(policy).retries(LIST_RETRIES).build()?;
        Ok(Self {
            gate: settings.gate_by(fetcher, memory),
            lists,
            stores,
        })
    }

    /// Ends a run that names objects of a store that is set up wrong.
    pub(crate) fn refuse_wrong_setup(&self, words: &[OsString]) -> Result<(), SetupError> {
        for word in words.iter().filter_map(|word| word.to_str()) {
            let address = word.trim();
            if let Some(store) = Store::of_address(address)
                && let Err(source) = self.stores.account(store)
            {
                let address = http::shown_url(address).into_owned();
                return Err(SetupError { address, source });
            }
        }
        Ok(())
    }

    /// What an address names; none if it is of no store that is set up.
    pub(crate) fn named(&self, address: &str) -> Option<Named> {
        let store = Store::of_address(address)?;
        let account = match self.stores.account(store) {
            Ok(account) => account?,
            Err(error) => return Some(nothing(Code::Unreachable, error.to_string())),
        };
        Some(match address.parse() {
            Err(error) => nothing(Code::UrlInvalid, error.to_string()),
            Ok(Location::Object(object)) if is_of_the_service(&object) => return None,
            Ok(Location::Object(_)) => Named::Object,
            Ok(Location::Prefix(prefix)) => self.list(account, prefix),
        })
    }

    fn list(&self, account: &Account, prefix: Prefix) -> Named {
        let listing = account.list(prefix, self.lists.clone());
        match Objects::new(listing) {
            Ok(objects) => Named::Objects(Box::new(objects)),
            Err(error) => nothing(
                Code::Unreachable,
                format!("cannot start the network runtime: {error}"),
            ),
        }
    }

    /// The URL that opens an object, with its signature, and the gate that may fetch it; none if the
    /// address is of no store that is set up.
    pub(crate) fn sign(&self, address: &str) -> Option<Result<(String, &Gate), Box<Report>>> {
        let store = Store::of_address(address)?;
        let account = self.stores.account(store).ok()??;
        let Ok(Location::Object(object)) = address.parse() else {
            return None;
        };
        Some(match account.sign(&object) {
            Ok(url) => Ok((url.as_str().to_owned(), &self.gate)),
            Err(error) => {
                let help = "copy the object to another bucket or key, or give a URL that opens it";
                let report = Report::refused_with(Code::UrlInvalid, error.to_string(), help);
                Err(Box::new(report))
            }
        })
    }

    /// The gate that may fetch objects.
    #[expect(
        clippy::unnecessary_wraps,
        reason = "there is none where there are no stores"
    )]
    pub(crate) const fn gate(&self) -> Option<&Gate> {
        Some(&self.gate)
    }

    /// The hosts and ports of the stores.
    pub(crate) fn hosts(&self) -> impl Iterator<Item = (String, u16)> {
        let endpoints = self.stores.accounts().map(Account::endpoint);
        endpoints.map(|endpoint| (endpoint.host().to_owned(), endpoint.port()))
    }
}

fn nothing(code: Code, message: String) -> Named {
    Named::Nothing(Box::new(Report::refused(code, message)))
}

fn is_of_the_service(object: &Object) -> bool {
    object.store() == Store::Oss && object.bucket() == OF_THE_SERVICE
}
