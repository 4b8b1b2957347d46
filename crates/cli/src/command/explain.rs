//! `preflight explain`: the meaning of a code, and how to put it right.

use std::io::{self, Write};

use gate::{Code, ErrorKind, FailureReason, Language};
use language::Text;
use textwrap::core::{Word, display_width};
use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm};

use crate::command::flags;
use crate::suggest::{did_you_mean, hint};

/// The width of a page in columns, and the column at which its text starts.
const WIDTH: usize = 80;
const INDENT: usize = 17;

/// The word names no code.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{reason}, but found \"{word}\"{}", hint(*suggestion))]
pub(crate) struct NoSuchCode {
    word: String,
    reason: gate::UnknownCode,
    suggestion: Option<&'static str>,
}

/// The code that a word names: an id, a slug, or one of the service's own codes.
///
/// # Errors
///
/// The word names no code.
pub(crate) fn find(word: &str) -> Result<Code, NoSuchCode> {
    spelled(word).parse().map_err(|reason| {
        let names = Code::ALL
            .iter()
            .flat_map(|code| [code.id(), code.slug()].into_iter().chain(api_codes(*code)));
        NoSuchCode {
            word: word.to_owned(),
            reason,
            suggestion: did_you_mean(word, names),
        }
    })
}

/// The word with `PF` in front if it is three digits.
fn spelled(word: &str) -> String {
    let word = word.trim();
    let is_number = word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_digit());
    if is_number {
        format!("PF{word}")
    } else {
        word.to_owned()
    }
}

/// The codes whose ids begin with a word.
pub(crate) fn family(word: &str) -> Vec<Code> {
    let word = spelled(word).to_uppercase();
    let is_start = word.len() >= 2 && "PF".len() < word.len() && word.starts_with("PF");
    let all = Code::ALL.iter().copied();
    all.filter(|code| is_start && code.id().starts_with(&word))
        .collect()
}

/// The service's own codes for a code.
fn api_codes(code: Code) -> impl Iterator<Item = &'static str> {
    let reasons = FailureReason::DOCUMENTED.iter();
    let reasons = reasons.filter(move |reason| Code::of(**reason) == code);
    let kinds = ErrorKind::ALL.iter().copied();
    let kinds = kinds.filter(move |kind| Code::of_kind(*kind) == code);
    let reasons = reasons.filter_map(|reason| reason.code());
    reasons.chain(kinds.flat_map(ErrorKind::codes))
}

/// Writes the page on a code.
///
/// # Errors
///
/// Those of writing.
pub(crate) fn page(out: &mut dyn Write, code: Code, language: Language) -> io::Result<()> {
    let title = code.to_string();
    let (stage, effect) = (code.stage(), code.effect().name());
    match language {
        Language::En => writeln!(out, "{title:56}stage: {stage}   outcome: {effect}\n")?,
        Language::Zh => writeln!(out, "{title:56}阶段：{stage}   结果：{effect}\n")?,
    }
    for (heading, text) in rows(code, language) {
        paragraph(out, heading, &text, language)?;
    }
    Ok(())
}

/// The headings and texts of the page on a code.
pub(crate) fn rows(code: Code, language: Language) -> Vec<(&'static str, String)> {
    let entry = code.entry_in(language);
    let api_codes = api_codes(code).collect::<Vec<_>>().join(", ");
    let texts = [
        (
            Text {
                en: "What it checks",
                zh: "检查内容",
            },
            Some(entry.checks),
        ),
        (
            Text {
                en: "Why",
                zh: "为什么",
            },
            Some(entry.why),
        ),
        (
            Text {
                en: "Where from",
                zh: "规则出处",
            },
            Some(entry.source),
        ),
        (
            Text {
                en: "Put it right",
                zh: "解决方法",
            },
            Some(entry.remedy),
        ),
        (
            Text {
                en: "Change it",
                zh: "如何调整",
            },
            Some(entry.change),
        ),
        (
            Text {
                en: "Flags",
                zh: "命令行参数",
            },
            flags::advice(code).map(|advice| advice.in_language(language)),
        ),
        (
            Text {
                en: "API codes",
                zh: "服务的错误码",
            },
            Some(&*api_codes).filter(|codes| !codes.is_empty()),
        ),
        (
            Text {
                en: "Read more",
                zh: "参考文档",
            },
            Some(vendor_page(code).in_language(language)),
        ),
    ];
    let rows = texts
        .into_iter()
        .filter_map(|(heading, text)| Some((heading.in_language(language), text?.to_owned())));
    rows.collect()
}

/// The vendor's page on the subject of a code.
const fn vendor_page(code: Code) -> Text {
    match code.id().as_bytes() {
        [_, _, b'5', ..] => Text {
            en: "https://www.alibabacloud.com/help/en/model-studio/error-code",
            zh: "https://help.aliyun.com/zh/model-studio/error-code",
        },
        _ => Text {
            en: "https://www.alibabacloud.com/help/en/model-studio/emo-detect-api",
            zh: "https://help.aliyun.com/zh/model-studio/emo-detect-api",
        },
    }
}

/// Writes one line for each of these codes.
///
/// # Errors
///
/// Those of writing.
pub(crate) fn lines(out: &mut dyn Write, codes: &[Code], language: Language) -> io::Result<()> {
    for code in codes {
        let entry = code.entry_in(language);
        let (id, slug, stage, effect) = (entry.id, entry.slug, entry.stage, entry.effect.name());
        writeln!(
            out,
            "{id}  {slug:22}  {stage:7}  {effect:7}  {}",
            entry.summary
        )?;
    }
    Ok(())
}

/// Writes a heading and the text beside it, wrapped by the rules of its language.
fn paragraph(out: &mut dyn Write, heading: &str, text: &str, language: Language) -> io::Result<()> {
    let indent = " ".repeat(INDENT);
    // A Chinese character is two columns wide.
    let padding = INDENT.saturating_sub(display_width(heading));
    let head = format!("{heading}{:padding$}", "");
    let options = Options::new(WIDTH)
        .initial_indent(&head)
        .subsequent_indent(&indent)
        .wrap_algorithm(WrapAlgorithm::FirstFit)
        .word_splitter(WordSplitter::NoHyphenation)
        .word_separator(match language {
            Language::En => WordSeparator::AsciiSpace,
            Language::Zh => WordSeparator::Custom(between_breaks),
        })
        // A word longer than a line, such as an address, stays whole.
        .break_words(false);
    for line in textwrap::wrap(text, options) {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// Splits a text where a line may break (UAX #14), since Chinese has no spaces.
fn between_breaks(text: &str) -> Box<dyn Iterator<Item = Word<'_>> + '_> {
    let mut start = 0;
    Box::new(unicode_linebreak::linebreaks(text).map(move |(end, _)| {
        let word = text.get(start..end).unwrap_or_default();
        start = end;
        Word::from(word)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_fits_and_says_everything() {
        for (code, language) in Code::ALL
            .iter()
            .flat_map(|code| Language::ALL.map(|l| (code, l)))
        {
            let mut out = Vec::new();
            page(&mut out, *code, language).unwrap();
            let page = String::from_utf8(out).unwrap();
            assert!(page.starts_with(&code.to_string()));
            let words = |text: &str| text.split_whitespace().collect::<String>();
            for (heading, text) in rows(*code, language) {
                assert!(
                    words(&page).contains(&words(&format!("{heading}{text}"))),
                    "{page}"
                );
            }
            for line in page.lines().skip(1).filter(|line| !line.contains("://")) {
                assert!(display_width(line) <= WIDTH, "{line}");
            }
            assert!(display_width(page.lines().next().unwrap()) <= 90, "{page}");
        }
    }

    /// No line of Chinese begins with a closing mark, or ends with an opening one.
    #[test]
    fn chinese_breaks_where_it_may() {
        for code in Code::ALL {
            let mut out = Vec::new();
            page(&mut out, *code, Language::Zh).unwrap();
            for line in String::from_utf8(out).unwrap().lines() {
                assert!(
                    !line
                        .trim_start()
                        .starts_with(['，', '。', '；', '：', '、', '”', '）']),
                    "{line}"
                );
                assert!(!line.ends_with(['“', '（']), "{line}");
            }
        }
    }

    #[test]
    fn mistyped_codes_are_recognised() {
        assert_eq!(
            find("side-to-small").unwrap_err().suggestion,
            Some("side-too-small")
        );
        assert_eq!(find(" pf202 ").unwrap(), Code::SideTooSmall);
        assert!(
            find("PF9999")
                .unwrap_err()
                .to_string()
                .contains("but found \"PF9999\"")
        );
    }
}
