//! The Rust types of a plan's schemas, as progenitor makes them.
//!
//! progenitor generates types and builders together, from a document with paths. So a document is laid
//! out for it in which every operation is a path of its own and every schema of the plan is the items of
//! a header parameter: the fields of the builders that come back are lists of the types that are asked
//! for. (progenitor takes an object itself for a body only.) The rest of the builders is generated here,
//! in `emit`.

use std::collections::HashMap;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use progenitor::{CrateVers, GenerationSettings, Generator, InterfaceStyle};
use serde_json::{Map, Value, json};

use crate::plan::{ClientPlan, OperationPlan};
use crate::tolerance::with_tolerance;
use crate::{GenerateError, Settings, caught, items};

/// The types of a client.
pub(crate) struct Types {
    /// The module `types`.
    pub(crate) module: TokenStream,
    /// Those that each operation names, in the order of the plan.
    pub(crate) operations: Vec<OperationTypes>,
}

/// The types that one operation names.
pub(crate) struct OperationTypes {
    /// Of the parameters, in the order of the plan.
    pub(crate) parameters: Vec<TokenStream>,
    /// Of the body, if it is typed.
    pub(crate) body: Option<TokenStream>,
    /// Of the bodies of the responses, in the order of the plan: JSON, or the items of a stream.
    pub(crate) responses: Vec<Option<TokenStream>>,
    /// Of one item of a paged list.
    pub(crate) item: Option<TokenStream>,
}

impl Types {
    /// Makes the types.
    ///
    /// # Errors
    /// [`GenerateError`]; a panic inside progenitor is one of them.
    pub(crate) fn of(plan: &ClientPlan, settings: &Settings) -> Result<Self, GenerateError> {
        let document = serde_json::from_value(laid_out(plan))?;
        let settings = progenitor_settings(settings)?;
        let tokens = caught(|| Generator::new(&settings).generate_tokens(&document))
            .map_err(GenerateError::Panicked)?
            .map_err(|error| GenerateError::Refused(Box::new(error)))?;
        let module = module(tokens.clone(), "types").ok_or(GenerateError::Unexpected("types"))?;
        let builders = module_builders(tokens)?;
        let operations = plan.operations.iter().enumerate();
        let operations = operations.map(|(index, operation)| {
            let name = format!("O{index}");
            let fields = builders
                .get(&name)
                .ok_or(GenerateError::Unexpected("builder"))?;
            OperationTypes::read(operation, fields)
        });
        let operations: Vec<OperationTypes> = operations.collect::<Result<_, _>>()?;
        let read = operations.iter().flat_map(OperationTypes::read_types);
        let module = with_tolerance(items::rewritten(module), &read.collect::<Vec<_>>());
        Ok(Self { module, operations })
    }
}

impl OperationTypes {
    /// Those whose values are received.
    fn read_types(&self) -> impl Iterator<Item = &TokenStream> {
        self.responses.iter().flatten().chain(&self.item)
    }

    fn read(
        operation: &OperationPlan,
        fields: &HashMap<String, TokenStream>,
    ) -> Result<Self, GenerateError> {
        let field = |name: &str| {
            let found = fields.get(name).cloned();
            found.ok_or(GenerateError::Unexpected("field"))
        };
        let parameters = (0..operation.parameters.len()).map(|index| field(&format!("p{index}")));
        let responses = operation.responses.iter().enumerate();
        let responses = responses.map(|(index, response)| match response.body.schema() {
            Some(_) => field(&format!("r{index}")).map(Some),
            None => Ok(None),
        });
        Ok(Self {
            parameters: parameters.collect::<Result<_, _>>()?,
            body: body_schema(operation).map(|_| field("body")).transpose()?,
            responses: responses.collect::<Result<_, _>>()?,
            item: operation
                .paging
                .as_ref()
                .map(|_| field("item"))
                .transpose()?,
        })
    }
}

fn body_schema(operation: &OperationPlan) -> Option<&Value> {
    operation.body.as_ref()?.encoding.schema()
}

/// The document that progenitor reads.
fn laid_out(plan: &ClientPlan) -> Value {
    let mut paths = Map::new();
    for (index, operation) in plan.operations.iter().enumerate() {
        let mut parameters = Vec::new();
        let mut ask = |name: String, schema: &Value| {
            let list = json!({ "type": "array", "items": schema });
            parameters
                .push(json!({ "name": name, "in": "header", "required": true, "schema": list }));
        };
        for (index, parameter) in operation.parameters.iter().enumerate() {
            ask(format!("p{index}"), &parameter.schema);
        }
        if let Some(schema) = body_schema(operation) {
            ask("body".to_owned(), schema);
        }
        for (index, response) in operation.responses.iter().enumerate() {
            if let Some(schema) = response.body.schema() {
                ask(format!("r{index}"), schema);
            }
        }
        if let Some(paging) = &operation.paging {
            ask("item".to_owned(), &paging.item);
        }
        paths.insert(
            format!("/o{index}"),
            json!({ "get": {
                "operationId": format!("o{index}"),
                "parameters": parameters,
                "responses": { "204": { "description": "" } },
            } }),
        );
    }
    let mut document = plan.document.clone();
    document["paths"] = paths.into();
    document
}

fn progenitor_settings(settings: &Settings) -> Result<GenerationSettings, GenerateError> {
    let mut made = GenerationSettings::new();
    made.with_interface(InterfaceStyle::Builder);
    for derive in &settings.derives {
        made.with_derive(derive);
    }
    let others = settings.crates.iter();
    let others = others.map(|(name, version)| (name.as_str(), version.as_str()));
    for (name, version) in others.chain([("client-runtime", "*")]) {
        let parsed = CrateVers::parse(version);
        let parsed =
            parsed.ok_or_else(|| GenerateError::Version(name.to_owned(), version.to_owned()))?;
        made.with_crate(name, parsed, None);
    }
    Ok(made)
}

/// What is inside the module `name` among `tokens`.
fn module(tokens: TokenStream, name: &str) -> Option<TokenStream> {
    let mut is_next = false;
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => is_next = is_next && ident == name || ident == "mod",
            TokenTree::Group(group) if is_next && group.delimiter() == Delimiter::Brace => {
                return Some(group.stream());
            }
            _ => is_next = false,
        }
    }
    None
}

/// The fields of each struct in the module `builder`, by the names of both.
fn module_builders(
    tokens: TokenStream,
) -> Result<HashMap<String, HashMap<String, TokenStream>>, GenerateError> {
    let builders = module(tokens, "builder").ok_or(GenerateError::Unexpected("builder"))?;
    let mut found = HashMap::new();
    let mut name = None;
    let mut is_struct = false;
    for token in builders {
        match token {
            TokenTree::Ident(ident) if ident == "struct" => is_struct = true,
            TokenTree::Ident(ident) if is_struct && name.is_none() => {
                name = Some(ident.to_string());
            }
            TokenTree::Group(group) if is_struct && group.delimiter() == Delimiter::Brace => {
                is_struct = false;
                found.extend(name.take().map(|name| (name, fields(&group))));
            }
            _ => {}
        }
    }
    Ok(found)
}

/// The fields of a struct: of `p0: Result<Vec<T>, String>` the `T`.
fn fields(group: &Group) -> HashMap<String, TokenStream> {
    let mut found = HashMap::new();
    let mut tokens = group.stream().into_iter();
    while let Some(token) = tokens.next() {
        let TokenTree::Ident(name) = token else {
            continue;
        };
        // The colon, and the type up to a comma outside of angle brackets.
        tokens.next();
        let mut depth = 0_i32;
        let mut of = Vec::new();
        for token in tokens.by_ref() {
            match &token {
                TokenTree::Punct(punct) if punct.as_char() == '<' => depth += 1,
                TokenTree::Punct(punct) if punct.as_char() == '>' => depth -= 1,
                TokenTree::Punct(punct) if punct.as_char() == ',' && depth == 0 => break,
                _ => {}
            }
            of.push(token);
        }
        if let Some(inner) = item_type(&of) {
            found.insert(name.to_string(), inner);
        }
    }
    found
}

/// The `T` of `Result<Vec<T>, String>`: what is between the second `<` and the first `>` of the last two
/// brackets.
fn item_type(of: &[TokenTree]) -> Option<TokenStream> {
    let is = |character: char| move |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == character);
    let list = of.iter().position(is('<'))? + 1;
    let item = list + of[list..].iter().position(is('<'))? + 1;
    let outer = of.iter().rposition(is('>'))?;
    let end = of[..outer].iter().rposition(is('>'))?;
    (item < end).then(|| of[item..end].iter().cloned().collect())
}
