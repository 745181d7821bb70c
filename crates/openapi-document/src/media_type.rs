//! Media types with several names.

/// True if a media type is JSON Lines: one JSON text per line. Parameters are ignored.
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
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    NAMES.iter().any(|name| essence.eq_ignore_ascii_case(name))
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
