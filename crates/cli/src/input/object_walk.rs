//! Walks through the objects below a prefix by the rules of a walk through a folder.

use std::sync::Arc;

use gate::Report;
use report::PassedOver;

use crate::buckets::Objects;
use crate::input::extension::{NamePromise, promise};
use crate::input::search::{Search, SharedPassedOver, count, in_words};

/// What a walk through objects comes across.
#[derive(Debug)]
pub(super) enum FoundObject {
    /// An object, by its address, whose name promises an image.
    Image(String),
    /// An object whose name promises nothing. What is no image is passed over.
    Unnamed(String),
    /// The list ends here, before its end.
    Stopped(Box<Report>),
}

/// A walk through the objects below a prefix.
pub(super) struct ObjectWalk {
    objects: Box<Objects>,
    search: Search,
    passed_over: SharedPassedOver,
    /// What this walk passed over, how much it came to, and whether it yielded something.
    own: PassedOver,
    listed: u64,
    found: bool,
}

impl ObjectWalk {
    pub(super) fn new(
        objects: Box<Objects>,
        search: &Search,
        passed_over: &SharedPassedOver,
    ) -> Self {
        Self {
            objects,
            search: search.clone(),
            passed_over: Arc::clone(passed_over),
            own: PassedOver::default(),
            listed: 0,
            found: false,
        }
    }

    /// The next find.
    pub(super) fn next(&mut self) -> Option<FoundObject> {
        loop {
            let found = match self.objects.next()? {
                Ok(address) => {
                    self.listed += 1;
                    self.look(address)
                }
                Err(report) => Some(FoundObject::Stopped(report)),
            };
            if found.is_some() {
                self.found = true;
                return found;
            }
        }
    }

    /// The address of what is walked through.
    pub(super) fn prefix(&self) -> String {
        self.objects.prefix()
    }

    /// After the last find: why there was nothing to check, if there was nothing.
    pub(super) fn yields_nothing(&self) -> Option<String> {
        if self.found {
            return None;
        }
        let passed_over = in_words(&self.own);
        Some(match (self.listed, passed_over.as_str()) {
            (0, _) => "no object has a key that begins so".to_owned(),
            (_, "") => "no image among these objects".to_owned(),
            (_, passed_over) => format!("no image among these objects ({passed_over})"),
        })
    }

    fn look(&mut self, address: String) -> Option<FoundObject> {
        let name = address.rsplit('/').next().unwrap_or_default();
        let promise = promise(name.as_bytes());
        if promise == NamePromise::Other {
            return None;
        }
        let below = address.get(self.objects.prefix().len()..);
        let mut names = below.unwrap_or_default().split('/');
        // A key with steps in it is not hidden: it cannot be asked for, which is worth a word.
        let is_hidden = |name: &str| name.starts_with('.') && !matches!(name, "." | "..");
        if !self.search.no_ignore && names.any(is_hidden) {
            if promise == NamePromise::Image {
                self.count(|passed_over| passed_over.ignored += 1);
            }
            return None;
        }
        if self.search.excludes.rule_for_url(&address).is_some() {
            self.count(|passed_over| passed_over.excluded += 1);
            return None;
        }
        match promise {
            NamePromise::Image | NamePromise::Tail => Some(FoundObject::Image(address)),
            NamePromise::Nothing => Some(FoundObject::Unnamed(address)),
            NamePromise::OtherImage(extension) => {
                self.count(|passed_over| {
                    let count = passed_over.by_extension.entry(extension.to_owned());
                    *count.or_default() += 1;
                });
                None
            }
            NamePromise::Other => None,
        }
    }

    fn count(&mut self, change: impl Fn(&mut PassedOver)) {
        change(&mut self.own);
        count(&self.passed_over, change);
    }
}
