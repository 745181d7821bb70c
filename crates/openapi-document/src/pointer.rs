//! JSON Pointers (RFC 6901), which identify locations in a document.

use std::borrow::Cow;
use std::fmt;
use std::fmt::Write as _;

use serde_json::Value;

/// A JSON Pointer in its escaped string form. The empty pointer is the whole document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Pointer(String);

impl Pointer {
    /// The pointer to the whole document.
    pub fn root() -> Self {
        Self::default()
    }

    /// Creates a pointer from unescaped tokens.
    pub fn of<T: fmt::Display>(tokens: impl IntoIterator<Item = T>) -> Self {
        tokens
            .into_iter()
            .fold(Self::root(), |pointer, token| pointer.join(token))
    }

    /// Parses the string form: empty, or `/` and escaped tokens; or a URI fragment that starts with
    /// `#`, which is percent-decoded. `None` for any other string.
    pub fn parse(text: &str) -> Option<Self> {
        let text = match text.strip_prefix('#') {
            Some(fragment) => percent_decode(fragment),
            None => text.to_owned(),
        };
        (text.is_empty() || text.starts_with('/')).then_some(Self(text))
    }

    /// Appends a token: an unescaped property name or array index.
    #[must_use]
    pub fn join(&self, token: impl fmt::Display) -> Self {
        const EXPECTED_TOKEN_BYTES: usize = 24;
        let mut joined = self.with_capacity_for(EXPECTED_TOKEN_BYTES);
        joined.push(token);
        joined
    }

    /// Like [`Pointer::join`], for a property name, which needs no formatting.
    #[must_use]
    pub(crate) fn join_name(&self, name: &str) -> Self {
        let mut joined = self.with_capacity_for(name.len());
        joined.push_name(name);
        joined
    }

    /// A copy that has capacity for a token of this length.
    fn with_capacity_for(&self, token_bytes: usize) -> Self {
        let mut text = String::with_capacity(self.0.len() + 1 + token_bytes);
        text.push_str(&self.0);
        Self(text)
    }

    /// Appends a token in place, as [`Pointer::join`] does. Returns the length before, which
    /// [`Pointer::truncate`] takes.
    pub(crate) fn push(&mut self, token: impl fmt::Display) -> usize {
        let before = self.0.len();
        self.0.push('/');
        let start = self.0.len();
        // Writing to a string does not fail.
        let _ = write!(self.0, "{token}");
        if needs_escapes(&self.0[start..]) {
            let token = self.0.split_off(start);
            self.push_escaped(&token);
        }
        before
    }

    /// Like [`Pointer::push`], for a property name, which needs no formatting.
    pub(crate) fn push_name(&mut self, name: &str) -> usize {
        let before = self.0.len();
        self.0.push('/');
        match needs_escapes(name) {
            true => self.push_escaped(name),
            false => self.0.push_str(name),
        }
        before
    }

    fn push_escaped(&mut self, token: &str) {
        for part in token.split_inclusive(['~', '/']) {
            match part.as_bytes().last() {
                Some(b'~') => self.0.extend([part, "0"]),
                Some(b'/') => self.0.extend([&part[..part.len() - 1], "~1"]),
                _ => self.0.push_str(part),
            }
        }
    }

    /// Removes the tokens after `length` bytes.
    pub(crate) fn truncate(&mut self, length: usize) {
        self.0.truncate(length);
    }

    /// The pointer to the parent value; `None` for the whole document.
    pub fn parent(&self) -> Option<Self> {
        let end = self.0.rfind('/')?;
        Some(Self(self.0[..end].to_owned()))
    }

    /// The same pointer in a document that contains this one at `outer`.
    #[must_use]
    pub fn below(&self, outer: &Self) -> Self {
        Self(format!("{}{}", outer.0, self.0))
    }

    /// The pointer relative to `outer`; `None` if it is not inside `outer`.
    ///
    /// ```
    /// use openapi_document::Pointer;
    ///
    /// let outer = Pointer::of(["paths", "/a"]);
    /// let inner = Pointer::of(["get"]);
    /// assert_eq!(inner.below(&outer).within(&outer), Some(inner));
    /// assert_eq!(Pointer::of(["paths", "/ab"]).within(&outer), None);
    /// ```
    pub fn within(&self, outer: &Self) -> Option<Self> {
        let rest = self.0.strip_prefix(&outer.0)?;
        (rest.is_empty() || rest.starts_with('/')).then(|| Self(rest.to_owned()))
    }

    /// The unescaped tokens, outermost first.
    pub fn tokens(&self) -> impl Iterator<Item = String> {
        self.0
            .split('/')
            .skip(1)
            .map(|token| unescaped(token).into_owned())
    }

    /// The escaped string, as `serde_json::Value::pointer` expects it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the value at this pointer in `document`.
    pub fn get<'a>(&self, document: &'a Value) -> Option<&'a Value> {
        // The equivalent in `serde_json` copies every token, and following pointers takes most of the
        // time of reading a large document.
        let mut tokens = self.0.split('/').skip(1);
        tokens.try_fold(document, |value, token| match value {
            Value::Object(properties) => properties.get(&*unescaped(token)),
            Value::Array(items) => items.get(index(token)?),
            _ => None,
        })
    }

    /// Returns the value at this pointer in `document`, for modification.
    pub fn get_mut<'a>(&self, document: &'a mut Value) -> Option<&'a mut Value> {
        let mut tokens = self.0.split('/').skip(1);
        tokens.try_fold(document, |value, token| match value {
            Value::Object(properties) => properties.get_mut(&*unescaped(token)),
            Value::Array(items) => items.get_mut(index(token)?),
            _ => None,
        })
    }
}

fn needs_escapes(token: &str) -> bool {
    token.bytes().any(|byte| byte == b'~' || byte == b'/')
}

/// The token of a JSON Pointer without escapes: `~1` is `/`, and `~0` is `~`.
pub fn unescaped(token: &str) -> Cow<'_, str> {
    let Some(first) = token.as_bytes().iter().position(|byte| *byte == b'~') else {
        return token.into();
    };
    let (before, rest) = (&token[..first], &token[first + 1..]);
    let mut unescaped = String::with_capacity(token.len());
    unescaped.push_str(before);
    for part in rest.split('~') {
        let (character, part) = match part.as_bytes().first() {
            Some(b'0') => ('~', &part[1..]),
            Some(b'1') => ('/', &part[1..]),
            // It is no escape.
            _ => ('~', part),
        };
        unescaped.push(character);
        unescaped.push_str(part);
    }
    unescaped.into()
}

/// An array index (RFC 6901, section 4): without sign and leading zeros.
fn index(token: &str) -> Option<usize> {
    let is_canonical = token == "0" || token.starts_with(|first| ('1'..='9').contains(&first));
    is_canonical.then(|| token.parse().ok()).flatten()
}

/// Formats the pointer as a URI fragment: `#/paths/~1roles/get`.
impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

fn percent_decode(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let escape = (*first == b'%').then(|| tail.get(..2)).flatten();
        let decoded = escape
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match decoded {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    proptest! {
        #[test]
        fn tokens_round_trip(tokens: Vec<String>) {
            prop_assert_eq!(Pointer::of(&tokens).tokens().collect::<Vec<_>>(), tokens);
        }
    }

    #[test]
    fn slashes_and_tildes_in_property_names_are_escaped() {
        let document = json!({ "paths": { "/a~b": 1 } });
        let pointer = Pointer::root().join("paths").join("/a~b");
        assert_eq!(pointer.to_string(), "#/paths/~1a~0b");
        assert_eq!(pointer.get(&document), Some(&json!(1)));
        assert_eq!(Pointer::parse("#/paths/~1a%7E0b"), Some(pointer));
    }

    #[test]
    fn get_agrees_with_serde_json() {
        let items: Vec<usize> = (0..12).collect();
        let mut document =
            json!({ "": { "0": "a" }, "a/b": items, "~1": { "~": [[7]] }, "0": null });
        for text in [
            "",
            "/",
            "//0",
            "/0",
            "/a~1b/0",
            "/a~1b/11",
            "/a~1b/12",
            "/a~1b/01",
            "/a~1b/+1",
            "/a~1b/-",
            "/a~1b/",
            "/~01/~0/0/0",
            "/~01/~0/0/0/0",
            "/~1",
            "/a/b",
        ] {
            let pointer = Pointer::parse(text).expect("is a pointer");
            let expected = document.pointer(text).cloned();
            assert_eq!(pointer.get(&document), expected.as_ref(), "{text}");
            let found = pointer.get_mut(&mut document);
            assert_eq!(found.cloned(), expected, "{text}");
        }
    }

    #[test]
    fn a_string_that_is_not_a_pointer_is_not_parsed() {
        assert_eq!(Pointer::parse("#Anchor"), None);
        assert_eq!(Pointer::parse("other.yaml#/a"), None);
    }
}
