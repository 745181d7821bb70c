//! Media types that are known by more than their name.

/// Whether a media type, parameters aside, is JSON texts, each in a line of its own.
///
/// None of the names is registered; all are in use.
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
