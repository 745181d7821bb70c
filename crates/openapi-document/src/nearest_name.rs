//! Finds the name that was probably intended.

/// Returns the most similar of the `known` names, if it is similar enough to suggest it for `wanted`.
pub fn nearest_name<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const MIN_SIMILARITY: f32 = 0.6;
    known
        .into_iter()
        .map(|name| {
            let ratio = similar::TextDiff::from_chars(name, wanted).ratio();
            (ratio, name)
        })
        .filter(|(ratio, _)| *ratio > MIN_SIMILARITY)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_similar_name_is_found_and_an_unlike_one_is_not() {
        let known = ["Role", "Roles", "Space"];
        assert_eq!(nearest_name("Rolls", known), Some("Roles"));
        assert_eq!(nearest_name("Invoice", known), None);
    }
}
