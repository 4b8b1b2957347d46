//! The objects below a prefix, one after the other.

use std::error::Error;
use std::io;
use std::iter;
use std::vec;

use gate::{Code, Report};
use stores::{ListError, Listing, Object};
use tokio::runtime::{Builder, Runtime};

/// The objects below a prefix. It holds one page of their list.
#[derive(Debug)]
pub(crate) struct Objects {
    listing: Listing,
    /// Waits for the pages, on the thread that wants the next object.
    runtime: Runtime,
    page: vec::IntoIter<Object>,
    listed: u64,
}

impl Objects {
    /// The objects of a list. Nothing is asked yet.
    ///
    /// # Errors
    ///
    /// The system gives no means to wait for the network.
    pub(super) fn new(listing: Listing) -> io::Result<Self> {
        Ok(Self {
            listing,
            runtime: Builder::new_current_thread().enable_all().build()?,
            page: Vec::new().into_iter(),
            listed: 0,
        })
    }

    /// The address of the next object, or why there is no more to come. Blocks while a page is asked
    /// for.
    pub(crate) fn next(&mut self) -> Option<Result<String, Box<Report>>> {
        loop {
            if let Some(object) = self.page.next() {
                self.listed += 1;
                return Some(Ok(object.to_string()));
            }
            match self.runtime.block_on(self.listing.next_page()) {
                Ok(page) => self.page = page?.into_iter(),
                Err(error) => return Some(Err(Box::new(self.stopped(&error)))),
            }
        }
    }

    /// The address of what is listed.
    pub(crate) fn prefix(&self) -> String {
        self.listing.prefix().to_string()
    }

    fn stopped(&self, error: &ListError) -> Report {
        let first: &dyn Error = error;
        let causes = iter::successors(Some(first), |error| (**error).source());
        let mut message: Vec<_> = causes.map(ToString::to_string).collect();
        if self.listed > 0 {
            message.push(format!("the list ends after {} objects", self.listed));
        }
        let message = message.join(": ");
        match error.help(self.listing.prefix().store()) {
            Some(help) => Report::refused_with(code(error), message, help),
            None => Report::refused(code(error), message),
        }
    }
}

fn code(error: &ListError) -> Code {
    use preflight::http::FetchErrorKind::{Refused, Status};
    use preflight::http::StoreCause::NoSuchBucket;

    if error.cause() == Some(NoSuchBucket) {
        return Code::NotFound;
    }
    match error {
        ListError::Fetch(error) => match error.kind() {
            Refused(_) => Code::AddressRefused,
            Status { .. } => Code::HttpStatus,
            _ => Code::Unreachable,
        },
        ListError::Sign(_) => Code::UrlInvalid,
        _ => Code::Unreachable,
    }
}
