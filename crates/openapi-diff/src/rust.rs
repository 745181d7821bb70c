//! Compares two generated surfaces with regard to source compatibility of callers.
//!
//! Compatibility covers values created with builders, fields read by name, and enums matched with a
//! wildcard. It does not cover struct literals with all fields and matches without a wildcard,
//! because then no schema could be extended. A new required property or parameter still compiles,
//! but the call fails before it is sent; the wire verdict covers this. The header type of a
//! response must not be named by callers: it is generated with the first documented header.

use std::collections::{BTreeMap, HashMap};

use super::catalogue::{self as checks, Check, Verdict};
use super::model::InRust;
use client_codegen::surface::{Body, Call, Field, Shape, Surface};

/// One change of a surface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SurfaceChange {
    pub(super) check: &'static Check,
    pub(super) item: Item,
    /// The change in terms of Rust.
    pub(super) what: String,
}

/// The changed item of a surface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Item {
    /// The builder's method for a security scheme.
    Scheme(String),
    /// The method of an operation.
    Method(String),
    /// The return type of an operation.
    Result(String),
    /// A setter of an operation.
    Setter(String, String),
    /// A type.
    Type(String),
    /// A field or variant of a type.
    Field(String, String),
}

impl Item {
    /// The type or the call that it belongs to.
    pub(super) fn owner(&self) -> String {
        match self {
            Self::Scheme(name) => format!("builder().{name}"),
            Self::Method(name) | Self::Result(name) | Self::Setter(name, _) => format!("{name}()"),
            Self::Type(name) | Self::Field(name, _) => name.clone(),
        }
    }
}

impl SurfaceChange {
    pub(super) fn verdict(&self) -> Verdict {
        self.check.rust.unwrap_or(Verdict::Neutral)
    }

    pub(super) fn in_rust(&self) -> InRust {
        InRust {
            check: self.check,
            what: self.what.clone(),
        }
    }
}

/// The surface with other names of types.
pub(super) fn renamed(surface: &Surface, names: &HashMap<&str, &str>) -> Surface {
    let rename = |text: &str| -> String {
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find(is_part) {
            let word = &rest[start..];
            let end = word.find(|c| !is_part(c)).unwrap_or(word.len());
            out.push_str(&rest[..start]);
            out.push_str(names.get(&word[..end]).unwrap_or(&&word[..end]));
            rest = &word[end..];
        }
        out + rest
    };
    let pairs = |list: &mut Vec<(String, String)>| {
        for (_, of) in list {
            *of = rename(of);
        }
    };
    let mut surface = surface.clone();
    for call in surface.operations.values_mut() {
        call.success = rename(&call.success);
        pairs(&mut call.setters);
        pairs(&mut call.variants);
        pairs(&mut call.headers);
        for of in [&mut call.line, &mut call.item, &mut call.work] {
            *of = of.take().map(|of| rename(&of));
        }
    }
    let types = std::mem::take(&mut surface.types).into_iter();
    surface.types = types
        .map(|(name, mut shape)| {
            match &mut shape.body {
                Body::Struct(fields) | Body::Enum(fields) => {
                    for field in fields {
                        field.of = rename(&field.of);
                    }
                }
                Body::Newtype(of) | Body::Alias(of) => *of = rename(of),
            }
            let name = names
                .get(name.as_str())
                .map_or(name.clone(), |name| (*name).to_owned());
            (name, shape)
        })
        .collect();
    surface
}

/// All differences of two surfaces.
pub(super) fn compare(old: &Surface, new: &Surface) -> Vec<SurfaceChange> {
    let mut changes = Changes(Vec::new());
    changes.schemes(&old.schemes, &new.schemes);
    for (name, call) in &new.operations {
        match old.operations.get(name) {
            Some(before) => changes.call(name, before, call),
            None => changes.add(
                &checks::RUST_METHOD_ADDED,
                Item::Method(name.clone()),
                format!("`{name}()` was added"),
            ),
        }
    }
    for name in old.operations.keys() {
        if !new.operations.contains_key(name) {
            changes.add(
                &checks::RUST_METHOD_REMOVED,
                Item::Method(name.clone()),
                format!("`{name}()` was removed"),
            );
        }
    }
    for (name, shape) in &new.types {
        match old.types.get(name) {
            Some(before) => changes.shape(name, before, shape),
            None => changes.add(
                &checks::RUST_TYPE_ADDED,
                Item::Type(name.clone()),
                format!("`{name}` was added"),
            ),
        }
    }
    for name in old.types.keys() {
        if !new.types.contains_key(name) {
            changes.add(
                &checks::RUST_TYPE_REMOVED,
                Item::Type(name.clone()),
                format!("`{name}` was removed"),
            );
        }
    }
    changes.0
}

struct Changes(Vec<SurfaceChange>);

impl Changes {
    fn add(&mut self, check: &'static Check, item: Item, what: String) {
        self.0.push(SurfaceChange { check, item, what });
    }

    /// Compares the methods of the client builder. A method with other arguments counts as another
    /// method.
    fn schemes(&mut self, old: &BTreeMap<String, String>, new: &BTreeMap<String, String>) {
        for (check, what, methods, others) in [
            (&checks::RUST_METHOD_ADDED, "was added", new, old),
            (&checks::RUST_METHOD_REMOVED, "was removed", old, new),
        ] {
            for (name, arguments) in methods {
                if others.get(name) != Some(arguments) {
                    let item = Item::Scheme(name.clone());
                    let what = format!("`builder().{name}({arguments})` {what}");
                    self.add(check, item, what);
                }
            }
        }
    }

    fn call(&mut self, name: &str, old: &Call, new: &Call) {
        let before: BTreeMap<_, _> = old.setters.iter().cloned().collect();
        let after: BTreeMap<_, _> = new.setters.iter().cloned().collect();
        let item = |setter: &str| Item::Setter(name.to_owned(), setter.to_owned());
        for (setter, is) in &after {
            match before.get(setter) {
                None => self.add(
                    &checks::RUST_SETTER_ADDED,
                    item(setter),
                    format!("`{name}().{setter}(…)` was added"),
                ),
                Some(was) if was != is => self.add(
                    &checks::RUST_SETTER_CHANGED,
                    item(setter),
                    format!("the type of `{name}().{setter}(…)` changed from `{was}` to `{is}`"),
                ),
                Some(_) => {}
            }
        }
        for setter in before.keys() {
            if !after.contains_key(setter) {
                self.add(
                    &checks::RUST_SETTER_REMOVED,
                    item(setter),
                    format!("`{name}().{setter}(…)` was removed"),
                );
            }
        }
        if (&old.success, &old.variants) != (&new.success, &new.variants) {
            let (was, is) = (returned(old), returned(new));
            self.add(
                &checks::RUST_RESULT_CHANGED,
                Item::Result(name.to_owned()),
                format!("the return type of `{name}()` changed from `{was}` to `{is}`"),
            );
        }
        let after: BTreeMap<_, _> = new.headers.iter().cloned().collect();
        for (method, was) in &old.headers {
            let what = match after.get(method) {
                Some(is) if is == was => continue,
                Some(is) => format!("changed from `{was}` to `{is}`"),
                None => "was removed".to_owned(),
            };
            self.add(
                &checks::RUST_RESULT_CHANGED,
                Item::Result(name.to_owned()),
                format!("the header `{method}()` of the response of `{name}()` {what}"),
            );
        }
        self.extra_methods(name, old, new);
    }

    /// Compares the methods of a builder for paginated lists, long-running work and JSON lines.
    fn extra_methods(&mut self, name: &str, old: &Call, new: &Call) {
        let result = Item::Result(name.to_owned());
        let body = Item::Setter(name.to_owned(), "body".to_owned());
        let changed = &checks::RUST_RESULT_CHANGED;
        let lines_changed = &checks::RUST_SETTER_CHANGED;
        for (method, item, changed, was, is) in [
            ("pages()", &result, changed, &old.item, &new.item),
            ("items()", &result, changed, &old.item, &new.item),
            ("wait()", &result, changed, &old.work, &new.work),
            ("body_items(…)", &body, lines_changed, &old.line, &new.line),
            ("body_stream(…)", &body, lines_changed, &old.line, &new.line),
        ] {
            let method = format!("`{name}().{method}`");
            let (check, what) = match (was, is) {
                (None, Some(_)) => (&checks::RUST_METHOD_ADDED, format!("{method} was added")),
                (Some(_), None) => (
                    &checks::RUST_METHOD_REMOVED,
                    format!("{method} was removed"),
                ),
                (Some(was), Some(is)) if was != is => (
                    changed,
                    format!("the type of {method} changed from `{was}` to `{is}`"),
                ),
                _ => continue,
            };
            self.add(check, item.clone(), what);
        }
    }

    fn shape(&mut self, name: &str, old: &Shape, new: &Shape) {
        let whole = || Item::Type(name.to_owned());
        if old.serde != new.serde {
            let what = format!("the JSON form of `{name}` changed");
            self.add(&checks::RUST_WIRE_NAME_CHANGED, whole(), what);
        }
        match (&old.body, &new.body) {
            (Body::Struct(before), Body::Struct(after)) => {
                self.fields(name, before, after, &FIELDS);
            }
            (Body::Enum(before), Body::Enum(after)) => {
                self.fields(name, before, after, &VARIANTS);
            }
            (Body::Newtype(before), Body::Newtype(after))
            | (Body::Alias(before), Body::Alias(after)) => {
                if before != after {
                    let what =
                        format!("the inner type of `{name}` changed from `{before}` to `{after}`");
                    self.add(&checks::RUST_TYPE_CHANGED, whole(), what);
                }
            }
            (before, after) => {
                let what = format!("`{name}` changed from {} to {}", kind(before), kind(after));
                self.add(&checks::RUST_TYPE_CHANGED, whole(), what);
            }
        }
    }

    fn fields(&mut self, name: &str, old: &[Field], new: &[Field], words: &Words) {
        let item = |field: &Field| Item::Field(name.to_owned(), field.name.clone());
        let called = |field: &Field| format!("`{name}{}{}`", words.separator, field.name);
        for after in new {
            let Some(before) = old.iter().find(|before| before.name == after.name) else {
                self.add(
                    words.added,
                    item(after),
                    format!("{} was added", called(after)),
                );
                continue;
            };
            if before.of != after.of {
                let what = format!(
                    "the type of {} changed from `{}` to `{}`",
                    called(after),
                    before.of,
                    after.of
                );
                self.add(words.changed, item(after), what);
            } else if before.serde != after.serde {
                let what = format!("the JSON form of {} changed", called(after));
                self.add(&checks::RUST_WIRE_NAME_CHANGED, item(after), what);
            }
        }
        for before in old {
            if new.iter().all(|after| after.name != before.name) {
                self.add(
                    words.removed,
                    item(before),
                    format!("{} was removed", called(before)),
                );
            }
        }
    }
}

/// The return type of a successful call.
fn returned(call: &Call) -> String {
    let variants = call.variants.iter();
    let variants: Vec<String> = variants.map(|(name, of)| format!("{name}({of})")).collect();
    match variants.is_empty() {
        true => call.success.clone(),
        false => variants.join(" | ").replace("()", ""),
    }
}

/// The notation and the checks for changes of fields or variants.
struct Words {
    separator: &'static str,
    added: &'static Check,
    removed: &'static Check,
    changed: &'static Check,
}

static FIELDS: Words = Words {
    separator: ".",
    added: &checks::RUST_FIELD_ADDED,
    removed: &checks::RUST_FIELD_REMOVED,
    changed: &checks::RUST_FIELD_CHANGED,
};

static VARIANTS: Words = Words {
    separator: "::",
    added: &checks::RUST_VARIANT_ADDED,
    removed: &checks::RUST_VARIANT_REMOVED,
    changed: &checks::RUST_VARIANT_CHANGED,
};

fn kind(body: &Body) -> String {
    match body {
        Body::Struct(_) => "a struct".to_owned(),
        Body::Enum(_) => "an enum".to_owned(),
        Body::Newtype(inner) => format!("a struct around `{inner}`"),
        Body::Alias(other) => format!("an alias of `{other}`"),
    }
}
