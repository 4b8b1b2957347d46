//! Any error, as the source of another.

use std::error::Error;

pub(crate) type BoxError = Box<dyn Error + Send + Sync>;
