//! `emo-standin`: a local emo-detect-v1 to try and test against.

use std::error::Error;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use standin::{FailureShape, Script, Standin, UploadBinding};

/// A local emo-detect-v1 to try and test against: real checks of request, format and size, made-up
/// or scripted verdicts, video calls without a video, faults on demand. It listens on 127.0.0.1
/// only and charges nothing.
#[derive(Debug, Parser)]
#[command(name = "emo-standin", version)]
struct Arguments {
    /// Listen on this port; 0 takes any that is free.
    #[arg(long, default_value_t = 8787)]
    port: u16,

    /// Verdicts and faults by image, a TOML file; without it every image of the right format and
    /// size passes.
    #[arg(long, value_name = "FILE")]
    script: Option<PathBuf>,

    /// Accept this made-up key only [default: any].
    #[arg(long)]
    key: Option<String>,

    /// Take this long over each image, in milliseconds.
    #[arg(long, value_name = "MS", default_value_t = 0)]
    delay: u64,

    /// Answer 429 beyond so many calls a second [default: no limit; the service allows 5].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    rate: Option<u32>,

    /// Answer a failed check with HTTP 400 instead of 200, where the script does not say.
    #[arg(long)]
    bad400: bool,

    /// Answer a failed check in this shape, where the script does not say: ok200, ok200-blank,
    /// ok200-sentence, bad400 or bad400-sentence [default: ok200].
    #[arg(long, value_name = "SHAPE", conflicts_with = "bad400")]
    shape: Option<FailureShape>,

    /// Let an upload for the video model serve the detector too, where the script does not say:
    /// strict or lenient [default: strict].
    #[arg(long, value_name = "BINDING")]
    uploads: Option<UploadBinding>,

    /// Exit with 1 if a fault of the script has not happened by the end.
    #[arg(long)]
    strict: bool,
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to be told if standard error is gone too.
            let _ = writeln!(io::stderr(), "emo-standin: {}", with_causes(&*error));
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let mut builder = Standin::builder()
        .port(arguments.port)
        .service_time(Duration::from_millis(arguments.delay));
    if let Some(path) = &arguments.script {
        builder = builder.script(Script::load(path)?);
    }
    if let Some(key) = arguments.key {
        builder = builder.key(key);
    }
    if let Some(per_second) = arguments.rate {
        builder = builder.rate(per_second);
    }
    if arguments.bad400 {
        builder = builder.failure_shape(FailureShape::Bad400);
    }
    if let Some(shape) = arguments.shape {
        builder = builder.failure_shape(shape);
    }
    if let Some(binding) = arguments.uploads {
        builder = builder.uploads(binding);
    }
    let standin = builder.start().await?;
    // Listened for before anybody is told that we are here.
    let mut stop = Stop::listen()?;
    greet(&standin)?;
    stop.asked().await?;
    let stats = standin.stats();
    writeln!(
        io::stdout(),
        "\n{} face-detect requests, of which the service would have charged {}; {} video calls, {} of \
         them accepted",
        stats.face_detect,
        stats.billable,
        stats.video_synthesis,
        stats.videos_accepted
    )?;
    let verified = if arguments.strict {
        standin.verify()
    } else {
        Ok(())
    };
    tokio::select! {
        stopped = standin.shut_down() => stopped?,
        // A second Ctrl-C does not wait for calls under way.
        _ = stop.asked() => {}
    }
    Ok(verified?)
}

fn greet(standin: &Standin) -> io::Result<()> {
    let base_url = standin.base_url();
    let mut out = io::stdout().lock();
    writeln!(out, "emo-standin listens at {base_url}")?;
    writeln!(
        out,
        "Verdicts are made up or scripted, nothing is charged. To ask it instead of the service:"
    )?;
    writeln!(out)?;
    writeln!(out, "    export DASHSCOPE_HTTP_BASE_URL={base_url}")?;
    writeln!(out, "    export DASHSCOPE_API_KEY={}", standin.key())?;
    writeln!(out)?;
    writeln!(
        out,
        "Counters: http://{}/standin/stats   Stop: Ctrl-C",
        standin.address()
    )?;
    out.flush()
}

fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// Ctrl-C, or the signal that service managers and containers send.
#[cfg(unix)]
struct Stop {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Stop {
    fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};

        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn asked(&mut self) -> io::Result<()> {
        tokio::select! {
            _ = self.interrupt.recv() => Ok(()),
            _ = self.terminate.recv() => Ok(()),
        }
    }
}

/// Ctrl-C.
#[cfg(not(unix))]
struct Stop;

#[cfg(not(unix))]
impl Stop {
    fn listen() -> io::Result<Self> {
        Ok(Self)
    }

    async fn asked(&mut self) -> io::Result<()> {
        tokio::signal::ctrl_c().await
    }
}
