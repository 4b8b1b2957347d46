//! Names, links and files that only Unix has.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::net::UnixListener;
use std::process::Command;

use crate::support::Folder;

fn fifo(folder: &Folder, name: &str) {
    let path = folder.path().join(name);
    assert!(
        Command::new("mkfifo")
            .arg(path)
            .status()
            .is_ok_and(|status| status.success())
    );
}

#[test]
fn odd_entries_of_a_walk_are_one_line_each_and_hold_nobody_up() {
    let folder = Folder::new();
    folder.good("-dash.png");
    folder.good("new\nline.png");
    folder.good(OsStr::from_bytes(b"not-utf8-\xff.png"));
    folder.good("target.png");
    fs::create_dir(folder.path().join("folder.png")).unwrap();
    fifo(&folder, "pipe.png");
    let _socket = UnixListener::bind(folder.path().join("socket.png")).unwrap();
    symlink("elsewhere/anna.png", folder.path().join("dangling.png")).unwrap();
    symlink(".", folder.path().join("loop")).unwrap();
    symlink("self.png", folder.path().join("self.png")).unwrap();
    symlink("target.png", folder.path().join("alias.png")).unwrap();

    assert_eq!(
        folder.names(["."]),
        [
            "-dash.png:p",
            "alias.png:p",
            "dangling.png:u",
            "new\nline.png:p",
            "not-utf8-\u{fffd}.png:p",
            "self.png:u",
        ],
        "target.png was named by its alias"
    );
    let run = folder.check([".", "-v"]);
    assert_eq!(run.code, 3);
    assert!(run.stdout.contains("new\\nline.png  passed\n"), "{run:?}");
    let dangling = "PF001 not-found: a link to elsewhere/anna.png, which is not there";
    assert!(run.stdout.contains(dangling), "{run:?}");
    let circle = "PF001 not-found: a link that leads back to itself";
    assert!(run.stdout.contains(circle), "{run:?}");
    assert!(
        run.stderr
            .contains("2 entries were left out because they are pipes"),
        "{run:?}"
    );
}

#[test]
fn what_is_no_regular_file_is_not_waited_for() {
    let folder = Folder::new();
    folder.good("a.png");
    fifo(&folder, "pipe.png");
    let words = ["pipe.png", "/dev/null", "/dev/zero", "a.png"];
    assert_eq!(
        folder.names(words),
        ["pipe.png:u", "/dev/null:u", "/dev/zero:u", "a.png:p"]
    );
    assert_eq!(folder.check(words).code, 3);
}

#[test]
fn a_link_to_a_folder_is_walked_when_named_only() {
    let folder = Folder::new();
    folder.good("real/a.png");
    symlink("real", folder.path().join("link")).unwrap();
    assert_eq!(folder.names(["link"]), ["link/a.png:p"]);
    assert_eq!(folder.names(["."]), ["real/a.png:p"]);
}

/// Found by trying: a link to itself was "Too many levels of symbolic links (os error 40)".
#[test]
fn a_link_that_leads_back_to_itself_is_called_so() {
    let folder = Folder::new();
    folder.good("a.png");
    symlink("loop", folder.path().join("loop")).unwrap();
    let run = folder.check(["loop", "a.png"]);
    assert_eq!(run.code, 3, "{run:?}");
    let circle = "PF001 not-found: a link that leads back to itself";
    assert!(run.stdout.contains(circle), "{run:?}");
    assert!(run.stdout.contains("replace the link"), "{run:?}");
}

#[test]
fn a_link_to_a_folder_outside_of_the_repository_tells_where_it_leads() {
    let (folder, elsewhere) = (Folder::new(), Folder::new());
    elsewhere.good("a.png");
    fs::create_dir(folder.path().join(".git")).unwrap();
    symlink(elsewhere.path(), folder.path().join("link")).unwrap();
    let run = folder.check(["link"]);
    assert_eq!(run.code, 2, "{run:?}");
    let real_path = elsewhere.path().canonicalize().unwrap();
    assert!(
        run.stderr.contains(&real_path.display().to_string()),
        "{run:?}"
    );
}

#[test]
fn a_name_that_is_not_utf_8_is_kept_through_a_list() {
    let folder = Folder::new();
    folder.good(OsStr::from_bytes(b"b\xff.png"));
    folder.file("list", b"b\xff.png\0");
    let run = folder.check(["-0", "--files-from", "list", "-f", "jsonl"]);
    assert_eq!(run.code, 0);
    assert!(run.stdout.contains(r#""path_b64":"Yv8ucG5n""#), "{run:?}");
}

#[test]
#[ignore = "needs a user that is not root"]
fn what_may_not_be_read_leaves_the_others_alone() {
    let folder = Folder::new();
    folder.good("a.png");
    let closed = folder.good("closed.png");
    let cellar = folder.good("cellar/b.png");
    let mode = |path: &std::path::Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    mode(&closed, 0o000);
    mode(cellar.parent().unwrap(), 0o000);
    let names = folder.names(["."]);
    mode(cellar.parent().unwrap(), 0o755);
    assert_eq!(names, ["a.png:p", "cellar:u", "closed.png:u"]);
}
