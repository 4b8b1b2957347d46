//! Puts inputs through the gate.

use std::future::Future;
use std::io::{self, Read as _};
use std::sync::Arc;

use gate::{Code, Gate, Report, Screening, Seat};
use report::ImageName;

use crate::command::check::hosts::Hosts;
use crate::input::Input;
use crate::interrupt::Interrupt;
use crate::paid::{Local, Paid};
use crate::resume::Resume;
use crate::scan::{Checked, Screen, Screened};

/// More than an image on standard input may hold, in bytes: what `--decode` may take by default.
const MAX_STDIN: u64 = gate::DecodeMemory::DEFAULT;

/// The free stages, and the paid one where it was asked for. Clones share them.
#[derive(Clone)]
pub(crate) struct Stages {
    inner: Arc<Inner>,
}

struct Inner {
    gate: Gate,
    paid: Option<Paid>,
    resume: Option<Resume>,
    interrupt: Interrupt,
    hosts: Hosts,
}

impl Stages {
    pub(crate) fn new(
        gate: Gate,
        paid: Option<Paid>,
        resume: Option<Resume>,
        interrupt: Interrupt,
    ) -> Self {
        Self {
            inner: Arc::new(Inner {
                gate,
                paid,
                resume,
                interrupt,
                hosts: Hosts::default(),
            }),
        }
    }

    /// The paid stage.
    pub(crate) fn paid(&self) -> Option<&Paid> {
        self.inner.paid.as_ref()
    }

    /// The servers that are asked for images.
    pub(crate) fn hosts(&self) -> &Hosts {
        &self.inner.hosts
    }

    /// A stage that waits for servers.
    fn later<F: Future<Output = Option<Checked>> + Send + 'static>(
        &self,
        stage: impl FnOnce(Arc<Inner>) -> F,
    ) -> Screened {
        Screened::Later(Box::pin(stage(Arc::clone(&self.inner))))
    }

    /// What comes of an image at hand behind the free stages.
    fn local(&self, screening: Screening, seat: Option<Seat>, local: Local) -> Screened {
        match (screening, seat, self.paid()) {
            (Screening::Cleared(cleared), seat, Some(_)) => self.later(|inner| async move {
                let paid = inner.paid.as_ref()?;
                paid.ask(&inner.gate, cleared, seat, local).await
            }),
            (screening, _, _) => Screened::Now(Checked::of(screening.into_report())),
        }
    }
}

impl Screen for Stages {
    /// The place in the order in which the budget is spent.
    type Seat = Option<Seat>;

    fn seat(&self, _: &Input) -> Option<Seat> {
        self.paid().and_then(Paid::seat)
    }

    fn is_left_out(&self, input: &Input) -> bool {
        let resume = self.inner.resume.as_ref();
        resume.is_some_and(|resume| resume.is_done(&input.name))
    }

    fn screen(&self, input: &Input, seat: Option<Seat>) -> Screened {
        let gate = &self.inner.gate;
        match &input.name {
            ImageName::Path(path) => {
                let local = Local::File(path.clone());
                self.local(gate.screen_file(path), seat, local)
            }
            ImageName::Stdin => match read_stdin() {
                Ok(bytes) => {
                    let bytes = gate::Bytes::from(bytes);
                    let local = Local::Bytes(bytes.clone());
                    self.local(gate.screen_bytes(bytes), seat, local)
                }
                Err(report) => Screened::Now(Checked::of(*report)),
            },
            ImageName::Url(url) => {
                let url = url.clone();
                self.later(|inner| inner.screen_url(url, seat))
            }
        }
    }
}

impl Inner {
    /// A URL through all stages; `None` if an interrupt came before anything could be said.
    async fn screen_url(self: Arc<Self>, url: String, seat: Option<Seat>) -> Option<Checked> {
        let screening = {
            let _fetching = self.hosts.fetching(&url);
            tokio::select! {
                () = self.interrupt.raised() => return None,
                screening = self.gate.screen_url(&url) => screening,
            }
        };
        match (screening, &self.paid) {
            (Screening::Cleared(cleared), Some(paid)) => {
                paid.ask(&self.gate, cleared, seat, Local::Url).await
            }
            (screening, _) => Some(Checked::of(screening.into_report())),
        }
    }
}

fn read_stdin() -> Result<Vec<u8>, Box<Report>> {
    let mut bytes = Vec::new();
    match io::stdin()
        .lock()
        .take(MAX_STDIN + 1)
        .read_to_end(&mut bytes)
    {
        Err(error) => Err(Box::new(Report::refused(
            Code::Unreadable,
            error.to_string(),
        ))),
        Ok(read) if read as u64 > MAX_STDIN => Err(Box::new(Report::refused(
            Code::Unreadable,
            format!("expected at most {MAX_STDIN} bytes on standard input, but found more"),
        ))),
        Ok(_) => Ok(bytes),
    }
}
