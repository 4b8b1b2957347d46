use super::*;
use crate::sink::sample;

fn spec(path: &Path) -> OutputSpec {
    path.to_str().unwrap().parse().unwrap()
}

fn open_one(path: &Path) -> Result<Vec<FileSink>, OpenError> {
    open(&[spec(path)], &[], &sample::context())
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[test]
fn a_report_is_whole_or_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.md");
    fs::write(&path, "old").unwrap();
    let images = [sample::rejected("a.png")];

    // A run that ends with exit code 2 drops its sinks.
    let sinks = open_one(&path).unwrap();
    drop(sinks);
    assert_eq!(fs::read_to_string(&path).unwrap(), "old");

    let mut sink = Box::new(open_one(&path).unwrap().remove(0));
    sink.image(&images[0]);
    assert_eq!(fs::read_to_string(&path).unwrap(), "old");
    sink.finish(&sample::summary(&images)).unwrap();
    let expected = sample::report(report::Format::Markdown, &images);
    assert_eq!(fs::read_to_string(&path).unwrap(), expected);
    assert_eq!(names(folder.path()), ["out.md"]);
}

#[test]
fn what_cannot_be_written_is_told_before_any_work() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    assert!(matches!(
        open_one(&at("no/out.md")),
        Err(OpenError::Way {
            source: WayError::NoFolder,
            ..
        })
    ));
    fs::create_dir(at("dir.md")).unwrap();
    assert!(matches!(
        open_one(&at("dir.md")),
        Err(OpenError::Way {
            source: WayError::Folder,
            ..
        })
    ));
    fs::write(at("file"), "").unwrap();
    assert!(open_one(&at("file/out.md")).is_err());
    let twice = [spec(&at("out.md")), spec(&at("./out.md"))];
    assert!(matches!(
        open(&twice, &[], &sample::context()),
        Err(OpenError::Twice { .. })
    ));
    fs::remove_file(at("file")).unwrap();
    assert_eq!(names(folder.path()), ["dir.md"], "nothing is left behind");
}

#[test]
fn no_report_destroys_what_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("list.txt"), "a.png").unwrap();
    for image in [
        &*sample::png(500, 500),
        b"GIF89a\x01\0\x01\0\0\0\0",
        b"\xff\xd8\xff\xe0",
    ] {
        fs::write(at("a.md"), image).unwrap();
        assert!(matches!(
            open_one(&at("a.md")),
            Err(OpenError::Image { .. })
        ));
    }
    let list = at("./list.txt");
    let refused = open(
        &[spec(&at("list.txt"))],
        &[list.as_path()],
        &sample::context(),
    );
    assert!(matches!(refused, Err(OpenError::Input { .. })));
    assert!(matches!(
        open_one(&at("new.md/")),
        Err(OpenError::Way {
            source: WayError::Folder,
            ..
        })
    ));
    assert_eq!(names(folder.path()).len(), 2, "nothing is left behind");
}

#[cfg(unix)]
#[test]
fn a_link_is_followed_and_two_ways_to_one_file_are_one() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("real.md"), "old").unwrap();
    symlink("real.md", at("link.md")).unwrap();
    let twice = [spec(&at("real.md")), spec(&at("link.md"))];
    assert!(matches!(
        open(&twice, &[], &sample::context()),
        Err(OpenError::Twice { .. })
    ));

    let sink = Box::new(open_one(&at("link.md")).unwrap().remove(0));
    sink.finish(&sample::summary(&[])).unwrap();
    assert!(fs::symlink_metadata(at("link.md")).unwrap().is_symlink());
    assert!(
        fs::read_to_string(at("real.md"))
            .unwrap()
            .contains("nothing was checked")
    );
    let mode = fs::metadata(at("real.md")).unwrap().permissions().mode();
    assert_eq!(mode & 0o400, 0o400);
}

/// `/dev/full` takes every open and no byte.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_at_the_end() {
    let full = OutputSpec {
        format: report::Format::Markdown,
        path: "/dev/full".into(),
    };
    let sink = open(&[full], &[], &sample::context()).unwrap().remove(0);
    let error = Box::new(sink).finish(&sample::summary(&[])).unwrap_err();
    assert_eq!(error.to, "/dev/full");
    assert_eq!(error.source.kind(), io::ErrorKind::StorageFull);
}
