//! What came of an input.

use std::future::Future;
use std::pin::Pin;

use gate::{Code, Report};
use report::{Image, ImageName, ListLine, Repeated, SameAs, Thumbnail};

use crate::input::{Decided, Input, Repeat};

/// What came of an input, or what will.
#[expect(
    clippy::large_enum_variant,
    reason = "one a thread at a time; a box would cost every file an allocation"
)]
pub(crate) enum Screened {
    Now(Checked),
    /// Goes on where it waits for servers. After an interrupt it ends soon: with `None` where
    /// nothing can be said of the image.
    Later(Pin<Box<dyn Future<Output = Option<Checked>> + Send>>),
}

/// What came of looking at an input.
#[derive(Clone, Debug)]
pub(crate) struct Checked {
    pub(crate) report: Report,
    /// Where the local file is public, if that was found out.
    pub(crate) public_url: Option<String>,
    /// A small copy of it, where a report shows images.
    pub(crate) thumbnail: Option<Thumbnail>,
    /// A pattern or a folder without an image.
    pub(crate) yields_nothing: bool,
}

impl Checked {
    /// What came of looking at an image, and nothing else.
    pub(crate) const fn of(report: Report) -> Self {
        Self {
            report,
            public_url: None,
            thumbnail: None,
            yields_nothing: false,
        }
    }

    /// A bug of ours that one image brought out.
    pub(crate) fn panicked() -> Self {
        Self::of(Report::refused(
            Code::Unreadable,
            "preflight itself failed on it; please report this",
        ))
    }
}

/// What came of an input, with its name.
#[derive(Debug)]
pub(crate) enum Finished {
    Image {
        image: Box<Image>,
        /// As in [`Checked`].
        yields_nothing: bool,
    },
    /// What came of an earlier input, which this one repeats.
    Repeated(Box<Repeated>),
}

/// An input that repeats an earlier one, before it is known what came of that.
#[derive(Debug)]
pub(crate) struct Repeating {
    name: ImageName,
    listed: Option<ListLine>,
    same_as: SameAs,
    /// The number of the first.
    pub(crate) first: u64,
}

impl Repeating {
    /// With what came of the first.
    pub(crate) fn with(self, outcome: gate::Outcome, stage: gate::Stage) -> Repeated {
        let mut repeated = Repeated::new(self.name, self.same_as, outcome, stage);
        repeated.listed = self.listed;
        repeated
    }
}

impl Input {
    /// What is known of it without a look at an image.
    pub(crate) fn known(&self) -> Option<Checked> {
        match self.decided.as_ref()? {
            Decided::Report(report) => Some(Checked::of(report.clone())),
            Decided::YieldsNothing(report) => Some(Checked {
                yields_nothing: true,
                ..Checked::of(report.clone())
            }),
            Decided::Repeats(_) => None,
        }
    }

    /// The earlier input that it repeats, if it does.
    pub(crate) fn repeats(&self) -> Option<Repeating> {
        let Some(Decided::Repeats(Repeat { number, same_as })) = &self.decided else {
            return None;
        };
        Some(Repeating {
            name: self.name.clone(),
            listed: self.listed.clone(),
            same_as: same_as.clone(),
            first: *number,
        })
    }

    /// The line of what came of it.
    pub(crate) fn with(self, checked: Checked) -> Finished {
        let mut image = Image::new(self.name, checked.report);
        image.real_path = self.real_path;
        image.listed = self.listed;
        image.public_url = checked.public_url;
        image.thumbnail = checked.thumbnail;
        Finished::Image {
            image: Box::new(image),
            yields_nothing: checked.yields_nothing,
        }
    }
}
