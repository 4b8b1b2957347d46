//! What might surprise the user about a run, said once at its end.

use crate::input::by_extension;
use crate::output::LeftOut;
use crate::output::text::thousands;

/// What walking passed over, and what had no effect.
pub(crate) fn hints(left_out: &LeftOut) -> Vec<String> {
    let mut hints = Vec::new();
    let others = left_out.other_images();
    if others > 0 {
        let (images, were, them) = match others {
            1 => ("image", "was", "it"),
            _ => ("images", "were", "them"),
        };
        let (count, extensions) = (thousands(others), by_extension(left_out));
        hints.push(format!(
            "hint: {count} other {images} {were} left out by extension ({extensions}); \
             name {them} to check {them}"
        ));
    }
    for (count, what) in [
        (
            left_out.misnamed,
            "left out because it is named like an image and is none",
        ),
        (left_out.excluded, "left out by an exclude"),
        (
            left_out.special,
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
                    "it is named like an image and is none",
                    "they are named like images and are none",
                );
                hints.push(format!("hint: {} entries were {what}", thousands(count)));
            }
        }
    }
    for flag in &left_out.unmatched {
        hints.push(format!("hint: {flag} matched nothing"));
    }
    hints
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_passed_over_is_counted() {
        let left_out = LeftOut {
            by_extension: [("avif".to_owned(), 2), ("gif".to_owned(), 10)].into(),
            excluded: 1,
            special: 2,
            misnamed: 1,
            unmatched: vec!["--exclude 'x'".to_owned()],
            duplicates: 5,
            ..LeftOut::default()
        };
        assert_eq!(
            hints(&left_out),
            [
                "hint: 12 other images were left out by extension (gif 10, avif 2); name them to check them",
                "hint: 1 entry was left out because it is named like an image and is none",
                "hint: 1 entry was left out by an exclude",
                "hint: 2 entries were left out because they are pipes, sockets or devices",
                "hint: --exclude 'x' matched nothing",
            ]
        );
        assert!(hints(&LeftOut::default()).is_empty());
    }
}
