//! Text in Markdown.

/// Text for a cell of a table: it ends no cell and starts no tag.
pub(super) fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;")
}
