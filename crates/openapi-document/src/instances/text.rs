//! Strings of the right length, by `format`, by `pattern`, or saying where they are.

use std::ops::RangeInclusive;

use super::Result;
use super::pattern::{ATTEMPTS, Pattern};
use super::place::Place;
use super::shape::Shape;
use super::walk::LARGEST;

/// How far beyond the shortest possible text a pattern is explored.
const SLACK: usize = 16;
/// No text for a pattern is longer than this, for the sake of time.
const LONGEST: usize = 2_000;

pub(super) fn text(shape: &Shape<'_>, place: &Place<'_>) -> Result<String> {
    let (least, most) = (shape.at_least("minLength"), shape.at_most("maxLength"));
    if least > most {
        return Err(place.impossible("minLength", format!("{least} is above maxLength {most}")));
    }
    if least > LARGEST {
        return Err(place.unsupported("minLength", format!("{least} characters are too many")));
    }
    let lengths = least..=most;
    let patterns = shape.texts("pattern").map(|pattern| parsed(pattern, place));
    let patterns = patterns.collect::<Result<Vec<_>, _>>()?;
    let mut encodings = shape.texts("contentEncoding");
    let encoded = encodings.any(|encoding| encoding == "base64");
    let mut formats = shape.texts("format").chain(encoded.then_some("byte"));
    let formatted = formats.find_map(|format| Some((format, formatted(format, place, least)?)));
    match formatted {
        Some((_, text)) if fits(&text, &lengths, &patterns) => Ok(text),
        Some((format, _)) if patterns.is_empty() => {
            let reason = format!("no {format} of {least} to {most} characters is known");
            Err(place.unsupported("format", reason))
        }
        None if patterns.is_empty() => Ok(free_text(&lengths, place)),
        _ => patterned_text(&patterns, &lengths, place),
    }
}

pub(super) fn parsed(pattern: &str, place: &Place<'_>) -> Result<Pattern> {
    let unread = |reason| place.unsupported("pattern", format!("{pattern}: {reason}"));
    Pattern::parse(pattern).map_err(unread)
}

fn fits(text: &str, lengths: &RangeInclusive<usize>, patterns: &[Pattern]) -> bool {
    lengths.contains(&text.chars().count()) && patterns.iter().all(|pattern| pattern.matches(text))
}

/// A text of a known format, at least that long where the format can be stretched.
fn formatted(format: &str, place: &Place<'_>, least: usize) -> Option<String> {
    let hash = place.hash().wrapping_add(place.ordinal as u64);
    let (slug, n) = (slug(place), place.ordinal % 40);
    let day = 1 + hash % 28;
    let padded = |before: &str, after: &str| {
        let length = before.len() + slug.len() + after.len();
        let padding = "a".repeat(least.saturating_sub(length));
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
        "byte" | "base64" => format!("t{n:03}").repeat(least.div_ceil(4).max(1)),
        _ => return None,
    })
}

/// The name in lower case, digits and dashes, fit for a host name.
fn slug(place: &Place<'_>) -> String {
    let mut slug = String::new();
    for c in place.name.chars() {
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
    format!("{slug}{}", place.suffix())
}

/// A text without a pattern: the name where there is room for it.
fn free_text(lengths: &RangeInclusive<usize>, place: &Place<'_>) -> String {
    let stem = match &*place.name {
        "" => "text",
        name => name,
    };
    let suffix = place.suffix();
    let letters = if place.full { stem.chars().count() } else { 0 };
    let wanted = (letters + suffix.len()).max(*lengths.start());
    let stem_length = wanted.min(*lengths.end()).saturating_sub(suffix.len());
    let endless = stem.chars().chain(['-']).cycle();
    let text = endless.take(stem_length).chain(suffix.chars());
    text.take(*lengths.end()).collect()
}

/// A text for several patterns at once: each proposes some, the first that all agree to is taken.
pub(super) fn patterned_text(
    patterns: &[Pattern],
    lengths: &RangeInclusive<usize>,
    place: &Place<'_>,
) -> Result<String> {
    let least = *lengths.start();
    let shortest = patterns.iter().map(Pattern::shortest).max().unwrap_or(0);
    if shortest.max(least) > LONGEST {
        let reason = format!("texts of more than {LONGEST} characters are not tried");
        return Err(place.unsupported("pattern", reason));
    }
    let missing = least.saturating_sub(shortest);
    let mut extras: Vec<usize> = (0..missing + SLACK).step_by(1 + missing / 32).collect();
    let mut named = Vec::new();
    if place.full {
        named.extend([format!("{}{}", place.name, place.suffix()), slug(place)]);
        named.retain(|text| !text.is_empty());
        extras.reverse();
    }
    let extras = std::iter::once(missing).chain(extras);
    let sources = extras.flat_map(|extra| patterns.iter().map(move |pattern| (extra, pattern)));
    let written = sources.flat_map(|(extra, pattern)| {
        let seed = place.hash() ^ (place.ordinal as u64) << 32 ^ (extra as u64) << 48;
        (0..ATTEMPTS).map(move |attempt| pattern.write(extra, least, attempt, seed))
    });
    let mut proposals = named.into_iter().chain(written);
    proposals
        .find(|text| fits(text, lengths, patterns))
        .ok_or_else(|| {
            let sources: Vec<&str> = patterns.iter().map(|pattern| &*pattern.source).collect();
            let reason = format!("found no text for {}", sources.join(" and "));
            place.unsupported("pattern", reason)
        })
}
