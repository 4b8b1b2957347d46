//! What a store refuses, and what is set up wrong, ends in a clear line.

use testkit::s3::{self, Bucket};

use crate::setup::Setup;
use crate::support::{Run, png, run};

/// A list in which the bucket stands between two images that pass.
fn between_files(setup: &Setup) -> Run {
    let [a, b] = ["a.png", "b.png"].map(|name| setup.folder.good(name));
    let list = format!("{}\ns3://portraits/x/\n{}\n", a.display(), b.display());
    setup.folder.file("list", list.as_bytes());
    setup.check(&["--files-from", "list"])
}

#[test]
fn a_list_that_is_refused_is_one_unknown_line() {
    for (status, code, more, said, help) in [
        (
            403,
            "InvalidAccessKeyId",
            "",
            "PF005",
            "check AWS_ACCESS_KEY_ID",
        ),
        (
            403,
            "SignatureDoesNotMatch",
            "",
            "PF005",
            "check AWS_SECRET_ACCESS_KEY",
        ),
        (403, "RequestTimeTooSkewed", "", "PF005", "set the clock"),
        (400, "ExpiredToken", "", "PF005", "AWS_SESSION_TOKEN"),
        (
            400,
            "AuthorizationHeaderMalformed",
            "<Region>eu-west-1</Region>",
            "eu-west-1",
            "set AWS_REGION to eu-west-1",
        ),
        (404, "NoSuchBucket", "", "PF001", "check the bucket's name"),
    ] {
        let setup = Setup::answering(move |_| s3::error(status, code, more));
        let run = between_files(&setup);
        assert_eq!(run.code, 3, "{code}: {run:?}");
        for words in [code, said, help, "2 passed", "1 unknown"] {
            assert!(run.stdout.contains(words), "{words} in {run:?}");
        }
    }
}

#[test]
fn a_page_of_a_portal_is_no_list() {
    let html = "<!DOCTYPE html><title>Sign in</title>";
    let answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{html}",
        html.len()
    );
    let setup = Setup::answering(move |_| answer.clone().into_bytes());
    let run = between_files(&setup);
    assert_eq!(run.code, 3);
    assert!(run.stdout.contains("found a web page"), "{run:?}");
}

#[test]
fn what_was_listed_before_a_fault_is_checked() {
    let bucket = Bucket::new("portraits", ["a.png".to_owned()], png(500, 600));
    let setup = Setup::answering(move |request| match request.target() {
        more if more.contains("continuation-token") => s3::error(403, "ExpiredToken", ""),
        list if list.contains("list-type=2") => s3::page(["a.png"], Some("next")),
        _ => bucket.answer(request),
    });
    let run = setup.check(&["s3://portraits/"]);
    assert_eq!(run.code, 3, "{run:?}");
    assert!(run.stdout.contains("1 passed, 1 unknown"), "{run:?}");
    assert!(
        run.stdout.contains("the list ends after 1 object"),
        "{run:?}"
    );
}

#[test]
fn a_prefix_without_objects_is_nothing_to_check() {
    let setup = Setup::with(["a.png", "b/notes.txt", "c/x.svg"]);
    for (address, why) in [
        ("s3://portraits/none/", "no object has a key that begins so"),
        ("s3://portraits/b/", "no image among these objects"),
        ("s3://portraits/c/", "svg 1 left out by extension"),
    ] {
        let run = setup.check(&[address]);
        assert_eq!(run.code, 2, "{run:?}");
        assert!(
            run.stderr.contains(address) && run.stderr.contains(why),
            "{run:?}"
        );
        assert_eq!(setup.check(&[address, "--allow-empty"]).code, 0);
        let run = setup.check(&[address, "s3://portraits/a.png"]);
        assert_eq!(
            run.code, 3,
            "no green run that checked less than it was asked to: {run:?}"
        );
    }
}

#[test]
fn an_object_that_the_store_does_not_give_is_told_as_any_url_is() {
    let setup = Setup::with(["a.png"]);
    let run = setup.check(&["s3://portraits/none.png"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.stdout.contains("NoSuchKey"), "{run:?}");
    let setup = Setup::answering(|_| s3::error(403, "RequestTimeTooSkewed", ""));
    let run = setup.check(&["s3://portraits/a.png"]);
    assert_eq!(run.code, 3, "{run:?}");
    assert!(run.stdout.contains("clock"), "{run:?}");
}

#[test]
fn a_store_that_is_set_up_wrong_ends_the_run_that_names_it() {
    let setup = Setup::with(["a.png"]);
    for (variable, value, said) in [
        (
            "AWS_SECRET_ACCESS_KEY",
            "",
            "expected AWS_SECRET_ACCESS_KEY beside AWS_ACCESS_KEY_ID",
        ),
        (
            "AWS_ACCESS_KEY_ID",
            " ",
            "expected AWS_ACCESS_KEY_ID beside AWS_SECRET_ACCESS_KEY",
        ),
        (
            "AWS_ENDPOINT_URL_S3",
            "http://user:pa55@127.0.0.1/",
            "AWS_ENDPOINT_URL_S3",
        ),
        ("AWS_REGION", "eu west", "expected a region"),
        (
            "AWS_S3_ADDRESSING_STYLE",
            "flat",
            "expected auto, path or virtual",
        ),
    ] {
        let mut command = setup.command(&["s3://portraits/a.png"]);
        let run = run(command.env(variable, value));
        assert_eq!(run.code, 2, "{variable}: {run:?}");
        assert!(run.stderr.contains(said), "{variable}: {run:?}");
        assert!(!run.stderr.contains("pa55"), "{run:?}");
        // It is no concern of others.
        setup.folder.good("b.png");
        let run = crate::support::run(setup.command(&["b.png"]).env(variable, value));
        assert_eq!(run.code, 0, "{run:?}");
        // In a list, the others are checked.
        setup.folder.file("list", b"b.png\ns3://portraits/a.png\n");
        let mut command = setup.command(&["--files-from", "list"]);
        let run = crate::support::run(command.env(variable, value));
        assert_eq!(run.code, 3, "{run:?}");
        assert!(run.stdout.contains(said), "{run:?}");
    }
}

#[test]
fn without_keys_an_address_says_which_variables_it_wants() {
    let setup = Setup::with(["a.png"]);
    let bare = |address: &str| {
        let mut command = setup.command(&[address, "-v"]);
        command
            .env_remove("AWS_ACCESS_KEY_ID")
            .env_remove("AWS_SECRET_ACCESS_KEY");
        run(&mut command)
    };
    let s3 = bare("s3://portraits/a.png");
    assert_eq!(s3.code, 1);
    assert!(
        s3.stdout
            .contains("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"),
        "{s3:?}"
    );
    let oss = bare("oss://portraits/a.png");
    assert!(
        oss.stderr
            .contains("set OSS_ACCESS_KEY_ID and OSS_ACCESS_KEY_SECRET"),
        "{oss:?}"
    );
    assert!(setup.server.requests().is_empty());
}

/// What lies in the service's own temporary store is not ours to open, whatever keys there are.
#[test]
fn the_services_temporary_store_stays_what_it_is() {
    let setup = Setup::with(["a.png"]);
    let mut command = setup.command(&["oss://dashscope-instant/x/a.png", "-v"]);
    command
        .env("OSS_ACCESS_KEY_ID", "LTAI5tEXAMPLE")
        .env("OSS_ACCESS_KEY_SECRET", "s3cret");
    let run = run(command.env("OSS_REGION", "cn-beijing"));
    assert!(run.stderr.contains("by the service only"), "{run:?}");
}

/// The endpoint may be anywhere; a URL that leads to it by itself may not.
#[test]
fn the_endpoint_is_no_network_for_other_urls() {
    let setup = Setup::with(["a.png"]);
    let (images, _) = setup.lines(&["s3://portraits/a.png"]);
    assert_eq!(images[0]["outcome"], "pass");
    let asked = setup.server.requests().len();
    let endpoint = setup.server.dialled()[0];
    let (images, _) = setup.lines(&[&format!("http://{endpoint}/portraits/a.png")]);
    assert_eq!(images[0]["findings"][0]["code"], "PF007");
    assert_eq!(setup.server.requests().len(), asked);
}
