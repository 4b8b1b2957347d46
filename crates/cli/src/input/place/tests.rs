use std::os::unix::fs::symlink;

use super::*;

/// A repository and a secret beside it, in a new folder.
fn checkout() -> (tempfile::TempDir, PathBuf) {
    let top = tempfile::tempdir().unwrap();
    let path = top.path().canonicalize().unwrap();
    for folder in ["repo/.git", "repo/sub", "home"] {
        fs::create_dir_all(path.join(folder)).unwrap();
    }
    fs::write(path.join("repo/a.png"), "").unwrap();
    fs::write(path.join("home/key"), "").unwrap();
    symlink("../home/key", path.join("repo/out.png")).unwrap();
    symlink("../home", path.join("repo/folder")).unwrap();
    symlink("../a.png", path.join("repo/sub/in.png")).unwrap();
    symlink("no/where.png", path.join("repo/gone.png")).unwrap();
    symlink("self.png", path.join("repo/self.png")).unwrap();
    symlink("repo/a.png", path.join("mine.png")).unwrap();
    (top, path)
}

fn places(here: &Path) -> Places {
    Places::new(here, Keys::default())
}

/// Where a file is that a walk of `folder` finds behind a link.
fn found(places: &mut Places, folder: &Path, name: &str) -> Place {
    let tree = places.tree(folder).unwrap();
    let path = folder.join(name);
    places.found(&path, name.as_ref(), true, &tree.folder, &tree.root)
}

#[test]
fn a_link_of_the_repository_must_not_lead_out_of_it() {
    let (_top, path) = checkout();
    let mut places = places(&path.join("repo"));
    let mut standing = |name: &str, is_link| places.named(&path.join(name), is_link).standing;
    assert_eq!(standing("repo/a.png", false), Standing::Fine);
    assert_eq!(standing("repo/out.png", true), Standing::Outside);
    assert_eq!(standing("repo/folder/key", false), Standing::Outside);
    assert_eq!(standing("repo/sub/../out.png", true), Standing::Outside);
    assert_eq!(standing("repo/sub/in.png", true), Standing::Fine);
    assert_eq!(
        standing("repo/gone.png", true),
        Standing::Dangling {
            target: "no/where.png".into()
        }
    );
    assert_eq!(standing("repo/self.png", true), Standing::Loop);
    // Files elsewhere, and links there, are the user's own.
    assert_eq!(standing("home/key", false), Standing::Fine);
    assert_eq!(standing("mine.png", true), Standing::Fine);
}

#[test]
fn without_a_repository_a_named_link_is_the_users_own() {
    let (_top, path) = checkout();
    fs::remove_dir(path.join("repo/.git")).unwrap();
    let mut places = places(&path.join("repo"));
    let place = places.named(&path.join("repo/out.png"), true);
    assert_eq!(place.standing, Standing::Fine);
    assert_eq!(place.real_path, path.join("home/key"));
    // A walk must not leave the folder that was named.
    let found = found(&mut places, &path.join("repo/sub"), "in.png");
    assert_eq!(found.standing, Standing::Outside);
}

#[test]
fn few_folders_are_remembered() {
    let (_top, path) = checkout();
    let mut places = places(&path);
    places.remembered = 2;
    for name in [
        "repo/a.png",
        "repo/sub/a.png",
        "home/key",
        "repo/a.png",
        "b.png",
    ] {
        let place = places.named(&path.join(name), false);
        assert_eq!(place.real_path, path.join(name));
        assert!(places.folders.len() <= 2);
    }
}

#[test]
fn a_walk_may_use_the_whole_repository() {
    let (_top, path) = checkout();
    let mut places = places(&path.join("repo"));
    let found = found(&mut places, &path.join("repo/sub"), "in.png");
    assert_eq!(found.standing, Standing::Fine);
    let outside = places.tree(&path.join("repo/folder"));
    assert_eq!(outside.unwrap_err(), Standing::Outside);
}

#[cfg(target_os = "linux")]
#[test]
fn the_files_of_the_kernel_are_not_looked_at() {
    let (_top, path) = checkout();
    symlink("/proc/self/environ", path.join("env.png")).unwrap();
    let mut places = places(&path);
    for (name, is_link) in [
        ("/proc/self/environ", false),
        ("/proc/1/../self/stat", false),
    ] {
        let place = places.named(Path::new(name), is_link);
        assert_eq!(place.standing, Standing::OfKernel, "{name}");
    }
    let place = places.named(&path.join("env.png"), true);
    assert_eq!(place.standing, Standing::OfKernel);
    let kernels = places.tree(Path::new("/proc/sys"));
    assert_eq!(kernels.unwrap_err(), Standing::OfKernel);
}
