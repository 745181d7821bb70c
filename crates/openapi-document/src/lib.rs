//! Loads, corrects and checks OpenAPI documents.
//!
//! | module or function | purpose |
//! |---|---|
//! | [`Document`] | reads YAML or JSON, bundles referenced files, and finds source positions |
//! | [`overlay`] | applies corrections (OpenAPI Overlay 1.0) |
//! | [`check()`] | repairs the defects of a document, with a [`Finding`] for each |
//! | [`walk`] | visits the objects of a document by kind |
//! | [`operation`] | reads an operation with the parts that it inherits from its path item and the
//! document |
//! | [`paging`] | reads how a list is paged by position (`x-paging`) |
//! | [`long_running`] | reads how to poll long-running work (`x-long-running`) |
//! | [`Segment`] | matches the segments of a path template |
//!
//! Errors are [`Diagnostic`]s with file, line, column and JSON pointer.
//!
//! ```
//! use openapi_document::Document;
//!
//! let error = Document::parse("api.yaml", "paths:\n  /a: {}\n  }").unwrap_err();
//! assert!(error.to_string().starts_with("api.yaml:3:3: not YAML"), "{error}");
//! ```

mod anchors;
mod bundle;
mod check;
mod compact;
mod diagnostic;
mod diagnostic_format;
mod direction;
mod document;
mod extension;
mod finding;
pub mod long_running;
mod media_type;
mod nearest_name;
mod node;
pub mod operation;
pub mod overlay;
pub mod paging;
mod path_template;
mod pointer;
pub mod walk;

pub use bundle::ReferenceMap;
pub use check::{Checked, check};
pub use compact::{compact_clone, compact_clone_object, shrink_to_fit};
pub use diagnostic::{Diagnostic, Position};
pub use direction::Direction;
pub use document::Document;
pub use extension::ExtensionError;
pub use finding::{Finding, Loss};
pub use media_type::{essence, is_json, is_json_lines};
pub use nearest_name::nearest_name;
pub use node::{Node, followed, target};
pub use path_template::{Segment, template_parameters};
pub use pointer::{Pointer, unescaped};
