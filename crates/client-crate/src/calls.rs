//! The generated files of the tests crate: functions that call each operation of an API by name
//! with JSON arguments, and an index of the APIs.
//!
//! Tests that iterate over all operations of a vendored document reach the generated Rust through
//! these functions.

use std::fmt::Write as _;

use client_codegen::surface::{Call, Surface};

use crate::generated::MARK;

/// The client of an API.
#[derive(Debug, Clone)]
pub struct Client {
    /// The name of the API in commands: `numspot`.
    pub api: String,
    /// The display name of the API: `Numspot`.
    pub title: String,
    /// The name of the crate in Rust: `numspot_client`.
    pub package: String,
}

impl Client {
    /// The name of its module in the tests crate.
    pub fn module(&self) -> String {
        self.api.replace('-', "_")
    }
}

/// The source of the module that calls the operations of a client.
pub fn source(client: &Client, surface: &Surface) -> String {
    let Client { title, package, .. } = client;
    let mut arms = String::new();
    for (name, call) in &surface.operations {
        // Writing to a string does not fail.
        let _ = write!(arms, "{}", arm(name, call));
    }
    format!(
        "{MARK}\n\
         #![allow(deprecated)]\n\n\
         //! Calls of the generated client of the {title} API.\n\n\
         #[allow(unused_imports)]\n\
         use {package}::{{Client, types}};\n\n\
         #[allow(unused_imports)]\n\
         use crate::call::{{Arguments, CallError, Outcome, encoded, outcome}};\n\n\
         /// Calls the operation whose Rust method is `name`.\n\
         ///\n\
         /// # Errors\n\
         /// An unknown operation, or an argument that is unknown or of the wrong type.\n\
         pub async fn call(\n    client: &Client,\n    name: &str,\n    mut arguments: Arguments,\n\
         ) -> Result<Outcome, CallError> {{\n    let outcome = match name {{\n{arms}        \
         _ => return Err(CallError::Operation(name.to_owned())),\n    }};\n    Ok(outcome)\n}}\n",
    )
}

/// The source of the parent module, which finds a client by the name of its API.
pub fn index(clients: &[Client]) -> String {
    let mut modules: Vec<String> = clients.iter().map(Client::module).collect();
    modules.sort();
    let (mut declared, mut tables, mut calls) = (String::new(), String::new(), String::new());
    for module in modules {
        let _ = writeln!(declared, "pub mod {module};");
    }
    for client in clients {
        let Client {
            api: name, package, ..
        } = client;
        let module = client.module();
        let _ = writeln!(tables, "        {name:?} => {package}::OPERATIONS,");
        let _ = write!(
            calls,
            "        {name:?} => {{\n            let builder = with_credentials::<{package}::Client>(builder.retarget());\n            \
             let client = builder.build()?;\n            \
             {module}::call(&client, name, arguments).await\n        }}\n"
        );
    }
    format!(
        "{MARK}\n\
         //! Calls of the generated clients, found by the names of their APIs.\n\n\
         {declared}\n\
         use client_runtime::Builder;\n\
         use client_runtime::operation::Operation;\n\n\
         use crate::call::{{AnyClient, Arguments, CallError, Outcome, with_credentials}};\n\n\
         /// All operations of the client of `api`, sorted by Rust name; empty if there is no such API.\n\
         pub fn operations(api: &str) -> &'static [Operation] {{\n    match api {{\n{tables}        \
         _ => &[],\n    }}\n}}\n\n\
         /// Calls an operation of the client of `api` that `builder` builds, with credentials for every\n\
         /// security scheme.\n\
         ///\n\
         /// # Errors\n\
         /// A client that cannot be built, an unknown API or operation, or an argument that is unknown\n\
         /// or of the wrong type.\n\
         pub async fn call(\n    api: &str,\n    builder: Builder<AnyClient>,\n    name: &str,\n    arguments: Arguments,\n\
         ) -> Result<Outcome, CallError> {{\n    match api {{\n{calls}        \
         _ => Err(CallError::Api(api.to_owned())),\n    }}\n}}\n"
    )
}

fn arm(name: &str, call: &Call) -> String {
    let mutable = if call.setters.is_empty() { "" } else { "mut " };
    let mut out =
        format!("        {name:?} => {{\n            let {mutable}call = client.{name}();\n");
    for (setter, of) in &call.setters {
        let (of, method) = match (of.as_str(), &call.line) {
            ("::client_runtime::generated::Body", Some(line)) => {
                (&*format!("Vec<{line}>"), "body_items")
            }
            ("::client_runtime::generated::Body", None) => ("String", setter.as_str()),
            (other, _) => (other, setter.as_str()),
        };
        // Writing to a string does not fail.
        let _ = write!(
            out,
            "            if let Some(value) = arguments.take::<{of}>({setter:?})? {{\n                \
             call = call.{method}(value);\n            }}\n"
        );
    }
    let is_stream = |of: &str| of.starts_with("::client_runtime::");
    let sent = if call.success == "::client_runtime::ByteStream" {
        "crate::call::read(call.send().await).await"
    } else if is_stream(&call.success) || call.variants.iter().any(|(_, of)| is_stream(of)) {
        "call.send().await.map(|response| response.map(drop))"
    } else {
        "call.send().await"
    };
    let errors = call.errors.iter();
    let errors: Vec<String> = errors
        .map(|(status, of)| format!("({status:?}, encoded::<{of}>)"))
        .collect();
    let _ = write!(
        out,
        "            arguments.finish({name:?})?;\n            outcome({sent}, &[{}])\n        }}\n",
        errors.join(", ")
    );
    out
}
