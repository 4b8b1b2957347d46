//! `--remote`: what passes the free stages is asked of the service, or of the built-in stand-in.

pub(crate) mod cache;
mod map;
mod plan;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gate::{Cleared, Code, Detector, Gate, Outcome, Publication, Report};
use preflight::http::{TargetUrl, UrlError};
use remote::{
    BaseUrl, BaseUrlError, ClientBuilder, ImageUrl, Ratio, WorkspaceId, WorkspaceIdError,
};
use report::RemoteTotals;
use standin::{Script, Standin};
use tokio::runtime::{Builder, Runtime};

use crate::config::API_KEY;
use crate::interrupt::Interrupt;
use crate::paid::cache::Cache;
use crate::paid::map::Map;
use crate::paid::plan::Plan;
use crate::scan::Verdict;
use crate::settings::{self, RemoteSettings, Settings};

/// The one profile whose detector is spoken.
const PROFILE: &str = "emo";

/// The stand-in takes any key.
const STANDIN_KEY: &str = "sk-standin";

/// Fills the client's place in a dry run, which sends nothing.
const DRY_RUN_KEY: &str = "sk-dry-run";

/// Why the paid stage cannot be had as asked. Nothing was checked, and nothing sent.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PaidError {
    #[error(
        "the cache of paid verdicts in {} cannot be used; --no-cache does without it",
        dir.display()
    )]
    Cache { dir: PathBuf, source: io::Error },
    #[error("--remote asks EMO's detector")]
    Client(#[from] remote::ConfigError),
    #[error(
        "expected the profile {PROFILE} with --remote, whose detector is asked, but found {found}"
    )]
    Profile { found: String },
    #[error("cannot start the network runtime")]
    Runtime(#[source] io::Error),
    #[error("the stand-in could not be started")]
    Standin(#[from] standin::StartError),
    #[error("PREFLIGHT_STANDIN_SCRIPT")]
    Script(#[from] standin::ScriptError),
    #[error("the stand-in's address makes no base URL")]
    StandinUrl(#[from] BaseUrlError),
    #[error("[remote] workspace")]
    Workspace(#[from] WorkspaceIdError),
}

/// The paid stage of a run.
#[derive(Debug)]
pub(crate) struct Paid {
    detector: Detector,
    address: Address,
    ratio: Ratio,
    budget: u64,
    /// What would be asked, where nothing is.
    plan: Option<Plan>,
    /// Keeps the stand-in and the watch for Ctrl-C going.
    runtime: Option<Runtime>,
}

/// How the service gets at local images.
#[derive(Debug)]
enum Address {
    /// Where the map says, else lent if it may be.
    Public { map: Map, upload: bool },
    /// The stand-in reads them itself.
    Standin(Standin),
}

impl Paid {
    /// The paid stage, if the arguments ask for it.
    pub(crate) fn open(
        settings: &Settings,
        here: &Path,
        interrupt: &Interrupt,
    ) -> Result<Option<Self>, PaidError> {
        let Some(whom) = settings.remote.whom() else {
            return Ok(None);
        };
        let dry_run = settings.remote.dry_run;
        if settings.profile.name() != PROFILE {
            let found = settings.profile.name().to_owned();
            return Err(PaidError::Profile { found });
        }
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(PaidError::Runtime)?;
        let budget = u64::from(settings.remote.budget);
        let (detector, address) = match whom {
            settings::Detector::Standin => {
                let standin = start_standin(&runtime, settings)?;
                let detector = Detector::builder(standin_client(&standin, settings)?).standin();
                (detector, Address::Standin(standin))
            }
            settings::Detector::Service => {
                let mut detector = Detector::builder(client(settings)?.build()?);
                if let Some(cache) = cache(&settings.remote)? {
                    detector = detector.verdicts(Arc::new(cache));
                }
                let map = Map::new(here, &settings.remote.map);
                (
                    detector,
                    Address::Public {
                        map,
                        upload: settings.remote.upload.is_some(),
                    },
                )
            }
        };
        let detector = detector.budget(budget).build();
        runtime.spawn({
            let (detector, interrupt) = (detector.clone(), interrupt.clone());
            async move {
                interrupt.raised().await;
                detector.interrupt();
            }
        });
        Ok(Some(Self {
            detector,
            address,
            ratio: settings.remote.ratio,
            budget,
            plan: dry_run.then(Plan::default),
            runtime: Some(runtime),
        }))
    }

    /// `standin` where verdicts are made up.
    pub(crate) const fn service(&self) -> Option<&'static str> {
        match self.address {
            Address::Public { .. } => None,
            Address::Standin(_) => Some(gate::RemoteFacts::STANDIN),
        }
    }

    /// What would be asked, where nothing is.
    pub(crate) fn planned(&self) -> Option<RemoteTotals> {
        self.plan.as_ref().map(|plan| plan.totals(self.budget))
    }

    /// Totals of a run that has not asked anything yet; none where nothing is asked.
    pub(crate) fn totals(&self) -> Option<RemoteTotals> {
        let is_live = self.plan.is_none();
        is_live.then(|| RemoteTotals::new(Some(self.budget)))
    }

    /// The first failure to keep a verdict, if there was one.
    pub(crate) fn keep_failure(&self) -> Option<&str> {
        self.detector.keep_failure()
    }

    /// The paid stage of an image that passed the free ones; `None` if it was interrupted before it
    /// could be asked about.
    pub(crate) async fn ask(
        &self,
        gate: &Gate,
        cleared: Cleared,
        local: Local<'_>,
    ) -> Option<Verdict> {
        let place = match self.place(local) {
            Ok(place) => place,
            Err(report) => return Some(Verdict::of(*report)),
        };
        if let Some(plan) = &self.plan {
            self.foresee(plan, &cleared, &place);
            return Some(Verdict::of(cleared.into_report()));
        }
        let public_url = place.public_url();
        let publication = place.publication();
        let report = gate
            .ask(&self.detector, cleared, || publication, self.ratio)
            .await;
        let reached = report.outcome() != Outcome::Skip;
        reached.then(|| Verdict {
            public_url,
            ..Verdict::of(report)
        })
    }

    fn foresee(&self, plan: &Plan, cleared: &Cleared, place: &Place) {
        let foreseen = self.detector.foresee(cleared, self.ratio);
        if foreseen.known {
            plan.known();
        } else if matches!(place, Place::Nowhere) {
            plan.without_address();
        } else {
            plan.ask(foreseen.key);
        }
    }

    /// Where the service finds an image.
    fn place(&self, local: Local<'_>) -> Result<Place, Box<Report>> {
        match (&self.address, local) {
            (_, Local::None) => Ok(Place::Own),
            (Address::Public { map, upload }, Local::File(path)) => match map.url_of(path) {
                Some(url) => url.map(Place::At).map_err(|error| unmappable(&error)),
                None if *upload => Ok(Place::Lend(path.to_owned())),
                None => Ok(Place::Nowhere),
            },
            (Address::Public { .. }, Local::Bytes(_)) => Ok(Place::Nowhere),
            (Address::Standin(standin), local) => {
                let lent = match local {
                    Local::File(path) => standin.lend(path),
                    Local::Bytes(bytes) => standin.lend_bytes("stdin", bytes.to_vec()),
                    Local::None => return Ok(Place::Own),
                };
                let lent = lent.map_err(|error| {
                    Box::new(Report::refused(Code::Unreadable, error.to_string()))
                })?;
                Ok(ImageUrl::parse(lent.url())
                    .map_or(Place::Nowhere, |url| Place::Standin { url, _loan: lent }))
            }
        }
    }
}

impl Drop for Paid {
    fn drop(&mut self) {
        // The stand-in's calls must not hold the end up.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// A local image, or none.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Local<'a> {
    None,
    File(&'a Path),
    Bytes(&'a [u8]),
}

/// Where the service finds an image.
#[derive(Debug)]
enum Place {
    At(TargetUrl),
    Lend(PathBuf),
    Nowhere,
    /// The image is a URL.
    Own,
    /// Good as long as the loan is held.
    Standin {
        url: ImageUrl,
        _loan: standin::Lent,
    },
}

impl Place {
    fn public_url(&self) -> Option<String> {
        match self {
            Self::At(url) => Some(url.as_str().to_owned()),
            _ => None,
        }
    }

    fn publication(&self) -> Publication {
        match self {
            Self::At(url) => Publication::At(url.clone()),
            Self::Lend(path) => Publication::Upload(path.clone()),
            Self::Nowhere | Self::Own => Publication::None,
            Self::Standin { url, .. } => Publication::Lent(url.clone()),
        }
    }
}

/// The image is sound; it is the map that leads nowhere.
fn unmappable(error: &UrlError) -> Box<Report> {
    let message = format!("the map gives no URL that the service could fetch: {error}");
    Box::new(Report::refused(Code::NoPublicUrl, message))
}

fn start_standin(runtime: &Runtime, settings: &Settings) -> Result<Standin, PaidError> {
    let policy = settings.address_policy();
    // It fetches URLs by itself, and must dial no address that the guard would not.
    let mut standin = Standin::builder().fetch_only_from(move |address| policy.permits(address));
    if let Some(script) = &settings.remote.standin_script {
        standin = standin.script(Script::load(script)?);
    }
    Ok(runtime.block_on(standin.start())?)
}

fn standin_client(standin: &Standin, settings: &Settings) -> Result<remote::Client, PaidError> {
    let client = ClientBuilder::from_vars(|name| (name == API_KEY).then(|| STANDIN_KEY.into()))?
        .base_url(BaseUrl::parse(&standin.base_url())?)
        .timeout(settings.remote.timeout)
        // Nobody's rate is spent.
        .unpaced();
    Ok(client.build()?)
}

/// A client as the environment and the settings say; the key is looked for now, before anything is
/// checked.
fn client(settings: &Settings) -> Result<ClientBuilder, PaidError> {
    let builder = if settings.remote.dry_run {
        ClientBuilder::from_vars(|name| match name {
            API_KEY => Some(DRY_RUN_KEY.into()),
            _ => std::env::var_os(name),
        })
    } else {
        ClientBuilder::from_env()
    }?;
    let builder = builder
        .model(&settings.remote.model)
        .timeout(settings.remote.timeout);
    Ok(match &settings.remote.workspace {
        Some(id) => builder.workspace(id.parse::<WorkspaceId>()?),
        None => builder,
    })
}

/// The cache, where it is wanted. It is tried now: a verdict that is paid for must be kept.
fn cache(settings: &RemoteSettings) -> Result<Option<Cache>, PaidError> {
    let Some(dir) = &settings.cache_dir else {
        return Ok(None);
    };
    let cache = if settings.no_cache {
        Cache::anew(dir, settings.max_age)
    } else {
        Cache::open(dir, settings.max_age)
    };
    match cache.and_then(|cache| cache.try_to_write(settings.dry_run).map(|()| cache)) {
        Ok(cache) => Ok(Some(cache)),
        // Asked to do without.
        Err(_) if settings.no_cache => Ok(None),
        Err(source) => Err(PaidError::Cache {
            dir: dir.clone(),
            source,
        }),
    }
}
