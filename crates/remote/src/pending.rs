//! Futures of traits that are used as objects.

use std::pin::Pin;

/// A future of a trait that is used as an object.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
