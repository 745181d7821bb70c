//! Generates strings of the required length, by `format`, by `pattern`, or derived from the property
//! name.

use std::ops::RangeInclusive;

use super::location::Location;
use super::merged::MergedSchema;
use super::pattern::{ATTEMPTS, Pattern};
use super::{MAX_SIZE, Result};

/// The number of strings of a format that are tried for a pattern.
const FORMATTED: u64 = 256;
/// The number of lengths beyond the shortest that are tried for a pattern.
const SLACK: usize = 16;
/// The maximum length of a string for a pattern. It bounds the run time.
const MAX_PATTERN_LENGTH: usize = 2_000;

pub(super) fn string(merged: &MergedSchema<'_>, location: &Location<'_>) -> Result<String> {
    let (min, max) = (
        merged.lower_limit("minLength"),
        merged.upper_limit("maxLength"),
    );
    if min > max {
        return Err(location.impossible("minLength", format!("{min} is above maxLength {max}")));
    }
    if min > MAX_SIZE {
        return Err(location.unsupported("minLength", format!("{min} characters are too many")));
    }
    let lengths = min..=max;
    let patterns = merged
        .strings("pattern")
        .map(|pattern| parsed(pattern, location));
    let patterns = patterns.collect::<Result<Vec<_>, _>>()?;
    let mut encodings = merged.strings("contentEncoding");
    let encoded = encodings.any(|encoding| encoding == "base64");
    let mut formats = merged.strings("format").chain(encoded.then_some("byte"));
    let known = formats.find(|format| formatted(format, location, min).is_some());
    if let Some(format) = known {
        let strings = (0..FORMATTED).filter_map(|attempt| {
            let seed = location.seed.wrapping_add(attempt);
            formatted(
                format,
                &Location {
                    seed,
                    ..location.clone()
                },
                min,
            )
        });
        let mut fitting = strings.filter(|string| fits(string, &lengths, &patterns));
        if let Some(string) = fitting.next() {
            return Ok(string);
        }
        if patterns.is_empty() {
            let reason = format!("cannot generate {format} of {min} to {max} characters");
            return Err(location.unsupported("format", reason));
        }
    }
    match patterns.is_empty() {
        true => Ok(free_string(&lengths, location)),
        false => patterned_string(&patterns, &lengths, location),
    }
}

pub(super) fn parsed(pattern: &str, location: &Location<'_>) -> Result<Pattern> {
    let unread = |reason| location.unsupported("pattern", format!("{pattern}: {reason}"));
    Pattern::parse(pattern).map_err(unread)
}

fn fits(string: &str, lengths: &RangeInclusive<usize>, patterns: &[Pattern]) -> bool {
    lengths.contains(&string.chars().count())
        && patterns.iter().all(|pattern| pattern.matches(string))
}

/// Generates a string of a known format with at least `min` characters, if the format can be
/// extended.
fn formatted(format: &str, location: &Location<'_>, min: usize) -> Option<String> {
    let hash = location.hash().wrapping_add(location.ordinal as u64);
    let (slug, n) = (slug(location), location.ordinal % 40);
    let day = 1 + hash % 28;
    let padded = |before: &str, after: &str| {
        let length = before.len() + slug.len() + after.len();
        let padding = "a".repeat(min.saturating_sub(length));
        format!("{before}{slug}{padding}{after}")
    };
    Some(match format {
        "uuid" => {
            let low = hash & 0xffff_ffff_ffff;
            let (a, b, c, d) = (hash >> 32, hash & 0xffff, hash >> 52, (hash >> 40) & 0xfff);
            format!("{a:08x}-{b:04x}-4{c:03x}-8{d:03x}-{low:012x}")
        }
        "date-time" => format!("2019-08-{day:02}T14:15:{:02}Z", 20 + n),
        "date" => format!("2019-08-{day:02}"),
        "time" => format!("14:15:{:02}Z", 20 + n),
        "duration" => format!("P1DT{}H", 1 + n),
        "email" | "idn-email" => padded("", "@example.com"),
        "uri" | "url" | "uri-reference" | "iri" | "iri-reference" => {
            padded("https://example.com/", "")
        }
        "hostname" | "idn-hostname" => format!("{slug}.example.com"),
        "ipv4" | "ip" => format!("192.0.2.{}", 1 + hash % 200),
        "ipv6" => format!("2001:db8::{:x}", 1 + hash % 0xfff),
        "byte" | "base64" => format!("t{n:03}").repeat(min.div_ceil(4).max(1)),
        _ => return None,
    })
}

/// The name in lower case letters, digits and dashes, valid as a host name.
fn slug(location: &Location<'_>) -> String {
    let mut slug = String::new();
    for c in location.name.chars() {
        if c.is_ascii_uppercase() && slug.ends_with(|c: char| c.is_ascii_lowercase()) {
            slug.push('-');
        }
        match c {
            c if c.is_ascii_alphanumeric() => slug.push(c.to_ascii_lowercase()),
            _ if slug.ends_with('-') => {}
            _ => slug.push('-'),
        }
    }
    slug.truncate(32);
    let slug = match slug.trim_matches('-') {
        "" => "text",
        slug => slug,
    };
    format!("{slug}{}", location.suffix())
}

/// Generates a string without a pattern: the name, shortened or repeated to fit.
fn free_string(lengths: &RangeInclusive<usize>, location: &Location<'_>) -> String {
    let stem = match &*location.name {
        "" => "text",
        name => name,
    };
    let suffix = location.suffix();
    let letters = if location.maximal {
        stem.chars().count()
    } else {
        0
    };
    let wanted = (letters + suffix.len()).max(*lengths.start());
    let stem_length = wanted.min(*lengths.end()).saturating_sub(suffix.len());
    let endless = stem.chars().chain(['-']).cycle();
    let string = endless.take(stem_length).chain(suffix.chars());
    string.take(*lengths.end()).collect()
}

/// Generates a string that matches several patterns: candidates of each pattern are tested against all
/// of them.
pub(super) fn patterned_string(
    patterns: &[Pattern],
    lengths: &RangeInclusive<usize>,
    location: &Location<'_>,
) -> Result<String> {
    let min = *lengths.start();
    let shortest = patterns.iter().map(Pattern::shortest).max().unwrap_or(0);
    if shortest.max(min) > MAX_PATTERN_LENGTH {
        let reason =
            format!("strings of more than {MAX_PATTERN_LENGTH} characters are not generated");
        return Err(location.unsupported("pattern", reason));
    }
    let missing = min.saturating_sub(shortest);
    let mut extras: Vec<usize> = (0..missing + SLACK).step_by(1 + missing / 32).collect();
    let mut named = Vec::new();
    if location.maximal {
        named.extend([
            format!("{}{}", location.name, location.suffix()),
            slug(location),
        ]);
        named.retain(|string| !string.is_empty());
        extras.reverse();
    }
    let extras = std::iter::once(missing).chain(extras);
    let sources = extras.flat_map(|extra| patterns.iter().map(move |pattern| (extra, pattern)));
    let written = sources.flat_map(|(extra, pattern)| {
        let seed = location.hash() ^ (location.ordinal as u64) << 32 ^ (extra as u64) << 48;
        (0..ATTEMPTS).map(move |attempt| pattern.generate(extra, min, attempt, seed))
    });
    let mut proposals = named.into_iter().chain(written);
    proposals
        .find(|string| fits(string, lengths, patterns))
        .ok_or_else(|| {
            let sources: Vec<&str> = patterns.iter().map(|pattern| &*pattern.source).collect();
            let reason = format!("found no string for {}", sources.join(" and "));
            location.unsupported("pattern", reason)
        })
}
