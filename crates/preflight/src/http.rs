//! The guarded, frugal fetcher of a URL's first bytes.
