#![doc = include_str!("../README.md")]

mod bounded;
mod open_enum;
mod operation;
mod optional_body;
mod path_segment;
mod secret;
mod session;

pub use bounded::{AtLeast, AtMost, Bounded, OutOfBounds};
pub use open_enum::OpenEnum;
pub use operation::{Authentication, Operation};
pub use optional_body::{OptionalForm, OptionalJson};
pub use path_segment::{PathSegment, UnusableSegment};
pub use secret::SecretString;
pub use session::{PrepareError, Session};
