//! Assigns changes of the Rust surface to the changes of the document that cause them.
//!
//! The generator does not record the origin of an item, so names decide: a setter belongs to the
//! parameter of its operation, a field to the property of its schema, and a type to the schema that
//! typify names it after. Types that appear or disappear with a field belong to the cause of the
//! field. Changes without a matching name are reported separately.

use std::collections::{BTreeSet, HashMap};

use super::catalogue as checks;
use super::model::Finding;
use super::rust::{Item, SurfaceChange};
use client_codegen::surface::{Body, Surface};

/// The changes of a surface, assigned to their findings.
pub(super) struct Attributed {
    /// The changes caused by each finding.
    pub(super) by_finding: Vec<Vec<SurfaceChange>>,
    /// The changes that no finding explains.
    pub(super) alone: Vec<SurfaceChange>,
}

/// Assigns each change of the surface to the findings that explain it. `requests` has the requests
/// of each operation in the old and the new document.
pub(super) fn attribute(
    findings: &[Finding],
    requests: &[[Option<String>; 2]],
    changes: Vec<SurfaceChange>,
    (old, new): (&Surface, &Surface),
) -> Attributed {
    let by_request = [old, new].map(|surface| {
        let operations = surface.operations.iter();
        operations
            .map(|(name, call)| (call.request.as_str(), name.as_str()))
            .collect::<HashMap<_, _>>()
    });
    let methods: Vec<BTreeSet<&str>> = requests
        .iter()
        .map(|pair| {
            let sides = pair.iter().zip(&by_request);
            sides
                .filter_map(|(request, methods)| methods.get(request.as_deref()?).copied())
                .collect()
        })
        .collect();
    // The methods concerned by each finding.
    let concerned: Vec<BTreeSet<&str>> = findings
        .iter()
        .map(|finding| {
            let operations = finding.uses.iter();
            operations
                .flat_map(|(operation, _)| methods[*operation].iter().copied())
                .collect()
        })
        .collect();
    let mut explained: Vec<Vec<usize>> = changes
        .iter()
        .map(|change| best(findings, &concerned, &change.item))
        .collect();
    by_mention(&changes, &mut explained, (old, new));
    let mut attributed = Attributed {
        by_finding: vec![Vec::new(); findings.len()],
        alone: Vec::new(),
    };
    for (change, finders) in changes.into_iter().zip(explained) {
        for finding in &finders {
            attributed.by_finding[*finding].push(change.clone());
        }
        if finders.is_empty() {
            attributed.alone.push(change);
        }
    }
    attributed
}

/// The findings with the highest score for an item; empty if all scores are 0.
fn best(findings: &[Finding], concerned: &[BTreeSet<&str>], item: &Item) -> Vec<usize> {
    let scores: Vec<u8> = findings
        .iter()
        .zip(concerned)
        .map(|(finding, concerned)| score(finding, concerned, item))
        .collect();
    let best = scores.iter().copied().max().unwrap_or_default();
    let indices = 0..scores.len();
    match best {
        0 => Vec::new(),
        best => indices.filter(|index| scores[*index] == best).collect(),
    }
}

/// The score of a finding for an item; 0 if it does not explain the item.
fn score(finding: &Finding, concerned: &BTreeSet<&str>, item: &Item) -> u8 {
    if finding.check.section == checks::Section::Unmentioned {
        return 0;
    }
    let names = &finding.names;
    match item {
        // A scheme's method may belong to many operations, so it is reported separately.
        Item::Scheme(_) => 0,
        Item::Method(method) => 3 * u8::from(names.method && concerned.contains(&**method)),
        Item::Result(method) => 3 * u8::from(names.result && concerned.contains(&**method)),
        Item::Setter(method, setter) => {
            3 * u8::from(names.setters.contains(setter) && concerned.contains(&**method))
        }
        Item::Type(name) => {
            let exact = names.own.iter().any(|own| same_type(name, own));
            let property_type = names
                .fields
                .iter()
                .any(|(owner, field)| same_type(name, &joined(owner, field)));
            let around = names.around.iter().any(|around| same_type(name, around));
            match (exact, property_type) {
                (true, _) | (_, true) => 2 * u8::from(exact) + 3 * u8::from(property_type),
                (false, false) => u8::from(around),
            }
        }
        Item::Field(name, field) => {
            let variant = names
                .variant
                .as_ref()
                .is_some_and(|variant| variant == field);
            let own = names.own.iter().any(|own| same_type(name, own));
            let listed = names
                .fields
                .iter()
                .any(|(owner, known)| same_type(name, owner) && known == field);
            // Variants of a union are named after their types.
            let around = names.around.iter().any(|around| same_type(name, around));
            match (own && variant || listed, own || around) {
                (true, _) => 4,
                (false, true) => 1,
                (false, false) => 0,
            }
        }
    }
}

/// True if the client's type is generated from the schema `schema`. For schemas used in both
/// directions, the lowering adds a second type for responses.
fn same_type(name: &str, schema: &str) -> bool {
    name == schema || name.strip_suffix("Output") == Some(schema)
}

fn joined(owner: &str, field: &str) -> String {
    format!("{owner}{}", client_codegen::naming::pascal(field))
}

/// Assigns types without an explanation to the findings of the items that mention them.
fn by_mention(
    changes: &[SurfaceChange],
    explained: &mut [Vec<usize>],
    (old, new): (&Surface, &Surface),
) {
    let mentioned: Vec<[BTreeSet<&str>; 2]> = changes
        .iter()
        .map(|change| [old, new].map(|surface| mentions(surface, &change.item)))
        .collect();
    loop {
        let mut learnt = Vec::new();
        for (index, change) in changes.iter().enumerate() {
            let Item::Type(name) = &change.item else {
                continue;
            };
            if !explained[index].is_empty() {
                continue;
            }
            let side = usize::from(change.check != &checks::RUST_TYPE_REMOVED);
            let by: BTreeSet<usize> = mentioned
                .iter()
                .zip(explained.iter())
                .filter(|(mentioned, _)| mentioned[side].contains(&**name))
                .flat_map(|(_, finders)| finders.iter().copied())
                .collect();
            if !by.is_empty() {
                learnt.push((index, by));
            }
        }
        if learnt.is_empty() {
            return;
        }
        for (index, by) in learnt {
            explained[index] = by.into_iter().collect();
        }
    }
}

/// The types that an item of a surface mentions.
fn mentions<'a>(surface: &'a Surface, item: &Item) -> BTreeSet<&'a str> {
    let types: Vec<&str> = match item {
        Item::Method(method) | Item::Result(method) => match surface.operations.get(method) {
            Some(call) => {
                let variants = call.variants.iter().map(|(_, of)| of.as_str());
                let setters = call.setters.iter().map(|(_, made)| made.as_str());
                setters
                    .chain(variants)
                    .chain([call.success.as_str()])
                    .collect()
            }
            None => Vec::new(),
        },
        Item::Setter(method, setter) => {
            let call = surface.operations.get(method);
            let setters = call.into_iter().flat_map(|call| &call.setters);
            setters
                .filter(|(name, _)| name == setter)
                .map(|(_, made)| made.as_str())
                .collect()
        }
        Item::Scheme(_) => Vec::new(),
        Item::Type(name) => made_of(surface, name, None),
        Item::Field(name, field) => made_of(surface, name, Some(field)),
    };
    types
        .into_iter()
        .flat_map(|text| text.split(|c: char| !c.is_alphanumeric() && c != '_'))
        .filter(|word| surface.types.contains_key(*word))
        .collect()
}

fn made_of<'a>(surface: &'a Surface, name: &str, field: Option<&str>) -> Vec<&'a str> {
    match surface.types.get(name).map(|shape| &shape.body) {
        Some(Body::Struct(fields) | Body::Enum(fields)) => {
            let fields = fields.iter();
            fields
                .filter(|known| field.is_none_or(|field| known.name == field))
                .map(|known| known.of.as_str())
                .collect()
        }
        Some(Body::Newtype(of) | Body::Alias(of)) => vec![of],
        None => Vec::new(),
    }
}
