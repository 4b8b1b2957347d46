//! Puts inputs through the gate.

use std::future::Future;
use std::io::{self, Read as _};
use std::sync::Arc;

use gate::{Code, Gate, Report, Screening};

use crate::input::Input;
use crate::interrupt::Interrupt;
use crate::output::Subject;
use crate::paid::{Local, Paid};
use crate::scan::{Screen, Screened, Verdict};

/// More than an image on standard input may hold, in bytes: what `--decode` may take by default.
const MAX_STDIN: u64 = gate::DecodeMemory::DEFAULT;

/// The free stages, and the paid one where it was asked for. Clones share them.
#[derive(Clone)]
pub(crate) struct Screener {
    stages: Arc<Stages>,
}

struct Stages {
    gate: Gate,
    paid: Option<Paid>,
    interrupt: Interrupt,
}

impl Screener {
    pub(crate) fn new(gate: Gate, paid: Option<Paid>, interrupt: Interrupt) -> Self {
        Self {
            stages: Arc::new(Stages {
                gate,
                paid,
                interrupt,
            }),
        }
    }

    /// The paid stage.
    pub(crate) fn paid(&self) -> Option<&Paid> {
        self.stages.paid.as_ref()
    }

    /// A stage that waits for servers.
    fn later<F: Future<Output = Option<Verdict>> + Send + 'static>(
        &self,
        stage: impl FnOnce(Arc<Stages>) -> F,
    ) -> Screened {
        Screened::Later(Box::pin(stage(Arc::clone(&self.stages))))
    }
}

impl Screen for Screener {
    fn screen(&self, input: &Input) -> Screened {
        let gate = &self.stages.gate;
        match &input.subject {
            Subject::Path(path) if self.paid().is_some() => match gate.clear_whole_file(path) {
                Screening::Cleared(cleared) => {
                    let path = path.clone();
                    self.later(|stages| async move {
                        let paid = stages.paid.as_ref()?;
                        paid.ask(&stages.gate, cleared, Local::File(&path)).await
                    })
                }
                Screening::Ended(report) => Screened::Now(Verdict::of(report)),
            },
            Subject::Path(path) => Screened::Now(Verdict::of(gate.screen_file(path))),
            Subject::Stdin => self.screen_stdin(),
            Subject::Url(url) => {
                let url = url.clone();
                self.later(|stages| async move { stages.screen_url(&url).await })
            }
        }
    }
}

impl Screener {
    fn screen_stdin(&self) -> Screened {
        let bytes = match read_stdin() {
            Ok(bytes) => bytes,
            Err(report) => return Screened::Now(Verdict::of(*report)),
        };
        match self.stages.gate.clear_bytes(&bytes) {
            Screening::Cleared(cleared) if self.paid().is_some() => {
                self.later(|stages| async move {
                    let paid = stages.paid.as_ref()?;
                    paid.ask(&stages.gate, cleared, Local::Bytes(&bytes)).await
                })
            }
            screening => Screened::Now(Verdict::of(screening.into_report())),
        }
    }
}

impl Stages {
    /// A URL through all stages; `None` if an interrupt came before anything could be said.
    async fn screen_url(&self, url: &str) -> Option<Verdict> {
        let screening = tokio::select! {
            () = self.interrupt.raised() => return None,
            screening = self.gate.clear_url(url) => screening,
        };
        match (screening, &self.paid) {
            (Screening::Cleared(cleared), Some(paid)) => {
                paid.ask(&self.gate, cleared, Local::None).await
            }
            (screening, _) => Some(Verdict::of(screening.into_report())),
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
            Code::UNREADABLE,
            error.to_string(),
        ))),
        Ok(read) if read as u64 > MAX_STDIN => Err(Box::new(Report::refused(
            Code::UNREADABLE,
            format!("expected at most {MAX_STDIN} bytes on standard input, but found more"),
        ))),
        Ok(_) => Ok(bytes),
    }
}
