//! The `Prefer` header (RFC 7240), with the preferences that Stoplight Prism introduced.
//!
//! | preference | response |
//! |---|---|
//! | `code=404` | the documented response for this status |
//! | `example=name` | the example of this name |
//! | `dynamic=true` | a newly generated body for each request, without examples |
//! | `outcome=failed` | the usual one, but the background work that the request starts fails |
//!
//! Several preferences are separated by commas or sent in several headers. The first of several equal
//! preferences applies, and unknown ones are ignored (RFC 7240, section 2).

use http::{HeaderMap, StatusCode};

use crate::reply::{Problem, Violation};

/// The preferences of a request; none by default.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Preference {
    /// The status.
    pub code: Option<StatusCode>,
    /// The name of an example.
    pub example: Option<String>,
    /// True if the body is to be newly generated.
    pub dynamic: bool,
    /// True if the background work that the request starts is to fail.
    pub failure: bool,
}

impl Preference {
    /// Reads all `Prefer` headers of a request.
    ///
    /// # Errors
    /// A problem (400) if a known preference has an invalid value.
    pub fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        let mut preference = Self::default();
        let mut seen: Vec<String> = Vec::new();
        let lines = headers.get_all("prefer").iter();
        for line in lines.filter_map(|value| value.to_str().ok()) {
            for part in split(line, ',') {
                let (name, value) = parse_preference(part);
                if name.is_empty() || seen.contains(&name) {
                    continue;
                }
                preference
                    .set(&name, value)
                    .map_err(|reason| invalid(&name, reason))?;
                seen.push(name);
            }
        }
        Ok(preference)
    }

    /// True if a documented response was selected, independent of the state.
    pub fn selects_response(&self) -> bool {
        self.code.is_some() || self.example.is_some() || self.dynamic
    }

    fn set(&mut self, name: &str, value: String) -> Result<(), &'static str> {
        match name {
            "code" => {
                let code = value.parse().ok();
                let code = code.and_then(|code: u16| StatusCode::from_u16(code).ok());
                let code = code.ok_or("is not an HTTP status")?;
                // A final response follows all others but 101 (RFC 9110, section 15.2).
                if code.is_informational() && code != StatusCode::SWITCHING_PROTOCOLS {
                    return Err("is not the status of a final response");
                }
                self.code = Some(code);
            }
            "example" if value.is_empty() => return Err("names no example"),
            "example" => self.example = Some(value),
            "dynamic" => {
                self.dynamic = match &*value {
                    "" | "true" => true,
                    "false" => false,
                    _ => return Err("is neither `true` nor `false`"),
                }
            }
            "outcome" => {
                self.failure = match &*value {
                    "failed" => true,
                    "done" => false,
                    _ => return Err("is neither `failed` nor `done`"),
                }
            }
            _ => {}
        }
        Ok(())
    }
}

fn invalid(name: &str, reason: &str) -> Problem {
    let detail = "A preference has an invalid value.";
    let violation = Violation {
        location: "header Prefer".to_owned(),
        reason: format!("`{name}` {reason}"),
        pointer: None,
    };
    Problem {
        violations: vec![violation],
        ..Problem::new(StatusCode::BAD_REQUEST, "Unknown preference", detail)
    }
}

/// Splits a preference into its name in lower case and its unquoted value. Parameters after `;` are
/// ignored.
fn parse_preference(part: &str) -> (String, String) {
    let preference = split(part, ';').next().unwrap_or_default();
    let (name, value) = preference.split_once('=').unwrap_or((preference, ""));
    let value = value.trim();
    let quoted = value
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    let value = match quoted {
        Some(text) => unescaped(text),
        None => value.to_owned(),
    };
    (name.trim().to_ascii_lowercase(), value)
}

/// Removes the escapes of a quoted string (RFC 9110, section 5.6.4).
fn unescaped(text: &str) -> String {
    let mut escaped = false;
    let kept = text.chars().filter(|c| {
        escaped = *c == '\\' && !escaped;
        !escaped
    });
    kept.collect()
}

/// Splits at separators outside of quoted strings.
fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(move |c| {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => return c == separator && !quoted,
        }
        false
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn preference(lines: &[&str]) -> Result<Preference, Problem> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("Prefer", line.parse().expect("a header value"));
        }
        Preference::of(&headers)
    }

    #[test]
    fn preferences_follow_rfc_7240() {
        let both = Preference {
            code: Some(StatusCode::NOT_FOUND),
            example: Some("a, b".to_owned()),
            ..Preference::default()
        };
        for lines in [
            &["code=404, example=\"a, b\""][..],
            &["CODE=404", "example = \"a, b\""],
            &[
                "respond-async, wait=10, code=404; why=\"x;y,z\"",
                "example=\"a\\, b\"",
            ],
            &["code=404, code=500, example=\"a, b\", example=c"],
        ] {
            assert_eq!(preference(lines), Ok(both.clone()), "{lines:?}");
        }
        assert_eq!(preference(&[]), Ok(Preference::default()));
        assert_eq!(preference(&[", ,"]), Ok(Preference::default()));
        let dynamic = preference(&["dynamic"]).expect("is known");
        assert!(dynamic.dynamic && dynamic.selects_response());
        let failure = preference(&["dynamic=false, outcome=failed"]).expect("is known");
        assert!(failure.failure && !failure.selects_response());
    }

    #[test]
    fn an_invalid_preference_value_is_rejected() {
        for (line, reason) in [
            ("code=teapot", "`code` is not an HTTP status"),
            ("code=99", "`code` is not an HTTP status"),
            ("code=103", "`code` is not the status of a final response"),
            ("example", "`example` names no example"),
            ("dynamic=maybe", "`dynamic` is neither `true` nor `false`"),
            ("outcome=odd", "`outcome` is neither `failed` nor `done`"),
        ] {
            let problem = preference(&[line]).expect_err(line);
            assert_eq!(problem.status, 400);
            assert_eq!(problem.violations[0].reason, reason);
        }
    }
}
