//! Which images were named before, and where.

use std::collections::HashMap;
use std::collections::hash_map::{Entry, RandomState};
use std::hash::{BuildHasher as _, Hash};
use std::path::Path;

use url::Url;

/// What tells one image from another.
#[derive(Clone, Copy, Debug, Hash)]
pub(crate) enum Identity<'a> {
    /// A canonical path.
    File(&'a Path),
    /// The address of an object in a store.
    Object(&'a str),
    /// A URL, as it was named.
    Url(&'a str),
    Stdin,
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

/// The images that were named so far, at some 64 bytes each, however long their names are.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Two hashes under keys that nobody else knows make equal numbers of different images as good
    /// as impossible, for strangers who look for them, too.
    keys: [RandomState; 2],
    mentions: HashMap<[u64; 2], Mention>,
}

impl Seen {
    /// Where an image was named before. If nowhere, it is now.
    pub(crate) fn earlier(&mut self, image: Identity<'_>, mention: Mention) -> Option<Mention> {
        match self
            .mentions
            .entry(self.keys.each_ref().map(|key| hash(key, image)))
        {
            Entry::Occupied(earlier) => Some(*earlier.get()),
            Entry::Vacant(new) => {
                new.insert(mention);
                None
            }
        }
    }
}

fn hash(key: &RandomState, image: Identity<'_>) -> u64 {
    let Identity::Url(url) = image else {
        return key.hash_one(image);
    };
    match Url::parse(url) {
        Err(_) => key.hash_one(image),
        Ok(mut url) => {
            // It is not sent.
            url.set_fragment(None);
            key.hash_one(Identity::Url(url.as_str()))
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

    #[test]
    fn the_first_mention_counts() {
        let mut seen = Seen::default();
        let file = |path| Identity::File(Path::new(path));
        assert_eq!(seen.earlier(file("/a.png"), mention(0)), None);
        assert_eq!(seen.earlier(file("/b.png"), mention(1)), None);
        assert_eq!(seen.earlier(file("/a.png"), mention(2)), Some(mention(0)));
        assert_eq!(seen.earlier(file("/a.png"), mention(3)), Some(mention(0)));
        assert_eq!(seen.earlier(Identity::Stdin, mention(4)), None);
        assert_eq!(seen.earlier(Identity::Stdin, mention(5)), Some(mention(4)));
        assert_eq!(seen.earlier(Identity::Url("/a.png"), mention(6)), None);
    }

    #[test]
    fn urls_are_held_together_normalised() {
        let mut seen = Seen::default();
        let mut is_new = |url| seen.earlier(Identity::Url(url), mention(0)).is_none();
        assert!(is_new("https://Example.com:443/a.png#top"));
        assert!(!is_new("https://example.com/a.png"));
        assert!(is_new("https://example.com/a.png?x=1"));
        assert!(is_new("https://["));
        assert!(!is_new("https://["));
    }

    #[test]
    fn an_image_takes_few_bytes() {
        assert!(size_of::<([u64; 2], Mention)>() <= 32);
    }
}
