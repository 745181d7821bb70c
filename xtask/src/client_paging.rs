//! The streams of lists that are paged by position, as generated code: which Rust fields the names of
//! `x-paging` have become.

use std::collections::BTreeMap;

use openapi_document::Pointer;
use openapi_document::walk::operations;
use serde_json::Value;

use crate::rust_name::{pascal, snake};
use crate::surface::{Body, Surface};

/// A list that cannot be paged, though its operation has `x-paging`.
pub(crate) struct Unpageable {
    /// The extension, in the document as it was found.
    pub(crate) pointer: Pointer,
    /// What is in the way.
    pub(crate) message: String,
}

/// The code of the streams of each list that is paged by position, by the Rust name of its operation.
///
/// # Errors
/// The first list whose types have no place for what `x-paging` names.
pub(crate) fn by_position(
    lowered: &Value,
    surface: &Surface,
) -> Result<BTreeMap<String, String>, Unpageable> {
    let mut made = BTreeMap::new();
    for (pointer, path, _) in operations(lowered) {
        let operation = pointer.get(lowered);
        let Some(paging) = operation.and_then(|operation| operation.get("x-paging")) else {
            continue;
        };
        let id = operation.map_or("", |operation| {
            operation["operationId"].as_str().unwrap_or_default()
        });
        let name = snake(id);
        match (streams(surface, &name, paging), path.contains('#')) {
            (Ok(code), _) => {
                made.insert(name, code);
            }
            // Another way to call the same operation, such as one that streams.
            (Err(_), true) => {}
            (Err(message), false) => {
                return Err(Unpageable {
                    pointer: pointer.join("x-paging"),
                    message: format!("the list `{id}` cannot be paged: {message}"),
                });
            }
        }
    }
    Ok(made)
}

fn streams(surface: &Surface, name: &str, paging: &Value) -> Result<String, String> {
    let call = surface.operations.get(name);
    let call = call.ok_or("no call is generated for it")?;
    if call.setters.iter().any(|(_, made)| made == "reqwest::Body") {
        return Err("its body is bytes, which cannot be sent for each page".to_owned());
    }
    let page = &call.success;
    let names = |keyword: &str| -> Vec<&str> {
        let names = paging[keyword].as_array().into_iter().flatten();
        names.filter_map(Value::as_str).collect()
    };
    let list = Place::find(surface, page, &names("items"))?;
    let list = list.inside_newtypes(surface);
    let item = list
        .of
        .strip_prefix("Vec<")
        .and_then(|of| of.strip_suffix('>'))
        .ok_or_else(|| format!("`{}` is generated for its items, which is no list", list.of))?;
    let item = qualified(surface, item);
    let total = match paging.get("total") {
        None => "None".to_owned(),
        Some(_) => {
            let total = Place::find(surface, page, &names("total"))?;
            const INTEGERS: [&str; 8] = ["i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64"];
            if !INTEGERS.contains(&total.of.as_str()) {
                return Err(format!(
                    "`{}` is generated for its total, which is no integer",
                    total.of
                ));
            }
            format!(
                "{}.and_then(|it| u64::try_from(*it).ok())",
                total.by_reference()
            )
        }
    };
    let unused = if total == "None" { "_page" } else { "page" };
    let builder = pascal(name);
    let skip = spot(&paging["skip"]);
    let limit = match paging.get("limit") {
        Some(limit) => format!("Some({})", spot(limit)),
        None => "None".to_owned(),
    };
    Ok(format!(
        "
impl<'a> builder::{builder}<'a> {{
    /// The pages of the list from the one that this call asks for on, fetched one at a time as the stream is
    /// polled. A page that failed is fetched again by polling again.
    pub fn pages(self) -> client_runtime::paging::Paged<'a, {page}> {{
        const POSITION: client_runtime::paging::Position = client_runtime::paging::Position {{
            skip: {skip},
            limit: {limit},
        }};
        client_runtime::paging::pages_by_position(
            &POSITION,
            move || {{
                let call = self.clone();
                async move {{ Ok(call.send().await?.into_inner()) }}
            }},
            |page| {count}.map_or(0, |it| it.len()),
            |{unused}| {total},
        )
    }}

    /// The items of the list, over all its pages.
    pub fn items(self) -> client_runtime::paging::Paged<'a, {item}> {{
        client_runtime::paging::items_of(self.pages(), |page| {items}.unwrap_or_default())
    }}
}}
",
        count = list.by_reference(),
        items = list.by_value(),
    ))
}

/// The `client_runtime::paging::Spot` of a place in a query.
fn spot(spot: &Value) -> String {
    let property = spot["property"].as_array().into_iter().flatten();
    let property: Vec<String> = property.map(Value::to_string).collect();
    format!(
        "client_runtime::paging::Spot {{ pair: {:?}, property: &[{}] }}",
        spot["pair"].as_str().unwrap_or_default(),
        property.join(", ")
    )
}

/// A place inside a generated type.
struct Place {
    steps: Vec<Step>,
    /// The type of what stands there.
    of: String,
}

/// From one value to another inside it.
enum Step {
    Field { name: String, optional: bool },
    Boxed,
    Newtype,
}

impl Place {
    /// The place that the names of properties lead to from a value of the type `of`.
    fn find(surface: &Surface, of: &str, names: &[&str]) -> Result<Self, String> {
        let mut place = Self {
            steps: Vec::new(),
            of: of.to_owned(),
        };
        for name in names {
            place = place.inside_newtypes(surface);
            let members = match shape(surface, &place.of) {
                Some(Body::Struct(members)) => members,
                _ => {
                    return Err(format!(
                        "`{}` is generated where `{name}` is, which has no such field",
                        place.of
                    ));
                }
            };
            let wanted = format!("rename = {name:?}");
            let member = members.iter().find(|member| {
                let mut said = member.serde.iter().flat_map(|said| said.split(", "));
                match said.find(|said| said.starts_with("rename = ")) {
                    Some(renamed) => renamed == wanted,
                    None => member.name == *name,
                }
            });
            let Some(member) = member else {
                return Err(format!("`{}` has no field for `{name}`", place.of));
            };
            let inner = inside(&member.of, "Option");
            place.steps.push(Step::Field {
                name: member.name.clone(),
                optional: inner.is_some(),
            });
            place.of = inner.unwrap_or(&member.of).to_owned();
            if let Some(inner) = inside(&place.of, "Box") {
                place.of = inner.to_owned();
                place.steps.push(Step::Boxed);
            }
        }
        Ok(place)
    }

    /// The place inside the types around one value that stand there.
    fn inside_newtypes(mut self, surface: &Surface) -> Self {
        loop {
            match shape(surface, &self.of) {
                Some(Body::Alias(of)) => self.of = of.clone(),
                Some(Body::Newtype(of)) => {
                    self.of = of.clone();
                    self.steps.push(Step::Newtype);
                }
                _ => return self,
            }
        }
    }

    /// An optional reference to what stands there, of the reference `page`.
    fn by_reference(&self) -> String {
        let steps = self.steps.iter().map(|step| match step {
            Step::Field {
                name,
                optional: true,
            } => format!(".and_then(|it| it.{name}.as_ref())"),
            Step::Field { name, .. } => format!(".map(|it| &it.{name})"),
            Step::Boxed => ".map(|it| &**it)".to_owned(),
            Step::Newtype => ".map(|it| &it.0)".to_owned(),
        });
        format!("Some(page){}", steps.collect::<String>())
    }

    /// Optionally what stands there, of the value `page`.
    fn by_value(&self) -> String {
        let steps = self.steps.iter().map(|step| match step {
            Step::Field {
                name,
                optional: true,
            } => format!(".and_then(|it| it.{name})"),
            Step::Field { name, .. } => format!(".map(|it| it.{name})"),
            Step::Boxed => ".map(|it| *it)".to_owned(),
            Step::Newtype => ".map(|it| it.0)".to_owned(),
        });
        format!("Some(page){}", steps.collect::<String>())
    }
}

fn shape<'a>(surface: &'a Surface, of: &str) -> Option<&'a Body> {
    let name = of.strip_prefix("types::").unwrap_or(of);
    surface.types.get(name).map(|shape| &shape.body)
}

/// The `T` of `Option<T>`, by whatever path the type goes.
fn inside<'a>(of: &'a str, wrapper: &str) -> Option<&'a str> {
    let (path, inner) = of.strip_suffix('>')?.split_once('<')?;
    (path.rsplit("::").next() == Some(wrapper)).then_some(inner)
}

/// A type with the generated ones in it as they go by outside of their module.
fn qualified(surface: &Surface, of: &str) -> String {
    let is_part = |character: char| character.is_alphanumeric() || character == '_';
    let mut out = String::new();
    let mut rest = of;
    while !rest.is_empty() {
        let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        if surface.types.contains_key(word) && !out.ends_with("::") {
            out += "types::";
        }
        out += word;
        let end = after.find(is_part).unwrap_or(after.len());
        let (between, after) = after.split_at(end);
        out += between;
        rest = after;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::surface::{Call, Member, Shape};
    use serde_json::json;

    fn member(name: &str, of: &str, serde: &str) -> Member {
        Member {
            name: name.to_owned(),
            of: of.to_owned(),
            serde: vec![serde.to_owned()],
        }
    }

    fn surface(success: &str) -> Surface {
        let shape = |body| Shape {
            serde: Vec::new(),
            builder: true,
            body,
        };
        let types = [
            (
                "Page",
                Body::Struct(vec![
                    member("about", "Option<::client_runtime::Box<About>>", "default"),
                    member("results", "Things", ""),
                ]),
            ),
            (
                "About",
                Body::Struct(vec![
                    member(
                        "total_count",
                        "Option<i64>",
                        "rename = \"totalCount\", default",
                    ),
                    member("type_", "String", "rename = \"type\""),
                ]),
            ),
            (
                "Things",
                Body::Newtype("Vec<::client_runtime::OpenEnum<Thing>>".to_owned()),
            ),
            ("Thing", Body::Enum(Vec::new())),
        ];
        let call = Call {
            success: success.to_owned(),
            ..Call::default()
        };
        Surface {
            operations: BTreeMap::from([("list".to_owned(), call)]),
            types: types
                .into_iter()
                .map(|(name, body)| (name.to_owned(), shape(body)))
                .collect(),
        }
    }

    fn made(success: &str, paging: Value) -> Result<String, String> {
        streams(&surface(success), "list", &paging)
    }

    #[test]
    fn what_a_page_has_is_read_from_the_fields_of_its_names() {
        let skip = json!({ "pair": "filter", "property": ["skip"] });
        let code = made(
            "types::Page",
            json!({ "skip": skip, "items": ["results"], "total": ["about", "totalCount"] }),
        );
        let code = code.expect("can be paged");
        for part in [
            "Paged<'a, types::Page>",
            "Paged<'a, ::client_runtime::OpenEnum<types::Thing>>",
            "skip: client_runtime::paging::Spot { pair: \"filter\", property: &[\"skip\"] }",
            "limit: None",
            "|page| Some(page).map(|it| &it.results).map(|it| &it.0).map_or(0, |it| it.len())",
            "|page| Some(page).map(|it| it.results).map(|it| it.0).unwrap_or_default()",
            "|page| Some(page).and_then(|it| it.about.as_ref()).map(|it| &**it)\
             .and_then(|it| it.total_count.as_ref()).and_then(|it| u64::try_from(*it).ok())",
        ] {
            assert!(code.contains(part), "{part} in {code}");
        }
        let code = made("Vec<types::Thing>", json!({ "skip": skip, "items": [] }));
        let code = code.expect("can be paged");
        assert!(code.contains("Paged<'a, types::Thing>"), "{code}");
        assert!(
            code.contains("|page| Some(page).unwrap_or_default()"),
            "{code}"
        );
    }

    #[test]
    fn a_list_whose_types_have_no_place_for_it_is_refused() {
        for (success, items, total, said) in [
            ("types::Page", "about", "about.totalCount", "no list"),
            ("types::Page", "results", "about.type", "no integer"),
            (
                "types::Page",
                "others",
                "about.totalCount",
                "no field for `others`",
            ),
            (
                "::serde_json::Value",
                "results",
                "about.totalCount",
                "no such field",
            ),
        ] {
            let names = |names: &str| names.split('.').map(str::to_owned).collect::<Vec<_>>();
            let paging = json!({ "skip": {}, "items": names(items), "total": names(total) });
            let error = made(success, paging).expect_err(said);
            assert!(error.contains(said), "{error}");
        }
    }

    #[test]
    fn a_list_that_is_not_generated_as_one_is_refused_with_its_place() {
        let document = "openapi: 3.1.0
info: {title: T, version: '1'}
paths:
  /a:
    get:
      operationId: list
      parameters: [{name: offset, in: query, schema: {type: integer}}]
      responses:
        '200':
          description: A page of one kind or the other.
          content:
            application/json:
              schema:
                oneOf:
                  - {type: object, required: [a], properties: {a: {type: array, items: {type: string}}}}
                  - {type: object, required: [b], properties: {b: {type: array, items: {type: string}}}}
      x-paging: {skip: offset, items: a}
";
        let document = openapi_document::Document::parse("api.yaml", document).expect("is YAML");
        let settings = crate::registry::GeneratorSettings {
            derives: Vec::new(),
            inner_type: "client_runtime::Session".to_owned(),
            ..Default::default()
        };
        let refused = crate::regen::make_with(&settings, document);
        let said = refused.map(|_| ()).expect_err("is refused").to_string();
        assert!(
            said.starts_with("api.yaml:17:7: the list `list` cannot be paged: "),
            "{said}"
        );
        assert!(said.contains("hint: "), "{said}");
    }
}
