use std::collections::HashSet;

use super::*;

#[test]
fn ids_and_slugs_are_unique_and_in_order() {
    let ids: Vec<_> = Code::ALL.iter().map(|code| code.id()).collect();
    let mut sorted = ids.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(ids, sorted);
    let slugs: HashSet<_> = Code::ALL.iter().map(|code| code.slug()).collect();
    assert_eq!(slugs.len(), Code::ALL.len());
    assert!(Code::ALL.is_sorted());
}

#[test]
fn the_first_digit_names_the_stage() {
    for code in Code::ALL {
        let stage = match &code.id()[..3] {
            "PF0" => Stage::Input,
            "PF1" => Stage::Header,
            "PF2" => Stage::Limits,
            "PF3" => Stage::Content,
            "PF4" | "PF5" => Stage::Remote,
            other => panic!("{other}"),
        };
        assert_eq!(code.stage(), stage, "{code}");
    }
}

#[test]
fn every_code_is_explained_in_words_of_a_library() {
    for code in Code::ALL {
        let Entry {
            slug,
            summary,
            checks,
            why,
            source,
            remedy,
            change,
            ..
        } = code.entry();
        assert!(
            slug.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'),
            "{code}"
        );
        for text in [summary, checks, why, source, remedy, change] {
            assert!(text.len() > 3 && text.trim() == *text, "{code}: {text:?}");
            assert!(!text.contains('\n'), "{code}: {text:?}");
            assert!(!text.contains("--"), "{code} names a flag: {text:?}");
        }
        assert!(
            !summary.ends_with('.') && checks.ends_with('.') && why.ends_with('.'),
            "{code}"
        );
    }
}

#[test]
fn a_code_is_found_by_id_and_slug_and_reads_back() {
    for code in Code::ALL {
        assert_eq!(code.id().to_lowercase().parse(), Ok(*code));
        assert_eq!(code.slug().to_uppercase().parse(), Ok(*code));
        let json = serde_json::to_string(code).unwrap();
        assert_eq!(json, format!("{:?}", code.id()));
        assert_eq!(serde_json::from_str::<Code>(&json).unwrap(), *code);
    }
    for word in ["PF999", "", "é", "InvalidFile"] {
        assert_eq!(word.parse::<Code>(), Err(UnknownCode), "{word}");
    }
}

#[cfg(feature = "remote")]
mod of_the_service {
    use ::remote::{ErrorKind, FailureReason};

    use super::*;

    #[test]
    fn the_services_own_words_lead_to_its_codes() {
        for reason in FailureReason::DOCUMENTED {
            let word = reason.code().unwrap();
            assert_eq!(word.to_lowercase().parse(), Ok(Code::of(reason)));
        }
        assert_eq!("InvalidFile.SomethingNew".parse(), Ok(Code::RemoteRejected));
        for (word, code) in [
            ("InvalidParameter", Code::RequestRefused),
            ("InvalidParameter.Ratio", Code::RequestRefused),
            ("InvalidURL", Code::UrlNotFetched),
            ("DataInspectionFailed", Code::Moderated),
            ("Arrearage", Code::Account),
            ("Throttling.RateQuota", Code::Throttled),
        ] {
            assert_eq!(word.parse(), Ok(code), "{word}");
        }
    }

    #[test]
    fn each_reason_has_a_code_of_its_own_that_rejects() {
        let codes = FailureReason::DOCUMENTED.map(Code::of);
        assert_eq!(codes.iter().collect::<HashSet<_>>().len(), 9);
        assert!(codes.iter().all(|code| code.effect() == Effect::Reject));
    }

    #[test]
    fn each_kind_of_error_is_told_by_its_own_words() {
        for kind in ErrorKind::ALL {
            let code = Code::of_kind(kind);
            // Two kinds without an address; and the caller's own veto is told by the budget's
            // words.
            if !matches!(kind, ErrorKind::NotTheApi | ErrorKind::Vetoed) {
                assert_eq!(code.entry().summary, kind.meaning(), "{kind}");
            }
        }
    }
}

#[test]
fn every_code_is_explained_in_chinese() {
    let is_chinese = |c: char| ('\u{4E00}'..='\u{9FFF}').contains(&c);
    let mut summaries = HashSet::new();
    for code in Code::ALL {
        let (en, zh) = (code.entry(), code.entry_in(Language::Zh));
        assert_eq!(
            (zh.id, zh.slug, zh.stage, zh.effect),
            (en.id, en.slug, en.stage, en.effect)
        );
        for (en, zh) in [
            (en.summary, zh.summary),
            (en.checks, zh.checks),
            (en.why, zh.why),
            (en.remedy, zh.remedy),
        ] {
            assert!(zh.contains(is_chinese) && zh.trim() == zh, "{code}: {zh}");
            assert!(!en.contains(is_chinese), "{code}: {en}");
        }
        for (en, zh) in [(en.source, zh.source), (en.change, zh.change)] {
            assert!(en == zh || zh.contains(is_chinese), "{code}: {zh}");
        }
        for text in [
            zh.summary, zh.checks, zh.why, zh.source, zh.remedy, zh.change,
        ] {
            assert!(
                !text.contains("--") && !text.contains('\n'),
                "{code}: {text}"
            );
            assert!(!text.contains("。。"), "{code}: {text}");
        }
        assert!(
            !zh.summary.ends_with('。') && zh.checks.ends_with('。'),
            "{code}"
        );
        assert!(
            zh.why.ends_with('。') && zh.remedy.ends_with('。'),
            "{code}"
        );
        assert!(summaries.insert(zh.summary), "{code}: {}", zh.summary);
    }
}

/// Numbers, commands and the service's own codes are the same in every language.
#[test]
fn what_needs_no_translation_is_the_same_in_chinese() {
    let facts = |text: &str| -> HashSet<String> {
        let text = text.replace("7,000", "7000");
        let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || "_-.".contains(c)));
        let words = words.map(|word| word.trim_matches(['.', '-']));
        let is_fact = |word: &&str| {
            word.starts_with("InvalidFile")
                || (word.len() > 2 && word.bytes().all(|byte| byte.is_ascii_digit()))
        };
        words.filter(is_fact).map(str::to_owned).collect()
    };
    for code in Code::ALL {
        let (en, zh) = (code.entry(), code.entry_in(Language::Zh));
        for (en, zh) in [
            (en.checks, zh.checks),
            (en.why, zh.why),
            (en.source, zh.source),
            (en.remedy, zh.remedy),
        ] {
            assert_eq!(facts(en), facts(zh), "{code}");
        }
    }
}
