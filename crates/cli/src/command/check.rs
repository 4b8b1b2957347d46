//! `preflight check`: from the settings to the exit code.

mod hints;
mod hosts;
mod reporter;
mod stages;
mod thumbnails;
mod ways;

use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use anstream::AutoStream;
use gate::DecodeMemory;
use preflight::http::SetupError;
use report::{
    Context, Format, RepositoryRoot, Summary, Totals, Verbosity, images_line, paid_lines,
};

use crate::buckets::{self, Buckets};
use crate::command::check::hints::{brake, hints};
use crate::command::check::reporter::Reporter;
use crate::command::check::stages::Stages;
use crate::command::check::thumbnails::Thumbnails;
use crate::command::check::ways::Ways;
use crate::exit::Exit;
use crate::input::{ExcludeError, Excludes, Inputs, Lists, ListsError, Search};
use crate::interrupt::{ANSWER_GRACE, Interrupt};
use crate::paid::{Closing, Paid, PaidError};
use crate::resume::{Resume, ResumeError};
use crate::scan::{Concurrency, scan};
use crate::settings::{FormatChoice, Jobs, Settings};
use crate::sink::Sink;
use crate::sink::draft;
use crate::sink::file::{self, FileSink, OpenError};
use crate::sink::github::GithubActions;
use crate::sink::stdout::StdoutSink;
use crate::sink::way::WayError;
use crate::stderr::{print, print_error};

/// A run that took longer says what held it up.
const LONG: Duration = Duration::from_secs(10);

/// How long free checks that hang may take after an interrupt.
const FREE_GRACE: Duration = Duration::from_secs(1);

/// Nothing was checked: exit code 2, and no report.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CheckError {
    #[error(transparent)]
    Bucket(#[from] buckets::SetupError),
    #[error(transparent)]
    Exclude(#[from] ExcludeError),
    #[error("\"{0}\" is not a file; did you mean --remote={0}?")]
    DetectorWord(&'static str),
    #[error("cannot find the working directory")]
    Here(#[source] io::Error),
    #[error(transparent)]
    List(#[from] ListsError),
    #[error("nothing to check: {0}")]
    Nothing(String),
    #[error(transparent)]
    Output(#[from] OpenError),
    #[error(transparent)]
    Fetcher(#[from] SetupError),
    #[error(transparent)]
    Paid(#[from] PaidError),
    #[error(transparent)]
    Resume(#[from] ResumeError),
    #[error("standard input cannot be both an image (-) and a list of inputs (--files-from -)")]
    StdinTwice,
    #[error("GITHUB_STEP_SUMMARY")]
    StepSummary(#[source] WayError),
    #[error("cannot start a thread")]
    Threads(#[source] io::Error),
}

/// Checks the inputs and reports the results.
///
/// # Errors
///
/// The run cannot be done as asked. Nothing is reported then.
pub(crate) fn run(settings: &Settings, here: &Path) -> Result<Exit, CheckError> {
    let started = Instant::now();
    refuse_detector_words(settings)?;
    let interrupt = Interrupt::listen(draft::remove_all);
    let memory = DecodeMemory::new(settings.decode_memory);
    // Before anything is opened or read: a missing key ends the run here.
    let buckets = Arc::new(Buckets::open(settings, &memory)?);
    buckets.refuse_wrong_setup(&settings.inputs)?;
    let paid = Paid::open(settings, &buckets, here, &interrupt)?;
    for note in paid.iter().flat_map(Paid::opening_notes) {
        print(&note);
    }
    let resume = settings.resume.as_deref().map(Resume::read).transpose()?;
    let gate = settings.gate(&memory)?;

    let inputs = inputs(settings, here, resume.as_ref(), &buckets)?;
    let (passed_over, excludes) = (inputs.passed_over(), inputs.excludes());
    let context = context(settings, paid.as_ref(), here);
    let files = file::open(&settings.outputs, &read_files(settings), &context.in_file())?;
    let sinks = sinks(files, settings, &context)?;
    let thumbnails = Thumbnails::wanted(settings, &context, memory);
    let concurrency = concurrency(settings, thumbnails.is_some());
    let ways = Ways::new(gate, buckets);
    let stages = Stages::new(ways, paid, resume, thumbnails, interrupt.clone());
    let mut reporter = Reporter::new(sinks, settings, stages.clone());
    scan(
        inputs,
        Arc::new(stages.clone()),
        concurrency,
        &interrupt,
        &mut reporter,
    )
    .map_err(CheckError::Threads)?;

    let interrupted = interrupt.is_raised();
    if let Some(why) = reporter.nothing_to_check()
        && !interrupted
    {
        return Err(CheckError::Nothing(why));
    }
    let (sinks, mut totals) = reporter.into_parts();
    let closing = close(stages.paid(), &mut totals);
    let mut exit = Exit::of(&totals, interrupted, settings.exit_zero);
    if closing.is_unrecorded {
        exit = exit.not_written();
    }
    let mut summary = Summary::new(totals, started.elapsed());
    summary.exit_code = exit.code();
    summary.interrupted = interrupted;
    summary.passed_over = passed_over
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    let exit = finish(sinks, &summary, exit);
    print_totals_and_hints(&summary, &excludes, settings.format, &context);
    if settings.jobs.asked.is_none()
        && started.elapsed() >= LONG
        && context.verbosity >= Verbosity::Normal
        && let Some(slowest) = stages.hosts().slowest()
    {
        print(&brake(slowest));
    }
    for note in closing.notes {
        print(&note);
    }
    Ok(exit)
}

/// Ends the paid stage and takes the costs from its ledger, since a report's lines do not include
/// the cost of retries and lost answers.
fn close(paid: Option<&Paid>, totals: &mut Totals) -> Closing {
    let Some(paid) = paid else {
        return Closing::default();
    };
    if let Some(planned) = paid.planned() {
        totals.remote = Some(planned);
    }
    let closing = paid.close();
    if let (Some(account), Some(remote)) = (&closing.account, &mut totals.remote) {
        remote.asked = account.asked;
        remote.charged = account.charged;
        remote.maybe_charged = account.maybe_charged + account.in_flight;
        remote.unsettled = account.open_before;
    }
    closing
}

/// Refuses `--remote standin`. With a space, it means the paid service and an input called
/// `standin`, which hardly anybody wants and which costs money.
fn refuse_detector_words(settings: &Settings) -> Result<(), CheckError> {
    let words = ["standin", "service"];
    let is_meant =
        |word: &&str| settings.inputs.iter().any(|it| it == word) && !Path::new(word).exists();
    match words.into_iter().find(is_meant) {
        Some(word) if settings.remote.detector.is_some() => Err(CheckError::DetectorWord(word)),
        _ => Ok(()),
    }
}

/// The files that the run reads. No report may replace them.
fn read_files(settings: &Settings) -> Vec<&Path> {
    let words = settings.inputs.iter().map(Path::new);
    let lists = settings.files_from.iter().chain(&settings.settings_files);
    let lists = lists.chain(&settings.resume);
    words.chain(lists.map(PathBuf::as_path)).collect()
}

fn inputs(
    settings: &Settings,
    here: &Path,
    resume: Option<&Resume>,
    buckets: &Arc<Buckets>,
) -> Result<Inputs, CheckError> {
    if settings.reads_an_image_from_stdin() && settings.reads_a_list_from_stdin() {
        return Err(CheckError::StdinTwice);
    }
    let mut words = settings.inputs.clone();
    if words.is_empty() && settings.files_from.is_empty() {
        words = match resume {
            Some(resume) => resume.open_inputs()?,
            None => vec![".".into()],
        };
    }
    let reports = settings.outputs.iter().map(|output| output.path.as_path());
    let excludes = Excludes::new(here, &settings.excludes)?.with_reports(reports);
    let search = Search {
        excludes: Arc::new(excludes),
        no_ignore: settings.no_ignore,
        allow_empty: settings.allow_empty,
    };
    let lists = Lists::open(&settings.files_from, settings.null)?;
    Ok(Inputs::new(search, here, words, lists, Arc::clone(buckets)))
}

fn context(settings: &Settings, paid: Option<&Paid>, here: &Path) -> Context {
    let mut context = Context::new(settings.profile.clone());
    context.root = RepositoryRoot::of(here);
    context.service = paid.map_or(gate::Service::Emo, Paid::service);
    context.verbosity = settings.verbosity;
    context.color = AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never;
    context.width = terminal_width();
    context.budget_flag = paid.and_then(Paid::budget_flag);
    context
}

/// The width in columns of the terminal on standard output, if it is one.
fn terminal_width() -> Option<usize> {
    let (columns, _) = terminal_size::terminal_size_of(io::stdout())?;
    Some(columns.0.into())
}

/// The sinks of all reports.
fn sinks(
    files: Vec<FileSink>,
    settings: &Settings,
    context: &Context,
) -> Result<Vec<Box<dyn Sink>>, CheckError> {
    let mut sinks: Vec<Box<dyn Sink>> = Vec::with_capacity(files.len() + 2);
    let stdout = match settings.format {
        FormatChoice::Only(format) => format.renderer(context),
        FormatChoice::Auto => match GithubActions::detect(&settings.environment) {
            None => Format::Human.renderer(context),
            Some(actions) => {
                let step_summary = actions.step_summary(&context.in_file());
                let step_summary = step_summary.map_err(CheckError::StepSummary)?;
                sinks.extend(step_summary.map(|it| Box::new(it) as Box<dyn Sink>));
                GithubActions::annotated(Format::Human.renderer(context), context)
            }
        },
    };
    sinks.push(Box::new(StdoutSink::new(stdout)));
    let files = files.into_iter();
    sinks.extend(files.map(|file| Box::new(file) as Box<dyn Sink>));
    Ok(sinks)
}

fn concurrency(settings: &Settings, shows_images: bool) -> Concurrency {
    Concurrency {
        jobs: threads(settings.jobs, settings.decode || shows_images),
        processors: settings.jobs.processors,
        grace: if settings.remote.whom().is_some() {
            ANSWER_GRACE + FREE_GRACE
        } else {
            FREE_GRACE
        },
    }
}

/// The most threads that images are checked on. Each that has decoded keeps memory for the next image,
/// of which `decode-memory` knows nothing; more than there are processors would not decode faster.
fn threads(jobs: Jobs, decode: bool) -> NonZeroUsize {
    match jobs.asked {
        Some(asked) if decode => asked.min(jobs.processors),
        asked => asked.unwrap_or(jobs.processors),
    }
}

/// Ends every report, even if another one cannot be written.
fn finish(sinks: Vec<Box<dyn Sink>>, summary: &Summary, exit: Exit) -> Exit {
    sinks
        .into_iter()
        .fold(exit, |exit, sink| match sink.finish(summary) {
            Ok(()) => exit,
            Err(error) => {
                print_error(&error);
                exit.not_written()
            }
        })
}

/// Prints totals and hints on standard error.
fn print_totals_and_hints(
    summary: &Summary,
    excludes: &Excludes,
    format: FormatChoice,
    context: &Context,
) {
    if let FormatChoice::Only(format) = format
        && !format.has_totals()
        && context.verbosity > Verbosity::Silent
    {
        print(&images_line(&summary.totals));
        for line in paid_lines(&summary.totals, context) {
            print(&line);
        }
    }
    if context.verbosity >= Verbosity::Normal {
        for hint in hints(&summary.passed_over, excludes) {
            print(&hint);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Found by measuring: 16 threads that decode kept 242 MB in use, where 100 MB were allowed.
    #[test]
    fn no_more_threads_decode_than_there_are_processors() {
        let number = |n| NonZeroUsize::new(n).unwrap();
        let threads = |asked: Option<usize>, decode| {
            let jobs = Jobs {
                asked: asked.map(number),
                processors: number(2),
            };
            threads(jobs, decode).get()
        };
        assert_eq!(threads(None, true), 2);
        assert_eq!(threads(Some(16), true), 2);
        assert_eq!(threads(Some(16), false), 16);
        assert_eq!(threads(Some(1), true), 1);
    }
}
