//! The option `--map` of the commands that read a vendor's document.

use std::path::PathBuf;

use clap::Args;
use openapi_document::ReferenceMap;

/// The files that are read instead of URLs.
#[derive(Args, Clone)]
pub(super) struct References {
    /// Reads references to URLs that start with URL from FILE, a file or a folder; the longest URL
    /// applies. No URL is fetched
    #[arg(long = "map", value_name = "URL=FILE", value_parser = ReferenceMap::parse_pair)]
    pairs: Vec<(String, PathBuf)>,
}

impl References {
    pub(super) fn map(&self) -> ReferenceMap {
        self.pairs.iter().cloned().collect()
    }
}
