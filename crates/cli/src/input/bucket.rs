//! Inputs that lie in stores.

use gate::Report;
use report::ImageName;

use crate::buckets::Named;
use crate::input::item::{Decided, Input, Source};
use crate::input::object_walk::{FoundObject, ObjectWalk};
use crate::input::seen::{Identity, MentionedBy};
use crate::input::target::Target;
use crate::input::{Code, Inputs};

impl Inputs {
    /// What an address names, if its store is set up.
    pub(super) fn in_store(&self, url: &str) -> Option<Target> {
        let named = self.buckets.named(url)?;
        let name = url.to_owned();
        Some(Target::Stored { name, named })
    }

    /// What lies in a store: an image at once, or a list to walk through from here on.
    pub(super) fn start_stored(
        &mut self,
        name: String,
        named: Named,
        source: Source,
    ) -> Option<Input> {
        let name = ImageName::Url(name);
        match named {
            Named::Object => Some(Input::image(name, source)),
            Named::Objects(objects) => {
                let walk = ObjectWalk::new(objects, &self.search, &self.passed_over);
                self.listing = Some((walk, source));
                None
            }
            Named::Nothing(report) => Some(Input::reported(name, source, *report)),
        }
    }

    /// The next image of the list that is being walked through.
    pub(super) fn next_object(&mut self) -> Option<Input> {
        loop {
            let (walk, source) = self.listing.as_mut()?;
            let (address, is_silent) = match walk.next() {
                Some(FoundObject::Image(address)) => (address, false),
                Some(FoundObject::Unnamed(address)) => (address, true),
                Some(FoundObject::Stopped(report)) => {
                    let name = ImageName::Url(walk.prefix());
                    return Some(Input::reported(name, source.clone(), *report));
                }
                None => {
                    let (walk, source) = self.listing.take()?;
                    let name = ImageName::Url(walk.prefix());
                    let message = walk.yields_nothing().filter(|_| !self.search.allow_empty)?;
                    let report = Report::refused(Code::NotFound, message);
                    return Some(Input {
                        decided: Some(Decided::YieldsNothing(report)),
                        ..Input::image(name, source)
                    });
                }
            };
            let source = Source {
                by: MentionedBy::Walk,
                listed: source.listed.clone(),
            };
            let mention = self.mention(MentionedBy::Walk);
            let image = self.keys.of(Identity::Object(&address));
            if self.seen.earlier(image, mention).is_none() {
                return Some(Input {
                    is_silent,
                    ..Input::image(ImageName::Url(address), source)
                });
            }
            self.count_duplicate();
        }
    }
}
