//! Attributes changes of the Rust surface to the changes of the document that cause them, by
//! provenance: the lowering records the origin of each location of its result.
//!
//! A type comes from a schema, a field from a property, a setter from a parameter. The findings about
//! that schema, property or parameter explain it, or those about the schemas inside it that have no
//! separate type. A type that is added or removed together with a field has the cause of the field.

use std::collections::{HashMap, HashSet};

use client_codegen::naming::{field_name, type_name};
use client_codegen::surface::{Body, Surface};
use openapi_document::Pointer;

use super::Client;
use super::catalogue as checks;
use super::mentions::by_mention;
use super::messages::Root;
use super::model::{Finding, Place, Subject};
use super::pairs::{Pair, Step};
use super::rust::{Item, SurfaceChange};
use super::values::plain;

/// The information about the documents with which changes are attributed.
pub(super) struct Known<'k> {
    pub(super) findings: &'k [Finding],
    pub(super) pairs: &'k [Pair],
    /// The pairs of schemas at the roots of each operation.
    pub(super) roots: &'k [Vec<Root>],
    /// The old and new request of each operation, as in the surfaces.
    pub(super) requests: &'k [[Option<String>; 2]],
}

/// The locations of both documents, with the pairs of schemas at them.
pub(super) struct Provenance<'k, 'a> {
    known: Known<'k>,
    clients: [&'k Client<'a>; 2],
    pairs_at: [HashMap<&'k Pointer, Vec<usize>>; 2],
    /// The component of each type, with its origin in the document.
    origins: [HashMap<String, (String, Pointer)>; 2],
    /// The operations of each method.
    operations: [HashMap<&'k str, usize>; 2],
    about: HashMap<usize, Vec<usize>>,
}

/// Why a surface changed.
#[derive(Debug, Clone, Copy)]
pub(super) enum Cause {
    /// A finding, by its index.
    Finding(usize),
    /// A change of the surface, by its index, that no finding explains.
    Change(usize),
}

/// A type of the old client that has another name in the new one.
pub(super) struct Renamed {
    pub(super) from: String,
    pub(super) to: String,
    /// The locations of its schema.
    pub(super) places: [Pointer; 2],
    pub(super) pair: usize,
}

impl<'k, 'a> Provenance<'k, 'a> {
    pub(super) fn new(known: Known<'k>, clients: [&'k Client<'a>; 2]) -> Self {
        let pairs_at = [0, 1].map(|side| {
            let mut at: HashMap<&Pointer, Vec<usize>> = HashMap::new();
            for (index, pair) in known.pairs.iter().enumerate() {
                for place in &pair.places[side] {
                    at.entry(place).or_default().push(index);
                }
            }
            at
        });
        let operations = [0, 1].map(|side| {
            let mut by_request: HashMap<&str, usize> = HashMap::new();
            for (index, requests) in known.requests.iter().enumerate() {
                if let Some(request) = &requests[side] {
                    by_request.insert(request, index);
                }
            }
            let plans = clients[side].plan.operations.iter();
            plans
                .filter_map(|plan| {
                    let request = format!("{} {}", plan.method, plan.path);
                    let index = by_request.get(request.as_str())?;
                    Some((plan.method_name.as_str(), *index))
                })
                .collect()
        });
        let mut about: HashMap<usize, Vec<usize>> = HashMap::new();
        for (index, finding) in known.findings.iter().enumerate() {
            if finding.check.section == checks::Section::Unmentioned {
                continue;
            }
            for subject in &finding.subjects {
                if let Subject::Schema(pair) | Subject::Property(pair, _) = subject {
                    about.entry(*pair).or_default().push(index);
                }
            }
        }
        Self {
            origins: clients.map(origins),
            known,
            clients,
            pairs_at,
            operations,
            about,
        }
    }

    /// The types whose names changed, because the names of their schemas changed.
    pub(super) fn renamed(&self) -> Vec<Renamed> {
        let [old, new] = self.clients.map(|client| &client.surface.types);
        let mut by_place: HashMap<&Pointer, Vec<&str>> = HashMap::new();
        for (name, (_, place)) in &self.origins[1] {
            if !old.contains_key(name) {
                by_place.entry(place).or_default().push(name);
            }
        }
        let mut names: Vec<&String> = self.origins[0].keys().collect();
        names.sort();
        let mut taken = HashSet::new();
        let mut renamed = Vec::new();
        for name in names {
            if new.contains_key(name) {
                continue;
            }
            let place = &self.origins[0][name].1;
            let pairs = self.pairs_at[0].get(place).into_iter().flatten();
            let mut candidates = pairs.flat_map(|pair| {
                let places = self.known.pairs[*pair].places[1].iter();
                places
                    .filter_map(|place| Some((by_place.get(place)?, place)))
                    .flat_map(move |(names, place)| {
                        names.iter().map(move |name| (*name, place.clone(), *pair))
                    })
            });
            // A schema has a second type for responses.
            let of_responses = |name: &str| name.ends_with("Output");
            let found = candidates.find(|(other, ..)| {
                of_responses(other) == of_responses(name)
                    && !taken.contains(*other)
                    && is_alike(&old[name].body, &new[*other].body)
            });
            if let Some((other, to, pair)) = found {
                taken.insert(other.to_owned());
                renamed.push(Renamed {
                    from: name.clone(),
                    to: other.to_owned(),
                    places: [place.clone(), to],
                    pair,
                });
            }
        }
        renamed
    }

    /// Changes the names of the renamed types of the old client to the new ones.
    pub(super) fn rename(&mut self, renamed: &[Renamed]) {
        for Renamed { from, to, .. } in renamed {
            if let Some(origin) = self.origins[0].remove(from) {
                self.origins[0].insert(to.clone(), origin);
            }
        }
    }

    /// The cause of each change of the surfaces.
    pub(super) fn explain(&self, changes: &[SurfaceChange], surfaces: [&Surface; 2]) -> Vec<Cause> {
        let mut explained: Vec<Option<Cause>> = changes
            .iter()
            .map(|change| self.worst(self.explanations(change)).map(Cause::Finding))
            .collect();
        by_mention(changes, &mut explained, surfaces);
        // A change without a cause in the document is itself the cause of changes of the types that it
        // mentions.
        for (index, change) in changes.iter().enumerate() {
            if !matches!(change.item, Item::Type(_)) {
                explained[index].get_or_insert(Cause::Change(index));
            }
        }
        by_mention(changes, &mut explained, surfaces);
        let explained = explained.into_iter().enumerate();
        explained
            .map(|(index, cause)| cause.unwrap_or(Cause::Change(index)))
            .collect()
    }

    /// The locations of the schema of an item, for changes that no finding explains.
    pub(super) fn places(&self, item: &Item) -> [Place; 2] {
        let root = Place::missing_in(Pointer::root());
        [0, 1].map(|side| match item {
            Item::Type(name) => self.origins[side]
                .get(name)
                .map_or(root.clone(), |(_, place)| Place::at(place.clone())),
            Item::Field(name, field) => {
                let property = self.property(side, name, field);
                let place = property.map(|(_, place)| self.origin(side, &place));
                let schema = self.origins[side].get(name).map(|(_, place)| place.clone());
                place.or(schema).map_or(root.clone(), Place::at)
            }
            Item::Method(method) | Item::Result(method) | Item::Setter(method, _) => {
                let client = self.clients[side];
                let mut plans = client.plan.operations.iter();
                let plan = plans.find(|plan| &plan.method_name == method);
                plan.map_or(root.clone(), |plan| {
                    let method = plan.method.to_lowercase();
                    Place::at(Pointer::of(["paths", &plan.path, &method]))
                })
            }
            Item::Scheme(_) => root.clone(),
        })
    }

    /// The operation that an item belongs to.
    pub(super) fn operation(&self, item: &Item) -> Option<usize> {
        match item {
            Item::Method(method) | Item::Result(method) | Item::Setter(method, _) => {
                let sides = self.operations.iter().rev();
                sides.filter_map(|of| of.get(&**method).copied()).next()
            }
            Item::Scheme(_) | Item::Type(_) | Item::Field(..) => None,
        }
    }

    /// A pair of the schema that an item comes from.
    pub(super) fn pair(&self, item: &Item) -> Option<usize> {
        match item {
            Item::Type(name) | Item::Field(name, _) => self.pairs_of(name).into_iter().next(),
            Item::Scheme(_) | Item::Method(_) | Item::Result(_) | Item::Setter(..) => None,
        }
    }

    /// The first finding with the highest verdict.
    fn worst(&self, findings: Vec<usize>) -> Option<usize> {
        let weight = |index: &usize| {
            let finding = &self.known.findings[*index];
            let used = finding.uses.iter();
            let directions = used.filter_map(|(_, direction)| *direction);
            let verdicts = directions.map(|direction| finding.verdict(direction));
            verdicts.max()
        };
        let mut best = None;
        for index in findings {
            let weight = weight(&index);
            if best.is_none_or(|(_, most)| weight > most) {
                best = Some((index, weight));
            }
        }
        best.map(|(index, _)| index)
    }

    fn explanations(&self, change: &SurfaceChange) -> Vec<usize> {
        match &change.item {
            // A scheme's method may belong to many operations, so it is reported separately.
            Item::Scheme(_) => Vec::new(),
            Item::Method(_) => {
                let itself =
                    self.of_operation(&change.item, |subject| *subject == Subject::Operation);
                let content =
                    |subject: &Subject| matches!(subject, Subject::Body | Subject::Responses);
                first([itself, self.of_operation(&change.item, content)])
            }
            Item::Result(_) => self.of_message(&change.item, |of| *of == Subject::Responses),
            Item::Setter(method, setter) => self.of_setter(&change.item, method, setter),
            Item::Type(name) => self.of_type(change, name),
            Item::Field(name, field) => self.of_field(name, field),
        }
    }

    /// The findings of an operation about a subject.
    fn of_operation(&self, item: &Item, is_subject: impl Fn(&Subject) -> bool) -> Vec<usize> {
        let Some(operation) = self.operation(item) else {
            return Vec::new();
        };
        let findings = self.known.findings.iter().enumerate();
        findings
            .filter(|(_, finding)| {
                finding.subjects.iter().any(&is_subject)
                    && finding.check.section != checks::Section::Unmentioned
                    && finding.uses.iter().any(|(index, _)| *index == operation)
            })
            .map(|(index, _)| index)
            .collect()
    }

    /// The findings of an operation about a message, or else about the schemas in it.
    fn of_message(&self, item: &Item, is_subject: impl Fn(&Subject) -> bool) -> Vec<usize> {
        let own = self.of_operation(item, &is_subject);
        let roots = self.operation(item).map(|index| &self.known.roots[index]);
        let roots = roots.into_iter().flatten();
        let pairs = roots
            .filter(|root| is_subject(&root.of))
            .map(|root| root.pair);
        first([own, self.inside(pairs.collect())])
    }

    fn of_setter(&self, item: &Item, method: &str, setter: &str) -> Vec<usize> {
        let mut names = Vec::new();
        for client in self.clients {
            let plans = client.plan.operations.iter();
            let plans = plans.filter(|plan| plan.method_name == method);
            let parameters = plans.flat_map(|plan| &plan.parameters);
            let of_setter = parameters.filter(|parameter| parameter.setter == setter);
            names.extend(of_setter.map(|parameter| parameter.name.clone()));
        }
        if names.is_empty() {
            return self.of_message(item, |of| *of == Subject::Body);
        }
        // Each property of a `deepObject` has a setter: `page[size]`.
        let object = |name: &String| name.split('[').next().unwrap_or_default().to_owned();
        let objects: Vec<String> = names.iter().map(object).collect();
        let is_named = |of: &Subject| matches!(of, Subject::Parameter(name) if names.contains(name) || objects.contains(name));
        let roots = self.operation(item).map(|index| &self.known.roots[index]);
        let roots: Vec<&Root> = roots
            .into_iter()
            .flatten()
            .filter(|root| is_named(&root.of))
            .collect();
        let properties = names.iter().flat_map(|name| {
            let inner = name.split(['[', ']']).nth(1).unwrap_or_default();
            roots
                .iter()
                .flat_map(|root| self.of_property(&[root.pair], inner))
        });
        first([properties.collect(), self.of_message(item, is_named)])
    }

    fn of_type(&self, change: &SurfaceChange, name: &str) -> Vec<usize> {
        let pairs = self.pairs_of(name);
        let is_whole =
            [&checks::RUST_TYPE_ADDED, &checks::RUST_TYPE_REMOVED].contains(&change.check);
        if is_whole {
            return first([self.containing(name), self.directly(&pairs)]);
        }
        let around: Vec<usize> = pairs
            .iter()
            .flat_map(|pair| &self.known.pairs[*pair].edges)
            .map(|edge| edge.child)
            .collect();
        first([
            self.directly(&pairs),
            self.inside(pairs),
            self.directly(&around),
        ])
    }

    fn of_field(&self, name: &str, field: &str) -> Vec<usize> {
        let pairs = self.pairs_of(name);
        let mut found = Vec::new();
        for side in [0, 1] {
            if let Some((property, place)) = self.property(side, name, field) {
                found.extend(self.of_property(&pairs, property));
                found.extend(self.at(side, &self.origin(side, &place)));
            }
        }
        // A variant is a value or an alternative.
        let values = self.directly(&pairs).into_iter().filter(|index| {
            let finding = &self.known.findings[*index];
            let value = |place: &Place, side: usize| {
                let value = place.pointer.get(&self.clients[side].document.root)?;
                (place.there && !value.is_object()).then(|| type_name(&plain(value)))
            };
            let values = [value(&finding.old, 0), value(&finding.new, 1)];
            values.into_iter().flatten().any(|value| value == field)
        });
        let values = values.collect();
        // Fields for the rest of an object, and variants for alternatives, come from the whole schema.
        let whole = self.inside(pairs.clone());
        first([found, values, whole, self.choosing(&pairs)])
    }

    /// The findings about the alternatives that some pairs belong to: a discriminator determines the
    /// values of a property of each.
    fn choosing(&self, pairs: &[usize]) -> Vec<usize> {
        let mut level: Vec<usize> = pairs.to_vec();
        for _ in 0..2 {
            let parents = self.known.pairs.iter().enumerate().filter(|(_, pair)| {
                let mut edges = pair.edges.iter();
                edges.any(|edge| level.contains(&edge.child))
            });
            level = parents.map(|(index, _)| index).collect();
            let about = self.directly(&level).into_iter();
            let about: Vec<usize> = about
                .filter(|index| {
                    self.known.findings[*index]
                        .check
                        .id
                        .starts_with("discriminator")
                })
                .collect();
            if !about.is_empty() {
                return about;
            }
        }
        Vec::new()
    }

    /// The property of a field, and its location in the lowered document.
    fn property(&self, side: usize, name: &str, field: &str) -> Option<(&'k str, Pointer)> {
        let (component, _) = self.origins[side].get(name)?;
        let schema = &self.clients[side].plan.document["components"]["schemas"][component];
        let mut properties = schema["properties"].as_object()?.keys();
        let property = properties.find(|property| field_name(property) == field)?;
        let place = Pointer::of(["components", "schemas", component, "properties", property]);
        Some((property, place))
    }

    /// The findings about a property of some pairs, or else about the schemas in it.
    fn of_property(&self, pairs: &[usize], property: &str) -> Vec<usize> {
        let of_pairs = self.directly(pairs).into_iter();
        let own = of_pairs.filter(|index| {
            let subjects = self.known.findings[*index].subjects.iter();
            subjects
                .filter_map(|subject| match subject {
                    Subject::Property(_, name) => Some(name),
                    _ => None,
                })
                .any(|name| name == property)
        });
        let step = Step::Property(property.to_owned());
        let edges = pairs.iter().flat_map(|pair| &self.known.pairs[*pair].edges);
        let children = edges
            .filter(|edge| edge.step == step)
            .map(|edge| edge.child);
        [own.collect(), self.inside(children.collect())].concat()
    }

    /// The findings about some pairs and their properties.
    fn directly(&self, pairs: &[usize]) -> Vec<usize> {
        let about = pairs.iter().filter_map(|pair| self.about.get(pair));
        about.flatten().copied().collect()
    }

    /// The findings about some pairs, or about their items and alternatives.
    fn inside(&self, pairs: Vec<usize>) -> Vec<usize> {
        let mut seen: HashSet<usize> = pairs.iter().copied().collect();
        let mut level = pairs;
        while !level.is_empty() {
            let whole = self.directly(&level).into_iter();
            let whole: Vec<usize> = whole
                .filter(|index| {
                    let mut subjects = self.known.findings[*index].subjects.iter();
                    subjects.any(|subject| matches!(subject, Subject::Schema(_)))
                })
                .collect();
            if !whole.is_empty() {
                return whole;
            }
            let edges = level.iter().flat_map(|pair| &self.known.pairs[*pair].edges);
            level = edges
                .filter(|edge| edge.step == Step::Inside)
                .map(|edge| edge.child)
                .filter(|child| seen.insert(*child))
                .collect();
        }
        Vec::new()
    }

    /// The pairs of the schema of a type.
    fn pairs_of(&self, name: &str) -> Vec<usize> {
        let mut pairs = Vec::new();
        for side in [0, 1] {
            if let Some((_, place)) = self.origins[side].get(name) {
                pairs.extend(self.pairs_at[side].get(place).into_iter().flatten());
            }
        }
        pairs
    }

    /// The findings about the innermost location that contains the schema of a type.
    fn containing(&self, name: &str) -> Vec<usize> {
        let mut found = Vec::new();
        for side in [0, 1] {
            let origin = self.origins[side].get(name).map(|(_, place)| place.clone());
            let mut around = origin;
            while let Some(place) = around.filter(|place| place.tokens().count() > 2) {
                let at = self.at(side, &place);
                if !at.is_empty() {
                    found.extend(at);
                    break;
                }
                around = place.parent();
            }
        }
        found
    }

    /// The findings whose location is exactly `place`.
    fn at(&self, side: usize, place: &Pointer) -> Vec<usize> {
        let findings = self.known.findings.iter().enumerate();
        findings
            .filter(|(_, finding)| {
                let at = [&finding.old, &finding.new][side];
                at.there
                    && at.pointer == *place
                    && finding.check.section != checks::Section::Unmentioned
            })
            .map(|(index, _)| index)
            .collect()
    }

    fn origin(&self, side: usize, place: &Pointer) -> Pointer {
        let client = self.clients[side];
        client.origins.of(&client.document.root, place)
    }
}

/// The first list that is not empty.
fn first<const N: usize>(lists: [Vec<usize>; N]) -> Vec<usize> {
    let mut lists = lists.into_iter();
    lists.find(|list| !list.is_empty()).unwrap_or_default()
}

/// The component and the origin of each type of a client.
fn origins(client: &Client<'_>) -> HashMap<String, (String, Pointer)> {
    let schemas = client.plan.document["components"]["schemas"].as_object();
    let names = schemas.into_iter().flatten().map(|(name, _)| name);
    names
        .map(|name| {
            let place = Pointer::of(["components", "schemas", name]);
            let origin = client.origins.of(&client.document.root, &place);
            (type_name(name), (name.clone(), origin))
        })
        .collect()
}

/// True if both are structs, enums, or wrappers.
fn is_alike(a: &Body, b: &Body) -> bool {
    std::mem::discriminant(a) == std::mem::discriminant(b)
}
