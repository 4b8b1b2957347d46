//! What the visits came to, by what the server does.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Mutex;

use gate::{Outcome, Report};
use testkit::crowd::{Manner, Shows};

/// Outcomes by what the server does and shows; without a manner, there is no server.
#[derive(Debug, Default)]
pub(crate) struct Tally(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    by_server: BTreeMap<(Option<Manner>, bool), Counts>,
    given_up: u64,
    /// The first report that its server's manner forbids.
    wrong: Option<String>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    pass: u64,
    reject: u64,
    unknown: u64,
}

impl Counts {
    const fn all(self) -> u64 {
        self.pass + self.reject + self.unknown
    }
}

impl Tally {
    pub(crate) fn note(&self, manner: Option<Manner>, shows: Shows, report: &Report) {
        let mut state = self.0.lock().unwrap();
        let counts = state
            .by_server
            .entry((manner, shows == Shows::Image))
            .or_default();
        match report.outcome() {
            Outcome::Pass => counts.pass += 1,
            Outcome::Reject => counts.reject += 1,
            Outcome::Unknown => counts.unknown += 1,
            other => panic!("{manner:?}: {other:?}"),
        }
        let is_right = match report.outcome() {
            Outcome::Pass => shows == Shows::Image,
            Outcome::Reject => shows == Shows::OtherFile,
            // A server may always be too slow for us.
            _ => true,
        };
        if !is_right {
            let words = || format!("{manner:?}: {report:?}");
            state.wrong.get_or_insert_with(words);
        }
    }

    /// A visit was dropped before it had an outcome.
    pub(crate) fn give_up(&self) {
        self.0.lock().unwrap().given_up += 1;
    }

    /// What must hold of any load.
    pub(crate) fn check(&self) {
        let state = self.0.lock().unwrap();
        assert_eq!(state.wrong, None);
        let with_image = state.by_server.iter().filter(|((_, image), _)| *image);
        let (pass, all) = with_image.fold((0, 0), |(pass, all), (_, counts)| {
            (pass + counts.pass, all + counts.all())
        });
        // How many is the machine's affair: a fetch has some seconds, and a thousand want a processor.
        assert!(pass > 0, "none of {all} passed");
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.0.lock().unwrap();
        let sum = |of: fn(&Counts) -> u64| state.by_server.values().map(of).sum::<u64>();
        writeln!(
            f,
            "{} URLs with an outcome ({} passed, {} rejected, {} unknown), {} given up",
            sum(|counts| counts.all()),
            sum(|counts| counts.pass),
            sum(|counts| counts.reject),
            sum(|counts| counts.unknown),
            state.given_up,
        )?;
        for (
            (manner, _),
            Counts {
                pass,
                reject,
                unknown,
            },
        ) in &state.by_server
        {
            let name = manner.map_or("NoSuchName".to_owned(), |manner| format!("{manner:?}"));
            writeln!(
                f,
                "    {name:18} {pass} passed, {reject} rejected, {unknown} unknown"
            )?;
        }
        Ok(())
    }
}
