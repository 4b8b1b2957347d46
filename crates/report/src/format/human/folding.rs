//! Folds images whose code was already shown often, and counts codes at the end.

use std::collections::HashMap;
use std::io::{self, Write};

use gate::{Code, Report};

use crate::render::Verbosity;
use crate::totals::Totals;
use crate::words::{counted, thousands};

/// The images of one code that are shown. Further ones are only counted.
const SHOWN_OF_A_CODE: u64 = 10;

/// Images by the code that decided their outcome.
#[derive(Default)]
pub(super) struct Folding {
    counts: HashMap<Code, u64>,
    /// The codes with images that were not shown, in the order of the first of them.
    folded: Vec<Code>,
}

impl Folding {
    /// Counts an image, and says whether it is only counted. Images that the budget left over are
    /// one line of the totals.
    pub(super) fn folds(&mut self, report: &Report, verbosity: Verbosity) -> bool {
        let code = report.errors().next().map(|finding| finding.code);
        let Some(code) = code.filter(|_| verbosity < Verbosity::Verbose) else {
            return false;
        };
        if code == Code::BudgetReached {
            return true;
        }
        let count = self.counts.entry(code).or_default();
        *count += 1;
        if *count == SHOWN_OF_A_CODE + 1 {
            self.folded.push(code);
        }
        *count > SHOWN_OF_A_CODE
    }

    /// Writes how many images were not shown, and a table of the codes if there are several.
    pub(super) fn write(
        &self,
        out: &mut dyn Write,
        totals: &Totals,
        verbosity: Verbosity,
    ) -> io::Result<()> {
        for code in &self.folded {
            let count = self.counts.get(code).copied().unwrap_or_default();
            let more = counted(count - SHOWN_OF_A_CODE, "more image", "more images");
            writeln!(out, "{code}: {more}, not shown")?;
        }
        let codes = totals.by_code();
        if codes.len() > 1 && verbosity > Verbosity::Quiet {
            if !self.folded.is_empty() {
                writeln!(out)?;
            }
            for (code, count) in codes {
                writeln!(out, "{:>7}  {code}", thousands(count))?;
            }
            writeln!(out)?;
        }
        Ok(())
    }
}
