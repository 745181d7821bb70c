//! Media types, by their names.

/// A media type without its parameters, in lower case.
pub fn essence(media_type: &str) -> String {
    let essence = media_type.split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

/// True if a media type is JSON by its name: `application/json`, or any with the suffix `+json` (RFC 6839
/// section 3.1), with or without parameters, except the one for sequences of JSON documents.
pub fn is_json(media_type: &str) -> bool {
    let essence = essence(media_type);
    essence == "application/json"
        || essence == "text/json"
        || essence.ends_with("+json") && !is_json_lines(&essence)
}

/// True if a media type is JSON Lines: one JSON value per line. Parameters are ignored.
///
/// None of the names is registered with IANA; all are in use.
pub fn is_json_lines(media_type: &str) -> bool {
    const NAMES: [&str; 8] = [
        "application/x-ndjson",
        "application/ndjson",
        "application/jsonl",
        "application/x-jsonl",
        "application/jsonlines",
        "application/x-jsonlines",
        "application/json-lines",
        "application/stream+json",
    ];
    NAMES.contains(&&*essence(media_type))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_json_lines_media_types_are_recognized() {
        for (media_type, expected) in [
            ("application/X-NDJSON; charset=utf-8", true),
            ("application/jsonl", true),
            ("application/json", false),
            ("application/json-seq", false),
        ] {
            assert_eq!(is_json_lines(media_type), expected, "{media_type}");
        }
    }
}
