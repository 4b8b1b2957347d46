//! Files that are not images.

use crate::names::names;

names! {
    /// Something that is not an image, named by its first bytes. `Display` is a noun with its article.
    ///
    /// ```
    /// use preflight::{Content, OtherKind, probe_bytes};
    ///
    /// let page = probe_bytes(b"<!DOCTYPE html><title>Not found</title>");
    /// assert_eq!(page.content, Content::NotAnImage(OtherKind::Html));
    /// assert_eq!(OtherKind::Html.to_string(), "an HTML page");
    /// assert_eq!(page.starts.to_string(), r"<!DOCTYPE html><title>No");
    /// ```
    #[non_exhaustive]
    OtherKind {
        /// An archive other than zip, or a compressed file other than gzip.
        Archive: "archive", "an archive";
        /// Sound.
        Audio: "audio", "a sound file";
        /// A document of an old office suite.
        Document: "document", "an office document";
        /// A program.
        Executable: "executable", "a program";
        /// A file compressed with gzip.
        Gzip: "gzip", "a gzip file";
        /// An HTML page.
        Html: "html", "an HTML page";
        /// JSON.
        Json: "json", "JSON";
        /// PDF.
        Pdf: "pdf", "a PDF document";
        /// Plain text, in UTF-8, UTF-16 or an older encoding.
        Text: "text", "plain text";
        /// None that we know.
        Unknown: "unknown", "data of no known kind";
        /// A moving picture.
        Video: "video", "a video";
        /// XML other than SVG.
        Xml: "xml", "an XML document";
        /// Nothing but zeros, as a failed download or a full disk leaves it.
        Zeros: "zeros", "nothing but zero bytes";
        /// A zip archive, or one of the many formats built on it.
        Zip: "zip", "a zip archive";
    }
}
