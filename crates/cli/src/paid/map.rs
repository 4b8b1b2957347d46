//! Where local files are public: `--map DIR=URL` and `[remote] map`.

use std::path::{Path, PathBuf};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use preflight::http::TargetUrl;
use url::Url;

use crate::path::lexical;
use crate::settings::MapRule;

/// Local folders and the URLs that they are public at.
#[derive(Clone, Debug)]
pub(crate) struct Map {
    here: PathBuf,
    rules: Vec<MapRule>,
}

impl Map {
    pub(crate) fn new(here: &Path, rules: &[MapRule]) -> Self {
        Self {
            here: here.to_owned(),
            rules: rules.to_vec(),
        }
    }

    /// Where a file is public, by the rule of the nearest folder above it; none where no rule says.
    pub(crate) fn url_of(&self, path: &Path) -> Option<Result<TargetUrl, String>> {
        // Links are not resolved: a folder is public under the name that it was mapped by.
        let path = lexical(&self.here.join(path));
        let below = |rule: &MapRule| path.strip_prefix(&rule.folder).ok().map(Path::to_owned);
        let (rule, below) = self
            .rules
            .iter()
            .filter_map(|rule| Some((rule, below(rule)?)))
            .min_by_key(|(_, below)| below.components().count())?;
        let url = TargetUrl::parse(join(&rule.url, &below).as_str());
        Some(url.map_err(|error| format!("the map gives no URL that can be fetched: {error}")))
    }
}

/// A URL with the segments of a relative path behind its own; its query and fragment stay away.
fn join(base: &Url, below: &Path) -> Url {
    let mut url = base.clone();
    url.set_query(None);
    url.set_fragment(None);
    let mut path = url.path().trim_end_matches('/').to_owned();
    for component in below.components() {
        path.push('/');
        path.extend(percent_encode(
            component.as_os_str().as_encoded_bytes(),
            RESERVED,
        ));
    }
    url.set_path(&path);
    url
}

/// Everything but RFC 3986's unreserved characters (section 2.3), so that no name is taken for a
/// query, a fragment or another path.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

#[cfg(test)]
mod tests {
    use super::*;

    fn map(rules: &[(&str, &str)]) -> Map {
        let rules: Vec<_> = rules
            .iter()
            .map(|(folder, url)| MapRule {
                folder: folder.into(),
                url: url.parse().unwrap(),
            })
            .collect();
        Map::new(Path::new("/repo"), &rules)
    }

    fn url(map: &Map, path: &str) -> Option<String> {
        map.url_of(Path::new(path))
            .map(|url| url.unwrap().as_str().to_owned())
    }

    #[cfg(unix)]
    #[test]
    fn a_file_is_public_by_the_nearest_folder_that_is_mapped() {
        let map = map(&[
            ("/repo/assets", "https://cdn.example.com/a/"),
            (
                "/repo/assets/portraits",
                "https://cdn.example.com/p?token=1",
            ),
        ]);
        for (path, public) in [
            (
                "assets/anna.jpg",
                Some("https://cdn.example.com/a/anna.jpg"),
            ),
            (
                "./assets/x/../portraits/kim.jpg",
                Some("https://cdn.example.com/p/kim.jpg"),
            ),
            (
                "/repo/assets/portraits/a/b.png",
                Some("https://cdn.example.com/p/a/b.png"),
            ),
            ("assets2/anna.jpg", None),
            ("../assets/anna.jpg", None),
        ] {
            assert_eq!(url(&map, path).as_deref(), public, "{path}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn no_name_is_taken_for_another_part_of_the_url() {
        let map = map(&[("/repo", "https://cdn.example.com")]);
        assert_eq!(
            url(&map, "a b?c#d%2e/ü.jpg").as_deref(),
            Some("https://cdn.example.com/a%20b%3Fc%23d%252e/%C3%BC.jpg")
        );
    }
}
