//! The exit code of the command.

use std::process::ExitCode;

use gate::Outcome;
use report::Totals;

/// How a run ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Exit {
    /// At least one image was checked, and all passed; or a flag forgives the rest.
    Clean,
    /// At least one image was rejected.
    Rejected,
    /// The run could not be done as asked.
    Misused,
    /// None was rejected, and at least one could not be judged.
    Unknown,
    /// Ctrl-C.
    Interrupted,
}

impl Exit {
    /// The end of a run that was done as asked. A rejection beats an unknown.
    pub(crate) fn of(totals: &Totals, interrupted: bool, forgive_rejections: bool) -> Self {
        if interrupted {
            Self::Interrupted
        } else if totals.of(Outcome::Reject) > 0 && !forgive_rejections {
            Self::Rejected
        } else if totals.of(Outcome::Unknown) > 0 {
            Self::Unknown
        } else {
            Self::Clean
        }
    }

    /// The end if a report or the ledger could not be written. A rejection stays 1; anything else
    /// becomes 2, because the report cannot be read or paid verdicts are not remembered.
    pub(crate) const fn not_written(self) -> Self {
        match self {
            Self::Rejected | Self::Interrupted => self,
            Self::Clean | Self::Misused | Self::Unknown => Self::Misused,
        }
    }

    /// The number.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Rejected => 1,
            Self::Misused => 2,
            Self::Unknown => 3,
            Self::Interrupted => 130, // 128 + SIGINT, as in a shell
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}
