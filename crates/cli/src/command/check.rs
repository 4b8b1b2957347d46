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
use crate::command::check::hints::hints;
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
use crate::settings::{FormatChoice, Settings};
use crate::sink::Sink;
use crate::sink::draft;
use crate::sink::file::{self, FileSink, OpenError};
use crate::sink::github::GithubActions;
use crate::sink::stdout::StdoutSink;
use crate::sink::way::WayError;
use crate::stderr::{print, print_error};

/// Inputs that a thread takes at a time where each takes microseconds.
const BATCH: NonZeroUsize = NonZeroUsize::new(8).unwrap();

/// How long free checks that hang are waited for after an interrupt.
const FREE_GRACE: Duration = Duration::from_secs(1);

/// Why nothing was checked. Each is exit code 2, with no report.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CheckError {
    #[error(transparent)]
    Bucket(#[from] buckets::SetupError),
    #[error(transparent)]
    Exclude(#[from] ExcludeError),
    #[error("\"{0}\" is not a file; did you mean --remote={0}?")]
    DetectorWord(&'static str),
    #[error("the working directory cannot be found out")]
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
    #[error("no thread could be started")]
    Threads(#[source] io::Error),
}

/// Checks what the arguments print, and reports it.
///
/// # Errors
///
/// The run cannot be done as asked. Nothing was reported then.
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

    let inputs = inputs(settings, here, &buckets)?;
    let (passed_over, excludes) = (inputs.passed_over(), inputs.excludes());
    let context = context(settings, paid.as_ref(), here);
    let files = file::open(&settings.outputs, &read_files(settings), &context.in_file())?;
    let sinks = sinks(files, settings, &context)?;
    let thumbnails = Thumbnails::wanted(settings, &context, memory);
    let ways = Ways { gate, buckets };
    let stages = Stages::new(ways, paid, resume, thumbnails, interrupt.clone());
    let mut reporter = Reporter::new(sinks, settings, stages.clone());
    let concurrency = concurrency(settings);
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
    closing_words(&summary, &excludes, settings.format, &context);
    for note in closing.notes {
        print(&note);
    }
    Ok(exit)
}

/// Ends the paid stage, and takes what was spent from its ledger: the lines of a report miss what a
/// retry or a lost answer cost.
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

/// `--remote standin`, with a space, means the paid service and an input called `standin`. Hardly
/// anybody means that, and it costs money.
fn refuse_detector_words(settings: &Settings) -> Result<(), CheckError> {
    let words = ["standin", "service"];
    let is_meant =
        |word: &&str| settings.inputs.iter().any(|it| it == word) && !Path::new(word).exists();
    match words.into_iter().find(is_meant) {
        Some(word) if settings.remote.detector.is_some() => Err(CheckError::DetectorWord(word)),
        _ => Ok(()),
    }
}

/// The files that are read, and that no report may replace.
fn read_files(settings: &Settings) -> Vec<&Path> {
    let words = settings.inputs.iter().map(Path::new);
    let lists = settings.files_from.iter().chain(&settings.settings_files);
    let lists = lists.chain(&settings.resume);
    words.chain(lists.map(PathBuf::as_path)).collect()
}

fn inputs(settings: &Settings, here: &Path, buckets: &Arc<Buckets>) -> Result<Inputs, CheckError> {
    if settings.reads_an_image_from_stdin() && settings.reads_a_list_from_stdin() {
        return Err(CheckError::StdinTwice);
    }
    let mut words = settings.inputs.clone();
    if words.is_empty() && settings.files_from.is_empty() {
        words.push(".".into());
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
    context.budget_flag = Some("--budget");
    context
}

/// The columns of the terminal that standard output goes to, if it goes to one.
fn terminal_width() -> Option<usize> {
    let (columns, _) = terminal_size::terminal_size_of(io::stdout())?;
    Some(columns.0.into())
}

/// Where the reports go.
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

fn concurrency(settings: &Settings) -> Concurrency {
    Concurrency {
        jobs: settings.jobs.asked.unwrap_or(settings.jobs.processors),
        // A list may come slowly, and its writer wants to see what came of its first line.
        batch: if settings.decode || settings.reads_a_list_from_stdin() {
            NonZeroUsize::MIN
        } else {
            BATCH
        },
        grace: if settings.remote.whom().is_some() {
            ANSWER_GRACE + FREE_GRACE
        } else {
            FREE_GRACE
        },
    }
}

/// Ends every report. One that could not be written does not keep the others from their end.
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

/// What standard error gets at the end.
fn closing_words(summary: &Summary, excludes: &Excludes, format: FormatChoice, context: &Context) {
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
