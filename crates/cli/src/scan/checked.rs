//! The result of an input.

use std::future::Future;
use std::pin::Pin;

use gate::{Code, Report};
use report::{Image, ImageName, ListLine, Repeated, SameAs, Thumbnail};

use crate::input::{Input, Repeat};

/// The result of an input, or the future that ends with it.
#[expect(
    clippy::large_enum_variant,
    reason = "one a thread at a time; a box would cost every file an allocation"
)]
pub(crate) enum Screened {
    Now(Checked),
    /// Goes on where it waits for servers. After an interrupt it ends soon: with `None` where
    /// nothing can be said of the image.
    Later(CheckedLater),
}

/// The result of an input that waits for servers.
pub(crate) type CheckedLater = Pin<Box<dyn Future<Output = Option<Checked>> + Send>>;

/// The result of looking at an input.
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
    /// The report of an image, and nothing else.
    pub(crate) const fn of(report: Report) -> Self {
        Self {
            report,
            public_url: None,
            thumbnail: None,
            yields_nothing: false,
        }
    }

    /// The report of a folder or pattern that holds no image.
    pub(crate) fn without_image(report: Report) -> Self {
        Self {
            yields_nothing: true,
            ..Self::of(report)
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

/// The result of an input, with its name.
#[derive(Debug)]
pub(crate) enum Finished {
    Image {
        image: Box<Image>,
        /// As in [`Checked`].
        yields_nothing: bool,
    },
    /// The result of an earlier input, which this one repeats.
    Repeated(Box<Repeated>),
}

/// An input that repeats an earlier one, while the result of that is not known.
#[derive(Debug)]
pub(crate) struct Repeating {
    name: ImageName,
    listed: Option<ListLine>,
    same_as: SameAs,
    /// The number of the first.
    pub(crate) first: u64,
}

impl Repeating {
    /// With the result of the first.
    pub(crate) fn with(self, outcome: gate::Outcome, stage: gate::Stage) -> Repeated {
        let mut repeated = Repeated::new(self.name, self.same_as, outcome, stage);
        repeated.listed = self.listed;
        repeated
    }
}

impl Input {
    /// The same input as one that repeats another.
    pub(crate) fn repeating(self, repeat: Repeat) -> Repeating {
        Repeating {
            name: self.name,
            listed: self.listed,
            same_as: repeat.same_as,
            first: repeat.number,
        }
    }

    /// The line of its result.
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
