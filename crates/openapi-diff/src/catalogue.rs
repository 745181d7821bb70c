//! The catalogue: a table of all kinds of changes that a comparison can find.
//!
//! A row has a summary of the change, its effect on programs that were compiled with the old client
//! (the wire verdict, by direction), its changelog section, and advice for callers. The effect on a
//! caller's source code does not depend on the kind of change: it follows from the generated
//! surfaces. The rows for changes of the surface have IDs that begin with `rust-`.

use std::fmt;

use serde::{Deserialize, Serialize};

use self::Section::{Added, Changed, Deprecated, Removed, Unmentioned};
use self::Verdict::{Additive as A, Breaking as B, MayBreak as M, Neutral as N};

/// The effect of a change on users of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// No effect.
    Neutral,
    /// Existing calls still work, and more is possible.
    Additive,
    /// Existing calls or values may fail. The documents do not contain enough information to decide.
    MayBreak,
    /// Existing calls or values fail.
    Breaking,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Neutral => "neutral",
            Self::Additive => "additive",
            Self::MayBreak => "may break",
            Self::Breaking => "breaking",
        })
    }
}

/// The changelog section of a change that is not breaking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    /// New features.
    Added,
    /// Changed behaviour.
    Changed,
    /// Features that will be removed.
    Deprecated,
    /// Removed features.
    Removed,
    /// None. Reports show the change only with `--all`.
    Unmentioned,
}

/// One kind of change.
pub struct Check {
    /// The ID in commands and reports. IDs never change their meaning.
    pub id: &'static str,
    /// The wire verdict for values in requests.
    pub request: Verdict,
    /// The wire verdict for values in responses.
    pub response: Verdict,
    /// The Rust verdict of checks on the generated surface; `None` for all others, whose Rust
    /// verdict follows from the surface.
    pub rust: Option<Verdict>,
    /// The changelog section if the change is not breaking.
    pub section: Section,
    /// The possible checks of the same change if the documents are swapped.
    pub mirrors: &'static [&'static Check],
    /// A summary in one sentence.
    pub summary: &'static str,
    /// The action that a caller must take if the change breaks requests.
    pub advice: &'static str,
    /// The action that a caller must take if the change breaks responses.
    pub response_advice: &'static str,
}

/// Only the ID, because mirrors refer to each other.
impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id)
    }
}

/// Checks are equal if their IDs are.
impl PartialEq for Check {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Check {}

/// The check with this ID.
pub fn find(id: &str) -> Option<&'static Check> {
    CATALOGUE.iter().copied().find(|check| check.id == id)
}

/// Defines a constant for each row, and the list of all. A row has: name and ID, the verdicts in
/// requests and responses (with `rust`, also the Rust verdict), section, mirrors, summary, advice
/// (with `/`, separately for requests and responses).
macro_rules! catalogue {
    ($(
        $name:ident $id:literal ($request:ident $response:ident $(rust $rust:ident)?)
        $section:ident [$($mirror:ident)*]
        $summary:literal $advice:literal $(/ $response_advice:literal)?;
    )*) => {
        $(
            #[doc = $summary]
            pub static $name: Check = Check {
                id: $id,
                request: $request,
                response: $response,
                rust: catalogue!(@option $($rust)?),
                section: $section,
                mirrors: &[$(&$mirror),*],
                summary: $summary,
                advice: $advice,
                response_advice: catalogue!(@advice $advice $($response_advice)?),
            };
        )*
        /// All checks, in the order of the table.
        pub static CATALOGUE: &[&Check] = &[$(&$name),*];
    };
    (@advice $advice:literal) => { $advice };
    (@advice $advice:literal $response_advice:literal) => { $response_advice };
    (@option) => { None };
    (@option $rust:ident) => { Some($rust) };
}

catalogue! {
    OPERATION_ADDED "operation-added" (A A) Added [OPERATION_REMOVED]
        "An operation was added."
        "None.";
    OPERATION_REMOVED "operation-removed" (B B) Removed [OPERATION_ADDED]
        "An operation was removed."
        "Stop calling it; use another operation if there is one.";
    OPERATION_PATH_CHANGED "operation-path-changed" (B B) Changed [OPERATION_PATH_CHANGED]
        "The path of an operation changed."
        "Deploy a build with the new client: the server may no longer support the old path.";
    OPERATION_METHOD_CHANGED "operation-method-changed" (B B) Changed [OPERATION_METHOD_CHANGED]
        "The HTTP method of an operation changed."
        "Deploy a build with the new client: the server may no longer support the old method.";
    OPERATION_ID_CHANGED "operation-id-changed" (N N) Changed [OPERATION_ID_CHANGED]
        "The ID of an operation changed; the client names its method after it."
        "Call the method by its new name.";
    OPERATION_TAG_CHANGED "operation-tag-changed" (N N) Changed [OPERATION_TAG_CHANGED]
        "The first tag of an operation changed; the client's documentation groups methods by it."
        "None; the method is unchanged.";
    OPERATION_TAGS_CHANGED "operation-tags-changed" (N N) Unmentioned [OPERATION_TAGS_CHANGED]
        "The tags of an operation after the first changed."
        "None.";
    STABILITY_CHANGED "stability-changed" (N N) Changed [STABILITY_CHANGED]
        "The `x-stability-level` of an operation, parameter or property changed."
        "Expect more changes if the level is lower.";
    OPERATION_DEPRECATED "operation-deprecated" (N N) Deprecated [OPERATION_UNDEPRECATED]
        "An operation was deprecated."
        "Find a replacement before it is removed.";
    OPERATION_UNDEPRECATED "operation-undeprecated" (N N) Changed [OPERATION_DEPRECATED]
        "An operation is no longer deprecated."
        "None.";
    SUNSET_ANNOUNCED "sunset-announced" (N N) Deprecated [SUNSET_WITHDRAWN SUNSET_INVALID]
        "A sunset date was added to an operation, parameter or property."
        "Stop using it before that date.";
    SUNSET_WITHDRAWN "sunset-withdrawn" (A A) Changed [SUNSET_ANNOUNCED]
        "The sunset date of an operation, parameter or property was removed."
        "None.";
    SUNSET_BROUGHT_FORWARD "sunset-brought-forward" (B B) Deprecated [SUNSET_POSTPONED]
        "A sunset date is earlier than before."
        "Stop using it before the new date.";
    SUNSET_POSTPONED "sunset-postponed" (A A) Deprecated [SUNSET_BROUGHT_FORWARD]
        "A sunset date is later than before."
        "Stop using it before the new date.";
    SUNSET_INVALID "sunset-invalid" (N N) Deprecated [SUNSET_ANNOUNCED SUNSET_INVALID]
        "`x-sunset` is not a date."
        "Ask the vendor for the date.";
    SUNSET_MISSING "sunset-missing" (B B) Deprecated [SUNSET_MISSING]
        "An operation, parameter or property was deprecated without a sunset date, which `grace-days` in the registry requires."
        "Ask the vendor for the date.";
    SUNSET_TOO_SOON "sunset-too-soon" (B B) Deprecated [SUNSET_TOO_SOON]
        "A sunset date was set or changed to a day that is sooner than `grace-days` in the registry allows."
        "Stop using it before that date.";
    WEBHOOK_ADDED "webhook-added" (A A) Added [WEBHOOK_REMOVED]
        "A webhook was added."
        "None.";
    WEBHOOK_REMOVED "webhook-removed" (B B) Removed [WEBHOOK_ADDED]
        "A webhook was removed."
        "Stop waiting for its requests.";
    CALLBACK_ADDED "callback-added" (A A) Added [CALLBACK_REMOVED]
        "A callback was added to an operation."
        "None.";
    CALLBACK_REMOVED "callback-removed" (B B) Removed [CALLBACK_ADDED]
        "A callback of an operation was removed."
        "Stop waiting for its requests.";

    PARAMETER_ADDED "parameter-added" (A A) Added [PARAMETER_REMOVED]
        "An optional parameter was added."
        "None.";
    REQUIRED_PARAMETER_ADDED "required-parameter-added" (B A) Changed [PARAMETER_REMOVED]
        "A required parameter was added."
        "Set it in every call.";
    PARAMETER_REMOVED "parameter-removed" (M M) Removed [PARAMETER_ADDED REQUIRED_PARAMETER_ADDED]
        "A parameter was removed."
        "Stop setting it; the server ignores or rejects it.";
    PARAMETER_RENAMED "parameter-renamed" (N N) Changed [PARAMETER_RENAMED]
        "A path parameter was renamed."
        "Call the setter by its new name.";
    PARAMETER_BECAME_REQUIRED "parameter-became-required" (B A) Changed [PARAMETER_BECAME_OPTIONAL]
        "An optional parameter became required."
        "Set it in every call.";
    PARAMETER_BECAME_OPTIONAL "parameter-became-optional" (A B) Changed [PARAMETER_BECAME_REQUIRED]
        "A required parameter became optional."
        "None." / "Handle requests without it.";
    PARAMETER_LOCATION_CHANGED "parameter-location-changed" (B B) Changed [PARAMETER_LOCATION_CHANGED]
        "The location of a parameter changed."
        "Deploy a build with the new client, which sends it in the new location.";
    PARAMETER_STYLE_CHANGED "parameter-style-changed" (B B) Changed [PARAMETER_STYLE_CHANGED]
        "The serialization of a parameter changed."
        "Deploy a build with the new client, which uses the new serialization.";
    PARAMETER_DEPRECATED "parameter-deprecated" (N N) Deprecated [PARAMETER_UNDEPRECATED]
        "A parameter was deprecated."
        "Find a replacement before it is removed.";
    PARAMETER_UNDEPRECATED "parameter-undeprecated" (N N) Changed [PARAMETER_DEPRECATED]
        "A parameter is no longer deprecated."
        "None.";

    BODY_ADDED "body-added" (A A) Added [BODY_REMOVED]
        "An optional request body was added."
        "None.";
    REQUIRED_BODY_ADDED "required-body-added" (B A) Changed [BODY_REMOVED]
        "A required request body was added."
        "Set it in every call.";
    BODY_REMOVED "body-removed" (B B) Removed [BODY_ADDED REQUIRED_BODY_ADDED]
        "The request body was removed."
        "Stop setting it; the server ignores or rejects it.";
    BODY_BECAME_REQUIRED "body-became-required" (B A) Changed [BODY_BECAME_OPTIONAL]
        "An optional request body became required."
        "Set it in every call.";
    BODY_BECAME_OPTIONAL "body-became-optional" (A B) Changed [BODY_BECAME_REQUIRED]
        "A required request body became optional."
        "None." / "Handle requests without it.";
    MEDIA_TYPE_ADDED "media-type-added" (A A) Added [MEDIA_TYPE_REMOVED]
        "A media type was added to a request body or a response."
        "None.";
    MEDIA_TYPE_REMOVED "media-type-removed" (B B) Removed [MEDIA_TYPE_ADDED]
        "A media type was removed from a request body or a response."
        "Deploy a build with the new client, which sends a remaining media type." / "Deploy a build with the new client, which reads a remaining media type.";
    MEDIA_TYPE_RENAMED "media-type-renamed" (B N) Changed [MEDIA_TYPE_RENAMED]
        "A media type was replaced by another kind of JSON, by a range that contains it, or by a part of it."
        "Deploy a build with the new client, which sends the new media type." / "Handle other media types of the range.";
    ENCODING_CHANGED "encoding-changed" (B N) Changed [ENCODING_CHANGED]
        "The encoding of a form's parts changed."
        "Deploy a build with the new client, which uses the new encoding.";

    SUCCESS_ADDED "success-added" (A B) Changed [SUCCESS_REMOVED]
        "A success status was added that no response covered."
        "Deploy a build with the new client: the old one decodes the response as a documented one.";
    SUCCESS_COVERED "success-covered" (A A) Changed [SUCCESS_REMOVED]
        "A success status was added that a range or the default response covered."
        "None.";
    SUCCESS_REMOVED "success-removed" (B B) Removed [SUCCESS_ADDED SUCCESS_COVERED]
        "A success status was removed."
        "Stop relying on that status; check which responses the operation documents now.";
    STATUS_GENERALIZED "status-generalized" (B B) Changed [STATUS_SPECIALIZED]
        "A status was replaced with a range or the default response."
        "Handle the other statuses of the range.";
    STATUS_SPECIALIZED "status-specialized" (N N) Changed [STATUS_GENERALIZED]
        "A range or the default response was replaced with one of its statuses."
        "None.";
    ERROR_ADDED "error-added" (A A) Added [ERROR_REMOVED]
        "An error status was added."
        "Handle it where it matters; otherwise it is an unexpected response, as before.";
    ERROR_REMOVED "error-removed" (N N) Removed [ERROR_ADDED]
        "An error status was removed."
        "None, unless the caller checks for it.";
    HEADER_ADDED "header-added" (A A) Added [HEADER_REMOVED]
        "A header was added to a response."
        "None.";
    HEADER_REMOVED "header-removed" (M M) Removed [HEADER_ADDED]
        "A header was removed from a response."
        "Stop reading it.";
    HEADER_BECAME_REQUIRED "header-became-required" (B A) Changed [HEADER_BECAME_OPTIONAL]
        "An optional response header became required."
        "Send it in every response." / "None.";
    HEADER_BECAME_OPTIONAL "header-became-optional" (A B) Changed [HEADER_BECAME_REQUIRED]
        "A required response header became optional."
        "None." / "Handle responses without it.";
    HEADER_DEPRECATED "header-deprecated" (N N) Deprecated [HEADER_UNDEPRECATED]
        "A response header was deprecated."
        "Find a replacement before it is removed.";
    HEADER_UNDEPRECATED "header-undeprecated" (N N) Changed [HEADER_DEPRECATED]
        "A response header is no longer deprecated."
        "None.";
    LINKS_CHANGED "links-changed" (N N) Unmentioned [LINKS_CHANGED]
        "The links of a response changed."
        "None.";

    PROPERTY_ADDED "property-added" (A A) Added [PROPERTY_REMOVED]
        "An optional property was added."
        "None.";
    REQUIRED_PROPERTY_ADDED "required-property-added" (B A) Added [PROPERTY_REMOVED]
        "A required property was added."
        "Set it in every request." / "None.";
    PROPERTY_REMOVED "property-removed" (M M) Removed [PROPERTY_ADDED REQUIRED_PROPERTY_ADDED]
        "A property was removed."
        "Stop setting it: the server may reject it." / "Stop reading it.";
    PROPERTY_BECAME_REQUIRED "property-became-required" (B A) Changed [PROPERTY_BECAME_OPTIONAL]
        "An optional property became required."
        "Set it in every request." / "None.";
    PROPERTY_BECAME_OPTIONAL "property-became-optional" (A B) Changed [PROPERTY_BECAME_REQUIRED]
        "A required property became optional."
        "None." / "Handle responses without it.";
    BECAME_READ_ONLY "became-read-only" (B N) Changed [NO_LONGER_READ_ONLY]
        "A value became `readOnly`."
        "Stop setting it in requests." / "None.";
    NO_LONGER_READ_ONLY "no-longer-read-only" (A N) Changed [BECAME_READ_ONLY]
        "A value is no longer `readOnly`."
        "None.";
    BECAME_WRITE_ONLY "became-write-only" (N B) Changed [NO_LONGER_WRITE_ONLY]
        "A value became `writeOnly`."
        "None." / "Stop reading it.";
    NO_LONGER_WRITE_ONLY "no-longer-write-only" (N A) Changed [BECAME_WRITE_ONLY]
        "A value is no longer `writeOnly`."
        "None.";

    TYPE_CHANGED "type-changed" (B B) Changed [TYPE_CHANGED]
        "The type of a value changed."
        "Send values of the new type." / "Read values of the new type.";
    TYPE_WIDENED "type-widened" (A B) Changed [TYPE_NARROWED]
        "A value may have additional types."
        "None." / "Handle the new types in responses.";
    TYPE_NARROWED "type-narrowed" (B N) Changed [TYPE_WIDENED]
        "A value may have fewer types."
        "Send only values of the remaining types." / "None.";
    BECAME_NULLABLE "became-nullable" (A B) Changed [NO_LONGER_NULLABLE]
        "A value became nullable."
        "None." / "Handle null in responses.";
    NO_LONGER_NULLABLE "no-longer-nullable" (B A) Changed [BECAME_NULLABLE]
        "A value is no longer nullable."
        "Set a value, or omit it." / "None.";
    FORMAT_ADDED "format-added" (M N) Changed [FORMAT_REMOVED]
        "A format was added."
        "Send only values of that format." / "None.";
    FORMAT_REMOVED "format-removed" (A B) Changed [FORMAT_ADDED]
        "A format was removed."
        "None." / "Handle values of any format.";
    FORMAT_CHANGED "format-changed" (B B) Changed [FORMAT_CHANGED]
        "A format changed."
        "Send values of the new format." / "Read values of the new format.";
    FORMAT_WIDENED "format-widened" (A B) Changed [FORMAT_NARROWED]
        "A format changed to one that has all values of the old one, such as `int32` to `int64`."
        "None." / "Handle the additional values.";
    FORMAT_NARROWED "format-narrowed" (B N) Changed [FORMAT_WIDENED]
        "A format changed to one that has only some values of the old one, such as `int64` to `int32`."
        "Send only values of the new format." / "None.";
    FORMAT_HINT_CHANGED "format-hint-changed" (N N) Changed [FORMAT_HINT_CHANGED]
        "A format that does not restrict values, such as `password`, was added, removed or changed."
        "None on the wire; the Rust type may differ.";
    PATTERN_ADDED "pattern-added" (B N) Changed [PATTERN_REMOVED]
        "A pattern was added."
        "Send only strings that match it." / "None.";
    PATTERN_REMOVED "pattern-removed" (A N) Changed [PATTERN_ADDED]
        "A pattern was removed."
        "None.";
    PATTERN_CHANGED "pattern-changed" (M N) Changed [PATTERN_CHANGED]
        "A pattern changed."
        "Send only strings that match the new pattern." / "None.";
    BOUND_TIGHTENED "bound-tightened" (B N) Changed [BOUND_LOOSENED]
        "A bound of a number, length or count is tighter than before."
        "Send only values within the new bound." / "None.";
    BOUND_LOOSENED "bound-loosened" (A N) Changed [BOUND_TIGHTENED]
        "A bound of a number, length or count is looser than before, or was removed."
        "None.";
    MULTIPLE_CHANGED "multiple-changed" (B N) Changed [MULTIPLE_CHANGED]
        "`multipleOf` changed, and neither value is a multiple of the other."
        "Send only multiples of the new value." / "None.";
    ENUM_INTRODUCED "enum-introduced" (B N) Changed [ENUM_LIFTED]
        "A value is now restricted to enumerated values."
        "Send only enumerated values." / "None.";
    ENUM_LIFTED "enum-lifted" (A A) Changed [ENUM_INTRODUCED]
        "A value is no longer restricted to enumerated values."
        "None." / "Handle other values.";
    ENUM_VALUE_ADDED "enum-value-added" (A A) Added [ENUM_VALUE_REMOVED]
        "An enumerated value was added."
        "None.";
    ENUM_VALUE_REMOVED "enum-value-removed" (B N) Removed [ENUM_VALUE_ADDED]
        "An enumerated value was removed."
        "Stop sending it." / "None.";
    DEFAULT_ADDED "default-added" (N N) Changed [DEFAULT_REMOVED]
        "A default was added."
        "None.";
    DEFAULT_REMOVED "default-removed" (B N) Changed [DEFAULT_ADDED]
        "A default was removed."
        "Set the value where it matters.";
    DEFAULT_CHANGED "default-changed" (B N) Changed [DEFAULT_CHANGED]
        "A default changed."
        "Set the old value where it is still needed.";
    ADDITIONAL_ALLOWED "additional-properties-allowed" (A A) Changed [ADDITIONAL_REFUSED]
        "An object allows additional properties."
        "None.";
    ADDITIONAL_REFUSED "additional-properties-refused" (B N) Changed [ADDITIONAL_ALLOWED]
        "An object no longer allows additional properties."
        "Stop sending additional properties." / "None.";
    ADDITIONAL_TYPED "additional-properties-typed" (B N) Changed [ADDITIONAL_UNTYPED]
        "A schema for additional properties was added."
        "Send only additional properties that match it." / "None.";
    ADDITIONAL_UNTYPED "additional-properties-untyped" (A B) Changed [ADDITIONAL_TYPED]
        "The schema of additional properties was removed."
        "None." / "Handle any additional property.";
    ALTERNATIVE_ADDED "alternative-added" (A B) Added [ALTERNATIVE_REMOVED]
        "An alternative was added to `oneOf` or `anyOf`."
        "None." / "Handle the new alternative.";
    ALTERNATIVE_REMOVED "alternative-removed" (B N) Removed [ALTERNATIVE_ADDED]
        "An alternative was removed from `oneOf` or `anyOf`."
        "Send only the remaining alternatives." / "None.";
    ALTERNATIVES_INTRODUCED "alternatives-introduced" (A B) Changed [ALTERNATIVES_DISSOLVED]
        "A schema was replaced with several alternatives."
        "None." / "Handle the new alternatives.";
    ALTERNATIVES_OVERLAP "alternatives-overlap" (B B) Changed [ALTERNATIVES_DISSOLVED]
        "A schema was replaced with alternatives of `oneOf`, and a value can match several of them."
        "Send values that match exactly one alternative." / "Handle the new alternatives.";
    ALTERNATIVES_DISSOLVED "alternatives-dissolved" (B N) Changed [ALTERNATIVES_INTRODUCED ALTERNATIVES_OVERLAP]
        "Several alternatives were replaced with one of them."
        "Send only the remaining alternative." / "None.";
    ALTERNATIVES_EXCLUSIVE "alternatives-exclusive" (B N) Changed [ALTERNATIVES_COMBINABLE]
        "`anyOf` changed to `oneOf`."
        "Send values that match exactly one alternative." / "None.";
    ALTERNATIVES_COMBINABLE "alternatives-combinable" (A N) Changed [ALTERNATIVES_EXCLUSIVE]
        "`oneOf` changed to `anyOf`."
        "None.";
    DISCRIMINATOR_CHANGED "discriminator-changed" (B B) Changed [DISCRIMINATOR_CHANGED]
        "The discriminator selects alternatives by another property, or another alternative for a value."
        "Deploy a build with the new client.";
    DISCRIMINATOR_ADDED "discriminator-added" (N N) Changed [DISCRIMINATOR_REMOVED]
        "A discriminator was added to alternatives."
        "None.";
    DISCRIMINATOR_REMOVED "discriminator-removed" (N N) Changed [DISCRIMINATOR_ADDED]
        "The discriminator of alternatives was removed."
        "None.";
    DISCRIMINATOR_VALUE_ADDED "discriminator-value-added" (A A) Added [DISCRIMINATOR_VALUE_REMOVED]
        "A discriminator has an additional value for an alternative."
        "None.";
    DISCRIMINATOR_VALUE_REMOVED "discriminator-value-removed" (B N) Removed [DISCRIMINATOR_VALUE_ADDED]
        "A value of a discriminator was removed; its alternative remains."
        "Send another value of the discriminator." / "None.";
    CONSTRAINT_CHANGED "constraint-changed" (M N) Changed [CONSTRAINT_CHANGED]
        "A keyword of JSON Schema without a separate check changed, and it is not known whether it allows more or less."
        "Check that sent values are still valid." / "None.";
    CONSTRAINT_ADDED "constraint-added" (B N) Changed [CONSTRAINT_LIFTED]
        "A keyword of JSON Schema without a separate check was added, or allows less."
        "Check that sent values are still valid." / "None.";
    CONSTRAINT_LIFTED "constraint-lifted" (A N) Changed [CONSTRAINT_ADDED]
        "A keyword of JSON Schema without a separate check was removed, or allows more."
        "None.";
    SCHEMA_DEPRECATED "schema-deprecated" (N N) Deprecated [SCHEMA_UNDEPRECATED]
        "A schema was deprecated."
        "Find a replacement before it is removed.";
    SCHEMA_UNDEPRECATED "schema-undeprecated" (N N) Changed [SCHEMA_DEPRECATED]
        "A schema is no longer deprecated."
        "None.";

    SECURITY_REQUIRED "security-required" (B B) Changed [SECURITY_LIFTED]
        "An operation now requires credentials."
        "Configure credentials in the client.";
    SECURITY_LIFTED "security-lifted" (A A) Changed [SECURITY_REQUIRED]
        "An operation no longer requires credentials."
        "None.";
    SECURITY_ALTERNATIVE_ADDED "security-alternative-added" (A A) Added [SECURITY_ALTERNATIVE_REMOVED]
        "An alternative security requirement was added."
        "None.";
    SECURITY_ALTERNATIVE_REMOVED "security-alternative-removed" (B B) Removed [SECURITY_ALTERNATIVE_ADDED]
        "An alternative security requirement was removed."
        "Use the credentials of a remaining alternative.";
    SECURITY_CHANGED "security-changed" (B B) Changed [SECURITY_CHANGED]
        "A security requirement was replaced with another."
        "Use the credentials that are now required.";
    SCOPE_ADDED "security-scope-added" (B B) Changed [SCOPE_REMOVED]
        "A security requirement has an additional scope."
        "Request tokens with that scope.";
    SCOPE_REMOVED "security-scope-removed" (A A) Changed [SCOPE_ADDED]
        "A security requirement no longer has a scope."
        "None.";
    SERVER_ADDED "server-added" (A A) Added [SERVER_REMOVED]
        "A server was added."
        "None.";
    SERVER_REMOVED "server-removed" (B B) Removed [SERVER_ADDED]
        "A server was removed."
        "Use a remaining server.";
    SERVER_CHANGED "server-changed" (B B) Changed [SERVER_CHANGED]
        "The first server, which clients use by default, changed."
        "Deploy a build with the new client, or set the base URL.";
    EXTENSION_CHANGED "extension-changed" (N N) Changed [EXTENSION_CHANGED]
        "A keyword that affects the generated client only changed: `x-idempotent`, `x-rust-type`, or `nullable` in OpenAPI 3.1."
        "Check the changes of the client.";
    TEXT_CHANGED "text-changed" (N N) Unmentioned [TEXT_CHANGED]
        "A title, description or example changed."
        "None.";
    DOCUMENT_CHANGED "document-changed" (N N) Unmentioned [DOCUMENT_CHANGED]
        "The title, the version or the OpenAPI version of the document changed."
        "None.";

    RUST_METHOD_ADDED "rust-method-added" (N N rust A) Added [RUST_METHOD_REMOVED]
        "A method was added to the client."
        "None.";
    RUST_METHOD_REMOVED "rust-method-removed" (N N rust B) Removed [RUST_METHOD_ADDED]
        "A method of the client was removed or renamed."
        "Call the method that replaces it.";
    RUST_RESULT_CHANGED "rust-result-changed" (N N rust B) Changed [RUST_RESULT_CHANGED]
        "The return type of a method changed."
        "Use the new type.";
    RUST_SETTER_ADDED "rust-setter-added" (N N rust A) Added [RUST_SETTER_REMOVED]
        "A setter was added to the builder of a call."
        "None.";
    RUST_SETTER_REMOVED "rust-setter-removed" (N N rust B) Removed [RUST_SETTER_ADDED]
        "A setter of the builder of a call was removed or renamed."
        "Use the setters that the call has now.";
    RUST_SETTER_CHANGED "rust-setter-changed" (N N rust B) Changed [RUST_SETTER_CHANGED]
        "The argument type of a setter changed."
        "Pass a value that converts into the new type.";
    RUST_TYPE_ADDED "rust-type-added" (N N rust A) Added [RUST_TYPE_REMOVED]
        "A type was added."
        "None.";
    RUST_TYPE_REMOVED "rust-type-removed" (N N rust B) Removed [RUST_TYPE_ADDED]
        "A type was removed or renamed."
        "Use the type that replaces it.";
    RUST_TYPE_CHANGED "rust-type-changed" (N N rust B) Changed [RUST_TYPE_CHANGED]
        "The definition of a type changed."
        "Create and read values according to the new definition.";
    RUST_TYPE_RENAMED "rust-type-renamed" (N N rust B) Changed [RUST_TYPE_RENAMED]
        "A type has another name."
        "Use the new name.";
    RUST_FIELD_ADDED "rust-field-added" (N N rust A) Added [RUST_FIELD_REMOVED]
        "A field was added to a struct."
        "None for code that uses builders and reads fields by name.";
    RUST_FIELD_REMOVED "rust-field-removed" (N N rust B) Removed [RUST_FIELD_ADDED]
        "A field of a struct was removed or renamed."
        "Stop using it, or use the field that replaces it.";
    RUST_FIELD_CHANGED "rust-field-changed" (N N rust B) Changed [RUST_FIELD_CHANGED]
        "The type of a field changed."
        "Use the new type.";
    RUST_VARIANT_ADDED "rust-variant-added" (N N rust A) Added [RUST_VARIANT_REMOVED]
        "A variant was added to an enum."
        "None for code that matches with a wildcard.";
    RUST_VARIANT_REMOVED "rust-variant-removed" (N N rust B) Removed [RUST_VARIANT_ADDED]
        "A variant of an enum was removed or renamed."
        "Stop using it, or use the variant that replaces it.";
    RUST_VARIANT_CHANGED "rust-variant-changed" (N N rust B) Changed [RUST_VARIANT_CHANGED]
        "The type of a variant changed."
        "Use the new type.";
    RUST_WIRE_NAME_CHANGED "rust-wire-name-changed" (N N rust N) Unmentioned [RUST_WIRE_NAME_CHANGED]
        "The JSON form of a type or field changed; its Rust name did not."
        "None.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_in_kebab_case() {
        for (index, check) in CATALOGUE.iter().enumerate() {
            assert!(
                !CATALOGUE[..index].contains(check),
                "duplicate id {}",
                check.id
            );
            assert!(
                check
                    .id
                    .bytes()
                    .all(|byte| byte == b'-' || byte.is_ascii_lowercase()),
                "{}",
                check.id
            );
            assert_eq!(find(check.id), Some(*check));
        }
    }

    #[test]
    fn a_mirror_is_mirrored() {
        for check in CATALOGUE {
            for mirror in check.mirrors {
                assert!(
                    mirror.mirrors.contains(check),
                    "{} and {}",
                    check.id,
                    mirror.id
                );
            }
        }
    }

    #[test]
    fn summaries_and_advice_are_sentences() {
        for check in CATALOGUE {
            for sentence in [check.summary, check.advice, check.response_advice] {
                assert!(sentence.ends_with('.'), "{}: {sentence}", check.id);
            }
        }
    }
}
