//! Generates numbers within bounds that are multiples of `multipleOf`. Integers use exact arithmetic,
//! because 64-bit bounds do not fit into a float.

use serde_json::{Number, Value};

use super::Result;
use super::location::Location;
use super::merged::{MergedSchema, is_true};

/// True if the `format` restricts a number to integers.
pub(super) fn is_integer_format(format: &str) -> bool {
    format.trim_start_matches(['u', '-']).starts_with("int")
}

/// Returns one of the first values from the lower bound upwards, or from the upper bound downwards if
/// the upper bound is negative.
pub(super) fn integer(merged: &MergedSchema<'_>, location: &Location<'_>) -> Result<Value> {
    let bounds = |plain, exclusive, inwards: i128, round: fn(f64) -> f64| {
        limits(merged, plain, exclusive).map(move |(limit, excluded)| {
            let float = limit.as_f64().unwrap_or_default();
            let bound = limit.as_i128().unwrap_or_else(|| whole(round(float)));
            let is_out = excluded && float.fract() == 0.0;
            if is_out { bound + inwards } else { bound }
        })
    };
    let lower = bounds("minimum", "exclusiveMinimum", 1, f64::ceil).max();
    let upper = bounds("maximum", "exclusiveMaximum", -1, f64::floor).min();
    let lower = match lower {
        Some(lower)
            if lower < 0 && location.prefer_small && upper.is_none_or(|upper| upper >= 0) =>
        {
            Some(0)
        }
        lower => lower,
    };
    let step = whole(step(merged, Some(1.0)).unwrap_or(1.0)).max(1);
    let (first, step) = match (lower, upper) {
        (Some(lower), _) => (lower.saturating_add((-lower).rem_euclid(step)), step),
        (None, Some(upper)) if upper < 0 => (upper - upper.rem_euclid(step), -step),
        (None, _) => (0, step),
    };
    let fits =
        |value: &i128| lower.is_none_or(|l| l <= *value) && upper.is_none_or(|u| *value <= u);
    let values = (0..100).map(|n| first.saturating_add(step.saturating_mul(n)));
    pick(values.filter(fits).filter_map(Number::from_i128), location)
        .map(Value::Number)
        .ok_or_else(|| location.impossible("minimum", "no 64-bit integer lies between the bounds"))
}

/// Converts to an integer, clamped so that sums and negations cannot overflow.
fn whole(float: f64) -> i128 {
    float.clamp(-1e30, 1e30) as i128
}

/// Like [`integer`], in steps of 0.5 or less if the bounds are close.
pub(super) fn number(merged: &MergedSchema<'_>, location: &Location<'_>) -> Result<Value> {
    let bounds = |plain, exclusive| {
        limits(merged, plain, exclusive)
            .filter_map(|(limit, excluded)| Some((limit.as_f64()?, excluded)))
            .collect::<Vec<_>>()
    };
    let lower = bounds("minimum", "exclusiveMinimum");
    let upper = bounds("maximum", "exclusiveMaximum");
    let low = lower.iter().map(|(limit, _)| *limit).reduce(f64::max);
    let high = upper.iter().map(|(limit, _)| *limit).reduce(f64::min);
    let multiple = step(merged, None);
    let step = match (low, high) {
        (Some(low), Some(high)) if high > low => ((high - low) / 4.0).min(0.5),
        _ => 0.5,
    };
    let (origin, sign) = match (low, high) {
        (Some(low), high)
            if low < 0.0 && location.prefer_small && high.is_none_or(|high| high > 0.0) =>
        {
            (0.0, 1.0)
        }
        (Some(low), _) => (low, 1.0),
        (None, Some(high)) if high <= 0.0 => (high, -1.0),
        _ => (0.0, 1.0),
    };
    let on_grid = |n: i32| match multiple {
        Some(multiple) => scaled((origin / multiple).round() + sign * f64::from(n), multiple),
        None => origin + sign * step * f64::from(n),
    };
    let fits = |value: &f64| {
        let met = |(limit, excluded): &(f64, bool)| !excluded && limit == value;
        lower.iter().all(|limit| limit.0 < *value || met(limit))
            && upper.iter().all(|limit| limit.0 > *value || met(limit))
    };
    pick((0..100).map(on_grid).filter(fits), location)
        .and_then(Number::from_f64)
        .map(Value::Number)
        .ok_or_else(|| location.impossible("minimum", "no number lies between the bounds"))
}

/// `n * step` without rounding errors such as that of 3 * 0.1.
fn scaled(n: f64, step: f64) -> f64 {
    let inverse = (1.0 / step).round();
    if inverse > 1.0 && (inverse * step - 1.0).abs() < 1e-9 {
        n / inverse
    } else {
        n * step
    }
}

/// The limits of one side, each with a flag that is true if the limit itself is excluded: by a boolean
/// beside it (3.0) or by an `exclusive…` keyword (3.1).
fn limits<'s>(
    merged: &MergedSchema<'s>,
    plain: &str,
    exclusive: &str,
) -> impl Iterator<Item = (&'s Number, bool)> {
    merged.parts.iter().flat_map(move |part| {
        let limit = |keyword: &str| match part.get(keyword) {
            Some(Value::Number(limit)) => Some(limit),
            _ => None,
        };
        let excluded = is_true(part, exclusive);
        let plain = limit(plain).map(|limit| (limit, excluded));
        plain
            .into_iter()
            .chain(limit(exclusive).map(|limit| (limit, true)))
    })
}

/// The common multiple of `start` and every `multipleOf`.
fn step(merged: &MergedSchema<'_>, start: Option<f64>) -> Option<f64> {
    let steps = merged.values_of("multipleOf").filter_map(Value::as_f64);
    let steps = start.into_iter().chain(steps.filter(|step| *step > 0.0));
    steps.reduce(|common, step| {
        let mut multiples = (1..=1000).map(|n| f64::from(n) * common);
        let fitting = multiples.find(|multiple| {
            let times = multiple / step;
            (times - times.round()).abs() < 1e-9
        });
        fitting.unwrap_or(common * step)
    })
}

/// Picks a value: the first one for a minimal instance; otherwise different values for consecutive
/// ordinals.
fn pick<T>(values: impl Iterator<Item = T>, location: &Location<'_>) -> Option<T> {
    let values: Vec<T> = values.collect();
    let offset = match location.maximal {
        false => 0,
        true => 1 + 2 * (location.hash() % 10) as usize,
    };
    let index = (location.ordinal + offset) % values.len().max(1);
    values.into_iter().nth(index)
}
