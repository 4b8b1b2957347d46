//! Clients of the service and of the built-in stand-in.

use remote::{ApiKey, BaseUrl, Client, ClientBuilder, ConfigError, WorkspaceId};
use standin::{Script, Standin};
use tokio::runtime::Runtime;

use crate::buckets::Buckets;
use crate::environment::API_KEY;
use crate::paid::error::PaidError;
use crate::settings::{RemoteSettings, Settings};

/// The stand-in takes any key.
const STANDIN_KEY: &str = "sk-standin-of-preflight";

/// Fills the client's place in a dry run without a key, which sends nothing.
const DRY_RUN_KEY: &str = "sk-dry-run-of-preflight";

/// A client as the environment and the settings say. The key is looked for now, before anything is
/// checked; a dry run does without one, and not with one that cannot be right.
pub(super) fn client(settings: &RemoteSettings) -> Result<ClientBuilder, PaidError> {
    let builder = match ClientBuilder::from_env() {
        Err(ConfigError::MissingKey) if settings.dry_run => {
            ClientBuilder::from_vars(|name| match name {
                API_KEY => Some(DRY_RUN_KEY.into()),
                _ => std::env::var_os(name),
            })?
        }
        Err(error) => return Err(error.into()),
        Ok(builder) => {
            no_core_files();
            builder
        }
    };
    let builder = builder.model(&settings.model).timeout(settings.timeout);
    Ok(match &settings.workspace {
        Some(id) => builder.workspace(id.parse::<WorkspaceId>()?),
        None => builder,
    })
}

/// Starts the stand-in on a port of this machine.
pub(super) fn start_standin(
    runtime: &Runtime,
    settings: &Settings,
    buckets: &Buckets,
) -> Result<Standin, PaidError> {
    let policy = settings.address_policy();
    // It fetches URLs by itself, and must dial no address that the guard would not.
    let mut standin = Standin::builder().fetch_only_from(move |address| policy.permits(address));
    for (host, port) in buckets.hosts() {
        standin = standin.fetch_also_from(host, port);
    }
    if let Some(script) = &settings.remote.standin_script {
        standin = standin.script(Script::load(script)?);
    }
    Ok(runtime.block_on(standin.start())?)
}

/// A client that asks the stand-in, as fast as it answers.
pub(super) fn standin_client(
    standin: &Standin,
    settings: &RemoteSettings,
) -> Result<Client, PaidError> {
    let client = Client::builder(ApiKey::new(STANDIN_KEY)?)
        .base_url(BaseUrl::parse(&standin.base_url())?)
        .timeout(settings.timeout)
        .unpaced();
    Ok(client.build()?)
}

/// A crash after this leaves no file with the key in it.
fn no_core_files() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};

        let none = Rlimit {
            current: Some(0),
            maximum: Some(0),
        };
        if let Err(error) = setrlimit(Resource::Core, none) {
            tracing::warn!(%error, "a crash may leave a core file with the key in it");
        }
    }
}
