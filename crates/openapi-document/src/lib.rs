//! OpenAPI documents as they are found.
//!
//! [`Document`] loads a text, takes in what it refers to in other files and keeps where each part
//! of it stands, [`overlay`] corrects it,
//! [`check()`] refuses what nothing could be made of, [`walk`] knows which objects stand where,
//! [`paging`] reads how a list is paged by position, and [`instances`] makes up JSON that its schemas
//! allow. What is refused is a [`Diagnostic`] with its file, line, column and JSON pointer.
//!
//! ```
//! use openapi_document::Document;
//!
//! let refused = Document::parse("api.yaml", "paths:\n  /a: {}\n  /a: {}\n").unwrap_err();
//! assert!(refused.to_string().starts_with("api.yaml:3:3: `/a` stands twice"));
//! ```

mod anchors;
mod bundle;
mod check;
mod compact;
mod diagnostic;
mod document;
pub mod instances;
mod media_type;
pub mod overlay;
pub mod paging;
mod pointer;
pub mod walk;

pub use check::{check, template_parameters};
pub use compact::{compact_clone, compact_clone_object, shrink_to_fit};
pub use diagnostic::{Diagnostic, Position};
pub use document::Document;
pub use media_type::is_json_lines;
pub use pointer::Pointer;
