//! Which images were named before, and where.

use std::hash::{BuildHasher as _, Hash, RandomState};

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use url::Url;

/// The identity of an image.
#[derive(Clone, Copy, Debug, Hash)]
pub(crate) enum Identity<'a> {
    /// A file of a folder whose links are resolved.
    File {
        folder: Fingerprint,
        name: &'a [u8],
    },
    /// The address of an object in a store.
    Object(&'a str),
    /// A URL, as it was named.
    Url(&'a str),
    Stdin,
}

/// Two hashes under keys that nobody else knows: they make equal fingerprints of different images as
/// good as impossible, for strangers who look for them, too.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Fingerprint([u64; 2]);

/// The keys of a run's fingerprints. Clones are the same keys.
#[derive(Clone, Debug, Default)]
pub(crate) struct Keys([RandomState; 2]);

impl Keys {
    /// The fingerprint of the path of a folder.
    pub(crate) fn of_folder(&self, path: &[u8]) -> Fingerprint {
        self.hash(path)
    }

    /// The fingerprint of an image.
    pub(crate) fn of(&self, image: Identity<'_>) -> Fingerprint {
        match image {
            Identity::Url(url) => match Url::parse(url) {
                Ok(mut url) => {
                    // It is not sent.
                    url.set_fragment(None);
                    self.hash(Identity::Url(url.as_str()))
                }
                Err(_) => self.hash(image),
            },
            Identity::File { .. } | Identity::Object(_) | Identity::Stdin => self.hash(image),
        }
    }

    fn hash(&self, what: impl Copy + Hash) -> Fingerprint {
        Fingerprint(self.0.each_ref().map(|key| key.hash_one(what)))
    }
}

/// Where an image was named first.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Mention {
    /// The number of the input, from 0.
    pub(crate) number: u32,
    pub(crate) by: MentionedBy,
}

/// Who named an image.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum MentionedBy {
    /// A word of the command line, counted from 0.
    Word(u32),
    /// A line of a list: the list, counted from 0, and the line, counted from 1.
    Line { list: u32, line: u32 },
    /// A folder or pattern, in which it was found.
    Walk,
}

/// The images that were named so far, at some 42 bytes each, however long their names are.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    mentions: Vec<(Fingerprint, Mention)>,
    /// The places of `mentions`, by fingerprint: a table of whole mentions, which is never more than
    /// seven eighths full and is held twice while it grows, would take three times as much.
    table: HashTable<u32>,
}

impl Seen {
    /// Where an image was named before. If nowhere, it is now.
    pub(crate) fn earlier(&mut self, image: Fingerprint, mention: Mention) -> Option<Mention> {
        let mentions = &self.mentions;
        let at = |place: &u32| mentions.get(*place as usize);
        let entry = self.table.entry(
            image.0[0],
            |place| at(place).is_some_and(|(seen, _)| *seen == image),
            |place| at(place).map_or(0, |(seen, _)| seen.0[0]),
        );
        match entry {
            Entry::Occupied(earlier) => at(earlier.get()).map(|(_, mention)| *mention),
            Entry::Vacant(new) => {
                // Inputs are numbered by as many bits.
                new.insert(u32::try_from(mentions.len()).unwrap_or(u32::MAX));
                self.mentions.push((image, mention));
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mention(number: u32) -> Mention {
        Mention {
            number,
            by: MentionedBy::Word(number),
        }
    }

    fn file(keys: &Keys, path: &str) -> Fingerprint {
        let (folder, name) = path.rsplit_once('/').unwrap();
        keys.of(Identity::File {
            folder: keys.of_folder(folder.as_bytes()),
            name: name.as_bytes(),
        })
    }

    #[test]
    fn the_first_mention_counts() {
        let (keys, mut seen) = (Keys::default(), Seen::default());
        let mut earlier = |image, number| seen.earlier(image, mention(number));
        assert_eq!(earlier(file(&keys, "/a.png"), 0), None);
        assert_eq!(earlier(file(&keys, "/b.png"), 1), None);
        assert_eq!(earlier(file(&keys, "/sub/a.png"), 2), None);
        assert_eq!(earlier(file(&keys, "/a.png"), 3), Some(mention(0)));
        assert_eq!(earlier(file(&keys, "/a.png"), 4), Some(mention(0)));
        let stdin = keys.of(Identity::Stdin);
        assert_eq!(earlier(stdin, 5), None);
        assert_eq!(earlier(stdin, 6), Some(mention(5)));
        assert_eq!(earlier(keys.of(Identity::Url("/a.png")), 7), None);
    }

    #[test]
    fn urls_are_held_together_normalised() {
        let (keys, mut seen) = (Keys::default(), Seen::default());
        let mut is_new = |url| {
            let image = keys.of(Identity::Url(url));
            seen.earlier(image, mention(0)).is_none()
        };
        assert!(is_new("https://Example.com:443/a.png#top"));
        assert!(!is_new("https://example.com/a.png"));
        assert!(is_new("https://example.com/a.png?x=1"));
        assert!(is_new("https://["));
        assert!(!is_new("https://["));
    }

    /// The documents promise at most 64 bytes an input.
    #[test]
    fn an_image_takes_few_bytes() {
        let (keys, mut seen) = (Keys::default(), Seen::default());
        for number in 0..100_000 {
            let image = keys.of(Identity::Url(&number.to_string()));
            assert_eq!(seen.earlier(image, mention(number)), None);
        }
        let bytes = seen.mentions.capacity() * size_of_val(&seen.mentions[0])
            + seen.table.allocation_size();
        assert!(bytes <= 64 * 100_000, "{bytes}");
    }
}
