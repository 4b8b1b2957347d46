//! A hostile checkout, built by git itself: whatever can name a place is tried against its links,
//! and whatever reads names against its names.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::support::{Folder, Run, png};

/// What the user keeps beside the checkout.
const SECRET: &str = "sk-0123456789abcdefTOPSECRET";

/// A checkout and a home beside it.
struct Checkout(Folder);

impl Checkout {
    /// Git makes the links: `link -> target`, as mode 120000.
    fn new(links: &[(&str, &str)]) -> Self {
        let folder = Folder::new();
        folder.file("home/.bashrc", b"# the user's own\n");
        folder.file("home/key", SECRET.as_bytes());
        folder.file("home/private.png", &png(500, 600));
        let checkout = Self(folder);
        fs::create_dir_all(checkout.path("repo")).unwrap();
        checkout.git(&["init", "--quiet"]);
        for (link, target) in links {
            let object = checkout.object(target);
            let entry = format!("120000,{object},{link}");
            checkout.git(&["update-index", "--add", "--cacheinfo", &entry]);
        }
        checkout.git(&["checkout-index", "--all"]);
        for (link, _) in links {
            let found = fs::symlink_metadata(checkout.path("repo").join(link)).unwrap();
            assert!(found.is_symlink(), "git made no link of {link}");
        }
        fs::write(checkout.path("repo/good.png"), png(500, 600)).unwrap();
        checkout
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn git(&self, words: &[&str]) {
        let git = Command::new("git")
            .current_dir(self.path("repo"))
            .args(["-c", "init.defaultBranch=main"])
            .args(words)
            .status();
        assert!(git.unwrap().success(), "{words:?}");
    }

    /// The name of a blob with this text.
    fn object(&self, text: &str) -> String {
        fs::write(self.path("blob"), text).unwrap();
        let output = Command::new("git")
            .current_dir(self.path("repo"))
            .args(["hash-object", "-w", "../blob"])
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn preflight(&self) -> Command {
        let mut command = self.0.preflight();
        command.current_dir(self.path("repo"));
        command
    }

    fn check(&self, words: &[&str]) -> Run {
        crate::support::run(self.preflight().arg("check").args(words))
    }

    /// Nothing of the user's was touched, and nothing is new beside it.
    fn assert_untouched(&self, what: &str) {
        let bashrc = fs::read_to_string(self.path("home/.bashrc")).unwrap();
        assert_eq!(bashrc, "# the user's own\n", "{what}");
        let entries = fs::read_dir(self.path("home")).unwrap();
        let mut names: Vec<_> = entries.map(|it| it.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, [".bashrc", "key", "private.png"], "{what}");
    }
}

#[test]
fn no_report_is_written_through_a_link_of_the_checkout() {
    let checkout = Checkout::new(&[
        ("report.txt", "../home/.bashrc"),
        ("new.md", "../home/new.md"),
        ("out", "../home"),
        ("deep/out", "../../home"),
        ("inside", "deep"),
        ("stream.md", "/dev/stderr"),
    ]);
    for place in [
        "report.txt",
        "./report.txt",
        "deep/../report.txt",
        "new.md",
        "out/preflight.sarif",
        "deep/out/preflight.xml",
        "inside/report.md",
        "stream.md",
        "jsonl:out/report",
    ] {
        let run = checkout.check(&[".", "-o", place]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{place}: {run:?}");
        assert!(
            run.stderr.contains("a link in a repository"),
            "{place}: {run:?}"
        );
        checkout.assert_untouched(place);
        // From outside, too: whose links they are does not depend on where one stands.
        let place = match place.split_once(':') {
            Some((format, place)) => format!("{format}:repo/{place}"),
            None => format!("repo/{place}"),
        };
        let run = crate::support::run(
            checkout
                .preflight()
                .current_dir(checkout.0.path())
                .args(["check", "repo", "-o", &place]),
        );
        assert_eq!(run.code, 2, "{place}: {run:?}");
        checkout.assert_untouched(&place);
    }
}

#[test]
fn no_variable_leads_through_a_link_of_the_checkout() {
    let checkout = Checkout::new(&[("summary.md", "../home/.bashrc"), (".cache", "../home")]);
    let run = crate::support::run(
        checkout
            .preflight()
            .args(["check", "good.png"])
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_STEP_SUMMARY", "summary.md"),
    );
    assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{run:?}");
    assert!(run.stderr.contains("GITHUB_STEP_SUMMARY: "), "{run:?}");
    checkout.assert_untouched("the job summary");
}

#[test]
fn what_the_user_made_keeps_working() {
    let checkout = Checkout::new(&[]);
    symlink("repo/report.md", checkout.path("mine.md")).unwrap();
    let run = checkout.check(&["good.png", "-o", "../mine.md", "-o", "plain.xml"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(
        fs::symlink_metadata(checkout.path("mine.md"))
            .unwrap()
            .is_symlink()
    );
    let report = fs::read_to_string(checkout.path("repo/report.md")).unwrap();
    assert!(report.contains("preflight"), "{report}");
    for stream in ["/dev/stdout", "/dev/fd/1", "/dev/null", "/proc/self/fd/1"] {
        let run = checkout.check(&["good.png", "-q", "-o", &format!("jsonl:{stream}")]);
        assert_eq!(run.code, 0, "{stream}: {run:?}");
        let is_told = run.stdout.contains("{\"type\":\"summary\"");
        assert_eq!(is_told, stream != "/dev/null", "{stream}: {run:?}");
    }
}

#[test]
fn no_byte_behind_a_link_that_leads_out_is_shown() {
    let checkout = Checkout::new(&[
        ("key.png", "../home/key"),
        ("folder", "../home"),
        ("private.png", "../home/private.png"),
        ("env.png", "/proc/self/environ"),
        ("passwd.png", "/etc/passwd"),
        ("inside.png", "good.png"),
    ]);
    fs::write(
        checkout.path("repo/list"),
        "key.png\nfolder/key\nfolder/private.png\nfolder/*.png\nfolder\nprivate.png\n",
    )
    .unwrap();
    let words: [&[&str]; 5] = [
        &["."],
        &[
            "key.png",
            "private.png",
            "env.png",
            "passwd.png",
            "good.png",
        ],
        &[
            "folder/key",
            "folder/private.png",
            "folder",
            "folder/*.png",
            "good.png",
        ],
        &["--files-from", "list", "good.png"],
        &["../repo/key.png", "../repo/private.png", "good.png"],
    ];
    for words in words {
        for format in ["human", "jsonl", "markdown", "github"] {
            let run = checkout.check(&[words, &["-f", format, "-v"]].concat());
            assert_eq!(run.code, 0, "{words:?}: {run:?}");
            for secret in ["sk-", "root:", "PATH="] {
                assert!(!run.stdout.contains(secret), "{words:?}: {run:?}");
            }
        }
        let names = checkout.check(&[words, &["-f", "jsonl"]].concat());
        let passed = names.stdout.matches(r#""outcome":"pass""#).count();
        assert_eq!(
            passed, 1,
            "only what lies in the checkout is looked at: {names:?}"
        );
    }
    // The user's own word for what lies elsewhere.
    let run = checkout.check(&["../home/private.png"]);
    assert_eq!(run.code, 0, "{run:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn what_the_kernel_makes_up_is_refused() {
    let folder = Folder::new();
    folder.good("a.png");
    symlink("/proc/self/environ", folder.path().join("env.png")).unwrap();
    let names = folder.names([
        "/proc/self/environ",
        "env.png",
        "/proc/kmsg",
        "/sys/kernel",
        "a.png",
    ]);
    assert_eq!(
        names,
        [
            "/proc/self/environ:u",
            "env.png:u",
            "/proc/kmsg:u",
            "/sys/kernel:u",
            "a.png:p"
        ]
    );
    assert_eq!(folder.names(["."]), ["a.png:p", "env.png:s"]);
}

/// Ends the command if it takes longer than the machine could excuse, and says what came of it.
fn within_a_minute(command: &mut Command) -> Run {
    let mut child = command
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let start = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if start.elapsed() > Duration::from_secs(60) {
            child.kill().unwrap();
            panic!("still running after a minute");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let output = child.wait_with_output().unwrap();
    Run {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Runs with at most this much memory, in kB of addresses.
fn with_memory(checkout: &Checkout, kilobytes: u64, words: &str) -> Run {
    let script = format!("ulimit -v {kilobytes} && exec \"$0\" {words}");
    let mut command = Command::new("sh");
    command
        .args(["-c", &script, env!("CARGO_BIN_EXE_preflight")])
        .current_dir(checkout.path("repo"));
    within_a_minute(&mut command)
}

#[test]
fn hostile_ignore_files_take_neither_memory_nor_time() {
    /// Far more than a run needs, far less than a device without end would take.
    const MEMORY: u64 = 1_000_000;
    for name in [".gitignore", ".ignore", ".preflightignore"] {
        let checkout = Checkout::new(&[(name, "/dev/zero")]);
        let run = with_memory(&checkout, MEMORY, "check .");
        assert_eq!(run.code, 0, "{name}: {run:?}");
        assert_eq!(
            run.stderr.matches("it is a link").count(),
            1,
            "{name}: {run:?}"
        );

        let checkout = Checkout::new(&[]);
        let path = checkout.path("repo").join(name);
        let made = Command::new("mkfifo").arg(&path).status();
        assert!(made.unwrap().success());
        let run = with_memory(&checkout, MEMORY, "check .");
        assert_eq!(run.code, 0, "{name}: {run:?}");
        assert!(
            run.stderr.contains("it is not a regular file"),
            "{name}: {run:?}"
        );
        fs::remove_file(&path).unwrap();

        let many: String = (0..200_000).map(|n| format!("old*{n}*.png\n")).collect();
        let long = "x".repeat(20_000_000);
        for text in [many, long] {
            fs::write(&path, text).unwrap();
            let run = with_memory(&checkout, MEMORY, "check .");
            assert_eq!(run.code, 0, "{name}: {run:?}");
            assert!(
                run.stderr.contains("expected at most 1048576 bytes"),
                "{name}: {run:?}"
            );
        }
    }
}

/// Found by trying: they were dropped whole with a warning, and what they leave out was checked.
#[test]
fn many_patterns_within_the_bounds_hold() {
    let checkout = Checkout::new(&[]);
    let many: String = (0..20_000)
        .map(|n| format!("old/*{n:05}*/a*.png\n"))
        .collect();
    fs::write(checkout.path("repo/.gitignore"), many).unwrap();
    for n in [0, 9_999, 19_999, 20_000] {
        checkout.0.good(format!("repo/old/x{n:05}x/a1.png"));
    }
    let mut command = checkout.preflight();
    let run = within_a_minute(command.args(["check", "-f", "jsonl"]));
    assert!(run.stdout.contains(r#""images":2,"pass":2"#), "{run:?}");
    assert!(run.stdout.contains("old/x20000x/a1.png"), "{run:?}");
}

/// Names that are options to whoever does not end them.
const OPTIONS: [&str; 6] = [
    "-h.png",
    "--exclude=*.png",
    "--output=jsonl:stolen",
    "--config=p.png",
    "--help",
    "-qq",
];

#[test]
fn names_are_never_options() {
    for name in OPTIONS {
        let folder = Folder::new();
        folder.small("bad.png");
        folder.small(name);
        // By a pattern of the shell, or by a list that somebody turned into words.
        let run = folder.check([name, "bad.png"]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{name}: {run:?}");
        assert!(
            run.stderr.contains("put -- before the names"),
            "{name}: {run:?}"
        );
        // As the hook, the action and the recipes do it.
        assert_eq!(
            folder.names(["--", name, "bad.png"]),
            [format!("{name}:r"), "bad.png:r".to_owned()]
        );
        folder.file("list", format!("{name}\0bad.png\0").as_bytes());
        let run = folder.check(["--files-from", "list", "-0"]);
        assert_eq!(run.code, 1, "{name}: {run:?}");
        assert!(run.stdout.contains("2 rejected"), "{name}: {run:?}");
        assert!(!folder.path().join("stolen").exists(), "{name}");
    }
}

#[test]
fn the_action_takes_no_name_for_an_option() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.github/action/check.sh");
    for name in OPTIONS {
        let folder = Folder::new();
        folder.small("bad.png");
        folder.small(name);
        let temporary = tempfile::tempdir().unwrap();
        let outputs = temporary.path().join("outputs");
        let run = Command::new("bash")
            .arg(script.canonicalize().unwrap())
            .current_dir(folder.path())
            .env("PREFLIGHT_BIN", env!("CARGO_BIN_EXE_preflight"))
            .env("PREFLIGHT_ARGS", "--strict")
            .env("PREFLIGHT_INPUTS", format!("{name}\nbad.png\n"))
            .env("RUNNER_TEMP", temporary.path())
            .env("GITHUB_OUTPUT", &outputs)
            .env_remove("GITHUB_ACTIONS")
            .env_remove("GITHUB_STEP_SUMMARY")
            .output()
            .unwrap();
        assert_eq!(run.status.code(), Some(1), "{name}: {run:?}");
        let outputs = fs::read_to_string(outputs).unwrap();
        assert!(outputs.contains("reject=2\n"), "{name}: {outputs}");
    }
}
