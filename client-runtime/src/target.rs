//! The URL of a call, filled from a path template.
//!
//! Values are written into the template one by one. What is written is percent-encoded, so it holds
//! neither a brace nor a slash: it is never taken for a placeholder, and it never makes a segment of
//! its own. Two things remain that a value could do to a path, and both are refused at the end: leave a
//! segment empty, or make it a dot-segment (RFC 3986 section 5.2.4), which removes others.

use crate::operation::{Operation, Parameter};

/// A URL whose path and query are being written.
pub(crate) struct Target {
    /// The base URL, the path, and the query so far, each of whose pairs is behind `&`.
    url: String,
    /// Where the path begins and ends.
    path: std::ops::Range<usize>,
}

impl Target {
    /// The URL of a path template behind a base URL, which has no slash at its end.
    pub(crate) fn new(base_url: &str, template: &str) -> Self {
        // A fragment tells apart operations of one path, and is never sent.
        let template = template.split('#').next().unwrap_or_default();
        let (path, query) = template.split_once('?').unwrap_or((template, ""));
        // Room for values, so that most calls take memory once.
        let mut url = String::with_capacity(base_url.len() + template.len() + 96);
        url.push_str(base_url);
        let start = url.len();
        if !path.starts_with('/') {
            url.push('/');
        }
        url.push_str(path);
        let end = url.len();
        let mut target = Self {
            url,
            path: start..end,
        };
        if !query.is_empty() {
            let pairs = target.query();
            pairs.push('&');
            pairs.push_str(query);
        }
        target
    }

    /// Writes the value of a parameter, encoded, wherever the path has the parameter.
    pub(crate) fn fill(&mut self, parameter: &Parameter, value: &str) {
        let mut from = self.path.start;
        while let Some((place, length)) = self.placeholder(from, parameter.name) {
            self.url.replace_range(place..place + length, value);
            self.path.end = self.path.end + value.len() - length;
            from = place + value.len();
        }
    }

    /// Where the path has a parameter, with braces.
    fn placeholder(&self, from: usize, name: &str) -> Option<(usize, usize)> {
        let path = &self.url[from..self.path.end];
        let place = path.match_indices('{').find_map(|(place, _)| {
            let rest = path[place + 1..].strip_prefix(name)?;
            rest.starts_with('}').then_some(place)
        })?;
        Some((from + place, name.len() + 2))
    }

    /// The end of the URL, for pairs that each begin with `&`.
    pub(crate) fn query(&mut self) -> &mut String {
        &mut self.url
    }

    /// The URL.
    ///
    /// # Errors
    /// A value would make the path another one, or a placeholder has none.
    pub(crate) fn finish(mut self, operation: &Operation) -> Result<String, String> {
        let path = &self.url[self.path.clone()];
        if let Some((_, after)) = path.split_once('{') {
            let name = after.split('}').next().unwrap_or_default();
            return Err(format!("the path has no value for `{name}`"));
        }
        let template = operation.path.split(['#', '?']).next().unwrap_or_default();
        let template = template.strip_prefix('/').unwrap_or(template);
        let written = path.strip_prefix('/').unwrap_or(path);
        // A value has no slash, so the segments are those of the template.
        for (segment, template) in written.split('/').zip(template.split('/')) {
            if template.contains('{') && (segment.is_empty() || is_dot_segment(segment)) {
                let argument = argument_in(template, operation);
                return Err(format!(
                    "the argument `{argument}` makes the path segment {segment:?}, which would \
                     address another path"
                ));
            }
        }
        if self.url[self.path.end..].starts_with('&') {
            self.url.replace_range(self.path.end..=self.path.end, "?");
        }
        Ok(self.url)
    }
}

/// The argument whose value is in a segment of the template.
fn argument_in<'a>(template: &'a str, operation: &'a Operation) -> &'a str {
    let name = template.split('{').nth(1);
    let name = name.and_then(|rest| rest.split('}').next());
    let name = name.unwrap_or_default();
    let parameter = operation.parameters.iter().find(|known| known.name == name);
    parameter.map_or(name, |parameter| parameter.argument)
}

/// Whether a URL takes a segment for the current or the parent folder, encoded dots included (WHATWG
/// URL, single-dot and double-dot URL path segment).
pub(crate) fn is_dot_segment(segment: &str) -> bool {
    let plain = segment.replace("%2e", ".").replace("%2E", ".");
    plain == "." || plain == ".."
}
