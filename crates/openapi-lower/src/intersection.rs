//! Merges schemas into one schema that is their intersection.
//!
//! An instance is valid against an `allOf` if it is valid against all of its parts (JSON Schema 2020-12,
//! section 10.2.1.1). The properties of objects are therefore merged, and the stricter of two bounds is
//! used. If one schema cannot express both parts, the later one refines the earlier one, and the loss is
//! recorded.

use serde_json::{Map, Value, json};

use crate::notation::array_items::shorten;
use crate::one_way::ONE_WAY;
use crate::schema::{component_name, constraints, is_annotation, resolved};

/// Merges schemas that may refer to components.
pub(crate) struct Intersection<'a> {
    components: &'a Map<String, Value>,
    /// The components being merged. A component inside itself is not merged again, so that merging
    /// terminates.
    within: Vec<String>,
    /// The constraints that were lost.
    pub(crate) lost: Vec<String>,
    /// True if one part allows properties that another does not allow.
    pub(crate) has_closed_part: bool,
}

/// The error if no instance is valid against both schemas.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Contradiction;

type Keywords = Map<String, Value>;

impl<'a> Intersection<'a> {
    /// `within` is the component that contains the schema, if any.
    pub(crate) fn new(components: &'a Map<String, Value>, within: Option<String>) -> Self {
        Self {
            components,
            within: within.into_iter().collect(),
            lost: Vec::new(),
            has_closed_part: false,
        }
    }

    /// The keywords of the schema, with its references resolved and its `allOf` merged.
    pub(crate) fn flat(&mut self, schema: &Value) -> Result<Keywords, Contradiction> {
        if let Some(name) = component_name(schema) {
            return self.flat_component(schema, &name);
        }
        let mut result = schema.as_object().cloned().unwrap_or_default();
        let parts = match result.shift_remove("allOf") {
            Some(Value::Array(parts)) => parts,
            _ => return Ok(result),
        };
        let own_annotations = result.keys().any(|keyword| is_annotation(keyword));
        for part in &parts {
            let mut flat = self.flat(part)?;
            // Annotations of the component do not apply to the whole schema.
            if own_annotations || component_name(part).is_some() {
                flat.retain(|keyword, _| !is_annotation(keyword));
            }
            self.merge(&mut result, flat)?;
        }
        // Now all properties of the parts are listed.
        if let Some(rest) = result.shift_remove("unevaluatedProperties") {
            result.entry("additionalProperties").or_insert(rest);
        }
        Ok(result)
    }

    fn flat_component(&mut self, schema: &Value, name: &str) -> Result<Keywords, Contradiction> {
        if self.within.iter().any(|outer| outer == name) {
            return Ok(Keywords::new());
        }
        self.within.push(name.to_owned());
        let components = self.components;
        let flat = match components.get(name) {
            Some(component) => self.flat(component),
            None => Ok(Keywords::new()),
        };
        let mut flat = flat?;
        // Inside one of its own extensions, a base is not a choice of its extensions.
        for choice in ["oneOf", "anyOf"] {
            let branches = flat.get(choice).and_then(Value::as_array);
            let offers = branches.is_some_and(|branches| {
                let mut names = branches.iter().filter_map(component_name);
                names.any(|branch| self.is_within(&branch))
            });
            if offers {
                flat.shift_remove(choice);
            }
        }
        self.within.pop();
        if schema.get("nullable") == Some(&Value::Bool(true)) {
            flat.insert("nullable".to_owned(), true.into());
        }
        Ok(flat)
    }

    /// True if the component, or one that it extends, is being merged.
    fn is_within(&self, name: &str) -> bool {
        let component = self.components.get(name);
        let parts = component.and_then(|component| component["allOf"].as_array());
        let bases = parts.into_iter().flatten().filter_map(component_name);
        bases
            .chain([name.to_owned()])
            .any(|name| self.within.contains(&name))
    }

    /// The schema of the instances that are valid against both schemas. If one schema implies the other, it
    /// is returned unchanged. A `readOnly` or `writeOnly` of only one schema becomes the extension for
    /// partly marked properties.
    pub(crate) fn both(&mut self, ours: &Value, theirs: &Value) -> Result<Value, Contradiction> {
        let mut both = self.valid_by_both(ours, theirs)?;
        for (mark, in_part) in ONE_WAY {
            let is_marked = |schema: &Value, mark: &str| {
                let resolved = resolved(self.components, schema);
                schema[mark] == true || resolved[mark] == true
            };
            let marker = match (is_marked(ours, mark), is_marked(theirs, mark)) {
                (true, true) => mark,
                (false, false) if !is_marked(ours, in_part) && !is_marked(theirs, in_part) => {
                    continue;
                }
                _ => in_part,
            };
            if both.get("$ref").is_some() {
                both = json!({ "allOf": [both] });
            }
            if let Some(keywords) = both.as_object_mut() {
                keywords.shift_remove(mark);
                keywords.insert(marker.to_owned(), true.into());
            }
        }
        Ok(both)
    }

    fn valid_by_both(&mut self, ours: &Value, theirs: &Value) -> Result<Value, Contradiction> {
        let names: Vec<String> = [ours, theirs]
            .into_iter()
            .filter_map(component_name)
            .collect();
        if constraints(theirs) == constraints(ours) || constraints(theirs).is_empty() {
            return Ok(ours.clone());
        }
        if constraints(ours).is_empty() {
            return Ok(theirs.clone());
        }
        if names.iter().any(|name| self.within.contains(name)) {
            self.lost.push("a part that contains itself".to_owned());
            return Ok(ours.clone());
        }
        let (our_keywords, their_keywords) = (self.flat(ours)?, self.flat(theirs)?);
        let depth = self.within.len();
        self.within.extend(names);
        let mut merged = our_keywords.clone();
        let outcome = self.merge(&mut merged, their_keywords.clone());
        self.within.truncate(depth);
        outcome?;
        let constraints_of = |keywords: &Keywords| constraints(&Value::Object(keywords.clone()));
        Ok(match constraints_of(&merged) {
            all if all == constraints_of(&our_keywords) => ours.clone(),
            all if all == constraints_of(&their_keywords) => theirs.clone(),
            _ => Value::Object(merged),
        })
    }

    /// Merges the keywords of `part` into `result`.
    fn merge(&mut self, result: &mut Keywords, mut part: Keywords) -> Result<(), Contradiction> {
        self.merge_items(result, &mut part);
        self.has_closed_part |= restricts_other(result, &part) || restricts_other(&part, result);
        stricter(
            result,
            &mut part,
            ["minimum", "exclusiveMinimum"],
            |a, b| a > b,
        );
        stricter(
            result,
            &mut part,
            ["maximum", "exclusiveMaximum"],
            |a, b| a < b,
        );
        for (keyword, theirs) in part {
            match result.get_mut(&keyword) {
                None => {
                    result.insert(keyword, theirs);
                }
                Some(ours) if *ours == theirs => {}
                Some(ours) => self.merge_keyword(&keyword, ours, theirs)?,
            }
        }
        Ok(())
    }

    /// Merges the items of arrays by position. The array ends before the first position for which no
    /// value is valid.
    fn merge_items(&mut self, result: &mut Keywords, part: &mut Keywords) {
        let [ours, theirs] = [&*result, &*part].map(Items::of);
        let (Some(ours), Some(theirs)) = (ours, theirs) else {
            return;
        };
        let mut prefix = Vec::new();
        let mut end = None;
        for index in 0..ours.prefix.len().max(theirs.prefix.len()) {
            match self.both(ours.at(index), theirs.at(index)) {
                Ok(item) => prefix.push(item),
                Err(Contradiction) => {
                    end = Some(index);
                    break;
                }
            }
        }
        let rest = self.both(&ours.rest, &theirs.rest);
        let end = end.or_else(|| rest.is_err().then_some(prefix.len()));
        for keyword in ["prefixItems", "items"] {
            result.shift_remove(keyword);
            part.shift_remove(keyword);
        }
        if !prefix.is_empty() {
            result.insert("prefixItems".to_owned(), prefix.into());
        }
        result.insert("items".to_owned(), rest.unwrap_or_else(|_| json!({})));
        if let Some(end) = end {
            shorten(result, end);
        }
    }

    fn merge_keyword(
        &mut self,
        keyword: &str,
        ours: &mut Value,
        theirs: Value,
    ) -> Result<(), Contradiction> {
        match (keyword, &mut *ours, theirs) {
            ("type", kind, theirs) => {
                let numeric = |kind: &Value| kind == "integer" || kind == "number";
                if !numeric(kind) || !numeric(&theirs) {
                    return Err(Contradiction);
                }
                // The narrower of two numeric types is used.
                *kind = "integer".into();
            }
            ("properties", Value::Object(ours), Value::Object(theirs)) => {
                for (name, theirs) in theirs {
                    let merged = match ours.get(&name) {
                        None => theirs,
                        Some(known) => self.both(known, &theirs).unwrap_or_else(|_| {
                            self.lost.push(format!(
                                "the first of two contradictory schemas of `{name}`"
                            ));
                            theirs
                        }),
                    };
                    ours.insert(name, merged);
                }
            }
            ("required", Value::Array(ours), Value::Array(theirs)) => {
                let new: Vec<Value> = theirs
                    .into_iter()
                    .filter(|name| !ours.contains(name))
                    .collect();
                ours.extend(new);
            }
            ("enum", Value::Array(ours), Value::Array(theirs)) => {
                let common: Vec<Value> = ours
                    .iter()
                    .filter(|value| theirs.contains(value))
                    .cloned()
                    .collect();
                if common.is_empty() {
                    self.lost
                        .push("the first of two disjoint enumerations".to_owned());
                }
                *ours = if common.is_empty() { theirs } else { common };
            }
            ("minLength" | "minItems" | "minProperties", ours, theirs) => {
                if theirs.as_u64() > ours.as_u64() {
                    *ours = theirs;
                }
            }
            ("maxLength" | "maxItems" | "maxProperties", ours, theirs) => {
                if theirs.as_u64() < ours.as_u64() {
                    *ours = theirs;
                }
            }
            ("pattern", ours, theirs) => {
                // A pattern can match anywhere in the string, so each pattern gets its own lookahead.
                let of = |pattern: &Value| pattern.as_str().unwrap_or_default().to_owned();
                *ours = format!(r"^(?=[^]*?(?:{}))(?=[^]*?(?:{}))", of(ours), of(&theirs)).into();
            }
            ("additionalProperties", ours, theirs) => match (&*ours, &theirs) {
                (Value::Bool(true), _) => *ours = theirs,
                (_, Value::Bool(true)) | (Value::Bool(false), _) => {}
                // A closed part closes the whole object.
                (_, Value::Bool(false)) => *ours = theirs,
                _ => *ours = self.both(ours, &theirs).unwrap_or_else(|_| json!({})),
            },
            ("oneOf" | "anyOf", Value::Array(ours), Value::Array(theirs)) => {
                *ours = self.pairs(ours, &theirs)?;
            }
            ("uniqueItems", ours, _) => *ours = true.into(),
            ("nullable", ours, _) => *ours = false.into(),
            // The first annotation is kept.
            (keyword, _, _) if is_annotation(keyword) => {}
            (keyword, _, _) => self.lost.push(format!("the second of two `{keyword}`")),
        }
        Ok(())
    }

    /// The branches that are valid against one of `ours` and one of `theirs`.
    pub(crate) fn pairs(
        &mut self,
        ours: &[Value],
        theirs: &[Value],
    ) -> Result<Vec<Value>, Contradiction> {
        const MOST: usize = 64;
        if ours.len() * theirs.len() > MOST {
            self.lost.push("the second of two choices".to_owned());
            return Ok(ours.to_vec());
        }
        let mut branches = Vec::new();
        for (our, their) in ours
            .iter()
            .flat_map(|our| theirs.iter().map(move |their| (our, their)))
        {
            // A lost pattern of an impossible pair is irrelevant.
            let lost = self.lost.len();
            match self.both(our, their) {
                Ok(branch) => branches.push(branch),
                Err(Contradiction) => self.lost.truncate(lost),
            }
        }
        if branches.is_empty() {
            return Err(Contradiction);
        }
        Ok(branches)
    }
}

/// True if a part has `additionalProperties` that also apply to properties that only the other part lists.
fn restricts_other(part: &Keywords, other: &Keywords) -> bool {
    let listed = |keywords: &Keywords| {
        keywords
            .get("properties")
            .and_then(Value::as_object)
            .cloned()
    };
    let rest = part.get("additionalProperties");
    let own = listed(part).unwrap_or_default();
    rest.is_some_and(|rest| *rest == false || !constraints(rest).is_empty())
        && listed(other).is_some_and(|other| other.keys().any(|name| !own.contains_key(name)))
}

/// The schemas of the items of an array.
struct Items {
    prefix: Vec<Value>,
    rest: Value,
}

impl Items {
    fn of(keywords: &Keywords) -> Option<Self> {
        let (prefix, rest) = (keywords.get("prefixItems"), keywords.get("items"));
        prefix.or(rest)?;
        Some(Self {
            prefix: prefix
                .and_then(Value::as_array)
                .cloned()
                .unwrap_or_default(),
            rest: rest.cloned().unwrap_or_else(|| json!({})),
        })
    }

    fn at(&self, index: usize) -> &Value {
        self.prefix.get(index).unwrap_or(&self.rest)
    }
}

/// Keeps the stricter of two bounds, with its boolean that makes it exclusive.
fn stricter(
    ours: &mut Keywords,
    theirs: &mut Keywords,
    [bound, exclusive]: [&str; 2],
    is_stricter: fn(f64, f64) -> bool,
) {
    let of = |keywords: &Keywords| keywords.get(bound).and_then(Value::as_f64);
    let (Some(our), Some(their)) = (of(ours), of(theirs)) else {
        return;
    };
    if is_stricter(their, our) {
        ours.shift_remove(bound);
        ours.shift_remove(exclusive);
    } else if is_stricter(our, their) {
        theirs.shift_remove(bound);
        theirs.shift_remove(exclusive);
    } else if theirs.get(exclusive) == Some(&Value::Bool(true)) {
        ours.shift_remove(exclusive);
    } else {
        theirs.shift_remove(exclusive);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::reference;

    fn both(ours: Value, theirs: Value) -> (Result<Value, Contradiction>, Vec<String>) {
        let components = json!({
            "Slug": { "type": "string", "maxLength": 9 },
            "Node": { "type": "object", "properties": { "next": reference("Node") } },
            "Leaf": { "type": "object", "properties": { "next": reference("Leaf") } },
        });
        let components = components.as_object().cloned().unwrap_or_default();
        let mut intersection = Intersection::new(&components, None);
        let both = intersection.both(&ours, &theirs);
        (both, intersection.lost)
    }

    #[test]
    fn an_implied_schema_does_not_change_the_other() {
        let slug = reference("Slug");
        for other in [
            json!({}),
            json!({ "description": "d" }),
            json!({ "type": "string" }),
        ] {
            assert_eq!(
                both(slug.clone(), other.clone()).0,
                Ok(slug.clone()),
                "{other}"
            );
            assert_eq!(
                both(other.clone(), slug.clone()).0,
                Ok(slug.clone()),
                "{other}"
            );
        }
    }

    #[test]
    fn the_stricter_bound_stays_exclusive() {
        let exclusive = json!({ "type": "integer", "minimum": 1, "exclusiveMinimum": true });
        let (merged, lost) = both(
            exclusive.clone(),
            json!({ "type": "integer", "minimum": 5 }),
        );
        assert_eq!(merged, Ok(json!({ "type": "integer", "minimum": 5 })));
        let (merged, _) = both(
            json!({ "type": "integer", "minimum": 1 }),
            exclusive.clone(),
        );
        assert_eq!(merged, Ok(exclusive));
        assert_eq!(lost, Vec::<String>::new());
    }

    #[test]
    fn both_patterns_are_checked() {
        let pattern = |pattern: &str| json!({ "type": "string", "pattern": pattern });
        let merged = both(pattern("^a"), pattern("z$")).0.expect("can be merged");
        let merged = regress::Regex::new(merged["pattern"].as_str().unwrap_or_default());
        let merged = merged.expect("is a pattern");
        for (text, matches) in [("a\nz", true), ("az", true), ("a", false), ("z", false)] {
            assert_eq!(merged.find(text).is_some(), matches, "{text}");
        }
    }

    #[test]
    fn recursive_schemas_are_merged_once() {
        let (merged, lost) = both(
            reference("Node"),
            json!({
                "type": "object", "properties": { "next": reference("Leaf") },
            }),
        );
        assert!(merged.is_ok());
        assert_eq!(lost, ["a part that contains itself"]);
    }

    #[test]
    fn tuples_are_merged_by_position() {
        let (string, number) = (json!({ "type": "string" }), json!({ "type": "number" }));
        let integer = json!({ "type": "integer" });
        let tuple = |prefix: Value, rest: &Value| json!({ "prefixItems": prefix, "items": rest });
        for (ours, theirs, expected) in [
            (
                tuple(json!([number, {}]), &string),
                tuple(json!([integer]), &json!({})),
                tuple(json!([integer, {}]), &string),
            ),
            (
                tuple(json!([string]), &json!({})),
                json!({ "items": string }),
                tuple(json!([string]), &string),
            ),
            (
                tuple(json!([string]), &json!({})),
                tuple(json!([number]), &json!({})),
                json!({ "items": {}, "maxItems": 0 }),
            ),
            (
                json!({ "items": string }),
                json!({ "items": number }),
                json!({ "items": {}, "maxItems": 0 }),
            ),
        ] {
            assert_eq!(both(ours.clone(), theirs).0, Ok(expected), "{ours}");
        }
    }

    #[test]
    fn types_that_exclude_each_other_are_a_contradiction() {
        let (merged, _) = both(json!({ "type": "string" }), json!({ "type": "object" }));
        assert_eq!(merged, Err(Contradiction));
    }
}
