//! Settings from the environment: names, order, and what makes no sense.

use std::collections::HashMap;
use std::error::Error;
use std::ffi::OsString;

use remote::{ClientBuilder, ConfigError, Ratio};

use crate::server::{Server, image, json};

fn settings(vars: &[(&str, &str)]) -> Result<ClientBuilder, ConfigError> {
    let vars: HashMap<String, OsString> = vars
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.into()))
        .collect();
    ClientBuilder::from_vars(|name| vars.get(name).cloned())
}

/// The key that a client made from these variables really sends.
async fn key_sent(vars: &[(&str, &str)]) -> String {
    let server = Server::start([json(400, "{}")]).await;
    let base = server.base();
    let client = settings(vars).unwrap().base_url(base).build().unwrap();
    client.detect(&image(), Ratio::Square).await.unwrap_err();
    let request = server.requests().remove(0);
    let line = request
        .lines()
        .find(|line| line.to_lowercase().starts_with("authorization: "))
        .unwrap();
    line.rsplit(' ').next().unwrap().to_owned()
}

#[tokio::test]
async fn the_key_is_looked_for_in_the_sdks_order() {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join(".dashscope")).unwrap();
    std::fs::write(
        home.path().join(".dashscope/api_key"),
        "sk-home\nsk-second-line\n",
    )
    .unwrap();
    let file = home.path().join("key");
    std::fs::write(&file, "  sk-file \r\n").unwrap();
    let home = (
        if cfg!(windows) { "USERPROFILE" } else { "HOME" },
        home.path().to_str().unwrap(),
    );
    let file = ("DASHSCOPE_API_KEY_FILE_PATH", file.to_str().unwrap());
    let variable = ("DASHSCOPE_API_KEY", " sk-variable\n");
    assert_eq!(key_sent(&[home]).await, "sk-home");
    assert_eq!(key_sent(&[home, file]).await, "sk-file");
    assert_eq!(key_sent(&[home, file, variable]).await, "sk-variable");
}

#[test]
fn a_missing_or_bad_key_is_told_with_where_it_was_looked_for() {
    let home = tempfile::tempdir().unwrap();
    let name = if cfg!(windows) { "USERPROFILE" } else { "HOME" };
    assert!(matches!(
        settings(&[(name, home.path().to_str().unwrap())]),
        Err(ConfigError::MissingKey)
    ));
    let absent = home.path().join("absent");
    let error = settings(&[("DASHSCOPE_API_KEY_FILE_PATH", absent.to_str().unwrap())]).unwrap_err();
    assert!(
        error.to_string().contains("absent") && error.source().is_some(),
        "{error}"
    );
    for bad in [
        "",
        "  ",
        "sk-SECRET one",
        "sk-SECRET\nX-Evil: 1",
        "sk-SECRETé",
    ] {
        let error = settings(&[("DASHSCOPE_API_KEY", bad)]).unwrap_err();
        let shown = format!("{error} {error:?} {:?}", error.source());
        assert!(
            shown.contains("DASHSCOPE_API_KEY") && !shown.contains("SECRET"),
            "{shown}"
        );
    }
}

#[tokio::test]
async fn a_byte_order_mark_in_a_key_file_is_no_part_of_the_key() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    std::fs::write(&file, b"\xef\xbb\xbfsk-file\r\n").unwrap();
    let file = ("DASHSCOPE_API_KEY_FILE_PATH", file.to_str().unwrap());
    assert_eq!(key_sent(&[file]).await, "sk-file");
}

#[test]
fn what_cannot_be_a_key_or_a_base_url_is_refused_with_what_to_do() {
    for (key, base, words) in [
        ("\"sk-SECRET\"", "", "quotation marks"),
        ("Bearer sk-SECRET", "", "Bearer"),
        ("<SECRET>", "", "placeholder"),
        (
            "sk-SECRET",
            "https://dashscope.aliyuncs.com/compatible-mode/v1",
            "use https://dashscope.aliyuncs.com/api/v1",
        ),
    ] {
        let error = settings(&[
            ("DASHSCOPE_API_KEY", key),
            ("DASHSCOPE_HTTP_BASE_URL", base),
        ]);
        let error = error.unwrap_err();
        let shown = format!("{error} {error:?} {}", error.source().unwrap());
        assert!(
            shown.contains(words) && !shown.contains("SECRET"),
            "{shown}"
        );
    }
}

/// Only where nothing is at the SDKs' place is there no key. What is there and cannot be read is told.
#[test]
fn a_key_file_at_home_that_cannot_be_read_is_told() {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(home.path().join(".dashscope/api_key")).unwrap();
    let name = if cfg!(windows) { "USERPROFILE" } else { "HOME" };
    let error = settings(&[(name, home.path().to_str().unwrap())]).unwrap_err();
    assert!(matches!(error, ConfigError::KeyFile { .. }), "{error:?}");
}

#[test]
fn a_file_that_is_no_key_is_not_read_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    std::fs::write(&file, "k".repeat(1_000_000)).unwrap();
    let error = settings(&[("DASHSCOPE_API_KEY_FILE_PATH", file.to_str().unwrap())]).unwrap_err();
    assert!(
        error
            .source()
            .is_some_and(|source| source.to_string().contains("4096")),
        "{error:?}"
    );
}

#[test]
fn base_url_and_workspace_are_taken_or_refused_by_name() {
    let key = ("DASHSCOPE_API_KEY", "sk-1");
    let base = |text| settings(&[key, ("DASHSCOPE_HTTP_BASE_URL", text)]);
    let client = base("http://localhost:8080/api/v1/")
        .unwrap()
        .build()
        .unwrap();
    assert_eq!(client.base_url().as_str(), "http://localhost:8080/api/v1");
    let default = base("").unwrap().build().unwrap();
    assert_eq!(
        default.base_url().as_str(),
        "https://dashscope.aliyuncs.com/api/v1"
    );
    for (name, bad) in [
        ("DASHSCOPE_HTTP_BASE_URL", "http://example.com/api/v1"),
        ("DASHSCOPE_WORKSPACE_ID", "a/b"),
    ] {
        let error = settings(&[key, (name, bad)]).unwrap_err();
        assert!(
            error.to_string().contains(name) && error.source().is_some(),
            "{error}"
        );
    }
}
