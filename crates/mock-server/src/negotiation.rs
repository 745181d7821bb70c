//! Content negotiation: selects the media type that the `Accept` header prefers (RFC 9110, section
//! 12.5.1).

use http::{StatusCode, header};

use crate::description::Content;
use crate::received::Received;
use crate::reply::Problem;

/// A media range of an `Accept` header, such as `text/*;q=0.5`.
struct Range<'a> {
    main_type: &'a str,
    subtype: &'a str,
    quality: f32,
}

/// Selects the content to send; the first in the document among equally preferred ones. `None` if the
/// response has no body.
///
/// # Errors
/// A problem (406) that lists the media types, if the caller accepts none.
pub(crate) fn negotiate<'a>(
    content: &'a [Content],
    received: &Received,
) -> Result<Option<&'a Content>, Problem> {
    let accepted = received.header_lines(header::ACCEPT.as_str());
    let ranges: Vec<Range<'_>> = ranges(&accepted).collect();
    if ranges.is_empty() || content.is_empty() {
        return Ok(content.first());
    }
    let mut best: Option<(&Content, f32)> = None;
    for content in content {
        let quality = quality(&content.media_type, &ranges);
        if quality > best.map_or(0.0, |(_, quality)| quality) {
            best = Some((content, quality));
        }
    }
    best.map(|(content, _)| Some(content)).ok_or_else(|| {
        let known: Vec<&str> = content.iter().map(|one| &*one.media_type).collect();
        let detail = format!("The response is available as {}.", known.join(", "));
        Problem::new(StatusCode::NOT_ACCEPTABLE, "Not acceptable", detail)
    })
}

/// Returns the media type to send. If that of the document is a range, returns the media type that the
/// caller names, otherwise JSON or plain text.
pub(crate) fn concrete_media_type(media_type: &str, received: &Received) -> String {
    if !media_type.contains('*') {
        return media_type.to_owned();
    }
    let accepted = received.header_lines(header::ACCEPT.as_str());
    let (main_type, subtype) = type_and_subtype(media_type);
    let named = ranges(&accepted).find(|range| {
        let fits = |wanted: &str, given: &str| wanted == "*" || wanted.eq_ignore_ascii_case(given);
        range.subtype != "*" && fits(main_type, range.main_type) && fits(subtype, range.subtype)
    });
    match named {
        Some(range) => format!("{}/{}", range.main_type, range.subtype),
        None if main_type == "*" || main_type == "application" => "application/json".to_owned(),
        None => format!("{main_type}/plain"),
    }
}

fn ranges<'a>(lines: &[&'a str]) -> impl Iterator<Item = Range<'a>> {
    let ranges = lines.iter().flat_map(|line| line.split(','));
    ranges
        .filter(|range| !range.trim().is_empty())
        .map(|range| {
            let (main_type, subtype) = type_and_subtype(range);
            let mut parameters = range.split(';').skip(1);
            let quality = parameters.find_map(|one| {
                let (name, value) = one.split_once('=')?;
                let is_quality = name.trim().eq_ignore_ascii_case("q");
                value.trim().parse().ok().filter(|_| is_quality)
            });
            Range {
                main_type,
                subtype,
                quality: quality.unwrap_or(1.0),
            }
        })
}

/// The type and the subtype, without parameters.
fn type_and_subtype(media_type: &str) -> (&str, &str) {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    essence.split_once('/').unwrap_or((essence, "*"))
}

/// The quality of a media type: that of the most specific matching range.
fn quality(media_type: &str, ranges: &[Range<'_>]) -> f32 {
    let (main_type, subtype) = type_and_subtype(media_type);
    let fits =
        |given: &str, own: &str| given == "*" || own == "*" || given.eq_ignore_ascii_case(own);
    let covering = ranges
        .iter()
        .filter(|range| fits(range.main_type, main_type) && fits(range.subtype, subtype));
    let specific = |range: &&Range<'_>| (range.main_type != "*", range.subtype != "*");
    covering
        .max_by_key(specific)
        .map_or(0.0, |range| range.quality)
}
