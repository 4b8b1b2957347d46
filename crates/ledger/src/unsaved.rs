//! The ends of calls that are not written down yet.

use gate::{ImageIdentity, Known, Question, Settlement};
use rusqlite::Connection;

use crate::call;
use crate::fault::Fault;
use crate::store::Context;

/// How a call ended, until it is written down.
#[derive(Clone, Debug)]
pub(crate) enum Unsaved {
    Withdrawal {
        call: i64,
    },
    Settlement {
        call: i64,
        question: Question,
        settlement: Box<Settlement>,
    },
}

impl Unsaved {
    /// Writes it down. Must run inside a transaction.
    pub(crate) fn write(&self, conn: &Connection, with: &Context<'_>) -> Result<(), Fault> {
        match self {
            Self::Withdrawal { call } => call::withdraw(conn, *call),
            Self::Settlement {
                call,
                question,
                settlement,
            } => call::settle(conn, with, *call, question, settlement),
        }
    }

    /// The verdict that it holds, if it answers the question.
    pub(crate) fn answers(&self, asked: &Question) -> Option<Known> {
        let Self::Settlement {
            question,
            settlement,
            ..
        } = self
        else {
            return None;
        };
        let same = share_an_identity(&question.image, &asked.image)
            && question.model == asked.model
            && question.ratio == asked.ratio
            && question.base_url == asked.base_url;
        same.then(|| settlement.known()).flatten()
    }
}

fn share_an_identity(one: &ImageIdentity, other: &ImageIdentity) -> bool {
    let bytes = one.sha256.is_some() && one.sha256 == other.sha256;
    bytes || (one.url.is_some() && one.url == other.url)
}
