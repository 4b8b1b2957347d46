use proptest::prelude::*;

use super::*;

fn excludes(globs: &[(&str, &str)]) -> Excludes {
    let rules: Vec<_> = globs
        .iter()
        .map(|(folder, glob)| ExcludeRule {
            glob: (*glob).to_owned(),
            folder: (*folder).into(),
            origin: format!("--exclude '{glob}'"),
            is_flag: true,
        })
        .collect();
    Excludes::new(Path::new("/repo/site"), &rules).unwrap()
}

#[test]
fn patterns_follow_gitignores_rules() {
    for (glob, path, left_out) in [
        ("assets/old*", "assets/old1.png", true),
        ("assets/old*", "other/assets/old1.png", false),
        ("old*", "deep/down/old1.png", true),
        ("old*", "older/new.png", true),
        ("assets/", "assets/a.png", true),
        ("**/fixtures/**", "a/fixtures/b/c.png", true),
        ("/a.png", "a.png", true),
        ("/a.png", "sub/a.png", false),
        ("*.png", "../other/a.png", true),
        ("assets/*", "../assets/a.png", false),
        ("home/*", "/home/u/a.png", false),
        ("repo", "a.png", false),
        ("/repo/site/a.png", "a.png", true),
        ("/data/**", "/data/x/y.png", true),
        ("a.png", "./b/../a.png", true),
        ("si", "/repo/site2/a.png", false),
        ("./a.png", "a.png", true),
        ("./old*", "deep/old1.png", true),
    ] {
        let found = excludes(&[("/repo/site", glob)])
            .rule_for(Path::new(path), Where::File)
            .is_some();
        assert_eq!(found, left_out, "{glob} on {path}");
    }
}

#[test]
fn a_flag_that_matches_nothing_is_known() {
    let excludes = excludes(&[
        ("/repo/site", "a.png"),
        ("/repo/site", "b.png"),
        ("/repo/site", "!c.png"),
    ]);
    for path in ["a.png", "c.png", "d.png"] {
        excludes.rule_for(Path::new(path), Where::File);
    }
    let unmatched: Vec<_> = excludes.unmatched().collect();
    assert_eq!(unmatched, ["--exclude 'b.png'"]);
    assert_eq!(excludes.taking_nothing_back().count(), 0);
}

/// Found by trying: `--exclude '!x'` alone left nothing out, and nothing said so.
#[test]
fn a_flag_that_takes_nothing_back_is_known() {
    let excludes = excludes(&[("/repo/site", "!a.png"), ("/repo/site", "b.png")]);
    assert_eq!(excludes.rule_for(Path::new("a.png"), Where::File), None);
    let flags: Vec<_> = excludes.taking_nothing_back().collect();
    assert_eq!(flags, ["--exclude '!a.png'"]);
    let unmatched: Vec<_> = excludes.unmatched().collect();
    assert_eq!(unmatched, ["--exclude 'b.png'"]);
}

#[test]
fn a_files_patterns_are_anchored_at_its_folder() {
    let excludes = excludes(&[("/repo", "site/old*"), ("/repo/site", "!old.png")]);
    assert_eq!(
        excludes.rule_for(Path::new("old.png"), Where::File),
        Some("--exclude 'site/old*'"),
        "a set does not take back what another leaves out"
    );
    assert_eq!(excludes.rule_for(Path::new("new.png"), Where::File), None);
}

#[test]
fn urls_are_matched_whole() {
    let url = "https://cdn.example.com/p/7.jpg";
    for (glob, left_out) in [
        ("https://cdn.example.com/**", true),
        ("https://cdn.example.com/p/*.jpg", true),
        ("*.jpg", true),
        ("https://cdn.example.org/**", false),
        ("p/*.jpg", false),
        ("https://cdn.example.com/?/7.jpg", true),
    ] {
        let found = excludes(&[("/repo/site", glob)])
            .rule_for_url(url)
            .is_some();
        assert_eq!(found, left_out, "{glob}");
    }
    let excludes = excludes(&[("/repo/site", "https://cdn.example.com/**")]);
    assert!(
        excludes
            .rule_for_url("HTTPS://CDN.example.com:443/a.jpg")
            .is_some()
    );
}

#[test]
fn what_is_no_pattern_is_refused_with_its_origin() {
    let rule = ExcludeRule {
        glob: "a{b".to_owned(),
        folder: "/repo".into(),
        origin: "--exclude 'a{b'".to_owned(),
        is_flag: true,
    };
    let error = Excludes::new(Path::new("/repo"), &[rule])
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("--exclude 'a{b': expected a pattern"),
        "{error}"
    );
}

proptest! {
    /// The short way is one, and no other rule.
    #[test]
    fn a_plain_path_is_judged_by_where_it_leads(
        globs in proptest::collection::vec("[!/]?[ab*.]{1,3}(/[ab*.]{1,3})?/?", 1..3),
        path in "[ab./]{1,9}",
    ) {
        let rules: Vec<_> = globs.iter().map(|glob| ("/repo/site", glob.as_str())).collect();
        let excludes = excludes(&rules);
        let path = Path::new(&path);
        for is in [Where::File, Where::Folder] {
            let rule = excludes.rule_for(path, is);
            prop_assert_eq!(rule, excludes.rule_from_top(path, is == Where::Folder));
        }
    }
}

#[test]
fn a_report_is_left_out_by_any_name_of_its_path() {
    let reports = ["out.png", "../r.png"].map(Path::new);
    let excludes = excludes(&[]).with_reports(reports.into_iter());
    for (path, left_out) in [
        ("out.png", true),
        ("./out.png", true),
        ("a/../out.png", true),
        ("/repo/site/out.png", true),
        ("/repo/r.png", true),
        ("a/out.png", false),
        ("x-out.png", false),
    ] {
        let found = excludes.rule_for(Path::new(path), Where::File).is_some();
        assert_eq!(found, left_out, "{path}");
    }
}
