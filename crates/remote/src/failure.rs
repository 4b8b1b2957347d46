//! Why an image is not fit: the reference's nine reasons, in an open set.

use serde::{Deserialize, Serialize};

mod reason;

pub use reason::FailureReason;

/// Why the service rejected an image, with its own words kept as they came.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Failure {
    reason: FailureReason,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

impl Failure {
    /// A failure of this code and sentence, its reason [recognised](FailureReason::recognise) by
    /// them.
    #[must_use]
    pub fn new(code: Option<String>, message: Option<String>) -> Self {
        Self {
            reason: FailureReason::recognise(code.as_deref(), message.as_deref()),
            code,
            message,
        }
    }

    /// Which of the known reasons it is.
    #[must_use]
    pub const fn reason(&self) -> FailureReason {
        self.reason
    }

    /// The service's code, verbatim: `InvalidFile.NoHuman`. Absent where the service left it blank.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// The service's sentence, verbatim. Absent where the service left it blank.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    pub(crate) fn map_texts(self, clean: impl Fn(String) -> String) -> Self {
        Self {
            reason: self.reason,
            code: self.code.map(&clean),
            message: self.message.map(clean),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_keeps_its_words_and_reads_back() {
        let said = FailureReason::FullFace.sentences()[0];
        for (code, reason) in [
            (Some("InvalidFile.NoHuman"), FailureReason::NoHuman),
            (Some("InvalidFile.Sunglasses"), FailureReason::FullFace),
            (None, FailureReason::FullFace),
        ] {
            let failure = Failure::new(code.map(str::to_owned), Some(said.to_owned()));
            assert_eq!(
                (failure.reason(), failure.code(), failure.message()),
                (reason, code, Some(said))
            );
            let json = serde_json::to_string(&failure).unwrap();
            assert_eq!(serde_json::from_str::<Failure>(&json).unwrap(), failure);
        }
        assert_eq!(Failure::new(None, None).reason(), FailureReason::Other);
    }
}
