//! Path templates: `/roles/{id}`.

use crate::template_parameters;

/// The path without the names of its parameters, which do not distinguish paths.
pub(super) fn shape(path: &str) -> String {
    let mut shape = path.to_owned();
    for name in template_parameters(path) {
        shape = shape.replacen(&format!("{{{name}}}"), "{}", 1);
    }
    shape
}

/// A path in the syntax of OpenAPI.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Template {
    pub(super) path: String,
    /// The parameters whose expressions contain more than a name.
    pub(super) modified: Vec<Modified>,
}

/// A parameter of an RFC 6570 expression with an operator or a modifier.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Modified {
    pub(super) name: String,
    /// The value of `in`. It is not `path` for the expressions `{?a}` and `{&a}`.
    pub(super) location: &'static str,
    /// The value of `style` that corresponds to the operator.
    pub(super) style: Option<&'static str>,
    pub(super) explode: bool,
}

/// Parses a path template. Expressions of RFC 6570 and of web frameworks are supported:
///
/// | expression | result |
/// |---|---|
/// | `{list*}` | the exploded parameter `list` |
/// | `{?a,b}`, `{&a}` | the query parameters `a` and `b`, which are not in the path |
/// | `{;a}`, `{.a}` | the parameter `a` with the style `matrix` or `label` |
/// | `{+a}`, `{a+}`, `{a=**}`, `{a:.*}`, `{a?}`, `{{a}}`, `{ a }` | the parameter `a` |
///
/// `None` if a brace is not closed, or if an expression has no name.
pub(super) fn read(written: &str) -> Option<Template> {
    let written = written.trim();
    let mut template = Template::default();
    let mut rest = written;
    while let Some(open) = rest.find(['{', '}']) {
        let (literal, expression) = rest.split_at(open);
        template.path.push_str(literal);
        let (inside, after) = expression_of(expression)?;
        push(&mut template, inside)?;
        rest = after;
    }
    template.path.push_str(rest);
    if !template.path.starts_with('/') {
        template.path.insert(0, '/');
    }
    Some(template)
}

/// The content of the braces that `text` starts with, and the rest of `text`.
fn expression_of(text: &str) -> Option<(&str, &str)> {
    let inside = text.strip_prefix('{')?;
    let mut depth = 1_usize;
    for (at, character) in inside.char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            // A parameter with a regular expression may have one.
            '/' if !inside[..at].contains([':', '=']) && at > 0 => return None,
            _ => {}
        }
        if depth == 0 {
            let expression = inside[..at].trim_start_matches('{').trim_end_matches('}');
            return Some((expression, &inside[at + 1..]));
        }
    }
    None
}

fn push(template: &mut Template, expression: &str) -> Option<()> {
    let expression = expression.trim();
    let (operator, names) = match expression.chars().next()? {
        operator @ ('+' | '#' | '.' | '/' | ';' | '?' | '&') => {
            (Some(operator), &expression[operator.len_utf8()..])
        }
        _ => (None, expression),
    };
    let (location, style) = match operator {
        Some('?' | '&') => ("query", None),
        Some(';') => ("path", Some("matrix")),
        Some('.') => ("path", Some("label")),
        _ => ("path", None),
    };
    // The value of a fragment is never sent.
    if operator == Some('#') {
        return Some(());
    }
    // A pattern may have commas.
    let is_pattern = names.contains([':', '=']);
    let names: Vec<&str> = match is_pattern {
        true => vec![names],
        false => names.split(',').collect(),
    };
    let separator = match operator {
        Some('/') => "/",
        Some('.' | ';') => "",
        _ => ",",
    };
    for (index, written) in names.into_iter().enumerate() {
        let written = written.trim();
        let explode = written.ends_with('*') && !is_pattern;
        let name = written.split([':', '=']).next().unwrap_or_default();
        let name = name
            .trim_end_matches(['*', '?', '+'])
            .trim_end_matches("...")
            .trim();
        if name.is_empty() {
            return None;
        }
        if location == "path" {
            let first = operator == Some('/');
            if index > 0 || first {
                template.path.push_str(separator);
            }
            template.path.push_str(&format!("{{{name}}}"));
        }
        if location != "path" || style.is_some() || explode {
            template.modified.push(Modified {
                name: name.to_owned(),
                location,
                style,
                explode,
            });
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_of_other_notations_are_read_as_those_of_openapi() {
        for (written, path, modified) in [
            ("/a/{b}", "/a/{b}", ""),
            ("a/{b}", "/a/{b}", ""),
            ("/a/{b*}", "/a/{b}", "b in path, exploded"),
            ("/a{?b,c*}", "/a", "b in query; c in query, exploded"),
            ("/a{;b}", "/a{b}", "b in path, matrix"),
            ("/a{.b}", "/a{b}", "b in path, label"),
            ("/a{/b,c}", "/a/{b}/{c}", ""),
            ("/a/{b,c}", "/a/{b},{c}", ""),
            ("/a/{+b}", "/a/{b}", ""),
            ("/a/{b+}", "/a/{b}", ""),
            ("/a/{b=**}:c", "/a/{b}:c", ""),
            ("/a/{b=c/*}/d", "/a/{b}/d", ""),
            ("/a/{b:[0-9]{2,4}}/c", "/a/{b}/c", ""),
            ("/a/{{b}}", "/a/{b}", ""),
            ("/a/{ b }", "/a/{b}", ""),
            ("/a/{b?} ", "/a/{b}", ""),
            ("/a{#b}", "/a", ""),
        ] {
            let read = read(written).unwrap_or_else(|| panic!("{written} is a template"));
            let about = |one: &Modified| {
                let style = one
                    .style
                    .map_or(String::new(), |style| format!(", {style}"));
                let exploded = if one.explode { ", exploded" } else { "" };
                format!("{} in {}{style}{exploded}", one.name, one.location)
            };
            let about: Vec<String> = read.modified.iter().map(about).collect();
            assert_eq!(
                (read.path.as_str(), about.join("; ").as_str()),
                (path, modified),
                "{written}"
            );
        }
    }

    #[test]
    fn a_template_with_an_open_brace_is_none() {
        for written in ["/a/{b", "/a/b}", "/a/{}", "/a/{b/c}", "/{a/{b}"] {
            assert_eq!(read(written), None, "{written}");
        }
    }
}
