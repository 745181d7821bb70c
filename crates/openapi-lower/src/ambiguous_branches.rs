//! Finds branches of a choice that could decode the values of other branches and lose properties.
//!
//! The first branch that decodes is used, and a type ignores properties that it does not list. In `{oneOf:
//! [{properties: {to: …, html: …}, required: [to]}, {properties: {to: …, country: …}, required: [to]}]}`,
//! the first branch must keep the properties that it does not list. If `to` is an object in both, it may
//! have to do the same.

use std::collections::{BTreeSet, HashMap, HashSet};

use openapi_document::Pointer;
use serde_json::{Map, Value};

use crate::one_way::ONE_WAY;
use crate::schema::{branches_of, last_component, required, resolved, type_of};

/// An object that must keep properties that it does not list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ObjectRef {
    /// A location in the document.
    Document(Pointer),
    /// A location in a branch: the index of the branch, and the pointer inside it.
    Branch(usize, Pointer),
}

/// The objects that must keep properties that they do not list, so that no value of `branches` loses
/// properties when the first branch that decodes is used.
///
/// If the values are `sent`, `readOnly` properties are absent and do not distinguish branches. If a value
/// may match several branches `together`, as in an `anyOf`, it has the properties of all of them.
pub(crate) fn objects_to_keep_open(
    components: &Map<String, Value>,
    branches: &[Value],
    sent: bool,
    together: bool,
) -> BTreeSet<ObjectRef> {
    let mut search = Search::new(components, branches, sent, together);
    for (index, branch) in branches.iter().enumerate() {
        for later in &branches[index + 1..] {
            let place = ObjectRef::Branch(index, Pointer::root());
            search.compare(&place, branch, later, true);
        }
    }
    search.found
}

/// True if a value that is sent as one of the branches may also be valid against another one.
pub(crate) fn may_overlap(components: &Map<String, Value>, branches: &[Value]) -> bool {
    let mut search = Search::new(components, branches, true, false);
    branches.iter().enumerate().any(|(index, branch)| {
        let mut later = branches[index + 1..].iter();
        later.any(|later| search.is_ambiguous(branch, later))
    })
}

/// The properties for which every branch lists values. They distinguish the branches.
pub(crate) fn tagged_names(
    components: &Map<String, Value>,
    branches: &[Value],
) -> BTreeSet<String> {
    let mut tagged: Option<BTreeSet<String>> = None;
    for branch in branches {
        let properties = resolved(components, branch)["properties"].as_object();
        let listing: BTreeSet<String> = properties
            .into_iter()
            .flatten()
            .filter(|(_, schema)| resolved(components, schema).get("enum").is_some())
            .map(|(name, _)| name.clone())
            .collect();
        tagged = Some(match tagged {
            Some(known) => known.intersection(&listing).cloned().collect(),
            None => listing,
        });
    }
    tagged.unwrap_or_default()
}

/// The maximum depth of the comparison.
const MAX_DEPTH: usize = 64;

struct Search<'a> {
    components: &'a Map<String, Value>,
    sent: bool,
    together: bool,
    tags: BTreeSet<String>,
    /// The current depth.
    depth: usize,
    /// The pairs that have been compared.
    seen: HashSet<(*const Value, *const Value)>,
    /// Results of `accepts`, by pair and whether the pair are branches.
    taken: HashMap<(*const Value, *const Value, bool), bool>,
    found: BTreeSet<ObjectRef>,
}

impl<'a> Search<'a> {
    fn new(
        components: &'a Map<String, Value>,
        branches: &[Value],
        sent: bool,
        together: bool,
    ) -> Self {
        Self {
            components,
            sent,
            together,
            tags: tagged_names(components, branches),
            depth: 0,
            seen: HashSet::new(),
            taken: HashMap::new(),
            found: BTreeSet::new(),
        }
    }

    /// Finds the objects that must keep properties if values of `other` are decoded as `first`, which is at
    /// `place`.
    fn compare(&mut self, place: &ObjectRef, first: &'a Value, other: &'a Value, is_branch: bool) {
        let place = match last_component(self.components, first) {
            Some((name, _)) => ObjectRef::Document(Pointer::of(["components", "schemas", &name])),
            None => place.clone(),
        };
        let first = resolved(self.components, first);
        let other = resolved(self.components, other);
        let is_known = std::ptr::eq(first, other) || !self.seen.insert((first, other));
        if is_known || self.depth > MAX_DEPTH {
            return;
        }
        self.depth += 1;
        self.compare_inside(&place, first, other, is_branch);
        self.depth -= 1;
    }

    fn compare_inside(
        &mut self,
        place: &ObjectRef,
        first: &'a Value,
        other: &'a Value,
        is_branch: bool,
    ) {
        for (keyword, index, inner) in branches_of(first) {
            let place = place.join(keyword).join(&index.to_string());
            self.compare(&place, inner, other, is_branch);
        }
        for (_, _, inner) in branches_of(other) {
            self.compare(place, first, inner, is_branch);
        }
        let prefixes = (
            first["prefixItems"].as_array(),
            other["prefixItems"].as_array(),
        );
        if let (Some(ours), Some(theirs)) = prefixes {
            let place = place.join("prefixItems");
            for (index, (our, their)) in ours.iter().zip(theirs).enumerate() {
                self.compare(&place.join(&index.to_string()), our, their, false);
            }
        }
        if let (Some(ours), Some(theirs)) = (first.get("items"), other.get("items")) {
            return self.compare(&place.join("items"), ours, theirs, false);
        }
        let (Some(ours), Some(theirs)) = (properties(first), properties(other)) else {
            return;
        };
        let is_possible = match self.together {
            true => self.hold_together(first, other),
            false => self.accepts(first, other, is_branch),
        };
        if !is_possible {
            return;
        }
        let has_more = theirs.keys().any(|name| !ours.contains_key(name));
        if has_more && !ours.is_empty() && first.get("additionalProperties").is_none() {
            self.found.insert(place.clone());
        }
        let place = place.join("properties");
        for (name, our) in ours {
            if let Some(their) = theirs.get(name) {
                self.compare(&place.join(name), our, their, false);
            }
        }
    }

    /// True if a value of one of two branches may also be valid against the other.
    fn is_ambiguous(&mut self, ours: &'a Value, theirs: &'a Value) -> bool {
        let are_objects =
            [ours, theirs].map(|branch| properties(resolved(self.components, branch)));
        self.overlaps(ours, theirs)
            && (are_objects.contains(&None)
                || self.accepts(ours, theirs, true)
                || self.accepts(theirs, ours, true))
    }

    /// True if an object may be valid against both: no property that both require excludes it.
    fn hold_together(&self, first: &Value, other: &Value) -> bool {
        let (Some(ours), Some(theirs)) = (properties(first), properties(other)) else {
            return true;
        };
        required(first)
            .filter(|name| required(other).any(|other| other == *name))
            .filter_map(|name| Some((ours.get(name)?, theirs.get(name)?)))
            .all(|(our, their)| self.overlaps(our, their))
    }

    /// True if a value may have the type of both schemas and, if both list values, is listed by both.
    fn overlaps(&self, our: &Value, their: &Value) -> bool {
        let (our, their) = (
            resolved(self.components, our),
            resolved(self.components, their),
        );
        let kind = |schema| match type_of(schema) {
            Some("integer") => Some("number"),
            kind => kind,
        };
        if matches!((kind(our), kind(their)), (Some(ours), Some(theirs)) if ours != theirs) {
            return false;
        }
        match (our["enum"].as_array(), their["enum"].as_array()) {
            (Some(ours), Some(theirs)) => ours.iter().any(|value| theirs.contains(value)),
            _ => true,
        }
    }

    /// True if a value of `other` may decode as `first`.
    fn accepts(&mut self, first: &'a Value, other: &'a Value, is_branch: bool) -> bool {
        let first = resolved(self.components, first);
        let other = resolved(self.components, other);
        if matches!((type_of(first), type_of(other)), (Some(ours), Some(theirs)) if ours != theirs)
        {
            return false;
        }
        if self.depth > MAX_DEPTH {
            return true;
        }
        let (Some(ours), Some(theirs)) = (properties(first), properties(other)) else {
            return true;
        };
        let pair = (
            std::ptr::from_ref(first),
            std::ptr::from_ref(other),
            is_branch,
        );
        // For recursive schemas, the result depends on the other properties.
        if let Some(taken) = self.taken.insert(pair, true) {
            self.taken.insert(pair, taken);
            return taken;
        }
        let other_has =
            |name: &str| theirs.contains_key(name) || required(other).any(|other| other == name);
        let is_never_sent = |name: &str| self.sent && ours.get(name).is_some_and(is_read_only);
        let mut taken = required(first).all(|name| other_has(name) || is_never_sent(name));
        for name in required(other) {
            let (Some(our), Some(their)) = (ours.get(name), theirs.get(name)) else {
                continue;
            };
            if !taken || self.sent && is_read_only(their) {
                continue;
            }
            let is_distinguished = is_branch && self.lists_others(name, our, their);
            self.depth += 1;
            taken = !is_distinguished && self.accepts(our, their, false);
            self.depth -= 1;
        }
        self.taken.insert(pair, taken);
        taken
    }

    /// True if a property of a branch lists values that the same property of the other branch does not
    /// list, and remains closed in responses.
    fn lists_others(&self, name: &str, our: &Value, their: &Value) -> bool {
        let our = resolved(self.components, our)["enum"].as_array();
        let their = resolved(self.components, their)["enum"].as_array();
        let (Some(our), Some(their)) = (our, their) else {
            return false;
        };
        let stays_closed = our.len() == 1 || self.tags.contains(name);
        stays_closed && our.iter().all(|value| !their.contains(value))
    }
}

impl ObjectRef {
    fn join(&self, token: &str) -> Self {
        match self {
            Self::Document(pointer) => Self::Document(pointer.join(token)),
            Self::Branch(index, way) => Self::Branch(*index, way.join(token)),
        }
    }
}

fn is_read_only(schema: &Value) -> bool {
    let [(mark, in_part), _] = ONE_WAY;
    schema[mark] == true || schema[in_part] == true
}

fn properties(schema: &Value) -> Option<&Map<String, Value>> {
    schema["properties"].as_object()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::reference;
    use serde_json::json;

    /// The objects that must keep properties in a choice of these components.
    fn keeping(components: &Value, names: &[&str]) -> Vec<String> {
        let branches: Vec<Value> = names.iter().map(|name| reference(name)).collect();
        let components = components.as_object().expect("is an object");
        let found = objects_to_keep_open(components, &branches, true, false);
        found
            .into_iter()
            .map(|keeper| match keeper {
                ObjectRef::Document(pointer) => pointer.to_string(),
                ObjectRef::Branch(index, way) => format!("{index}{way}"),
            })
            .collect()
    }

    fn object(required: &[&str], properties: &Value) -> Value {
        json!({ "type": "object", "required": required, "properties": properties })
    }

    #[test]
    fn an_object_inside_a_branch_keeps_properties_of_the_other_branch() {
        let string = json!({ "type": "string" });
        let components = json!({
            "Mail": object(&["to"], &json!({ "to": reference("Person") })),
            "Call": object(&["to"], &json!({ "to": reference("Caller") })),
            "Inline": object(&["to"], &json!({ "to": object(&[], &json!({ "a": string })) })),
            "Many": object(&["to"], &json!({ "to": { "type": "array", "items": reference("Person") } })),
            "Others": object(&["to"], &json!({ "to": { "type": "array", "items": reference("Caller") } })),
            "Person": object(&["name"], &json!({ "name": string })),
            "Caller": object(&["name"], &json!({ "name": string, "country": string })),
        });
        let person = "#/components/schemas/Person";
        assert_eq!(keeping(&components, &["Mail", "Call"]), [person]);
        assert_eq!(keeping(&components, &["Many", "Others"]), [person]);
        let inline = "#/components/schemas/Inline/properties/to";
        assert_eq!(keeping(&components, &["Inline", "Call"]), [inline]);
        assert_eq!(keeping(&components, &["Call", "Mail"]), [""; 0]);
        assert_eq!(keeping(&components, &["Mail", "Many"]), [""; 0]);
    }

    #[test]
    fn required_properties_of_nested_objects_distinguish_branches() {
        let string = json!({ "type": "string" });
        let of = |property: &str| {
            object(
                &["of"],
                &json!({ "of": object(&[property], &json!({ property: string })), "x": string }),
            )
        };
        let components = json!({ "A": of("a"), "B": of("b") });
        assert_eq!(keeping(&components, &["A", "B"]), [""; 0]);
    }

    #[test]
    fn the_branches_of_a_nested_choice_are_compared() {
        let string = json!({ "type": "string" });
        let components = json!({
            "Easy": object(&["role"], &json!({ "role": string })),
            "Item": { "oneOf": [reference("Message"), reference("Call")] },
            "Message": object(&["role"], &json!({ "role": string, "status": string })),
            "Call": object(&["name"], &json!({ "name": string })),
            "Named": object(&["name"], &json!({ "name": string, "by": string })),
        });
        let of = |name: &str| format!("#/components/schemas/{name}");
        assert_eq!(keeping(&components, &["Easy", "Item"]), [of("Easy")]);
        assert_eq!(keeping(&components, &["Item", "Named"]), [of("Call")]);
    }

    #[test]
    fn read_only_properties_do_not_distinguish_sent_values() {
        let object = |kind: &str, more: &str| {
            let kind = json!({ "type": "string", "enum": [kind], "readOnly": true });
            object(
                &["kind"],
                &json!({ "kind": kind, more: { "type": "string" } }),
            )
        };
        let components = json!({ "A": object("a", "x"), "B": object("b", "y") });
        let branches = [reference("A"), reference("B")];
        let components = components.as_object().expect("is an object");
        let keeping = |sent: bool| objects_to_keep_open(components, &branches, sent, false).len();
        assert_eq!([keeping(true), keeping(false)], [1, 0]);
    }

    #[test]
    fn branches_that_hold_together_keep_the_properties_of_each_other() {
        let string = json!({ "type": "string" });
        let listed = |value: &str| json!({ "type": "string", "enum": [value] });
        let components = json!({
            "Mail": object(&["mail"], &json!({ "mail": string, "to": reference("Person") })),
            "Phone": object(&["phone"], &json!({ "phone": string, "to": reference("Caller") })),
            "Person": object(&["name"], &json!({ "name": string })),
            "Caller": object(&["number"], &json!({ "number": string })),
            "Cat": object(&["kind"], &json!({ "kind": listed("cat"), "lives": string })),
            "Dog": object(&["kind"], &json!({ "kind": listed("dog"), "tricks": string })),
        });
        let components = components.as_object().expect("is an object");
        let together = |names: [&str; 2]| {
            let branches = names.map(reference);
            objects_to_keep_open(components, &branches, true, true).len()
        };
        assert_eq!(together(["Mail", "Phone"]), 2);
        assert_eq!(together(["Cat", "Dog"]), 0);
    }

    #[test]
    fn branches_overlap_unless_a_type_a_listed_value_or_a_requirement_tells_them_apart() {
        let string = json!({ "type": "string" });
        let listed = |values: Value| json!({ "type": "string", "enum": values });
        let named = |name: &str| object(&[name], &json!({ name: string }));
        for (ours, theirs, expected) in [
            (string.clone(), json!({ "type": "boolean" }), false),
            (
                json!({ "type": "integer" }),
                json!({ "type": "number" }),
                true,
            ),
            (listed(json!(["a"])), listed(json!(["b"])), false),
            (listed(json!(["a"])), string.clone(), true),
            (named("a"), named("b"), false),
            (
                named("a"),
                object(&["a"], &json!({ "a": string, "b": string })),
                true,
            ),
        ] {
            let branches = [ours, theirs];
            assert_eq!(
                may_overlap(&Map::new(), &branches),
                expected,
                "{branches:?}"
            );
        }
    }

    #[test]
    fn a_recursive_type_is_compared_once() {
        let node = |more: &str| {
            let mut node = object(&[], &json!({ "next": reference("A") }));
            node["properties"][more] = json!({ "type": "string" });
            node["properties"]["list"] = json!({ "type": "array", "items": reference("B") });
            node
        };
        let components = json!({ "A": node("a"), "B": node("b") });
        assert_eq!(
            keeping(&components, &["A", "B"]),
            ["#/components/schemas/A"]
        );
    }
}
