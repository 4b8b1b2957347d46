//! Makes thumbnails for reports that show images.

use gate::{Bytes, DecodeMemory, Outcome, Report, Source};
use preflight::Format as ImageFormat;
use report::{Context, Format, Thumbnail, ThumbnailBudget};

use crate::settings::{FormatChoice, Settings};

/// Makes thumbnails within the memory limit of decoding, as long as a page has room.
#[derive(Clone, Debug)]
pub(crate) struct Thumbnails {
    budget: ThumbnailBudget,
    memory: DecodeMemory,
}

impl Thumbnails {
    /// A maker of thumbnails, if a report shows images.
    pub(crate) fn wanted(
        settings: &Settings,
        context: &Context,
        memory: DecodeMemory,
    ) -> Option<Self> {
        let mut formats = settings.outputs.iter().map(|output| output.format);
        let on_stdout = settings.format == FormatChoice::Only(Format::Html);
        let budget = context.thumbnails.clone();
        (on_stdout || formats.any(|it| it == Format::Html)).then_some(Self { budget, memory })
    }

    /// The thumbnail of an image at hand with this report of the free stages. Blocks while it
    /// decodes, and while other images take the memory.
    pub(crate) fn of(
        &self,
        source: &Source,
        report: &Report,
        may_be_asked: bool,
    ) -> Option<Thumbnail> {
        if !self.has_room(report.outcome(), may_be_asked) {
            return None;
        }
        let facts = report.facts();
        let format = ImageFormat::by_extension(facts.format.as_deref()?)?;
        let needed = Thumbnail::memory(format, facts.width?, facts.height?, source.len());
        let _permit = self.memory.permit_blocking(needed)?;
        Thumbnail::of(&source.read().ok()?, format, needed)
    }

    /// The thumbnail of an image that was fetched whole. Decoding runs on a thread for blocking
    /// work.
    pub(crate) async fn of_fetched(
        &self,
        bytes: Bytes,
        report: &Report,
        may_be_asked: bool,
    ) -> Option<Thumbnail> {
        let (maker, report) = (self.clone(), report.clone());
        let made = move || maker.of(&Source::bytes(bytes), &report, may_be_asked);
        tokio::task::spawn_blocking(made).await.ok().flatten()
    }

    /// Whether a page may have room. If the service is asked, an image that passed so far may get
    /// any outcome, and the choice of thumbnails must not depend on when the service answers.
    fn has_room(&self, so_far: Outcome, may_be_asked: bool) -> bool {
        if so_far == Outcome::Pass && may_be_asked {
            Outcome::ALL.into_iter().any(|it| self.budget.has_room(it))
        } else {
            self.budget.has_room(so_far)
        }
    }
}
