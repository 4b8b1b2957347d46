//! Passes inputs through the stages of the gate.

use std::future::Future;
use std::io::{self, Read as _};
use std::sync::Arc;

use gate::{Code, Gate, Report, Screening, Seat, Source};
use report::ImageName;

use crate::command::check::hosts::{Hosts, Turn};
use crate::command::check::thumbnails::Thumbnails;
use crate::command::check::ways::{Way, Ways, is_no_image};
use crate::input::Input;
use crate::interrupt::Interrupt;
use crate::paid::{Local, Paid};
use crate::resume::Resume;
use crate::scan::{Checked, Screen, Screened};

/// The most bytes of an image on standard input: the memory that `--decode` may take by default.
const MAX_STDIN: u64 = gate::DecodeMemory::DEFAULT;

/// The free stages, and the paid one if the user asked for it. Clones share them.
#[derive(Clone)]
pub(crate) struct Stages {
    inner: Arc<Inner>,
}

struct Inner {
    ways: Ways,
    paid: Option<Paid>,
    resume: Option<Resume>,
    thumbnails: Option<Thumbnails>,
    interrupt: Interrupt,
}

impl Stages {
    pub(crate) fn new(
        ways: Ways,
        paid: Option<Paid>,
        resume: Option<Resume>,
        thumbnails: Option<Thumbnails>,
        interrupt: Interrupt,
    ) -> Self {
        Self {
            inner: Arc::new(Inner {
                ways,
                paid,
                resume,
                thumbnails,
                interrupt,
            }),
        }
    }

    /// The paid stage.
    pub(crate) fn paid(&self) -> Option<&Paid> {
        self.inner.paid.as_ref()
    }

    /// The servers that images are fetched from.
    pub(crate) fn hosts(&self) -> &Hosts {
        &self.inner.ways.hosts
    }

    /// Runs stages that wait for servers.
    fn later<F: Future<Output = Option<Checked>> + Send + 'static>(
        &self,
        stage: impl FnOnce(Arc<Inner>) -> F,
    ) -> Screened {
        Screened::Later(Box::pin(stage(Arc::clone(&self.inner))))
    }

    /// Checks an image at hand. All stages read it through one handle.
    fn local(&self, source: Source, seat: Option<Seat>, local: impl FnOnce() -> Local) -> Screened {
        let inner = &self.inner;
        let shown = inner.thumbnails.is_some().then(|| source.clone());
        let screening = inner.ways.gate.screen(source);
        let thumbnails = inner.thumbnails.as_ref().zip(shown);
        let thumbnail = thumbnails.and_then(|(thumbnails, source)| {
            let will_be_asked = inner.paid.is_some();
            thumbnails.of(&source, report(&screening), will_be_asked)
        });
        match (screening, seat, self.paid()) {
            (Screening::Cleared(cleared), seat, Some(_)) => {
                let local = local();
                self.later(|inner| async move {
                    let paid = inner.paid.as_ref()?;
                    let gate = &inner.ways.gate;
                    let checked = paid.ask(gate, cleared, seat, local).await?;
                    Some(Checked {
                        thumbnail,
                        ..checked
                    })
                })
            }
            (screening, _, _) => Screened::Now(Checked {
                thumbnail,
                ..Checked::of(screening.into_report())
            }),
        }
    }
}

impl Screen for Stages {
    /// The position in the order in which the budget is spent.
    type Seat = Option<Seat>;

    fn seat(&self, _: &Input) -> Option<Seat> {
        self.paid().and_then(Paid::seat)
    }

    fn is_left_out(&self, input: &Input) -> bool {
        let resume = self.inner.resume.as_ref();
        resume.is_some_and(|resume| resume.is_done(&input.name))
    }

    fn screen(&self, input: &Input, seat: Option<Seat>) -> Screened {
        let gate = &self.inner.ways.gate;
        match &input.name {
            ImageName::Path(path) => {
                match Source::open(path) {
                    Ok(source) => self.local(source, seat, || Local::File(path.clone())),
                    // The gate turns the error into a finding.
                    Err(_) => Screened::Now(Checked::of(gate.screen_file(path).into_report())),
                }
            }
            ImageName::Stdin => match read_whole(io::stdin().lock(), MAX_STDIN) {
                Ok(bytes) => {
                    let bytes = gate::Bytes::from(bytes);
                    let source = Source::bytes(bytes.clone());
                    self.local(source, seat, || Local::Bytes(bytes))
                }
                Err(report) => Screened::Now(Checked::of(*report)),
            },
            ImageName::Url(url) => {
                let (url, is_silent) = (url.clone(), input.is_silent);
                self.later(move |inner| inner.screen_url(url, is_silent, seat))
            }
        }
    }
}

impl Inner {
    /// Passes a URL through all stages; `None` if an interrupt came before there was a result, and of
    /// what is no image where only an image was looked for.
    async fn screen_url(
        self: Arc<Self>,
        name: String,
        is_silent: bool,
        seat: Option<Seat>,
    ) -> Option<Checked> {
        let way = match self.ways.to(&name) {
            Ok(way) => way,
            Err(report) => return Some(Checked::of(*report)),
        };
        let turn = tokio::select! {
            () = self.interrupt.raised() => return None,
            turn = way.hosts.turn(&way.url) => turn,
        };
        // In a box, so that thousands of URLs can wait for their turn at the size of a name.
        Box::pin(self.screen_in_turn(&way, is_silent, seat, turn)).await
    }

    async fn screen_in_turn(
        &self,
        way: &Way<'_>,
        is_silent: bool,
        seat: Option<Seat>,
        turn: Turn<'_>,
    ) -> Option<Checked> {
        let (screening, whole) = tokio::select! {
            () = self.interrupt.raised() => return None,
            screened = self.fetch(way.gate, &way.url) => screened,
        };
        drop(turn);
        if is_silent && is_no_image(&screening) {
            return None;
        }
        let thumbnail = match (&self.thumbnails, whole) {
            (Some(thumbnails), Some(whole)) => {
                let will_be_asked = self.paid.is_some();
                thumbnails
                    .of_fetched(whole, report(&screening), will_be_asked)
                    .await
            }
            _ => None,
        };
        match (screening, &self.paid) {
            (Screening::Cleared(cleared), Some(paid)) => {
                let checked = paid.ask(way.gate, cleared, seat, Local::Url).await?;
                Some(Checked {
                    thumbnail,
                    ..checked
                })
            }
            (screening, _) => Some(Checked {
                thumbnail,
                ..Checked::of(screening.into_report())
            }),
        }
    }

    /// Runs the free stages of a URL. Also returns the whole image if they fetched it and a page
    /// shows it.
    async fn fetch(&self, gate: &Gate, url: &str) -> (Screening, Option<gate::Bytes>) {
        match self.thumbnails {
            Some(_) => gate.screen_whole_url(url).await,
            None => (gate.screen_url(url).await, None),
        }
    }
}

/// The report of the free stages.
const fn report(screening: &Screening) -> &Report {
    match screening {
        Screening::Cleared(cleared) => cleared.report(),
        Screening::Ended(report) => report,
    }
}

/// Reads an image of at most `max` bytes. A longer one is not read to its end.
fn read_whole(stdin: impl io::Read, max: u64) -> Result<Vec<u8>, Box<Report>> {
    let mut bytes = Vec::new();
    match stdin.take(max + 1).read_to_end(&mut bytes) {
        Err(error) => Err(Box::new(Report::refused(
            Code::Unreadable,
            error.to_string(),
        ))),
        Ok(read) if read as u64 > max => Err(Box::new(Report::refused(
            Code::Unreadable,
            format!("expected at most {max} bytes on standard input, but found more"),
        ))),
        Ok(_) => Ok(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Found by a mutation: without a bound, all tests passed and 600 MB were read.
    #[test]
    fn an_image_on_standard_input_is_bounded() {
        assert_eq!(read_whole(&[0; 3][..], 3).unwrap().len(), 3);
        let mut endless = io::repeat(0);
        let report = read_whole(&mut endless, 3).unwrap_err();
        let finding = report.findings().first().unwrap();
        assert_eq!(finding.code, Code::Unreadable);
        assert!(finding.message.contains("at most 3 bytes"), "{finding:?}");
    }
}
