//! The URL of a call, built from a path template.
//!
//! Values are percent-encoded before they are written to the template, so they contain neither braces
//! nor slashes: a value cannot be a placeholder and cannot add a segment. A value could still change
//! the path in two ways, and both are rejected at the end: an empty segment, and a dot-segment (RFC
//! 3986 section 5.2.4), which removes other segments.
//!
//! An empty value turns `/users/{id}` into `/users/`, which servers treat as the list. The extension
//! `x-allow-empty` allows it for a parameter. An empty value next to a literal, as in
//! `/files/{name}.json` or `/Users('{key}')`, is sent, because it does not leave the segment empty.

use crate::operation::{Operation, Parameter};

/// A URL whose path and query are being built.
#[derive(Clone)]
pub(crate) struct Target {
    /// The base URL, the path, and the query so far. Each pair of the query is preceded by `&`.
    url: String,
    /// The range of the path.
    path: std::ops::Range<usize>,
}

impl Target {
    /// Creates the URL of a path template. `base_url` has no trailing slash.
    pub(crate) fn new(base_url: &str, template: &str) -> Self {
        // The fragment distinguishes operations with the same path, and is never sent.
        let template = template.split('#').next().unwrap_or_default();
        let (path, query) = template.split_once('?').unwrap_or((template, ""));
        // Reserves capacity for values, so that most calls allocate once.
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

    /// Writes the encoded value of a parameter to all its placeholders in the path.
    pub(crate) fn fill(&mut self, parameter: &Parameter, value: &str) {
        let mut from = self.path.start;
        while let Some((place, length)) = self.placeholder(from, parameter.name) {
            // Takes fewer instructions than `replace_range`.
            self.url.drain(place..place + length);
            self.url.insert_str(place, value);
            self.path.end = self.path.end + value.len() - length;
            from = place + value.len();
        }
    }

    /// Returns the position and the length of the first placeholder of a parameter after `from`,
    /// including the braces.
    fn placeholder(&self, from: usize, name: &str) -> Option<(usize, usize)> {
        // The search uses bytes, because a search for a character is slower on short strings.
        let path = &self.url.as_bytes()[from..self.path.end];
        let place = (0..path.len()).find(|place| {
            let rest = path[*place..].strip_prefix(b"{");
            let rest = rest.and_then(|rest| rest.strip_prefix(name.as_bytes()));
            rest.is_some_and(|rest| rest.starts_with(b"}"))
        })?;
        Some((from + place, name.len() + 2))
    }

    /// Returns the encoded value of a parameter, if no other parameter is in its segment of the path.
    pub(crate) fn value(&self, template: &str, name: &str) -> Option<&str> {
        let template = template.split(['#', '?']).next()?;
        let template = template.strip_prefix('/').unwrap_or(template);
        let path = &self.url[self.path.clone()];
        let path = path.strip_prefix('/').unwrap_or(path);
        let place = format!("{{{name}}}");
        template
            .split('/')
            .zip(path.split('/'))
            .find_map(|(template, written)| {
                let (before, after) = template.split_once(&place)?;
                written.strip_prefix(before)?.strip_suffix(after)
            })
    }

    /// Returns the URL with `?` before its first pair.
    pub(crate) fn as_url(&self) -> String {
        let (path, query) = self.url.split_at(self.path.end);
        match query.strip_prefix('&') {
            Some(query) => format!("{path}?{query}"),
            None => path.to_owned(),
        }
    }

    /// Replaces the query.
    pub(crate) fn set_query(&mut self, query: Option<&str>) {
        self.url.truncate(self.path.end);
        if let Some(query) = query {
            self.url.push('&');
            self.url.push_str(query);
        }
    }

    /// Returns the end of the URL, to append pairs that each start with `&`.
    pub(crate) fn query(&mut self) -> &mut String {
        &mut self.url
    }

    /// Returns the final URL.
    ///
    /// # Errors
    /// A placeholder has no value, or a value would change the path.
    pub(crate) fn finish(mut self, operation: &Operation) -> Result<String, String> {
        let path = &self.url[self.path.clone()];
        let is_end = |byte: u8| matches!(byte, b'#' | b'?');
        let end = operation.path.bytes().position(is_end);
        let template = &operation.path[..end.unwrap_or(operation.path.len())];
        let template = template.strip_prefix('/').unwrap_or(template);
        let written = path.strip_prefix('/').unwrap_or(path);
        // Values contain no slashes, so the segments are those of the template.
        let is_slash = |byte: &u8| *byte == b'/';
        let segments = written.as_bytes().split(is_slash);
        for (segment, template) in segments.zip(template.as_bytes().split(is_slash)) {
            let is_plain = segment.len() > LONGEST_DOT_SEGMENT && !segment.contains(&b'{');
            if is_plain || !template.contains(&b'{') {
                continue;
            }
            let [segment, template] = [segment, template].map(String::from_utf8_lossy);
            if let Some((_, after)) = segment.split_once('{') {
                let name = after.split('}').next().unwrap_or_default();
                return Err(format!("the path has no value for `{name}`"));
            }
            if is_dot_segment(&segment) {
                let argument = argument_in(&template, operation);
                return Err(format!(
                    "the argument `{argument}` results in the path segment {segment:?}, which \
                     would address another path"
                ));
            }
            if segment.is_empty() && !may_be_empty(&template, operation) {
                let argument = argument_in(&template, operation);
                return Err(format!(
                    "the argument `{argument}` is empty, so that the path would address another \
                     resource; if the API accepts an empty value, set `x-allow-empty: true` for the \
                     parameter in the API description or an overlay"
                ));
            }
        }
        if self.url[self.path.end..].starts_with('&') {
            self.url.remove(self.path.end);
            self.url.insert(self.path.end, '?');
        }
        Ok(self.url)
    }
}

/// Returns the names of the parameters in a segment of the template.
fn names_in(template: &str) -> impl Iterator<Item = &str> {
    let rests = template.split('{').skip(1);
    rests.filter_map(|rest| rest.split('}').next())
}

fn parameter_of(name: &str, operation: &Operation) -> Option<&'static Parameter> {
    operation.parameters.iter().find(|known| known.name == name)
}

/// Returns the argument whose value is in a segment of the template.
fn argument_in<'a>(template: &'a str, operation: &Operation) -> &'a str {
    let name = names_in(template).next().unwrap_or_default();
    parameter_of(name, operation).map_or(name, |parameter| parameter.argument)
}

/// Returns true if all parameters of a segment may be empty.
fn may_be_empty(template: &str, operation: &Operation) -> bool {
    names_in(template)
        .all(|name| parameter_of(name, operation).is_some_and(|parameter| parameter.allow_empty))
}

/// The length of `%2e%2e`.
const LONGEST_DOT_SEGMENT: usize = 6;

/// Returns true if URL parsers treat a segment as the current or the parent folder, including encoded
/// dots (WHATWG URL, single-dot and double-dot URL path segment).
pub(crate) fn is_dot_segment(segment: &str) -> bool {
    if segment.len() > LONGEST_DOT_SEGMENT {
        return false;
    }
    let plain = segment.replace("%2e", ".").replace("%2E", ".");
    plain == "." || plain == ".."
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::percent::push_path;
    use proptest::prelude::*;
    use reqwest::Url;

    const fn parameter(name: &'static str, argument: &'static str) -> Parameter {
        Parameter {
            name,
            argument,
            required: true,
            ..Parameter::PLAIN
        }
    }

    const PARAMETERS: &[Parameter] = &[parameter("a-b", "a_b"), parameter("c", "c")];

    /// The same operation, with an optional empty value for `c`.
    const EMPTY: &[Parameter] = &[
        parameter("a-b", "a_b"),
        Parameter {
            allow_empty: true,
            ..parameter("c", "c")
        },
    ];

    /// Returns the URL of a template for these values of the parameters `a-b` and `c`.
    fn filled(path: &'static str, first: &str, second: &str) -> Result<String, String> {
        filled_of(PARAMETERS, path, first, second)
    }

    fn filled_of(
        parameters: &'static [Parameter],
        path: &'static str,
        first: &str,
        second: &str,
    ) -> Result<String, String> {
        let operation = Operation {
            path,
            parameters,
            ..Operation::PLAIN
        };
        let mut target = Target::new("https://api.example.com/v1", path);
        // Neither the order of the arguments nor a query before them matters.
        target.query().push_str("&q=1");
        for (parameter, value) in parameters.iter().zip([first, second]).rev() {
            let mut encoded = String::new();
            push_path(&mut encoded, value);
            target.fill(parameter, &encoded);
        }
        target.finish(&operation)
    }

    #[test]
    fn the_value_of_a_whole_segment_is_read_back() {
        let template = "/a/{first}/b/{second}.json?c={first}";
        let mut target = Target::new("https://host/v1", template);
        target.fill(&parameter("first", "first"), "x%2Fy");
        target.fill(&parameter("second", "second"), "z");
        assert_eq!(target.value(template, "first"), Some("x%2Fy"));
        assert_eq!(target.value(template, "second"), Some("z"));
        assert_eq!(target.value(template, "third"), None);
    }

    #[test]
    fn a_value_is_written_to_all_its_places() {
        for (template, expected) in [
            ("/x/{a-b}/y/{c}", "/x/1/y/2?q=1"),
            ("/{c}/{a-b}", "/2/1?q=1"),
            ("/{c}{c}.{a-b}", "/22.1?q=1"),
            ("/x", "/x?q=1"),
            ("x/{c}", "/x/2?q=1"),
            ("", "/?q=1"),
            ("/x/{c}/", "/x/2/?q=1"),
            ("/x//{c}", "/x//2?q=1"),
            ("/x/{c}?action=go", "/x/2?action=go&q=1"),
            ("/x/{c}#as-events", "/x/2?q=1"),
        ] {
            let expected = format!("https://api.example.com/v1{expected}");
            assert_eq!(filled(template, "1", "2"), Ok(expected), "{template}");
        }
    }

    #[test]
    fn a_value_that_would_change_the_path_is_rejected() {
        for (template, first, second, argument) in [
            ("/x/{c}", "", ".", "c"),
            ("/x/{c}", "", "..", "c"),
            ("/x/{a-b}.{c}", "", "", "a_b"),
            ("/x/{a-b}{c}", ".", ".", "a_b"),
            ("/x/{c}%2e", "", ".", "c"),
            ("/x/.{c}", "", "", "c"),
        ] {
            let rejected = filled(template, first, second).expect_err(template);
            assert!(rejected.contains(&format!("`{argument}`")), "{rejected}");
            assert!(rejected.contains("another path"), "{rejected}");
        }
        for (template, first, second, argument) in [
            ("/x/{c}", "", "", "c"),
            ("/x/{a-b}/y", "", "2", "a_b"),
            ("/x/{a-b}{c}", "", "", "a_b"),
        ] {
            let rejected = filled(template, first, second).expect_err(template);
            assert!(
                rejected.contains(&format!("`{argument}` is empty")),
                "{rejected}"
            );
            assert!(rejected.contains("another resource"), "{rejected}");
            assert!(rejected.contains("`x-allow-empty: true`"), "{rejected}");
        }
        assert!(
            filled("/x/{nobody}", "1", "2")
                .expect_err("has none")
                .contains("`nobody`")
        );
    }

    #[test]
    fn an_empty_value_is_sent_next_to_a_literal_or_if_the_api_allows_it() {
        for (template, expected) in [
            ("/x/{c}.{a-b}", "/x/.1"),
            ("/x('{c}')", "/x('')"),
            ("/x/{c}:go", "/x/:go"),
        ] {
            let expected = format!("https://api.example.com/v1{expected}?q=1");
            assert_eq!(filled(template, "1", ""), Ok(expected), "{template}");
        }
        for (template, expected) in [("/x/{c}", "/x/"), ("/x/{c}/y", "/x//y"), ("/{c}/", "//")] {
            let expected = format!("https://api.example.com/v1{expected}?q=1");
            assert_eq!(
                filled_of(EMPTY, template, "1", ""),
                Ok(expected),
                "{template}"
            );
        }
        // Only the parameter that may be empty, and never a dot-segment.
        filled_of(EMPTY, "/x/{a-b}/{c}", "", "1").expect_err("is empty");
        filled_of(EMPTY, "/x/{a-b}{c}", "", "").expect_err("is empty");
        filled_of(EMPTY, "/x/.{c}", "", "").expect_err("is a dot-segment");
    }

    proptest! {
        #[test]
        fn every_string_is_one_segment(
            first in "\\PC*|[./%2eE\\\\{}ac-]{0,8}|(?s).*",
            second in "\\PC*|[./%2eE\\\\{}ac-]{0,8}|(?s).*",
        ) {
            let rejected = |value: &str| ["", ".", ".."].contains(&value);
            match filled("/x/{a-b}/y/{c}", &first, &second) {
                Err(_) => prop_assert!(rejected(&first) || rejected(&second)),
                Ok(url) => {
                    let url = Url::parse(&url).expect("is a URL");
                    let segments: Vec<String> = url
                        .path_segments()
                        .expect("has a path")
                        .map(|segment| {
                            let decoded = percent_encoding::percent_decode_str(segment);
                            decoded.decode_utf8().expect("is UTF-8").into_owned()
                        })
                        .collect();
                    prop_assert_eq!(segments, ["v1", "x", &first, "y", &second]);
                    prop_assert_eq!(url.query(), Some("q=1"));
                    prop_assert_eq!(url.host_str(), Some("api.example.com"));
                }
            }
        }

        #[test]
        fn strings_that_share_a_segment_stay_in_it(
            first in "[./%2eE\\\\]{0,3}",
            second in "[./%2eE\\\\]{0,3}",
        ) {
            if let Ok(url) = filled("/x/{a-b}.{c}/y", &first, &second) {
                let url = Url::parse(&url).expect("is a URL");
                let segments: Vec<&str> = url.path_segments().expect("has a path").collect();
                prop_assert_eq!(segments.len(), 4, "{}", url);
                let decoded = percent_encoding::percent_decode_str(segments[2]).decode_utf8();
                prop_assert_eq!(decoded.expect("is UTF-8"), format!("{first}.{second}"));
            }
        }
    }
}
