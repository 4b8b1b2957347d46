//! Every stage in one call: free first, paid last.

use std::path::PathBuf;

use bytes::Bytes;
use remote::Ratio;

use crate::{Gate, Publication, Report, Screening, Seat};

impl Gate {
    /// Puts a URL through every stage: the free ones, and what passes them through the paid one.
    ///
    /// A rejection is data in the report, and so is what could not be found out. The URL is sent to
    /// the service in its normalised form, which is the one that was looked at.
    ///
    /// # Cancel safety
    ///
    /// As [`ask`](Self::ask).
    pub async fn admit_url(&self, seat: impl Into<Seat>, url: &str, ratio: Ratio) -> Report {
        let seat = seat.into();
        match self.screen_url(url).await {
            Screening::Cleared(cleared) => {
                self.ask(seat, cleared, ratio, async || Publication::None)
                    .await
            }
            Screening::Ended(report) => report,
        }
    }

    /// Puts an image in memory through every stage. `publish` says how the service gets at it, and
    /// is asked only if that matters (see [`ask`](Self::ask)).
    ///
    /// ```no_run
    /// # async fn demo(gate: gate::Gate, detector: gate::Detector, upload: gate::Bytes) {
    /// use gate::{HandOff, Publication, Ratio, UploadFor};
    ///
    /// let report = gate
    ///     .admit_bytes(&detector, upload, Ratio::Square, async || Publication::Upload(UploadFor::Video))
    ///     .await;
    /// if let Some(HandOff::Ready(call)) = report.handoff() {
    ///     println!("{:?} {:?}", call.input, call.headers);
    /// }
    /// # }
    /// ```
    ///
    /// # Cancel safety
    ///
    /// As [`ask`](Self::ask).
    pub async fn admit_bytes<F, P>(
        &self,
        seat: impl Into<Seat>,
        bytes: impl Into<Bytes>,
        ratio: Ratio,
        publish: F,
    ) -> Report
    where
        F: FnOnce() -> P,
        P: Future<Output = Publication>,
    {
        let (gate, bytes) = (self.clone(), bytes.into());
        let screen = move || gate.screen_bytes(bytes);
        self.admit(seat.into(), screen, ratio, publish).await
    }

    /// Puts a local file through every stage. It is opened once. `publish` says how the service
    /// gets at it, and is asked only if that matters (see [`ask`](Self::ask)).
    ///
    /// # Cancel safety
    ///
    /// As [`ask`](Self::ask).
    pub async fn admit_file<F, P>(
        &self,
        seat: impl Into<Seat>,
        path: impl Into<PathBuf>,
        ratio: Ratio,
        publish: F,
    ) -> Report
    where
        F: FnOnce() -> P,
        P: Future<Output = Publication>,
    {
        let (gate, path) = (self.clone(), path.into());
        let screen = move || gate.screen_file(path);
        self.admit(seat.into(), screen, ratio, publish).await
    }

    /// Reading a file blocks, and decoding it takes a processor.
    async fn admit<F, P>(
        &self,
        seat: Seat,
        screen: impl FnOnce() -> Screening + Send + 'static,
        ratio: Ratio,
        publish: F,
    ) -> Report
    where
        F: FnOnce() -> P,
        P: Future<Output = Publication>,
    {
        let screening = match tokio::task::spawn_blocking(screen).await {
            Ok(screening) => screening,
            // Never cancelled: the handle is awaited here and aborted nowhere.
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        };
        match screening {
            Screening::Cleared(cleared) => self.ask(seat, cleared, ratio, publish).await,
            Screening::Ended(report) => report,
        }
    }
}
