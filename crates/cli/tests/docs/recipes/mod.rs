//! The recipes for a shell, GitHub and GitLab, taken out of the documents and run as written in a
//! repository, with the shells and values of the platforms.
//!
//! A block or step that no test knows fails. Steps that install from an index and actions of others
//! are skipped by their names.
mod place;

use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::Value;
use standin::Standin;

use self::place::{CHANGED, Repository, Web, runtime, said};

const KEY: &str = "sk-a-key-that-nobody-must-see";

/// Steps that others wrote.
const ACTIONS: [&str; 5] = [
    "actions/cache/restore@",
    "actions/cache/save@",
    "actions/checkout@",
    "github/codeql-action/upload-sarif@",
    "preflight-emo/preflight@",
];

#[test]
fn each_block_for_a_shell_does_what_it_says() {
    let known: [Known<str>; 7] = [
        ("git diff", changes_of_a_branch),
        ("jq ", the_good_ones),
        ("-- \"$@\"", names_from_elsewhere),
        ("check - <", one_image),
        ("\"$URL\"", one_url),
        ("case $status", kinds_of_trouble),
        ("generate man", completions_and_manual),
    ];
    let blocks = blocks("shell.md", "sh");
    each(blocks.iter().map(String::as_str), str::to_owned, &known);
}

#[test]
fn each_step_for_github_does_what_it_says() {
    let known: [Known<Value>; 4] = [
        ("check assets -o", a_plain_step),
        ("echo \"$REJECTED", the_actions_outputs),
        ("git diff", a_pull_request),
        ("--remote", a_paid_night),
    ];
    let steps: Vec<Value> = steps().into_iter().filter(is_ours).collect();
    for step in &steps {
        let script = script(step);
        assert!(!script.contains("${{"), "a value could be run: {script}");
    }
    each(&steps, script, &known);
}

#[test]
fn verdicts_that_were_paid_for_are_kept_whatever_the_night_ends_with() {
    let cache = |what: &str| {
        let of = |step: &&Value| uses(step).starts_with(&format!("actions/cache/{what}@"));
        steps().iter().find(of).unwrap().clone()
    };
    let (restore, save) = (cache("restore"), cache("save"));
    assert_eq!(save["if"], "always()");
    assert_eq!(restore["with"]["key"], save["with"]["key"]);
    let key = save["with"]["key"].as_str().unwrap();
    assert!(key.contains("github.run_id") && key.contains("github.run_attempt"));
    let night = steps()
        .into_iter()
        .find(|step| script(step).contains("--remote"));
    for step in [restore, save] {
        let folder = &night.as_ref().unwrap()["env"]["PREFLIGHT_CACHE_DIR"];
        assert_eq!(&step["with"]["path"], folder);
    }
}

#[test]
fn each_line_for_gitlab_does_what_it_says() {
    let jobs = blocks("gitlab.md", "yaml");
    let [job] = jobs.as_slice() else {
        panic!("{} blocks", jobs.len())
    };
    let job = yaml(job)["preflight"].clone();
    for line in job["before_script"].as_array().unwrap() {
        assert!(installs(line.as_str().unwrap()), "{line}");
    }
    let lines = job["script"].as_array().unwrap();
    let line = |line: &Value| line.as_str().unwrap().to_owned();
    each(lines, line, &[("check assets -o", a_merge_request)]);
    for (_, report) in job["artifacts"]["reports"].as_object().unwrap() {
        let report = report.as_str().unwrap();
        assert!(line(&lines[0]).contains(report), "{report} is not written");
    }
}

fn changes_of_a_branch(block: &str) {
    let repository = Repository::new();
    let run = || repository.command(&["bash"], block).output().unwrap();
    assert_only_changes_were_checked(&run());
    repository.git(&["branch", "--quiet", "--move", "main", "elsewhere"]);
    assert_eq!(run().status.code(), Some(128), "{}", said(&run()));
}

fn the_good_ones(block: &str) {
    let (repository, web) = (Repository::new(), Web::new());
    let (good, bad) = (web.url("anna.jpg"), web.url("thumbnail.jpg"));
    repository.write("urls.txt", format!("{good}\n{bad}\n").as_bytes());
    let run = web.let_in(&mut repository.command(&["bash"], block));
    assert_eq!(run.status.code(), Some(1), "{}", said(&run));
    assert_eq!(
        repository.read("fit.txt"),
        format!("portraits/anna.jpg\n{good}\n")
    );
}

fn names_from_elsewhere(block: &str) {
    let repository = Repository::new();
    repository.copy("thumbnail.jpg", "--exclude=*.jpg");
    let mut command = repository.command(&["bash"], block);
    let run = command.arg("--exclude=*.jpg").output().unwrap();
    assert_eq!(run.status.code(), Some(1), "{}", said(&run));
    assert!(said(&run).contains("1 rejected"), "{}", said(&run));
}

fn one_image(block: &str) {
    let repository = Repository::new();
    for (name, code) in [("anna.jpg", 0), ("thumbnail.jpg", 1)] {
        repository.copy(name, "portrait.jpg");
        let run = repository.command(&["sh", "-e"], block).output().unwrap();
        assert_eq!(run.status.code(), Some(code), "{}", said(&run));
        assert!(said(&run).contains("1 image: "), "{}", said(&run));
    }
}

fn one_url(block: &str) {
    let (repository, web) = (Repository::new(), Web::new());
    for (name, code) in [("anna.jpg", 0), ("thumbnail.jpg", 1), ("none.jpg", 1)] {
        let mut command = repository.command(&["sh", "-e"], block);
        let run = web.let_in(command.env("URL", web.url(name)));
        assert_eq!(run.status.code(), Some(code), "{name}: {}", said(&run));
    }
}

fn kinds_of_trouble(block: &str) {
    let repository = Repository::new();
    let run = repository.command(&["sh", "-e"], block).output().unwrap();
    assert!(said(&run).contains("must be replaced"), "{}", said(&run));
    for (code, word) in [
        (0, "all fit"),
        (1, "must be replaced"),
        (2, "as asked"),
        (3, "could not be checked"),
        (127, "exit code 127"),
        (130, "interrupted"),
    ] {
        let mut command = repository.command(&["sh", "-e"], block);
        let run = command
            .env("PATH", repository.path_with_exit(code))
            .output();
        let run = run.unwrap();
        assert!(run.status.success(), "{code}: {}", said(&run));
        assert!(said(&run).contains(word), "{code}: {}", said(&run));
    }
}

fn completions_and_manual(block: &str) {
    let repository = Repository::new();
    let run = repository.command(&["sh", "-e"], block).output().unwrap();
    assert!(run.status.success(), "{}", said(&run));
    for (file, word) in [
        ("bash-completion/completions/preflight", "complete -F"),
        ("man/man1/preflight.1", ".TH preflight"),
    ] {
        let file = repository.home().join(".local/share").join(file);
        assert!(fs::read_to_string(file).unwrap().contains(word), "{word}");
    }
}

fn a_plain_step(step: &Value) {
    let repository = Repository::new();
    let run = repository.step(step, &[]).output().unwrap();
    assert_eq!(run.status.code(), Some(1), "{}", said(&run));
    assert!(said(&run).contains("::error title=preflight PF202 "));
    let sarif: Value = serde_json::from_str(&repository.read("preflight.sarif")).unwrap();
    assert_eq!(sarif["runs"][0]["results"].as_array().unwrap().len(), 1);
    let summary = fs::read_to_string(repository.home().join("summary.md")).unwrap();
    assert!(summary.contains("1 of 4 images rejected"), "{summary}");
}

fn the_actions_outputs(step: &Value) {
    let rejected = [("steps.preflight.outputs.reject", "2")];
    let run = Repository::new().step(step, &rejected).output().unwrap();
    assert_eq!(said(&run), "2 rejected\n");
}

fn a_pull_request(step: &Value) {
    assert_eq!(
        step["if"].as_str().unwrap(),
        "github.event_name == 'pull_request'"
    );
    let repository = Repository::new();
    let run = |base: &str| {
        let base = [("github.base_ref", base)];
        repository.step(step, &base).output().unwrap()
    };
    assert_only_changes_were_checked(&run("main"));
    for unknown in ["", "no-such-branch"] {
        let run = run(unknown);
        assert_eq!(run.status.code(), Some(128), "{}", said(&run));
    }
    // The other file is not an image, and a deleted file needs no check.
    repository.git(&[&["rm", "--quiet", "--"], CHANGED.as_slice()].concat());
    repository.git(&["commit", "--quiet", "--message", "No images"]);
    let run = run("main");
    assert_eq!(run.status.code(), Some(0), "{}", said(&run));
}

fn a_paid_night(step: &Value) {
    let (repository, web) = (Repository::new(), Web::new());
    let urls = ["anna.jpg", "thumbnail.jpg"].map(|name| web.url(name));
    repository.write("urls.txt", urls.join("\n").as_bytes());
    let runtime = runtime();
    let _stops_in_its_runtime = runtime.enter();
    let service = runtime
        .block_on(Standin::builder().key(KEY).start())
        .unwrap();
    let temp = repository.home().display().to_string();
    let night = |key: &str| {
        let mut command = repository.step(
            step,
            &[("secrets.DASHSCOPE_API_KEY", key), ("runner.temp", &temp)],
        );
        let run = web.let_in(command.env("DASHSCOPE_HTTP_BASE_URL", service.base_url()));
        assert!(
            !said(&run).contains(KEY),
            "the key is shown: {}",
            said(&run)
        );
        runtime.block_on(service.settled());
        (run, service.stats().billable)
    };
    for of_night in ["1 charged", "1 from cache"] {
        let (run, billed) = night(KEY);
        assert_eq!((run.status.code(), billed), (Some(1), 1), "{}", said(&run));
        assert!(said(&run).contains(of_night), "{}", said(&run));
    }
    let ledger = repository.home().join("preflight/ledger.sqlite3");
    assert!(
        ledger.is_file(),
        "what was paid for is kept where the recipe caches it"
    );
    let (run, _) = night("");
    assert_eq!(run.status.code(), Some(2), "{}", said(&run));
    assert_eq!(said(&run).lines().count(), 1, "{}", said(&run));
}

fn a_merge_request(line: &Value) {
    let repository = Repository::new();
    let script = line.as_str().unwrap();
    let run = repository.command(&["sh", "-e"], script).output().unwrap();
    assert_eq!(run.status.code(), Some(1), "{}", said(&run));
    let issues: Value =
        serde_json::from_str(&repository.read("gl-code-quality-report.json")).unwrap();
    assert_eq!(issues[0]["location"]["path"], CHANGED[0]);
    assert!(
        repository
            .read("preflight.xml")
            .contains("<failure type=\"PF202\"")
    );
}

#[track_caller]
fn assert_only_changes_were_checked(run: &Output) {
    let said = said(run);
    assert_eq!(run.status.code(), Some(1), "{said}");
    assert!(
        said.contains("3 images: 2 passed, 1 rejected (1 limits)"),
        "{said}"
    );
    assert!(said.contains(CHANGED[0]), "{said}");
}

/// A word that one block or step holds, and what is to hold of it.
type Known<T> = (&'static str, fn(&T));

/// Holds each block or step against what is known of it, and all that is known against them.
fn each<'a, T: ?Sized + 'a>(
    items: impl IntoIterator<Item = &'a T>,
    text: impl Fn(&T) -> String,
    known: &[Known<T>],
) {
    let mut held = 0;
    for item in items {
        let text = text(item);
        let of_item: Vec<_> = known
            .iter()
            .filter(|(word, _)| text.contains(word))
            .collect();
        let [(_, holds)] = of_item.as_slice() else {
            panic!("{} tests know this:\n{text}", of_item.len())
        };
        holds(item);
        held += 1;
    }
    assert_eq!(held, known.len(), "a recipe is gone, or there twice");
}

/// The blocks of a recipe in one language.
fn blocks(recipe: &str, language: &str) -> Vec<String> {
    let recipe = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("docs/recipes")
        .join(recipe);
    let recipe = fs::read_to_string(recipe).unwrap();
    let start = format!("```{language}\n");
    let blocks = recipe.split(&start).skip(1);
    blocks
        .map(|rest| rest.split("```").next().unwrap().to_owned())
        .collect()
}

fn yaml(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{error}:\n{text}"))
}

/// The steps of all blocks for GitHub: those of a workflow's jobs, or bare ones.
fn steps() -> Vec<Value> {
    let mut steps = Vec::new();
    for block in blocks("github.md", "yaml") {
        match yaml(&block) {
            Value::Array(bare) => steps.extend(bare),
            workflow => {
                for (_, job) in workflow["jobs"].as_object().unwrap() {
                    steps.extend_from_slice(job["steps"].as_array().unwrap());
                }
            }
        }
    }
    steps
}

/// Whether a step is one to run.
fn is_ours(step: &Value) -> bool {
    let uses = uses(step);
    assert!(
        uses.is_empty() || ACTIONS.iter().any(|action| uses.starts_with(action)),
        "no test knows {uses}"
    );
    uses.is_empty() && !installs(&script(step))
}

fn installs(line: &str) -> bool {
    line == concat!("pipx install preflight-emo==", env!("CARGO_PKG_VERSION"))
        || line == concat!("pip install preflight-emo==", env!("CARGO_PKG_VERSION"))
}

fn uses(step: &Value) -> &str {
    step["uses"].as_str().unwrap_or_default()
}

fn script(step: &Value) -> String {
    step["run"].as_str().unwrap_or_default().to_owned()
}
