//! Commands to copy that repair an image.

use gate::{Code, Facts, Outcome};
use preflight::Profile;

use crate::escape::{has_ci_command, is_special, split_at_ci_commands};
use crate::image::{Image, ImageName};

/// Whether a finding's help is a command to copy.
pub(crate) fn is_command(help: &str) -> bool {
    ["magick ", "mv "].iter().any(|tool| help.starts_with(tool))
}

impl Image {
    /// Replaces the general help of a finding by a command to copy, where one repairs this file.
    #[must_use]
    pub fn with_repairs(mut self, profile: &Profile) -> Self {
        let ImageName::Path(path) = &self.name else {
            return self;
        };
        // A name that is not text cannot be pasted.
        let Some(name) = path.to_str() else {
            return self;
        };
        let facts = self.report.facts();
        let is_rejected = self.report.outcome() == Outcome::Reject;
        let codes = self.report.findings().iter().map(|finding| finding.code);
        // A new name does not help an image that is rejected.
        let codes = codes.filter(|code| !is_rejected || *code != Code::ExtensionMismatch);
        let repairs: Vec<_> = codes
            .filter_map(|code| Some((code, repair(code, name, facts, profile)?)))
            .collect();
        for (code, command) in repairs {
            self.report.set_help(code, command);
        }
        self
    }
}

fn repair(code: Code, name: &str, facts: &Facts, profile: &Profile) -> Option<String> {
    match code {
        Code::ExtensionMismatch => {
            let to = renamed(name, "", usual_extension(facts.format.as_deref()?));
            Some(format!("mv {} {}", quoted(name), quoted(&to)))
        }
        Code::FormatNotAccepted => {
            // `[0]` is the first image of a file that may hold several.
            let formats = profile.formats().value.iter();
            let to = formats
                .rev()
                .map(|format| renamed(name, "", usual_extension(format.name())));
            let to = to
                .filter(|to| to != name)
                .min_by_key(|to| !to.ends_with(".png"))?;
            let from = quoted(&format!("{name}[0]"));
            Some(format!("magick {from} {}", quoted(&to)))
        }
        Code::SideTooSmall | Code::SideTooLarge => resize(name, facts, profile),
        _ => None,
    }
}

fn resize(name: &str, facts: &Facts, profile: &Profile) -> Option<String> {
    let Some(target) = Target::of(facts, profile) else {
        return Some("no resizing brings both sides within the limits; crop it first".to_owned());
    };
    let to = renamed(name, &format!("-{}", target.named), extension(name)?);
    let Target { width, height, .. } = target;
    Some(format!(
        "magick {} -resize {width}x{height} {}",
        quoted(name),
        quoted(&to)
    ))
}

/// The size in px to scale an image to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Target {
    width: u32,
    height: u32,
    /// The length of the limited side in px: it becomes part of the new name.
    named: u32,
}

impl Target {
    /// The nearest size within the profile's sides, if there is one.
    fn of(facts: &Facts, profile: &Profile) -> Option<Self> {
        let (width, height) = (u64::from(facts.width?), u64::from(facts.height?));
        let (shorter, longer) = (width.min(height), width.max(height));
        // A side at the limit itself gets a note, so aim 1 px further inside.
        let inside = u64::from(profile.boundary_note());
        let min = profile
            .min_side()
            .map(|limit| u64::from(limit.value) + inside);
        let max = profile
            .max_side()
            .map(|limit| u64::from(limit.value) - inside);
        let (short, long, named) = match (min, max) {
            (Some(min), _) if shorter < min => {
                let long = (longer * min).div_ceil(shorter.max(1));
                (min, long, min)
            }
            (_, Some(max)) if longer > max => {
                let short = (shorter * max + longer / 2) / longer.max(1);
                (short.max(1), max, max)
            }
            _ => return None,
        };
        if min.is_some_and(|min| short < min) || max.is_some_and(|max| long > max) {
            return None;
        }
        let (width, height) = if width <= height {
            (short, long)
        } else {
            (long, short)
        };
        Some(Self {
            width: width.try_into().ok()?,
            height: height.try_into().ok()?,
            named: named.try_into().ok()?,
        })
    }
}

/// The extension that most files of a format have.
fn usual_extension(format: &str) -> &str {
    match format {
        "jpeg" => "jpg",
        format => format,
    }
}

fn extension(name: &str) -> Option<&str> {
    std::path::Path::new(name).extension()?.to_str()
}

/// The name with a suffix after its stem and another extension.
fn renamed(name: &str, suffix: &str, extension: &str) -> String {
    let file_at = name
        .rfind(['/', std::path::MAIN_SEPARATOR])
        .map_or(0, |at| at + 1);
    let stem_end = match name.rfind('.') {
        Some(dot) if dot > file_at => dot,
        _ => name.len(),
    };
    let stem = name.get(..stem_end).unwrap_or(name);
    format!("{stem}{suffix}.{extension}")
}

/// The name, quoted for a POSIX shell, as one word that is not an option.
fn quoted(name: &str) -> String {
    let name = if name.starts_with('-') {
        format!("./{name}")
    } else {
        name.to_owned()
    };
    let is_plain =
        |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '-' | '_' | '+' | ',' | '@' | '%');
    if !name.is_empty() && name.chars().all(is_plain) {
        return name;
    }
    if has_ci_command(&name) || name.chars().any(is_special) {
        // `$'…'` works in bash, zsh and ksh, and is in POSIX since 2024.
        let pieces: Vec<_> = split_at_ci_commands(&name).map(in_dollar_quotes).collect();
        return format!("$'{}'", pieces.join("\\x23"));
    }
    format!("'{}'", name.replace('\'', r"'\''"))
}

/// The text as it is written within `$'…'`.
fn in_dollar_quotes(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if matches!(c, '\\' | '\'') {
            out.extend(['\\', c]);
        } else if is_special(c) {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                out.push_str(&format!("\\x{byte:02x}"));
            }
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sample::{file, png};

    fn help_for(name: &str, width: u32, height: u32) -> Option<String> {
        let image = file(name, &png(width, height)).with_repairs(&Profile::emo());
        let finding = image.report.errors().next()?;
        finding.help.clone()
    }

    #[test]
    fn an_image_is_scaled_to_the_nearest_size_that_passes_without_a_note() {
        for (width, height, help) in [
            (399, 500, Some("magick a/b.png -resize 401x503 a/b-401.png")),
            (500, 399, Some("magick a/b.png -resize 503x401 a/b-401.png")),
            (
                7001,
                5000,
                Some("magick a/b.png -resize 6999x4999 a/b-6999.png"),
            ),
            (
                100,
                7000,
                Some("no resizing brings both sides within the limits; crop it first"),
            ),
            (400, 500, None),
        ] {
            assert_eq!(
                help_for("a/b.png", width, height).as_deref(),
                help,
                "{width} x {height}"
            );
        }
    }

    #[test]
    fn names_are_quoted_for_the_shell() {
        for (name, shown) in [
            ("a b.png", "magick 'a b.png' -resize 401x503 'a b-401.png'"),
            ("-x.png", "magick ./-x.png -resize 401x503 ./-x-401.png"),
            (
                "it's.png",
                r"magick 'it'\''s.png' -resize 401x503 'it'\''s-401.png'",
            ),
            (
                "a\nb.png",
                r"magick $'a\x0ab.png' -resize 401x503 $'a\x0ab-401.png'",
            ),
            (
                "a##[b's.png",
                r"magick $'a#\x23[b\'s.png' -resize 401x503 $'a#\x23[b\'s-401.png'",
            ),
            (
                "$(rm x).png",
                "magick '$(rm x).png' -resize 401x503 '$(rm x)-401.png'",
            ),
        ] {
            assert_eq!(help_for(name, 399, 500).as_deref(), Some(shown));
        }
    }

    proptest! {
        #[test]
        fn what_the_command_makes_passes(width in 1..20_000_u32, height in 1..20_000_u32) {
            let mut facts = Facts::default();
            facts.width = Some(width);
            facts.height = Some(height);
            if let Some(target) = Target::of(&facts, &Profile::emo()) {
                for side in [target.width, target.height] {
                    prop_assert!((401..=6999).contains(&side), "{target:?}");
                }
            }
        }
    }
}
