use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::json;

use super::super::outline::Outlines;
use super::*;
use openapi_document::Pointer;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// A parameter and the outline of its schema.
struct Read {
    parameter: Parameter,
    outlines: Outlines,
    outline: OutlineId,
}

impl Read {
    fn new(location: Location, style: &str, explode: bool, schema: Value) -> Self {
        let root = json!({ "schema": schema });
        let pointer = Pointer::of(["schema"]);
        let mut outlines = Outlines::default();
        let outline = outlines.of(&root, pointer.clone());
        let parameter = Parameter {
            name: "p".to_owned(),
            location,
            required: true,
            style: style.to_owned(),
            explode,
            schema: root["schema"].clone(),
            content: None,
            empty: false,
            pointer: Pointer::root(),
            schema_pointer: pointer,
        };
        Self {
            parameter,
            outlines,
            outline,
        }
    }

    fn value(&self, text: &str) -> Result<Option<Value>, DecodeError> {
        let outline = self.outlines.get(self.outline);
        let raw = match self.parameter.location {
            Location::Path => read_path(&self.parameter, outline, text).map(Some),
            Location::Header => read_header(&self.parameter, outline, text).map(Some),
            Location::Cookie => read_cookie(&self.parameter, outline, text),
            Location::Query => {
                Style::from(&self.parameter).read_pairs(outline, &Pairs::parse(text))
            }
        }?;
        let typed =
            |raw: Raw| raw.typed(&self.outlines, Some(self.outline), TypePreference::Narrow);
        Ok(raw.map(typed))
    }
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// Every list style, with its prefix and its delimiter.
const LISTS: [(Location, &str, bool, &str, &str); 9] = [
    (Location::Query, "form", false, "p=", ","),
    (Location::Query, "form", true, "p=", "&p="),
    (Location::Query, "spaceDelimited", false, "p=", "%20"),
    (Location::Query, "pipeDelimited", false, "p=", "|"),
    (Location::Path, "simple", false, "", ","),
    (Location::Path, "label", false, ".", ","),
    (Location::Path, "label", true, ".", "."),
    (Location::Path, "matrix", false, ";p=", ","),
    (Location::Path, "matrix", true, ";p=", ";p="),
];

/// Every object style, with its prefix, the delimiter between name and value, and that between
/// properties.
const OBJECTS: [(Location, &str, bool, &str, &str, &str); 9] = [
    (Location::Query, "form", false, "p=", ",", ","),
    (Location::Query, "form", true, "", "=", "&"),
    (Location::Query, "deepObject", true, "", "]=", "&"),
    (Location::Path, "simple", false, "", ",", ","),
    (Location::Path, "simple", true, "", "=", ","),
    (Location::Path, "label", false, ".", ",", ","),
    (Location::Path, "label", true, ".", "=", "."),
    (Location::Path, "matrix", false, ";p=", ",", ","),
    (Location::Path, "matrix", true, ";", "=", ";"),
];

proptest! {
    #[test]
    fn lists_round_trip_in_every_style(items in vec(".*", 1..5)) {
        let schema = json!({ "type": "array", "items": { "type": "string" } });
        for (location, style, explode, before, between) in LISTS {
            let read = Read::new(location, style, explode, schema.clone());
            // These two styles cannot escape their delimiter.
            let items: Vec<String> = match style {
                "spaceDelimited" | "pipeDelimited" => {
                    items.iter().map(|item| item.replace([' ', '|'], "_")).collect()
                }
                _ => items.clone(),
            };
            let items_encoded: Vec<String> = items.iter().map(|item| encoded(item)).collect();
            let text = format!("{before}{}", items_encoded.join(between));
            prop_assert_eq!(read.value(&text), Ok(Some(json!(items))), "{} {}", style, text);
        }
    }

    #[test]
    fn objects_round_trip_in_every_style(properties in btree_map("[a-z]{1,5}", any::<i64>(), 1..5)) {
        let schema = json!({ "type": "object", "additionalProperties": { "type": "integer" } });
        for (location, style, explode, before, assign, between) in OBJECTS {
            let read = Read::new(location, style, explode, schema.clone());
            let deep = if style == "deepObject" { "p[" } else { "" };
            let all = properties.iter().map(|(name, value)| format!("{deep}{name}{assign}{value}"));
            let text = format!("{before}{}", all.collect::<Vec<_>>().join(between));
            prop_assert_eq!(read.value(&text), Ok(Some(json!(properties))), "{} {}", style, text);
        }
    }

    #[test]
    fn strings_round_trip_in_every_encoded_location(text in ".+") {
        let schema = json!({ "type": "string" });
        for (location, style, before) in [
            (Location::Query, "form", "p="),
            (Location::Path, "simple", ""),
            (Location::Path, "label", "."),
            (Location::Path, "matrix", ";p="),
            (Location::Cookie, "form", "other=1; p="),
        ] {
            let read = Read::new(location, style, true, schema.clone());
            let encode = format!("{before}{}", encoded(&text));
            prop_assert_eq!(read.value(&encode), Ok(Some(json!(text))));
        }
    }

    #[test]
    fn no_query_string_causes_a_panic(text: String) {
        for schema in [json!({}), json!({ "type": "array" }), json!({ "type": "object" })] {
            for (style, explode) in [("form", true), ("form", false), ("deepObject", true)] {
                let _ = Read::new(Location::Query, style, explode, schema.clone()).value(&text);
            }
        }
    }
}

#[test]
fn a_header_is_split_but_not_decoded() {
    let items = json!({ "type": "array", "items": { "type": "string" } });
    let read = Read::new(Location::Header, "simple", false, items);
    assert_eq!(read.value("a%20b, c"), Ok(Some(json!(["a%20b", "c"]))));
}

#[test]
fn deep_objects_have_nested_properties_and_lists() {
    let read = Read::new(
        Location::Query,
        "deepObject",
        true,
        json!({
            "properties": {
                "size": { "type": "integer" },
                "by": { "properties": { "name": { "type": "string" } } },
                "ids": { "type": "array", "items": { "type": "integer" } },
            },
        }),
    );
    assert_eq!(
        read.value("p[size]=5&p%5Bby%5D[name]=7&p[ids]=1&p[ids]=2&q[size]=6"),
        Ok(Some(
            json!({ "size": 5, "by": { "name": "7" }, "ids": [1, 2] })
        ))
    );
    assert_eq!(read.value("p[ids]=1"), Ok(Some(json!({ "ids": [1] }))));
    assert_eq!(read.value("p[ids][]=1"), Ok(Some(json!({ "ids": [1] }))));
}

#[test]
fn a_string_is_converted_to_the_type_of_its_schema() {
    for (schema, text, value) in [
        (json!({ "type": "integer" }), "5", json!(5)),
        (json!({ "type": "integer" }), "five", json!("five")),
        (json!({ "type": "string" }), "5", json!("5")),
        (json!({ "type": "boolean" }), "true", json!(true)),
        (json!({ "type": ["integer", "null"] }), "", json!(null)),
        (json!({ "enum": [1, 2] }), "2", json!(2)),
    ] {
        let read = Read::new(Location::Query, "form", true, schema.clone());
        assert_eq!(
            read.value(&format!("p={text}")),
            Ok(Some(value)),
            "{schema}"
        );
    }
}

#[test]
fn undecodable_values_are_reported() {
    let text = || json!({ "type": "string" });
    let object = || json!({ "type": "object" });
    for (location, style, schema, encode, message) in [
        (
            Location::Query,
            "form",
            text(),
            "p=1&p=2",
            "occurs 2 times, but is not a list",
        ),
        (
            Location::Query,
            "form",
            text(),
            "p=%FF",
            "is not UTF-8 after percent-decoding",
        ),
        (
            Location::Path,
            "label",
            text(),
            "a",
            "does not start with a dot",
        ),
        (
            Location::Path,
            "matrix",
            text(),
            ";q=1",
            "does not start with `;p=`",
        ),
        (
            Location::Path,
            "simple",
            object(),
            "a",
            "is not a list of alternating names and values",
        ),
    ] {
        let read = Read::new(location, style, false, schema);
        assert_eq!(read.value(encode), Err(message.to_owned()), "{encode}");
    }
}
