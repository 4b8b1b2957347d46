//! Commands that a CI reads out of what it is told, and that a file's name must not give.

use std::iter;

/// What makes a command anywhere in a line: GitHub's runner (actions/runner,
/// `ActionCommand.TryParse`), Azure's agent (`Command.TryParse`), TeamCity ("Service messages").
const COMMANDS: [&str; 3] = ["##[", "##vso[", "##teamcity["];

/// Whether a text holds a command. Every string of every report is asked, key or value, and hardly
/// one has the character at all, so that comes first.
#[inline]
pub(crate) fn is_armed(text: &str) -> bool {
    text.bytes().any(|byte| byte == b'#') && COMMANDS.iter().any(|it| text.contains(it))
}

/// The pieces of a text between which the second `#` of each command stood. Joined by another way of
/// writing that character, they say the same and command nothing.
pub(crate) fn disarmed(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    iter::from_fn(move || {
        let text = rest.take()?;
        let Some(at) = COMMANDS.iter().filter_map(|it| text.find(it)).min() else {
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
            prop_assert_eq!(safe != text, is_armed(&text));
        }
    }
}
