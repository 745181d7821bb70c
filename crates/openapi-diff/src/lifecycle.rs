//! Compares the life cycle of operations, parameters, headers and schemas: deprecation, sunset dates
//! (`x-sunset`) and stability (`x-stability-level`).

use chrono::{DateTime, Days, NaiveDate};
use openapi_document::Pointer;
use serde_json::Value;

use super::catalogue::{self as checks, Check, Verdict};
use super::policy::Policy;
use super::source::Node;
use super::values::plain;

/// Finds a keyword of one side.
type Find<'f, 'a> = &'f dyn Fn(&str) -> Option<Node<'a>>;

/// Finds the keywords of both sides.
pub(super) struct Lookup<'f, 'a> {
    pub(super) old: Find<'f, 'a>,
    pub(super) new: Find<'f, 'a>,
}

/// One change, with the locations of the keyword.
pub(super) struct LifecycleChange {
    pub(super) check: &'static Check,
    pub(super) what: String,
    pub(super) old: Option<Pointer>,
    pub(super) new: Option<Pointer>,
    /// The verdicts, if they differ from those of the check.
    pub(super) verdicts: Option<[Verdict; 2]>,
}

/// The checks for the deprecation of something, and for its end.
pub(super) struct Deprecation {
    set: &'static Check,
    cleared: &'static Check,
}

pub(super) static OF_OPERATIONS: Deprecation = Deprecation {
    set: &checks::OPERATION_DEPRECATED,
    cleared: &checks::OPERATION_UNDEPRECATED,
};

pub(super) static OF_PARAMETERS: Deprecation = Deprecation {
    set: &checks::PARAMETER_DEPRECATED,
    cleared: &checks::PARAMETER_UNDEPRECATED,
};

pub(super) static OF_HEADERS: Deprecation = Deprecation {
    set: &checks::HEADER_DEPRECATED,
    cleared: &checks::HEADER_UNDEPRECATED,
};

pub(super) static OF_SCHEMAS: Deprecation = Deprecation {
    set: &checks::SCHEMA_DEPRECATED,
    cleared: &checks::SCHEMA_UNDEPRECATED,
};

/// Compares the life cycle of `subject`.
pub(super) fn compare(
    lookup: &Lookup<'_, '_>,
    subject: &str,
    deprecation: &Deprecation,
    policy: &Policy,
) -> Vec<LifecycleChange> {
    let mut changes = Vec::new();
    let mut add = |check, what: String, keyword: &str| {
        let place = |find: Find<'_, '_>| find(keyword).map(|node| node.pointer);
        changes.push(LifecycleChange {
            check,
            what,
            old: place(lookup.old),
            new: place(lookup.new),
            verdicts: None,
        });
    };
    let deprecated = [lookup.old, lookup.new].map(is_deprecated);
    match deprecated {
        [false, true] => add(
            deprecation.set,
            format!("{subject} was deprecated"),
            "deprecated",
        ),
        [true, false] => {
            add(
                deprecation.cleared,
                format!("{subject} is no longer deprecated"),
                "deprecated",
            );
        }
        _ => {}
    }
    let sunset = [lookup.old, lookup.new].map(sunset);
    if let Some((check, what)) = sunset_change(subject, &sunset) {
        add(check, what, "x-sunset");
    }
    if let Some((check, what)) = grace(subject, deprecated, &sunset, policy) {
        add(check, what, "x-sunset");
    }
    let level = [lookup.old, lookup.new].map(|find| find("x-stability-level"));
    let value = |node: &Option<Node<'_>>| {
        node.as_ref()
            .map_or("none".to_owned(), |node| format!("`{}`", plain(node.value)))
    };
    let [was, is] = [value(&level[0]), value(&level[1])];
    if was != is {
        let what = format!("the stability of {subject} changed from {was} to {is}");
        add(&checks::STABILITY_CHANGED, what, "x-stability-level");
    }
    // Anything deprecated without a date can be removed at any time.
    if deprecated[1] && matches!(sunset, [Sunset::On(_), Sunset::None | Sunset::Invalid(_)]) {
        let lost = [&checks::SUNSET_WITHDRAWN, &checks::SUNSET_INVALID];
        let changes = changes.iter_mut();
        for change in changes.filter(|change| lost.contains(&change.check)) {
            change.verdicts = Some([Verdict::MayBreak; 2]);
        }
    }
    changes
}

fn is_deprecated(find: Find<'_, '_>) -> bool {
    find("deprecated").is_some_and(|node| node.value == &Value::Bool(true))
}

/// A sunset date, or the reason why there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Sunset {
    None,
    Invalid(String),
    On(NaiveDate),
}

fn sunset(find: Find<'_, '_>) -> Sunset {
    let Some(node) = find("x-sunset") else {
        return Sunset::None;
    };
    let text = plain(node.value);
    // The full date of RFC 3339, or its date and time.
    let time = DateTime::parse_from_rfc3339(&text).map(|time| time.date_naive());
    match text.parse::<NaiveDate>().or(time) {
        Ok(date) => Sunset::On(date),
        Err(_) => Sunset::Invalid(text),
    }
}

impl std::fmt::Display for Sunset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Invalid(text) => write!(f, "`{text}`, which is not a date,"),
            Self::On(date) => write!(f, "{date}"),
        }
    }
}

fn sunset_change(subject: &str, [was, is]: &[Sunset; 2]) -> Option<(&'static Check, String)> {
    let check = match (was, is) {
        (was, is) if was == is => return None,
        (_, Sunset::Invalid(_)) => &checks::SUNSET_INVALID,
        (Sunset::None, Sunset::None) => return None,
        (Sunset::On(before), Sunset::On(after)) if after < before => {
            &checks::SUNSET_BROUGHT_FORWARD
        }
        (Sunset::On(_), Sunset::On(_)) => &checks::SUNSET_POSTPONED,
        (Sunset::None | Sunset::Invalid(_), Sunset::On(_)) => &checks::SUNSET_ANNOUNCED,
        (Sunset::On(_) | Sunset::Invalid(_), Sunset::None) => &checks::SUNSET_WITHDRAWN,
    };
    let what = format!("the sunset date of {subject} changed from {was} to {is}");
    Some((check, what.trim_end_matches(',').to_owned()))
}

/// The finding if a sunset date leaves less time than the policy requires.
fn grace(
    subject: &str,
    [was_deprecated, is_deprecated]: [bool; 2],
    [was, is]: &[Sunset; 2],
    policy: &Policy,
) -> Option<(&'static Check, String)> {
    let days = policy.grace_days?;
    if !is_deprecated || was_deprecated && was == is {
        return None;
    }
    let Sunset::On(date) = is else {
        let what = format!("{subject} is deprecated, but has no sunset date");
        return Some((&checks::SUNSET_MISSING, what));
    };
    let earliest = policy.today.checked_add_days(Days::new(days.into()))?;
    (*date < earliest).then(|| {
        let what = format!("the sunset date of {subject}, {date}, is before {earliest}");
        (&checks::SUNSET_TOO_SOON, what)
    })
}

/// The verdicts on the removal of something, and the end of the sentence about it: something deprecated
/// may be removed after its sunset date.
pub(super) fn removal(
    find: Find<'_, '_>,
    verdicts: [Verdict; 2],
    policy: &Policy,
) -> ([Verdict; 2], String) {
    if !is_deprecated(find) {
        return (verdicts, String::new());
    }
    match sunset(find) {
        Sunset::On(date) if date <= policy.today => (
            [Verdict::Neutral; 2],
            format!(" after its sunset on {date}"),
        ),
        Sunset::On(date) => (verdicts, format!(" before its sunset on {date}")),
        Sunset::None | Sunset::Invalid(_) => (
            verdicts.map(|verdict| verdict.min(Verdict::MayBreak)),
            " after its deprecation".to_owned(),
        ),
    }
}
