//! Items for generated code only. They change with the generator and without notice.
#![doc(hidden)]

pub use crate::api::Api;
pub use crate::argument::Argument;
pub use crate::builder::GeneratedClient;
pub use crate::call::Call;
pub use crate::into_optional::{ByOption, ByValue};
pub use crate::nullable::ByNullable;
pub use crate::object::{Object, Properties, object, required};
pub use crate::operation::{
    DocumentedResponse, Encoding, Field, FieldStyle, LocatedProperty, LocatedSchema, NullSchema,
    Operation, Parameter, RequestBody, ResponseBody, SchemaContents, SchemeKind, SecurityScheme,
    StatusPattern, Style, Work,
};
pub use crate::payload::payload;
pub use crate::response_header::{boolean, date_time, header, header_list, parsed, secret};
pub use crate::tolerant::{Read, Tolerant, read};
pub use crate::tuple::{Plain, Reader, json_as, read_as};
pub use crate::unparsed::Unparsed;
pub use crate::waiting::{until_done, until_gone};
pub use reqwest::Body;
pub use reqwest::header::HeaderMap;
