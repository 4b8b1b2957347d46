//! Suggestions for mistyped words.

/// The candidate that is most similar to a mistyped word, if any is similar enough.
///
/// The threshold is that of clap, so that mistyped keys of a file and mistyped flags are treated
/// alike.
pub(crate) fn did_you_mean<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    /// The least Jaro similarity of a suggestion, as in clap.
    const SIMILAR: f64 = 0.7;
    let word = word.to_lowercase().replace('_', "-");
    candidates
        .into_iter()
        .map(|candidate| (strsim::jaro(&word, &candidate.to_lowercase()), candidate))
        .filter(|(similarity, _)| *similarity > SIMILAR)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// The end of a message: `; did you mean "min-side"?`, or nothing.
pub(crate) fn hint(suggestion: Option<&str>) -> String {
    suggestion.map_or_else(String::new, |word| format!("; did you mean \"{word}\"?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: [&str; 4] = ["min-side", "max-side", "max-bytes", "formats"];

    #[test]
    fn slips_are_recognised_and_nonsense_is_not() {
        for (typed, meant) in [
            ("min_side", "min-side"),
            ("MinSide", "min-side"),
            ("format", "formats"),
            ("max-byte", "max-bytes"),
        ] {
            assert_eq!(did_you_mean(typed, KEYS), Some(meant), "{typed}");
        }
        assert_eq!(did_you_mean("quux", KEYS), None);
        assert_eq!(did_you_mean("", KEYS), None);
    }
}
