//! Settings of a stand-in, and its start.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;

use crate::endpoint::FaultQueues;
use crate::fetch::{Admits, Fetcher, Trusted};
use crate::inspector::Inspector;
use crate::loans::Loans;
use crate::past_verdicts::PastVerdicts;
use crate::request::AcceptedKey;
use crate::scratch::Scratch;
use crate::script::Script;
use crate::server::Standin;
use crate::service::{Models, RequestIds, Service};
use crate::stats::Counters;
use crate::store::{self, Lifetimes, Store, UploadBinding};
use crate::tasks::Tasks;
use crate::throttle::Throttle;
use crate::verdict::FailureShape;
use crate::wire::ListenerGate;

/// Settings of a stand-in. Each has a default that suits a first try.
#[must_use = "a builder starts nothing until `start`"]
pub struct Builder {
    port: u16,
    key: AcceptedKey,
    models: Models,
    binding: UploadBinding,
    is_strict: bool,
    script: Script,
    shape: FailureShape,
    service_time: Duration,
    per_second: Option<u32>,
    lifetimes: Lifetimes,
    admits: Admits,
    trusted: Vec<Trusted>,
}

/// Why a stand-in did not start.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The HTTP client that fetches images could not be set up.
    #[error("the HTTP client that fetches images cannot be set up")]
    Client(#[source] io::Error),
    /// The port is taken, or not ours to take.
    #[error("{address} cannot be listened on")]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// The system's own error.
        source: io::Error,
    },
}

impl Standin {
    /// Settings for a stand-in; [`Builder::start`] starts it.
    pub fn builder() -> Builder {
        Builder {
            port: 0,
            key: AcceptedKey::default(),
            models: Models::default(),
            binding: UploadBinding::default(),
            is_strict: false,
            script: Script::default(),
            shape: FailureShape::default(),
            service_time: Duration::ZERO,
            per_second: None,
            lifetimes: Lifetimes {
                policy: store::POLICY_LIFETIME,
                object: store::OBJECT_LIFETIME,
            },
            admits: Arc::new(|_| true),
            trusted: Vec::new(),
        }
    }
}

impl Builder {
    /// Listens on this port of 127.0.0.1. Default 0: any that is free.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Accepts this key only. Default: any key that is not empty.
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = AcceptedKey::Only(key.into());
        self
    }

    /// Serves this model too, such as the name of a deployment. Default: `emo-detect-v1` alone.
    pub fn model(mut self, model: impl Into<String>) -> Self {
        self.models.detect.push(model.into());
        self
    }

    /// Takes video calls for this model too, such as the name of a deployment. Default: `emo-v1`
    /// alone.
    pub fn video_model(mut self, model: impl Into<String>) -> Self {
        self.models.video.push(model.into());
        self
    }

    /// Whom an upload for the video model serves, where the script says nothing. Default: the video
    /// model alone.
    pub fn uploads(mut self, binding: UploadBinding) -> Self {
        self.binding = binding;
        self
    }

    /// Panics when the stand-in is dropped while a fault is left that was ordered, or is in the
    /// script, and did not happen: a test of faults that met none of them has shown nothing.
    /// Nothing is added to a panic that is under way. Default: not. See also [`Standin::verify`].
    ///
    /// ```should_panic
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let standin = standin::Standin::builder().strict().start().await.unwrap();
    /// standin.next(standin::Fault::error("Throttling"));
    /// drop(standin); // the fault met no request
    /// # }
    /// ```
    pub fn strict(mut self) -> Self {
        self.is_strict = true;
        self
    }

    /// Says and does what this script has for each image.
    pub fn script(mut self, script: Script) -> Self {
        self.script = script;
        self
    }

    /// How failed checks are answered where the script says nothing. Default: HTTP 200.
    pub fn failure_shape(mut self, shape: FailureShape) -> Self {
        self.shape = shape;
        self
    }

    /// Takes this long over each image. Calls do not wait for one another. Default: no longer than
    /// needed.
    pub fn service_time(mut self, time: Duration) -> Self {
        self.service_time = time;
        self
    }

    /// Turns away calls beyond so many a second with 429; with 0, all. The service allows 5.
    /// Default: no limit.
    pub fn rate(mut self, per_second: u32) -> Self {
        self.per_second = Some(per_second);
        self
    }

    /// How long an upload policy lasts. Default: 300 s, as recorded.
    pub fn policy_lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetimes.policy = lifetime;
        self
    }

    /// How long an uploaded file lasts. Default: 48 h, as documented.
    pub fn object_lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetimes.object = lifetime;
        self
    }

    /// Fetches images only from addresses that `admits` is true for, redirects included. Default:
    /// any, loopback and private ones too, as fits a tool for trying things at home. Lent and
    /// uploaded images are not concerned.
    pub fn fetch_only_from(
        mut self,
        admits: impl Fn(IpAddr) -> bool + Send + Sync + 'static,
    ) -> Self {
        // An IPv4 address in IPv6 dress is the IPv4 address.
        self.admits = Arc::new(move |address: IpAddr| admits(address.to_canonical()));
        self
    }

    /// Also fetches images from a host, on one port, wherever it is: an address, or a name and the
    /// names below it. No redirect is followed from there.
    pub fn fetch_also_from(mut self, host: impl Into<String>, port: u16) -> Self {
        self.trusted.push((host.into(), port));
        self
    }

    /// Starts listening on 127.0.0.1.
    ///
    /// # Errors
    ///
    /// If the port is taken.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime with I/O and time enabled.
    pub async fn start(self) -> Result<Standin, StartError> {
        let wanted = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let listen = |source| StartError::Listen {
            address: wanted,
            source,
        };
        let listener = TcpListener::bind(wanted).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let scratch = Arc::new(Scratch::default());
        let fetcher = Fetcher::new(Arc::clone(&scratch), self.admits, self.trusted)
            .map_err(StartError::Client)?;
        let service = Service {
            address,
            key: self.key,
            models: self.models,
            binding: self.binding,
            shape: self.shape,
            service_time: self.service_time,
            script: self.script,
            faults: FaultQueues::default(),
            throttle: self.per_second.map(Throttle::new),
            counters: Counters::default(),
            loans: Loans::new(address),
            store: Store::new(self.lifetimes),
            past_verdicts: PastVerdicts::new(),
            tasks: Tasks::new(),
            listener_gate: Arc::new(ListenerGate::default()),
            inspector: Inspector::new(fetcher),
            request_ids: RequestIds::new(address),
            scratch,
        };
        Ok(Standin::serve(service, listener, self.is_strict))
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Builder")
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}
