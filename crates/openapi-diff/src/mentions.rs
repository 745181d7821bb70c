//! Types that are added, removed or changed together with an item that mentions them.

use std::collections::BTreeSet;

use client_codegen::surface::{Body, Surface};

use super::catalogue as checks;
use super::rust::{Item, SurfaceChange};

/// Explains types without an explanation by that of the items that mention them.
pub(super) fn by_mention<T: Copy>(
    changes: &[SurfaceChange],
    explained: &mut [Option<T>],
    surfaces: [&Surface; 2],
) {
    let mentioned: Vec<[BTreeSet<&str>; 2]> = changes
        .iter()
        .map(|change| surfaces.map(|surface| mentions(surface, &change.item)))
        .collect();
    loop {
        let mut learnt = Vec::new();
        for (index, change) in changes.iter().enumerate() {
            let Item::Type(name) = &change.item else {
                continue;
            };
            if explained[index].is_some() {
                continue;
            }
            let side = usize::from(change.check != &checks::RUST_TYPE_REMOVED);
            let mut by = mentioned.iter().zip(explained.iter());
            let by = by
                .find_map(|(mentioned, cause)| cause.filter(|_| mentioned[side].contains(&**name)));
            learnt.extend(by.map(|cause| (index, cause)));
        }
        if learnt.is_empty() {
            return;
        }
        for (index, by) in learnt {
            explained[index] = Some(by);
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
                let errors = call.errors.iter().map(|(_, of)| of.as_str());
                setters
                    .chain(variants)
                    .chain(errors)
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
