//! Compares security requirements and servers.
//!
//! Both can be specified for the document, a path item or an operation, so the effective values of each
//! operation are compared.

use std::collections::{BTreeMap, BTreeSet};

use openapi_document::Pointer;
use serde_json::Value;

use super::catalogue::{self as checks, Check, Verdict};
use super::model::{Finding, Place};
use super::operations::Operation;
use super::source::Node;

/// One alternative of the security requirements: a description of each scheme, with its flows and
/// scopes.
type Alternative = BTreeMap<String, Demands>;

/// The properties that distinguish uses of schemes of one kind.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Demands {
    /// The flows of OAuth 2.0. Clients use one of them.
    flows: BTreeSet<String>,
    /// The scopes. Tokens must have all of them.
    scopes: BTreeSet<String>,
}

/// The findings about two lists of requirements.
struct Findings {
    /// The locations of the lists.
    places: [Place; 2],
    all: Vec<Finding>,
}

impl Findings {
    fn find(
        &mut self,
        check: &'static Check,
        what: String,
        was: Option<&Node<'_>>,
        is: Option<&Node<'_>>,
    ) -> &mut Finding {
        let place = |node: Option<&Node<'_>>, list: &Place| match node {
            Some(node) => Place::at(node.pointer.clone()),
            None => list.clone(),
        };
        let (was, is) = (place(was, &self.places[0]), place(is, &self.places[1]));
        self.all.push(Finding::new(check, what, was, is));
        let last = self.all.len() - 1;
        &mut self.all[last]
    }
}

/// Compares the effective security requirements of an operation.
pub(super) fn security<'a>(old: &Operation<'a>, new: &Operation<'a>) -> Vec<Finding> {
    let (old_place, before) = in_force(old.security());
    let (new_place, after) = in_force(new.security());
    let mut findings = Findings {
        places: [old_place, new_place],
        all: Vec::new(),
    };
    let alternatives = |of: &Operation<'a>, nodes: &[Node<'a>]| -> Vec<(Alternative, Node<'a>)> {
        let nodes = nodes.iter();
        nodes
            .map(|node| (alternative(of, node), node.clone()))
            .filter(|(alternative, _)| !alternative.is_empty())
            .collect()
    };
    let (mut gone, mut come) = (alternatives(old, &before), alternatives(new, &after));
    // An alternative without schemes, or no alternative at all, allows anonymous calls.
    let anonymous = |nodes: &[Node<'_>], named: usize| nodes.len() > named || nodes.is_empty();
    let (was_open, is_open) = (
        anonymous(&before, gone.len()),
        anonymous(&after, come.len()),
    );
    let opened = match (was_open, is_open) {
        (true, false) => Some((&checks::SECURITY_REQUIRED, "now requires")),
        (false, true) => Some((&checks::SECURITY_LIFTED, "no longer requires")),
        _ => None,
    };
    if let Some((check, how)) = opened {
        findings.find(
            check,
            format!("the operation {how} credentials"),
            None,
            None,
        );
    }
    if was_open != is_open && (gone.is_empty() || come.is_empty()) {
        return findings.all;
    }
    let all = come.clone();
    gone.retain(
        |(before, _)| match come.iter().position(|(after, _)| after == before) {
            Some(index) => {
                come.remove(index);
                false
            }
            None => true,
        },
    );
    gone.retain(|(before, was)| {
        let schemes = |alternative: &Alternative| alternative.keys().cloned().collect::<Vec<_>>();
        let same = |(after, _): &(Alternative, Node<'_>)| {
            let mut pairs = before.values().zip(after.values());
            schemes(after) == schemes(before)
                && pairs.all(|(before, after)| before.flows.is_subset(&after.flows))
        };
        let Some(index) = come.iter().position(same) else {
            return true;
        };
        let (after, is) = come.remove(index);
        for (scheme, demands) in &after {
            let before = before.get(scheme).cloned().unwrap_or_default();
            for flow in demands.flows.difference(&before.flows) {
                let what = format!("the flow {flow} was added to the security scheme");
                findings.find(
                    &checks::SECURITY_ALTERNATIVE_ADDED,
                    what,
                    Some(was),
                    Some(&is),
                );
            }
            let (had, scopes) = (before.scopes, &demands.scopes);
            for scope in scopes.difference(&had) {
                let what = format!("the scope `{scope}` was added to the requirement");
                findings.find(&checks::SCOPE_ADDED, what, Some(was), Some(&is));
            }
            for scope in had.difference(scopes) {
                let what = format!("the scope `{scope}` was removed from the requirement");
                findings.find(&checks::SCOPE_REMOVED, what, Some(was), Some(&is));
            }
        }
        false
    });
    gone.retain(|(before, was)| {
        let related =
            |(after, _): &(Alternative, Node<'_>)| is_part(after, before) || is_part(before, after);
        let Some(index) = come.iter().position(related) else {
            return true;
        };
        let (after, is) = come.remove(index);
        let what = format!(
            "the security requirement changed from {} to {}",
            names(was),
            names(&is)
        );
        let found = findings.find(&checks::SECURITY_CHANGED, what, Some(was), Some(&is));
        found.verdicts = is_part(&after, before).then_some([Verdict::Additive; 2]);
        false
    });
    if gone.len() == come.len() {
        for ((_, was), (_, is)) in gone.iter().zip(&come) {
            let (before, after) = match names(was) == names(is) {
                true => (details(old, was), details(new, is)),
                false => (names(was), names(is)),
            };
            let what = format!("the security requirement changed from {before} to {after}");
            let found = findings.find(&checks::SECURITY_CHANGED, what, Some(was), Some(is));
            found.verdicts = is_open.then_some([Verdict::MayBreak; 2]);
        }
        return findings.all;
    }
    for (before, was) in &gone {
        let what = format!(
            "the alternative security requirement {} was removed",
            names(was)
        );
        let found = findings.find(&checks::SECURITY_ALTERNATIVE_REMOVED, what, Some(was), None);
        let is_satisfied = is_open || all.iter().any(|(after, _)| is_part(after, before));
        found.verdicts = is_satisfied.then_some([Verdict::Additive; 2]);
    }
    for (_, is) in &come {
        let what = format!(
            "the alternative security requirement {} was added",
            names(is)
        );
        findings.find(&checks::SECURITY_ALTERNATIVE_ADDED, what, None, Some(is));
    }
    findings.all
}

/// True if who satisfies the `whole` alternative satisfies the `part`, too.
fn is_part(part: &Alternative, whole: &Alternative) -> bool {
    part.iter().all(|(scheme, demands)| {
        whole.get(scheme).is_some_and(|whole| {
            demands.scopes.is_subset(&whole.scopes) && whole.flows.is_subset(&demands.flows)
        })
    })
}

/// The schemes and scopes of an alternative, independent of the schemes' names in the document.
fn alternative(operation: &Operation<'_>, node: &Node<'_>) -> Alternative {
    let schemes = node.value.as_object().into_iter().flatten();
    schemes
        .map(|(name, scopes)| {
            let scheme = scheme(operation, name);
            let scopes = scopes.as_array().into_iter().flatten();
            let scopes = scopes.filter_map(Value::as_str).map(str::to_owned);
            let demands = Demands {
                flows: flows_of(scheme),
                scopes: scopes.collect(),
            };
            (kind_of(scheme), demands)
        })
        .collect()
}

fn scheme<'a>(operation: &Operation<'a>, name: &str) -> &'a Value {
    let scheme = operation.security_scheme(name);
    scheme.map_or(&Value::Null, |scheme| scheme.value)
}

/// The flows of a scheme with their URLs.
fn flows_of(scheme: &Value) -> BTreeSet<String> {
    let flows = scheme["flows"].as_object().into_iter().flatten();
    let urls = |flow: &Value| {
        let urls = ["authorizationUrl", "tokenUrl"].map(|name| flow[name].as_str());
        urls.into_iter().flatten().collect::<Vec<_>>().join(" and ")
    };
    flows
        .map(|(name, flow)| format!("`{name}` at {}", urls(flow)))
        .collect()
}

/// A scheme without its description, its flows and its scopes.
fn kind_of(scheme: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_lowercase();
    format!(
        "{} {} {} {} {}",
        text(&scheme["type"]),
        text(&scheme["scheme"]),
        text(&scheme["in"]),
        scheme["name"],
        scheme["openIdConnectUrl"],
    )
}

fn names(node: &Node<'_>) -> String {
    let names = node.value.as_object().into_iter().flatten();
    let names: Vec<String> = names.map(|(name, _)| format!("`{name}`")).collect();
    names.join(" with ")
}

/// The schemes of an alternative, with the properties that distinguish schemes of the same name.
fn details(operation: &Operation<'_>, node: &Node<'_>) -> String {
    let names = node.value.as_object().into_iter().flatten();
    let details: Vec<String> = names
        .map(|(name, _)| {
            let scheme = scheme(operation, name);
            let values =
                ["type", "scheme", "in", "name", "openIdConnectUrl"].map(|key| &scheme[key]);
            let values = values.into_iter().filter_map(Value::as_str);
            let flows = scheme["flows"].as_object().into_iter().flatten();
            let flows = flows.map(|(name, flow)| {
                let url = flow.get("tokenUrl").or(flow.get("authorizationUrl"));
                format!(
                    "{name} at {}",
                    url.and_then(Value::as_str).unwrap_or_default()
                )
            });
            let all: Vec<String> = values.map(str::to_owned).chain(flows).collect();
            format!("`{name}` ({})", all.join(" "))
        })
        .collect();
    details.join(" with ")
}

/// Compares the effective servers of an operation.
pub(super) fn servers<'a>(old: &Operation<'a>, new: &Operation<'a>) -> Vec<Finding> {
    let (old_place, mut gone) = in_force(old.servers());
    let (new_place, mut come) = in_force(new.servers());
    // A document without servers has this one (OpenAPI 3.1.1, OpenAPI Object, `servers`).
    for servers in [&mut gone, &mut come] {
        servers.retain(|server| url(server) != "/");
    }
    let mut findings = Vec::new();
    let same = |a: &Node<'_>, b: &Node<'_>| url(a) == url(b) && values(a) == values(b);
    let all = (gone.clone(), come.clone());
    // Clients use the first server by default.
    if let (Some(was), Some(is)) = (all.0.first(), all.1.first())
        && !same(was, is)
    {
        let places = || {
            (
                Place::at(was.pointer.clone()),
                Place::at(is.pointer.clone()),
            )
        };
        let mut find = |check: &'static Check, what: String| {
            let (old, new) = places();
            let mut finding = Finding::new(check, what, old, new);
            // Only values that could not be chosen before are new.
            let is_wider = values(was).is_empty() && resolved(was) == resolved(is);
            finding.verdicts = is_wider.then_some([Verdict::Additive; 2]);
            findings.push(finding);
        };
        if url(was) != url(is) {
            let what = format!("the server changed from `{}` to `{}`", url(was), url(is));
            find(&checks::SERVER_CHANGED, what);
        } else {
            for (check, what) in variables(was, is) {
                find(check, what);
            }
        }
        gone.remove(0);
        come.remove(0);
    }
    for was in &gone {
        if !all.1.iter().any(|is| same(was, is)) {
            let what = format!("the server `{}` was removed", url(was));
            let was = Place::at(was.pointer.clone());
            let is = new_place.clone();
            findings.push(Finding::new(&checks::SERVER_REMOVED, what, was, is));
        }
    }
    for is in &come {
        if !all.0.iter().any(|was| same(was, is)) {
            let what = format!("the server `{}` was added", url(is));
            let (was, is) = (old_place.clone(), Place::at(is.pointer.clone()));
            findings.push(Finding::new(&checks::SERVER_ADDED, what, was, is));
        }
    }
    findings
}

/// The URL of a server. Paths are appended with one `/`.
fn url(node: &Node<'_>) -> String {
    let url = node.string("url").unwrap_or_default();
    url.strip_suffix('/')
        .filter(|url| !url.is_empty())
        .unwrap_or(url)
        .to_owned()
}

/// The URL of a server with the defaults of its variables.
fn resolved(node: &Node<'_>) -> String {
    let variables = values(node).into_iter();
    variables.fold(url(node), |url, (name, (default, _))| {
        url.replace(&format!("{{{name}}}"), default)
    })
}

/// The default and the possible values of each variable of a server.
fn values<'a>(server: &Node<'a>) -> BTreeMap<&'a str, (&'a str, BTreeSet<&'a str>)> {
    let variables = server.properties("variables").into_iter();
    variables
        .map(|(name, variable)| {
            let values = variable.items("enum").into_iter();
            let values = values.filter_map(|node| node.value.as_str());
            (
                name,
                (
                    variable.string("default").unwrap_or_default(),
                    values.collect(),
                ),
            )
        })
        .collect()
}

/// Compares the variables of a server whose URL is the same.
fn variables(old: &Node<'_>, new: &Node<'_>) -> Vec<(&'static Check, String)> {
    let (before, after) = (values(old), values(new));
    let mut changes = Vec::new();
    let server = url(new);
    for (name, (default, values)) in &after {
        let Some((was, known)) = before.get(name) else {
            continue;
        };
        if was != default {
            let what = format!(
                "the default of the variable `{name}` of the server `{server}` changed from `{was}` to `{default}`"
            );
            changes.push((&checks::SERVER_CHANGED, what));
        }
        // A variable without a list has any value.
        match (known.is_empty(), values.is_empty()) {
            (true, false) => {
                let what = format!(
                    "the variable `{name}` of the server `{server}` is now restricted to its values"
                );
                changes.push((&checks::SERVER_REMOVED, what));
                continue;
            }
            (false, true) => {
                let what = format!(
                    "the variable `{name}` of the server `{server}` is no longer restricted to its values"
                );
                changes.push((&checks::SERVER_ADDED, what));
                continue;
            }
            _ => {}
        }
        for value in values.difference(known) {
            let what = format!(
                "the value `{value}` of the variable `{name}` of the server `{server}` was added"
            );
            changes.push((&checks::SERVER_ADDED, what));
        }
        for value in known.difference(values) {
            let what = format!(
                "the value `{value}` of the variable `{name}` of the server `{server}` was removed"
            );
            changes.push((&checks::SERVER_REMOVED, what));
        }
    }
    changes
}

/// The items of a list that applies to an operation, with the location of the list, or of the document
/// that lacks it.
fn in_force(list: Option<Node<'_>>) -> (Place, Vec<Node<'_>>) {
    match list {
        Some(list) => (Place::missing_in(list.pointer.clone()), list.elements()),
        None => (Place::missing_in(Pointer::root()), Vec::new()),
    }
}
