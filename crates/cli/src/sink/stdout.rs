//! The report on standard output.

use std::io::{self, BufWriter, IsTerminal as _, Stdout, Write as _};
use std::time::{Duration, Instant};

use report::{Image, Render, Repeated, Summary};

use crate::sink::{Sink, SinkError};

/// The longest that a line is held back from a reader of a pipe while others follow it. Flushing each
/// line would cost a quarter of the whole run.
const LATEST: Duration = Duration::from_millis(100);

/// A report on its way to standard output. Nothing is written before there is something to report.
pub(crate) struct StdoutSink {
    out: BufWriter<Stdout>,
    render: Box<dyn Render>,
    begun: bool,
    is_terminal: bool,
    flushed: Instant,
    state: State,
}

enum State {
    Open,
    /// The reader left, which is not a failure; checking goes on.
    Left,
    Failed(io::Error),
}

impl StdoutSink {
    pub(crate) fn new(render: Box<dyn Render>) -> Self {
        let stdout = io::stdout();
        Self {
            is_terminal: stdout.is_terminal(),
            out: BufWriter::with_capacity(32 * 1024, stdout),
            render,
            begun: false,
            flushed: Instant::now(),
            state: State::Open,
        }
    }

    /// Does a step of the report, unless an earlier one failed.
    fn attempt(
        &mut self,
        step: impl FnOnce(&mut dyn Render, &mut BufWriter<Stdout>) -> io::Result<()>,
    ) {
        if !matches!(self.state, State::Open) {
            return;
        }
        let begun = if std::mem::replace(&mut self.begun, true) {
            Ok(())
        } else {
            self.render.begin(&mut self.out)
        };
        self.state = match begun.and_then(|()| step(&mut *self.render, &mut self.out)) {
            Ok(()) => State::Open,
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => State::Left,
            Err(error) => State::Failed(error),
        };
    }
}

impl Sink for StdoutSink {
    fn image(&mut self, image: &Image) {
        self.attempt(|render, out| render.image(out, image));
    }

    fn repeated(&mut self, repeated: &Repeated) {
        self.attempt(|render, out| render.repeated(out, repeated));
    }

    fn idle(&mut self, is_quiet: bool) {
        // A driver that sends an input and waits for its line must not wait for the clock.
        let late = is_quiet || self.is_terminal || self.flushed.elapsed() >= LATEST;
        if late && !self.out.buffer().is_empty() {
            self.attempt(|_, out| out.flush());
            self.flushed = Instant::now();
        }
    }

    fn finish(mut self: Box<Self>, summary: &Summary) -> Result<(), SinkError> {
        self.attempt(|render, out| {
            render.finish(out, summary)?;
            out.flush()
        });
        // A failed write must not be tried again when the buffer is dropped.
        let _ = self.out.into_parts();
        match self.state {
            State::Open | State::Left => Ok(()),
            State::Failed(source) => Err(SinkError {
                to: "standard output".to_owned(),
                source,
            }),
        }
    }
}
