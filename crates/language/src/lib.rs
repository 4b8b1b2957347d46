#![doc = include_str!("../README.md")]
#![no_std]

use core::fmt;
use core::str::FromStr;

/// A language that codes are explained in.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a table with words for each language must be told of a new one"
)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Simplified Chinese.
    Zh,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::En, Self::Zh];

    /// The language's code in ISO 639: `en`, `zh`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh",
        }
    }

    /// The language of a locale, in POSIX's spelling (`zh_CN.UTF-8`) or in that of BCP 47
    /// (`zh-Hans-CN`), in any case. `None` if it is another language's. Traditional Chinese is
    /// another one (`zh_TW`, `zh-Hant`, `zh_HK`): its readers need not read Simplified Chinese.
    ///
    /// ```
    /// use language::Language;
    ///
    /// assert_eq!(Language::of_locale("zh_SG"), Some(Language::Zh));
    /// assert_eq!(Language::of_locale("C.UTF-8"), Some(Language::En));
    /// assert_eq!(Language::of_locale("zh_TW.UTF-8"), None);
    /// assert_eq!(Language::of_locale("fr_FR.UTF-8"), None);
    /// ```
    #[must_use]
    pub fn of_locale(locale: &str) -> Option<Self> {
        // The character set and the modifier name no language.
        let name = locale.trim().split(['.', '@']).next().unwrap_or_default();
        let mut parts = name.split(['_', '-']);
        let language = parts.next().unwrap_or_default();
        let is = |known: &[&str]| {
            known
                .iter()
                .any(|known| language.eq_ignore_ascii_case(known))
        };
        if is(&["en", "C", "POSIX"]) {
            Some(Self::En)
        } else if is(&["zh", "cmn"]) && is_simplified(parts) {
            Some(Self::Zh)
        } else {
            None
        }
    }

    /// The language that the locales of an environment choose: the first that is there and not
    /// empty decides, as POSIX has it for `LC_ALL`, `LC_MESSAGES` and `LANG`. English if none is
    /// set, or if it is another language's.
    pub fn of_locales<'a>(locales: impl IntoIterator<Item = Option<&'a str>>) -> Self {
        let mut set = locales
            .into_iter()
            .flatten()
            .filter(|value| !value.trim().is_empty());
        set.next().and_then(Self::of_locale).unwrap_or_default()
    }
}

/// Whether what follows `zh` names the simplified script, or a region that writes it. The script
/// beats the region.
fn is_simplified<'a>(parts: impl Iterator<Item = &'a str>) -> bool {
    let mut is_simplified = true;
    for part in parts {
        let is = |known: &[&str]| known.iter().any(|known| part.eq_ignore_ascii_case(known));
        if is(&["Hans"]) {
            return true;
        }
        if is(&["Hant", "TW", "HK", "MO"]) {
            is_simplified = false;
        }
    }
    is_simplified
}

/// The language's code.
impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

/// A word that names none of the languages.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("expected en, zh, or a locale of theirs such as zh_CN.UTF-8")]
#[non_exhaustive]
pub struct UnknownLanguage;

/// From a code or a locale; see [`Language::of_locale`].
impl FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(word: &str) -> Result<Self, UnknownLanguage> {
        Self::of_locale(word).ok_or(UnknownLanguage)
    }
}

/// Words in every language.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "who writes a text must write it in a new language, too"
)]
pub struct Text {
    /// In English.
    pub en: &'static str,
    /// In Simplified Chinese.
    pub zh: &'static str,
}

impl Text {
    /// The words in one language.
    #[must_use]
    pub const fn in_language(self, language: Language) -> &'static str {
        match language {
            Language::En => self.en,
            Language::Zh => self.zh,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_has_one_language() {
        for (locale, language) in [
            ("zh_CN.UTF-8", Some(Language::Zh)),
            ("zh_CN.GB18030", Some(Language::Zh)),
            ("zh-Hans", Some(Language::Zh)),
            ("ZH-hans-hk", Some(Language::Zh)),
            ("zh_Hant_CN", None),
            ("zh_SG@collation", Some(Language::Zh)),
            ("cmn-Hans-CN", Some(Language::Zh)),
            ("zh", Some(Language::Zh)),
            ("zh_TW.UTF-8", None),
            ("zh-MO", None),
            ("yue_HK", None),
            ("en", Some(Language::En)),
            ("en_GB.UTF-8", Some(Language::En)),
            ("C.utf8", Some(Language::En)),
            ("POSIX", Some(Language::En)),
            ("zhuang", None),
            ("english", None),
            ("", None),
            ("_", None),
            ("中文", None),
        ] {
            assert_eq!(Language::of_locale(locale), language, "{locale}");
            assert_eq!(locale.parse().ok(), language, "{locale}");
        }
    }

    #[test]
    fn the_first_locale_that_is_set_decides() {
        for (locales, language) in [
            ([None, None, None], Language::En),
            ([None, None, Some("zh_CN.UTF-8")], Language::Zh),
            ([Some(" "), Some(""), Some("zh_CN.UTF-8")], Language::Zh),
            ([Some("C"), Some("zh_CN"), Some("zh_CN")], Language::En),
            ([None, Some("zh_CN"), Some("en_US")], Language::Zh),
            // Another language's locale decides as well: nobody asked for Chinese.
            ([Some("fr_FR"), None, Some("zh_CN")], Language::En),
        ] {
            assert_eq!(Language::of_locales(locales), language, "{locales:?}");
        }
    }

    #[test]
    fn a_language_reads_back() {
        for language in Language::ALL {
            assert_eq!(language.code().parse(), Ok(language));
        }
    }
}
