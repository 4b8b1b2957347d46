//! Hints at the end of a run about things that might surprise the user.

use report::{PassedOver, thousands};

use crate::input::{Excludes, by_extension};

/// The server that held most URLs up, and how many are fetched from it at once.
pub(crate) fn brake((server, at_once): (String, usize)) -> String {
    format!("hint: limited to {at_once} at once to {server}; -j N raises it")
}

/// Hints about files that walking passed over, and about excludes without effect.
pub(crate) fn hints(passed_over: &PassedOver, excludes: &Excludes) -> Vec<String> {
    let mut hints = Vec::new();
    let others = passed_over.other_images();
    if others > 0 {
        let (images, were, them) = match others {
            1 => ("image", "was", "it"),
            _ => ("images", "were", "them"),
        };
        let (count, extensions) = (thousands(others), by_extension(passed_over));
        hints.push(format!(
            "hint: {count} other {images} {were} left out by extension ({extensions}); \
             pass {them} by name to check {them}"
        ));
    }
    for (count, what) in [
        (
            passed_over.misnamed,
            "left out because it is named like an image, but is not one",
        ),
        (passed_over.excluded, "left out by an exclude"),
        (
            passed_over.ignored,
            "hidden or left out by an ignore file (check them with --no-ignore)",
        ),
        (
            passed_over.special,
            "left out because it is a pipe, a socket or a device",
        ),
    ] {
        match count {
            0 => {}
            1 => hints.push(format!("hint: 1 entry was {what}")),
            count => {
                let what = what.replace(
                    "it is a pipe, a socket or a device",
                    "they are pipes, sockets or devices",
                );
                let what = what.replace(
                    "it is named like an image, but is not one",
                    "they are named like images, but are not",
                );
                hints.push(format!("hint: {} entries were {what}", thousands(count)));
            }
        }
    }
    hints.extend(excludes.taking_nothing_back().map(|flag| {
        format!(
            "hint: {flag} leaves nothing out: with ! it takes back what an --exclude before it \
             leaves out, and there is none"
        )
    }));
    let unmatched = excludes.unmatched();
    hints.extend(unmatched.map(|flag| format!("hint: {flag} matched nothing")));
    hints
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passed_over_files_are_counted() {
        let mut passed_over = PassedOver::new();
        passed_over.by_extension = [("avif".to_owned(), 2), ("gif".to_owned(), 10)].into();
        passed_over.excluded = 1;
        passed_over.special = 2;
        passed_over.ignored = 3;
        passed_over.misnamed = 1;
        passed_over.duplicates = 5;
        assert_eq!(
            hints(&passed_over, &Excludes::default()),
            [
                "hint: 12 other images were left out by extension (gif 10, avif 2); pass them by name to check them",
                "hint: 1 entry was left out because it is named like an image, but is not one",
                "hint: 1 entry was left out by an exclude",
                "hint: 3 entries were hidden or left out by an ignore file (check them with --no-ignore)",
                "hint: 2 entries were left out because they are pipes, sockets or devices",
            ]
        );
        assert!(hints(&PassedOver::default(), &Excludes::default()).is_empty());
    }
}
