//! The readers that are measured, and what they are given to read.

pub mod inputs;
pub mod readers;

pub use crate::inputs::{Input, inputs};
pub use crate::readers::{READERS, Reader};
