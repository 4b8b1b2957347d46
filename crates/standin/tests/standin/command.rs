//! The command `emo-standin`.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use crate::support::{Answer, client};

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_emo-standin"));
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn send(signal: &str, child: &Child) {
    let sent = Command::new("kill")
        .args([signal, &child.id().to_string()])
        .status()
        .unwrap();
    assert!(sent.success());
}

#[tokio::test]
async fn it_says_where_it_is_and_ends_cleanly() {
    let mut child = command(&[
        "--port",
        "0",
        "--key",
        "sk-made-up",
        "--rate",
        "100",
        "--delay",
        "1",
    ])
    .spawn()
    .unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut said = String::new();
    while !said.contains("Ctrl-C") {
        assert_ne!(stdout.read_line(&mut said).unwrap(), 0, "{said}");
    }
    assert!(
        said.contains("export DASHSCOPE_API_KEY=sk-made-up\n"),
        "{said}"
    );
    let (_, rest) = said.split_once("export DASHSCOPE_HTTP_BASE_URL=").unwrap();
    let base_url = rest.lines().next().unwrap();
    assert!(base_url.ends_with("/api/v1"));

    let policy = client().get(format!(
        "{base_url}/uploads?action=getPolicy&model=emo-detect-v1"
    ));
    assert_eq!(
        Answer::read(policy.bearer_auth("sk-made-up").send().await.unwrap())
            .await
            .status,
        200
    );

    send("-INT", &child);
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).unwrap();
    assert!(child.wait().unwrap().success());
    assert!(
        rest.contains(
            "0 face-detect requests, of which the service would have charged 0; 0 video calls"
        ),
        "{rest}"
    );
}

#[test]
fn it_ends_as_cleanly_when_it_is_terminated() {
    let mut child = command(&["--port", "0"]).spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains("Ctrl-C") {
        line.clear();
        assert_ne!(stdout.read_line(&mut line).unwrap(), 0);
    }
    send("-TERM", &child);
    assert!(child.wait().unwrap().success());
}

#[test]
fn strict_is_an_error_when_a_fault_did_not_happen() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("faults.toml");
    std::fs::write(
        &script,
        "[[image]]\nname = \"a.png\"\nfault = \"doubled\"\n",
    )
    .unwrap();
    let script = script.to_str().unwrap();
    for (arguments, succeeds) in [
        (["--port", "0", "--script", script].as_slice(), true),
        (&["--port", "0", "--script", script, "--strict"], false),
        (
            &[
                "--port",
                "0",
                "--strict",
                "--uploads",
                "lenient",
                "--shape",
                "bad400-sentence",
            ],
            true,
        ),
    ] {
        let mut child = command(arguments).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        while !line.contains("Ctrl-C") {
            line.clear();
            assert_ne!(stdout.read_line(&mut line).unwrap(), 0);
        }
        send("-TERM", &child);
        let mut said = String::new();
        child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut said)
            .unwrap();
        assert_eq!(child.wait().unwrap().success(), succeeds, "{said}");
        assert_eq!(said.contains("Doubled about a.png"), !succeeds, "{said}");
    }
}

#[test]
fn what_is_wrong_is_said_in_one_line() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("bad.toml");
    std::fs::write(&script, "[[image]]\nverdict = \"pass\"\n").unwrap();
    let script = script.to_str().unwrap();
    for (arguments, expected) in [
        (vec!["--port", port.as_str()], "cannot be listened on: "),
        (
            vec!["--port", "0", "--script", "no-such.toml"],
            "no-such.toml cannot be read: ",
        ),
        (
            vec!["--port", "0", "--script", script],
            "expected either name or sha256, but found neither",
        ),
    ] {
        let output = command(&arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(expected), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(output.stdout.is_empty());
    }
}
