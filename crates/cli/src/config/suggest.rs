//! "Did you mean …?"

/// The candidate that a mistyped word most likely stands for, if any is near enough.
///
/// Near enough is what clap finds near enough for flags, so that a mistyped key of the file and a
/// mistyped flag are treated alike.
pub(crate) fn did_you_mean<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    /// Jaro's similarity from which clap suggests.
    const NEAR: f64 = 0.7;
    let word = word.to_lowercase().replace('_', "-");
    candidates
        .into_iter()
        .map(|candidate| (strsim::jaro(&word, &candidate.to_lowercase()), candidate))
        .filter(|(similarity, _)| *similarity > NEAR)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// The hint that goes behind a message: `; did you mean "min-side"?`, or nothing.
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
