//! What the workflows must hold, as far as that can be read from them.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{read, toml, yaml};

fn workflow(name: &str) -> Value {
    yaml(&format!(".github/workflows/{name}.yml"))
}

/// The rows of a job's matrix.
fn matrix(job: &Value) -> &[Value] {
    job["strategy"]["matrix"]["include"].as_array().unwrap()
}

fn systems(job: &Value) -> BTreeSet<&str> {
    matrix(job)
        .iter()
        .map(|row| row["os"].as_str().unwrap())
        .collect()
}

/// All that a job's steps run, by line.
fn scripts(job: &Value) -> String {
    let steps = job["steps"].as_array().unwrap().iter();
    let scripts = steps.filter_map(|step| step["run"].as_str());
    scripts.flat_map(|script| [script, "\n"]).collect()
}

#[test]
fn command_and_module_are_built_for_the_same_systems_and_released() {
    let (build, release) = (workflow("build"), workflow("release"));
    let (archives, modules) = (&build["jobs"]["archives"], &build["jobs"]["modules"]);
    assert_eq!(systems(modules), systems(archives));
    assert_eq!(systems(modules), systems(&build["jobs"]["wheels"]));
    assert!(scripts(modules).contains("--manifest-path crates/python/Cargo.toml"));
    let project = toml("crates/python/pyproject.toml");
    assert_eq!(
        project["project"]["name"].as_str(),
        Some("preflight-emo-python")
    );
    // The release takes wheels by the names of their artifacts, of which no two are the same.
    let collects = scripts(&release["jobs"]["collect"]);
    assert!(collects.contains("--pattern 'wheel-*'"));
    let mut names = BTreeSet::new();
    for job in ["wheels", "modules"] {
        let steps = build["jobs"][job]["steps"].as_array().unwrap();
        let name = steps.last().unwrap()["with"]["name"].as_str().unwrap();
        assert!(name.starts_with("wheel-"), "{name}");
        assert!(names.insert(name.replace("${{ matrix.os }}", "")), "{name}");
    }
    let needs = build["jobs"]["hashes"]["needs"].as_array().unwrap();
    assert_eq!(
        needs.len() + 1,
        build["jobs"].as_object().unwrap().len(),
        "a release could miss files"
    );
}

#[test]
fn nothing_is_green_while_a_job_has_failed() {
    let ci = workflow("ci");
    let jobs = ci["jobs"].as_object().unwrap();
    let needs = jobs["pass"]["needs"].as_array().unwrap();
    let needs: BTreeSet<&str> = needs.iter().map(|need| need.as_str().unwrap()).collect();
    let all: BTreeSet<&str> = jobs.keys().map(String::as_str).collect();
    assert_eq!(all.difference(&needs).collect::<Vec<_>>(), [&"pass"]);
    assert_eq!(jobs["pass"]["if"], "always()");
}

/// Nobody keeps a check that runs nowhere, nor one that nobody can run at home.
#[test]
fn the_checks_of_the_guide_are_those_of_the_workflow() {
    let guide = read(".github/CONTRIBUTING.md");
    let table = guide
        .split("| what holds | command | needs |")
        .nth(1)
        .unwrap()
        .split("\n\n")
        .next()
        .unwrap();
    let told: BTreeSet<&str> = table
        .lines()
        .skip(2)
        .map(|row| row.split(" | ").nth(1).unwrap())
        .map(|command| command.split('`').nth(1).unwrap())
        .collect();
    let ci = workflow("ci");
    let ran: String = ci["jobs"]
        .as_object()
        .unwrap()
        .values()
        .map(scripts)
        .collect();
    for command in &told {
        assert!(ran.contains(command), "{command} is not run");
    }
    for line in ran.lines() {
        let own = ["cargo hack", "cargo deny", "cargo machete", ".ci/"];
        if own.iter().any(|start| line.starts_with(start)) && line != ".ci/run" {
            assert!(told.contains(line), "{line} is not told");
        }
    }
}

#[test]
fn every_workflow_states_its_rights_and_its_end() {
    for name in ["build", "ci", "release"] {
        let workflow = yaml(&format!(".github/workflows/{name}.yml"));
        // A job that may write says so itself.
        let rights = workflow["permissions"].as_object().unwrap();
        assert!(
            rights.values().all(|right| right == "read"),
            "{name}: {rights:?}"
        );
        for (name, job) in workflow["jobs"].as_object().unwrap() {
            assert!(job["timeout-minutes"].is_u64(), "{name} may run for hours");
            let steps = job["steps"].as_array().unwrap();
            assert!(!steps.is_empty(), "{name}");
            for step in steps {
                assert!(
                    step.get("run").is_some() != step.get("uses").is_some(),
                    "{name}: {step}"
                );
                let Some(action) = step["uses"].as_str() else {
                    continue;
                };
                let (_, hash) = action.split_once('@').unwrap();
                assert!(
                    hash.len() == 40 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()),
                    "{action} can change under our hands"
                );
                if action.starts_with("actions/checkout@") {
                    assert_eq!(step["with"]["persist-credentials"], false, "{name}");
                }
            }
        }
    }
}
