//! Commands that a CI reads out of what it is told, and that a file's name must not give.

use std::iter;

/// What makes a command anywhere in a line: GitHub's runner (actions/runner,
/// `ActionCommand.TryParse`), Azure's agent (`Command.TryParse`), TeamCity ("Service messages").
const COMMANDS: [&str; 3] = ["##[", "##vso[", "##teamcity["];

/// The pieces of a text between which the second `#` of each command stood. Joined by another way of
/// writing that character, they say the same and command nothing.
pub(crate) fn disarmed(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    iter::from_fn(move || {
        let text = rest.take()?;
        let commands = COMMANDS.iter().filter(|_| text.contains("##"));
        let Some(at) = commands.filter_map(|command| text.find(command)).min() else {
            return Some(text);
        };
        let (piece, after) = text.split_at(at + 1);
        rest = after.strip_prefix('#');
        Some(piece)
    })
}

/// Whether a line that starts like this is a command, by GitHub's newer way of giving them
/// (`ActionCommand.TryParseV2`).
pub(crate) fn starts_command(line: &str) -> bool {
    line.trim_start().starts_with("::")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_command_is_left_and_the_text_comes_back(
            text in "(#|\\[|vso|teamcity|a|##\\[|##vso\\[|ü){0,12}"
        ) {
            let whole = disarmed(&text).collect::<Vec<_>>().join("#");
            prop_assert_eq!(&whole, &text);
            let safe = disarmed(&text).collect::<Vec<_>>().join("?");
            prop_assert!(COMMANDS.iter().all(|command| !safe.contains(command)), "{}", safe);
            let armed = COMMANDS.iter().any(|command| text.contains(command));
            prop_assert_eq!(safe != text, armed);
        }
    }
}
