//! `-o report.html`: the images that it shows, and their cost in memory and requests.

use std::fs;

use serde_json::Value;
use testkit::{Server, server};

use crate::support::Folder;

fn gallery(name: &str) -> Vec<u8> {
    fs::read(testkit::manifest::folder().join("gallery").join(name)).unwrap()
}

/// The names of images on the page: those with a preview, and all.
fn previews(folder: &Folder) -> (Vec<String>, Vec<String>) {
    let page = fs::read_to_string(folder.path().join("report.html")).unwrap();
    assert!(page.trim_end().ends_with("</html>"), "the page is whole");
    let json = |id: &str| -> Value {
        let (_, rest) = page.split_once(&format!("id=\"{id}\">")).unwrap();
        serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap()
    };
    let (data, thumbnails) = (json("data"), json("thumbnails"));
    let (mut shown, mut all) = (Vec::new(), Vec::new());
    for (outcome, entries) in data["images"].as_object().unwrap() {
        for entry in entries.as_array().unwrap() {
            let name = entry["name"].as_str().unwrap().to_owned();
            all.push(name.clone());
            if let Some(index) = entry["thumbnail"].as_u64() {
                let index = usize::try_from(index).unwrap();
                assert!(thumbnails[outcome][index].is_string(), "{name}");
                shown.push(name);
            }
        }
    }
    shown.sort();
    all.sort();
    (shown, all)
}

#[test]
fn local_images_are_shown_whatever_their_outcome() {
    let folder = Folder::new();
    for name in ["anna.jpg", "half.jpg", "thumbnail.jpg", "sticker.png"] {
        folder.file(name, &gallery(name));
    }
    let run = folder.check([".", "-o", "report.html"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    let (shown, all) = previews(&folder);
    assert_eq!(
        all,
        ["anna.jpg", "half.jpg", "sticker.png", "thumbnail.jpg"]
    );
    // A GIF by another name.
    assert_eq!(shown, ["anna.jpg", "half.jpg", "thumbnail.jpg"]);
}

#[test]
fn a_preview_stays_within_the_memory_that_images_are_decoded_in() {
    let folder = Folder::new();
    folder.file("anna.jpg", &gallery("anna.jpg"));
    let run = folder.check([".", "-o", "report.html", "--set", "decode-memory=1MB"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(previews(&folder), (vec![], vec!["anna.jpg".to_owned()]));
}

#[test]
fn an_image_at_a_url_is_shown_if_the_whole_of_it_was_fetched_and_never_fetched_for_it() {
    let folder = Folder::new();
    let bytes = gallery("bruno.bmp");
    let web = Server::new(move |mut peer| {
        let bytes = bytes.clone();
        async move { peer.serve(&bytes, server::Ranges::Honour).await }
    });
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let address = runtime.block_on(web.listen("127.0.0.1:0")).unwrap();
    let url = format!("http://{address}/bruno.bmp");
    let check = |words: &[&str]| {
        let before = web.requests().len();
        let run = folder.check([&[url.as_str(), "--allow-net", "127.0.0.0/8"], words].concat());
        assert_eq!(run.code, 0, "{} {}", run.stdout, run.stderr);
        web.requests().len() - before
    };

    let requests = check(&[]);
    assert_eq!(check(&["-o", "report.html"]), requests);
    assert_eq!(previews(&folder), (vec![], vec![url.clone()]));

    let requests = check(&["--decode"]);
    assert_eq!(check(&["--decode", "-o", "report.html"]), requests);
    assert_eq!(previews(&folder).0, [url.clone()]);
}

#[test]
fn a_page_changes_no_result() {
    let folder = Folder::new();
    folder.file("anna.jpg", &gallery("anna.jpg"));
    let mut lines = Vec::new();
    for format in ["report.sarif", "report.html"] {
        lines.push(folder.check([".", "-f", "jsonl", "-o", format]).stdout);
    }
    let images: Vec<_> = lines.iter().map(|it| it.lines().next().unwrap()).collect();
    assert_eq!(images[0], images[1]);
}
