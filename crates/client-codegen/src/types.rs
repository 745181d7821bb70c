//! The Rust types of a plan's schemas, as typify makes them.
//!
//! typify makes a type of each component schema, and names the type of any other schema.

use std::panic::{AssertUnwindSafe, catch_unwind};

use proc_macro2::TokenStream;
use serde_json::{Value, json};
use typify::{CrateVers, TypeDetails, TypeSpace, TypeSpaceSettings};

use crate::plan::{BodyEncoding, ClientPlan, OperationPlan, ResponseBody};
use crate::{GenerateError, Settings, json_schema, panic_message};

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
    /// [`GenerateError`]; a panic inside typify is one of them.
    pub(crate) fn of(plan: &ClientPlan, settings: &Settings) -> Result<Self, GenerateError> {
        let settings = typify_settings(settings)?;
        let run = AssertUnwindSafe(|| Self::made(plan, &settings));
        catch_unwind(run).map_err(|payload| GenerateError::Panicked(panic_message(&*payload)))?
    }

    fn made(plan: &ClientPlan, settings: &TypeSpaceSettings) -> Result<Self, GenerateError> {
        let mut space = TypeSpace::new(settings);
        let components = plan.document["components"]["schemas"].as_object();
        let components = components.into_iter().flatten();
        let components = components.map(|(name, schema)| {
            let schema = serde_json::from_value(json_schema::of(schema))?;
            Ok((name.clone(), schema))
        });
        space.add_ref_types(components.collect::<Result<Vec<_>, serde_json::Error>>()?)?;
        // All types are there before one is named: whether a field is boxed depends on the others.
        let operations = plan.operations.iter().enumerate();
        let operations = operations.map(|(index, operation)| {
            let mut of = |place: String, schema: &Value| {
                type_of(&mut space, format!("O{index}{place}"), schema)
            };
            OperationTypes::made(operation, &mut of)
        });
        let operations = operations.collect::<Result<_, _>>()?;
        Ok(Self {
            module: space.to_stream(),
            operations,
        })
    }
}

impl OperationTypes {
    /// Asks for the type of each schema of the operation, and a name where it needs one.
    fn made(
        operation: &OperationPlan,
        of: &mut dyn FnMut(String, &Value) -> Result<TokenStream, GenerateError>,
    ) -> Result<Self, GenerateError> {
        let parameters = operation.parameters.iter().enumerate();
        let parameters: Vec<_> = parameters
            .map(|(index, parameter)| of(format!("P{index}"), &parameter.schema))
            .collect::<Result<_, _>>()?;
        let body = body_schema(operation).map(|schema| of("Body".to_owned(), schema));
        let body = body.transpose()?;
        let responses = operation.responses.iter().enumerate();
        let responses: Vec<_> = responses
            .map(|(index, response)| {
                let schema = schema_of(&response.body);
                schema
                    .map(|schema| of(format!("R{index}"), schema))
                    .transpose()
            })
            .collect::<Result<_, _>>()?;
        let item = operation.paging.as_ref();
        let item = item.map(|paging| of("Item".to_owned(), &paging.item));
        Ok(Self {
            parameters,
            body,
            responses,
            item: item.transpose()?,
        })
    }
}

/// The type of a schema. It is asked for as the items of a list, so that a schema without a name of its
/// own gets one.
fn type_of(
    space: &mut TypeSpace,
    name: String,
    schema: &Value,
) -> Result<TokenStream, GenerateError> {
    let list = json!({ "type": "array", "items": json_schema::of(schema) });
    let list = space.add_type_with_name(&serde_json::from_value(list)?, Some(name))?;
    let TypeDetails::Vec(item) = space.get_type(&list)?.details() else {
        return Err(GenerateError::Unexpected("a list that is a Vec"));
    };
    Ok(space.get_type(&item)?.ident())
}

/// The schema of a response body that is typed.
fn schema_of(body: &ResponseBody) -> Option<&Value> {
    match body {
        ResponseBody::Json { schema } => Some(schema),
        ResponseBody::Events { item }
        | ResponseBody::JsonLines { item }
        | ResponseBody::JsonSequence { item } => item.as_ref(),
        ResponseBody::None | ResponseBody::Text | ResponseBody::Bytes | ResponseBody::Upgrade => {
            None
        }
    }
}

fn body_schema(operation: &OperationPlan) -> Option<&Value> {
    match &operation.body.as_ref()?.encoding {
        BodyEncoding::Json { schema }
        | BodyEncoding::Form { schema, .. }
        | BodyEncoding::Multipart { schema, .. }
        | BodyEncoding::JsonLines { item: schema } => Some(schema),
        BodyEncoding::Text | BodyEncoding::Bytes => None,
    }
}

fn typify_settings(settings: &Settings) -> Result<TypeSpaceSettings, GenerateError> {
    let mut made = TypeSpaceSettings::default();
    made.with_type_mod("types").with_struct_builder(true);
    for derive in &settings.derives {
        made.with_derive(derive.clone());
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
