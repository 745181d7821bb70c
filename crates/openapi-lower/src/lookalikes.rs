//! Where values of one branch of a choice would be read as another branch, and lose members.
//!
//! The first branch that decodes is taken, and what a type does not list is not kept. So of `{oneOf:
//! [{properties: {to: …, html: …}, required: [to]}, {properties: {to: …, country: …}, required:
//! [to]}]}` the first branch has to keep what it does not list, and if `to` is an object in both, so
//! may that have to.

use std::collections::{BTreeSet, HashMap, HashSet};

use openapi_document::Pointer;
use serde_json::{Map, Value};

use crate::schema::{branches_of, last_component, required, resolved, type_of};

/// An object that has to keep members that it does not list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Keeper {
    /// One of the document.
    Of(Pointer),
    /// One inside a branch, by the branch's index and the way to it.
    In(usize, Pointer),
}

/// The objects that have to keep what they do not list, so that each of `branches`, of which the first
/// that decodes is taken, is read whole.
///
/// Those that are `sent` have no members that are read-only, so those tell nothing apart.
pub(crate) fn keepers(
    components: &Map<String, Value>,
    branches: &[Value],
    sent: bool,
) -> BTreeSet<Keeper> {
    let mut search = Search {
        components,
        sent,
        tags: tagged_names(components, branches),
        depth: 0,
        seen: HashSet::new(),
        taken: HashMap::new(),
        found: BTreeSet::new(),
    };
    for (index, branch) in branches.iter().enumerate() {
        for later in &branches[index + 1..] {
            let place = Keeper::In(index, Pointer::root());
            search.compare(&place, branch, later, true);
        }
    }
    search.found
}

/// The members of which every branch lists values: they tell the branches apart.
pub(crate) fn tagged_names(
    components: &Map<String, Value>,
    branches: &[Value],
) -> BTreeSet<String> {
    let mut tagged: Option<BTreeSet<String>> = None;
    for branch in branches {
        let members = resolved(components, branch)["properties"].as_object();
        let listing: BTreeSet<String> = members
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

/// How far inside branches it is looked for what they lose.
const DEEPEST: usize = 64;

struct Search<'a> {
    components: &'a Map<String, Value>,
    sent: bool,
    tags: BTreeSet<String>,
    /// How far inside the branches it is looking.
    depth: usize,
    /// The pairs that are compared already.
    seen: HashSet<(*const Value, *const Value)>,
    /// Whether values of the second are taken for the first, as branches or inside them.
    taken: HashMap<(*const Value, *const Value, bool), bool>,
    found: BTreeSet<Keeper>,
}

impl<'a> Search<'a> {
    /// Finds what has to keep members for values of `other` to be whole where they are read as `first`,
    /// which is at `place`.
    fn compare(&mut self, place: &Keeper, first: &'a Value, other: &'a Value, is_branch: bool) {
        let place = match last_component(self.components, first) {
            Some((name, _)) => Keeper::Of(Pointer::of(["components", "schemas", &name])),
            None => place.clone(),
        };
        let first = resolved(self.components, first);
        let other = resolved(self.components, other);
        let is_known = std::ptr::eq(first, other) || !self.seen.insert((first, other));
        if is_known || self.depth > DEEPEST {
            return;
        }
        self.depth += 1;
        self.compare_inside(&place, first, other, is_branch);
        self.depth -= 1;
    }

    fn compare_inside(
        &mut self,
        place: &Keeper,
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
        if let (Some(ours), Some(theirs)) = (first.get("items"), other.get("items")) {
            return self.compare(&place.join("items"), ours, theirs, false);
        }
        let (Some(ours), Some(theirs)) = (properties(first), properties(other)) else {
            return;
        };
        if !self.takes(first, other, is_branch) {
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

    /// Whether there may be a value of `other` that decodes as `first`.
    fn takes(&mut self, first: &'a Value, other: &'a Value, is_branch: bool) -> bool {
        let first = resolved(self.components, first);
        let other = resolved(self.components, other);
        if matches!((type_of(first), type_of(other)), (Some(ours), Some(theirs)) if ours != theirs)
        {
            return false;
        }
        if self.depth > DEEPEST {
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
        // Two that come back to themselves differ in what else they say, or in nothing.
        if let Some(taken) = self.taken.insert(pair, true) {
            self.taken.insert(pair, taken);
            return taken;
        }
        let they_have =
            |name: &str| theirs.contains_key(name) || required(other).any(|other| other == name);
        let need_not_be = |name: &str| self.sent && ours.get(name).is_some_and(is_read_only);
        let mut taken = required(first).all(|name| they_have(name) || need_not_be(name));
        for name in required(other) {
            let (Some(our), Some(their)) = (ours.get(name), theirs.get(name)) else {
                continue;
            };
            if !taken || self.sent && is_read_only(their) {
                continue;
            }
            let told_apart = is_branch && self.lists_others(name, our, their);
            self.depth += 1;
            taken = !told_apart && self.takes(our, their, false);
            self.depth -= 1;
        }
        self.taken.insert(pair, taken);
        taken
    }

    /// Whether a member of a branch lists values that the same of the other does not, and still will when
    /// answers are made tolerant.
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

impl Keeper {
    fn join(&self, token: &str) -> Self {
        match self {
            Self::Of(pointer) => Self::Of(pointer.join(token)),
            Self::In(index, way) => Self::In(*index, way.join(token)),
        }
    }
}

fn is_read_only(schema: &Value) -> bool {
    ["readOnly", "x-read-only-in-part"]
        .iter()
        .any(|keyword| schema[keyword] == true)
}

fn properties(schema: &Value) -> Option<&Map<String, Value>> {
    schema["properties"].as_object()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::reference;
    use serde_json::json;

    /// What has to keep members, of a choice of the components named.
    fn keeping(components: &Value, names: &[&str]) -> Vec<String> {
        let branches: Vec<Value> = names.iter().map(|name| reference(name)).collect();
        let components = components.as_object().expect("is an object");
        let found = keepers(components, &branches, true);
        found
            .into_iter()
            .map(|keeper| match keeper {
                Keeper::Of(pointer) => pointer.to_string(),
                Keeper::In(index, way) => format!("{index}{way}"),
            })
            .collect()
    }

    fn object(required: &[&str], members: &Value) -> Value {
        json!({ "type": "object", "required": required, "properties": members })
    }

    #[test]
    fn an_object_inside_a_branch_keeps_what_only_the_other_lists() {
        let text = json!({ "type": "string" });
        let components = json!({
            "Mail": object(&["to"], &json!({ "to": reference("Person") })),
            "Call": object(&["to"], &json!({ "to": reference("Caller") })),
            "Inline": object(&["to"], &json!({ "to": object(&[], &json!({ "a": text })) })),
            "Many": object(&["to"], &json!({ "to": { "type": "array", "items": reference("Person") } })),
            "Others": object(&["to"], &json!({ "to": { "type": "array", "items": reference("Caller") } })),
            "Person": object(&["name"], &json!({ "name": text })),
            "Caller": object(&["name"], &json!({ "name": text, "country": text })),
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
    fn what_an_object_inside_requires_tells_branches_apart() {
        let text = json!({ "type": "string" });
        let of = |member: &str| {
            object(
                &["of"],
                &json!({ "of": object(&[member], &json!({ member: text })), "x": text }),
            )
        };
        let components = json!({ "A": of("a"), "B": of("b") });
        assert_eq!(keeping(&components, &["A", "B"]), [""; 0]);
    }

    #[test]
    fn a_branch_that_is_a_choice_is_each_of_its_branches() {
        let text = json!({ "type": "string" });
        let components = json!({
            "Easy": object(&["role"], &json!({ "role": text })),
            "Item": { "oneOf": [reference("Message"), reference("Call")] },
            "Message": object(&["role"], &json!({ "role": text, "status": text })),
            "Call": object(&["name"], &json!({ "name": text })),
            "Named": object(&["name"], &json!({ "name": text, "by": text })),
        });
        let of = |name: &str| format!("#/components/schemas/{name}");
        assert_eq!(keeping(&components, &["Easy", "Item"]), [of("Easy")]);
        assert_eq!(keeping(&components, &["Item", "Named"]), [of("Call")]);
    }

    #[test]
    fn what_is_read_only_tells_nothing_apart_that_is_sent() {
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
        assert_eq!(keepers(components, &branches, true).len(), 1);
        assert_eq!(keepers(components, &branches, false).len(), 0);
    }

    #[test]
    fn a_type_that_comes_back_to_itself_is_compared_once() {
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
