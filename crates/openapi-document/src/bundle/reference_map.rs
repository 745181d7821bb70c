//! The files that are read instead of URLs.

use std::path::PathBuf;

/// Pairs of a URL prefix and a file or folder. A URL is read from the longest prefix that it starts
/// with; what follows the prefix is a path inside the folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReferenceMap(Vec<(String, PathBuf)>);

impl ReferenceMap {
    /// The file that is read instead of `url`.
    ///
    /// ```
    /// use openapi_document::ReferenceMap;
    ///
    /// let map = ReferenceMap::from_iter([("https://schemas.example/", "/vendor/schemas")]);
    /// let file = map.file_of("https://schemas.example/v1/page.yaml");
    /// assert_eq!(file.as_deref(), Some("/vendor/schemas/v1/page.yaml".as_ref()));
    /// assert_eq!(map.file_of("https://other.example/page.yaml"), None);
    /// ```
    pub fn file_of(&self, url: &str) -> Option<PathBuf> {
        let matching = self.0.iter().filter_map(|(prefix, file)| {
            let rest = url.strip_prefix(prefix.as_str())?;
            let is_whole = rest.is_empty() || prefix.ends_with('/') || rest.starts_with('/');
            is_whole.then_some((prefix.len(), file, rest.trim_start_matches('/')))
        });
        let (_, file, rest) = matching.max_by_key(|(length, ..)| *length)?;
        Some(match rest {
            "" => file.clone(),
            rest => file.join(rest),
        })
    }

    /// Parses `URL=FILE`, the notation of command lines.
    ///
    /// # Errors
    /// A sentence that describes the error.
    ///
    /// ```
    /// use openapi_document::ReferenceMap;
    ///
    /// let (url, file) = ReferenceMap::parse_pair("https://schemas.example/?v=1=schemas")?;
    /// assert_eq!(url, "https://schemas.example/?v=1");
    /// assert_eq!(file, std::path::Path::new("schemas"));
    /// # Ok::<(), String>(())
    /// ```
    pub fn parse_pair(text: &str) -> Result<(String, PathBuf), String> {
        // A URL may have an equals sign in its query.
        let (url, file) = text
            .rsplit_once('=')
            .ok_or_else(|| "write it as URL=FILE".to_owned())?;
        Ok((url.to_owned(), PathBuf::from(file)))
    }

    /// The same with further pairs.
    #[must_use]
    pub fn with(&self, further: &Self) -> Self {
        Self(self.0.iter().chain(&further.0).cloned().collect())
    }
}

/// Relative paths are relative to the current folder.
impl<U: Into<String>, F: Into<PathBuf>> FromIterator<(U, F)> for ReferenceMap {
    fn from_iter<I: IntoIterator<Item = (U, F)>>(pairs: I) -> Self {
        let absolute = |file: PathBuf| std::path::absolute(&file).unwrap_or(file);
        let pairs = pairs.into_iter();
        Self(
            pairs
                .map(|(url, file)| (url.into(), absolute(file.into())))
                .collect(),
        )
    }
}
