//! How two generated surfaces differ, for the source of a caller.
//!
//! What is promised is what a caller is shown: values made with builders, members read by name,
//! enumerations matched with a wildcard. A struct literal that lists every member and a `match` without
//! a wildcard are outside the promise, or no document could ever grow. A member or parameter that must
//! be given does not keep a caller from compiling; its call fails before it is sent, which is what the
//! wire verdict of the change says. The type of the headers of a response is not to be named either: a
//! response gets one with its first documented header.

use std::collections::BTreeMap;

use super::catalogue::{self as checks, Check, Verdict};
use super::model::{Change, InRust, Place};
use client_codegen::surface::{Body, Call, Member, Shape, Surface};

/// One change of a surface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SurfaceChange {
    pub(super) check: &'static Check,
    pub(super) item: Item,
    /// What has happened, in Rust's words.
    pub(super) what: String,
}

/// What of a surface has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Item {
    /// The builder's method for a security scheme.
    Scheme(String),
    /// The method of an operation.
    Method(String),
    /// What an operation returns.
    Result(String),
    /// A setter of an operation.
    Setter(String, String),
    /// A type.
    Type(String),
    /// A member or variant of a type.
    Member(String, String),
}

impl SurfaceChange {
    pub(super) fn verdict(&self) -> Verdict {
        self.check.rust.unwrap_or(Verdict::Neutral)
    }

    pub(super) fn said(self) -> InRust {
        InRust {
            check: self.check,
            what: self.what,
        }
    }

    /// The change by itself, when no change of the document accounts for it.
    pub(super) fn alone(self) -> Change {
        let nowhere = || Place::missing_in(Default::default());
        Change {
            check: self.check,
            rust: Some(self.verdict()),
            wire: Verdict::Neutral,
            operations: Vec::new(),
            directions: Vec::new(),
            old: nowhere(),
            new: nowhere(),
            surface: Vec::new(),
            what: self.what,
        }
    }
}

/// Every difference of two surfaces.
pub(super) fn compare(old: &Surface, new: &Surface) -> Vec<SurfaceChange> {
    let mut changes = Changes(Vec::new());
    changes.schemes(&old.schemes, &new.schemes);
    for (name, call) in &new.operations {
        match old.operations.get(name) {
            Some(before) => changes.call(name, before, call),
            None => changes.add(
                &checks::RUST_METHOD_ADDED,
                Item::Method(name.clone()),
                format!("`{name}()` is new"),
            ),
        }
    }
    for name in old.operations.keys() {
        if !new.operations.contains_key(name) {
            changes.add(
                &checks::RUST_METHOD_REMOVED,
                Item::Method(name.clone()),
                format!("`{name}()` is gone"),
            );
        }
    }
    for (name, shape) in &new.types {
        match old.types.get(name) {
            Some(before) => changes.shape(name, before, shape),
            None => changes.add(
                &checks::RUST_TYPE_ADDED,
                Item::Type(name.clone()),
                format!("`{name}` is new"),
            ),
        }
    }
    for name in old.types.keys() {
        if !new.types.contains_key(name) {
            changes.add(
                &checks::RUST_TYPE_REMOVED,
                Item::Type(name.clone()),
                format!("`{name}` is gone"),
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

    /// The methods of the builder. One that takes other arguments is another one.
    fn schemes(&mut self, old: &BTreeMap<String, String>, new: &BTreeMap<String, String>) {
        for (check, what, methods, others) in [
            (&checks::RUST_METHOD_ADDED, "is new", new, old),
            (&checks::RUST_METHOD_REMOVED, "is gone", old, new),
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
        for (setter, made) in &after {
            match before.get(setter) {
                None => self.add(
                    &checks::RUST_SETTER_ADDED,
                    item(setter),
                    format!("`{name}().{setter}(…)` is new"),
                ),
                Some(was) if was != made => self.add(
                    &checks::RUST_SETTER_CHANGED,
                    item(setter),
                    format!("`{name}().{setter}(…)` makes `{made}` instead of `{was}`"),
                ),
                Some(_) => {}
            }
        }
        for setter in before.keys() {
            if !after.contains_key(setter) {
                self.add(
                    &checks::RUST_SETTER_REMOVED,
                    item(setter),
                    format!("`{name}().{setter}(…)` is gone"),
                );
            }
        }
        if (&old.success, &old.variants) != (&new.success, &new.variants) {
            let (was, is) = (returned(old), returned(new));
            self.add(
                &checks::RUST_RESULT_CHANGED,
                Item::Result(name.to_owned()),
                format!("`{name}()` returns `{is}` instead of `{was}`"),
            );
        }
        let after: BTreeMap<_, _> = new.headers.iter().cloned().collect();
        for (method, was) in &old.headers {
            let what = match after.get(method) {
                Some(is) if is == was => continue,
                Some(is) => format!("is `{is}` instead of `{was}`"),
                None => "is gone".to_owned(),
            };
            self.add(
                &checks::RUST_RESULT_CHANGED,
                Item::Result(name.to_owned()),
                format!("the header `{method}()` of the response of `{name}()` {what}"),
            );
        }
    }

    fn shape(&mut self, name: &str, old: &Shape, new: &Shape) {
        let whole = || Item::Type(name.to_owned());
        if old.serde != new.serde {
            let what = format!("`{name}` is written to JSON otherwise");
            self.add(&checks::RUST_WIRE_NAME_CHANGED, whole(), what);
        }
        match (&old.body, &new.body) {
            (Body::Struct(before), Body::Struct(after)) => {
                self.members(name, before, after, &MEMBERS);
            }
            (Body::Enum(before), Body::Enum(after)) => {
                self.members(name, before, after, &VARIANTS);
            }
            (Body::Newtype(before), Body::Newtype(after))
            | (Body::Alias(before), Body::Alias(after)) => {
                if before != after {
                    let what = format!("`{name}` is made of `{after}` instead of `{before}`");
                    self.add(&checks::RUST_TYPE_CHANGED, whole(), what);
                }
            }
            (before, after) => {
                let what = format!("`{name}` is {} instead of {}", kind(after), kind(before));
                self.add(&checks::RUST_TYPE_CHANGED, whole(), what);
            }
        }
    }

    fn members(&mut self, name: &str, old: &[Member], new: &[Member], words: &Words) {
        let item = |member: &Member| Item::Member(name.to_owned(), member.name.clone());
        let called = |member: &Member| format!("`{name}{}{}`", words.separator, member.name);
        for after in new {
            let Some(before) = old.iter().find(|before| before.name == after.name) else {
                self.add(
                    words.added,
                    item(after),
                    format!("{} is new", called(after)),
                );
                continue;
            };
            if before.of != after.of {
                let what = format!(
                    "{} is `{}` instead of `{}`",
                    called(after),
                    after.of,
                    before.of
                );
                self.add(words.changed, item(after), what);
            } else if before.serde != after.serde {
                let what = format!("{} is written to JSON otherwise", called(after));
                self.add(&checks::RUST_WIRE_NAME_CHANGED, item(after), what);
            }
        }
        for before in old {
            if new.iter().all(|after| after.name != before.name) {
                self.add(
                    words.removed,
                    item(before),
                    format!("{} is gone", called(before)),
                );
            }
        }
    }
}

/// What a call gives when it succeeds.
fn returned(call: &Call) -> String {
    let variants = call.variants.iter();
    let variants: Vec<String> = variants.map(|(name, of)| format!("{name}({of})")).collect();
    match variants.is_empty() {
        true => call.success.clone(),
        false => variants.join(" | ").replace("()", ""),
    }
}

/// How changes of the parts of a type are said.
struct Words {
    separator: &'static str,
    added: &'static Check,
    removed: &'static Check,
    changed: &'static Check,
}

static MEMBERS: Words = Words {
    separator: ".",
    added: &checks::RUST_MEMBER_ADDED,
    removed: &checks::RUST_MEMBER_REMOVED,
    changed: &checks::RUST_MEMBER_CHANGED,
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
        Body::Alias(other) => format!("another name for `{other}`"),
    }
}
