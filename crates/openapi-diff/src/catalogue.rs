//! The catalogue: every kind of change that a comparison can find, as one table.
//!
//! A row says what has happened, what that does to a program that is already running (the wire
//! verdict, by the way the values travel), where the changelog tells of it, and what a caller must
//! do. What a change does to a caller's source is no property of its kind: it is read off the
//! generated surfaces. The rows of the surface itself, whose ids begin with `rust-`, say it.

use std::fmt;

use serde::Serialize;

use self::Section::{Added, Changed, Deprecated, Removed, Unmentioned};
use self::Verdict::{Additive as A, Breaking as B, Neutral as N};

/// What a change does to those who use the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Nobody notices.
    Neutral,
    /// What worked still works, and more can be done.
    Additive,
    /// Something that worked does not any more.
    Breaking,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Neutral => "neutral",
            Self::Additive => "additive",
            Self::Breaking => "breaking",
        })
    }
}

/// The part of a changelog that tells of a change which breaks nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    /// What can be done now.
    Added,
    /// What is otherwise now.
    Changed,
    /// What will go.
    Deprecated,
    /// What is gone.
    Removed,
    /// Nothing that users would want to hear of: reports have it when they are asked for everything.
    Unmentioned,
}

/// One kind of change.
pub struct Check {
    /// How commands and reports call it; it never gets another meaning.
    pub id: &'static str,
    /// The wire verdict where the changed thing travels in requests.
    pub request: Verdict,
    /// The wire verdict where it travels in answers.
    pub answer: Verdict,
    /// The Rust verdict, of the checks on the generated surface; of all others it is read off that
    /// surface.
    pub rust: Option<Verdict>,
    /// Where the changelog tells of it when it breaks nothing.
    pub section: Section,
    /// What the same change is called when the documents change places: one of these.
    pub mirrors: &'static [&'static Check],
    /// What has happened, in one sentence.
    pub says: &'static str,
    /// What a caller must do.
    pub advice: &'static str,
}

/// Its id only: mirrors mirror each other without end.
impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id)
    }
}

/// Two checks are one when they have one id.
impl PartialEq for Check {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Check {}

/// The check of this id.
pub fn find(id: &str) -> Option<&'static Check> {
    CATALOGUE.iter().copied().find(|check| check.id == id)
}

/// Makes a constant of every row, and the list of them all. A row reads: name and id, the verdicts in
/// requests and in answers (with `rust` also that of Rust), section, mirrors, what, advice.
macro_rules! catalogue {
    ($(
        $name:ident $id:literal ($request:ident $answer:ident $(rust $rust:ident)?)
        $section:ident [$($mirror:ident)*]
        $says:literal $advice:literal;
    )*) => {
        $(
            #[doc = $says]
            pub static $name: Check = Check {
                id: $id,
                request: $request,
                answer: $answer,
                rust: catalogue!(@option $($rust)?),
                section: $section,
                mirrors: &[$(&$mirror),*],
                says: $says,
                advice: $advice,
            };
        )*
        /// Every check, in the order in which they are listed.
        pub static CATALOGUE: &[&Check] = &[$(&$name),*];
    };
    (@option) => { None };
    (@option $rust:ident) => { Some($rust) };
}

catalogue! {
    OPERATION_ADDED "operation-added" (A A) Added [OPERATION_REMOVED]
        "An operation is new."
        "Nothing; it can be called.";
    OPERATION_REMOVED "operation-removed" (B B) Removed [OPERATION_ADDED]
        "An operation is gone."
        "Stop calling it; see whether another operation does its work.";
    OPERATION_PATH_CHANGED "operation-path-changed" (B B) Changed [OPERATION_PATH_CHANGED]
        "An operation has moved to another path."
        "Deploy a build with the new client: the server may no longer know the old path.";
    OPERATION_METHOD_CHANGED "operation-method-changed" (B B) Changed [OPERATION_METHOD_CHANGED]
        "An operation is called with another method."
        "Deploy a build with the new client: the server may no longer know the old method.";
    OPERATION_ID_CHANGED "operation-id-changed" (N N) Changed [OPERATION_ID_CHANGED]
        "An operation has another id, by which the client names its method."
        "Call the method by its new name.";
    OPERATION_TAG_CHANGED "operation-tag-changed" (N N) Changed [OPERATION_TAG_CHANGED]
        "An operation has another first tag, by which the documentation of the client groups its methods."
        "Nothing; the method is the client's, as before.";
    OPERATION_DEPRECATED "operation-deprecated" (N N) Deprecated [OPERATION_UNDEPRECATED]
        "An operation is deprecated."
        "Look for what replaces it before it goes.";
    OPERATION_UNDEPRECATED "operation-undeprecated" (N N) Changed [OPERATION_DEPRECATED]
        "An operation is no longer deprecated."
        "Nothing; it stays.";
    SUNSET_ANNOUNCED "sunset-announced" (N N) Deprecated [SUNSET_WITHDRAWN]
        "The day is set on which an operation goes."
        "Be off it by that day.";
    SUNSET_WITHDRAWN "sunset-withdrawn" (A A) Changed [SUNSET_ANNOUNCED]
        "An operation no longer has a day on which it goes."
        "Nothing; it stays for now.";
    SUNSET_BROUGHT_FORWARD "sunset-brought-forward" (B B) Deprecated [SUNSET_POSTPONED]
        "An operation goes earlier than was said."
        "Be off it by the new day.";
    SUNSET_POSTPONED "sunset-postponed" (A A) Deprecated [SUNSET_BROUGHT_FORWARD]
        "An operation goes later than was said."
        "Be off it by the new day.";

    PARAMETER_ADDED "parameter-added" (A A) Added [PARAMETER_REMOVED]
        "An operation has a new parameter that may be left out."
        "Nothing; it can be given.";
    REQUIRED_PARAMETER_ADDED "required-parameter-added" (B B) Changed [PARAMETER_REMOVED]
        "An operation has a new parameter that must be given."
        "Give it in every call.";
    PARAMETER_REMOVED "parameter-removed" (B B) Removed [PARAMETER_ADDED REQUIRED_PARAMETER_ADDED]
        "A parameter is gone."
        "Stop giving it; the server ignores or refuses it.";
    PARAMETER_RENAMED "parameter-renamed" (N N) Changed [PARAMETER_RENAMED]
        "A path parameter has another name."
        "Call the setter by its new name.";
    PARAMETER_BECAME_REQUIRED "parameter-became-required" (B B) Changed [PARAMETER_BECAME_OPTIONAL]
        "A parameter that could be left out must be given."
        "Give it in every call.";
    PARAMETER_BECAME_OPTIONAL "parameter-became-optional" (A A) Changed [PARAMETER_BECAME_REQUIRED]
        "A parameter that had to be given may be left out."
        "Nothing.";
    PARAMETER_LOCATION_CHANGED "parameter-location-changed" (B B) Changed [PARAMETER_LOCATION_CHANGED]
        "A parameter stands in another part of the request."
        "Deploy a build with the new client, which sends it where it belongs now.";
    PARAMETER_STYLE_CHANGED "parameter-style-changed" (B B) Changed [PARAMETER_STYLE_CHANGED]
        "A parameter is written in another style."
        "Deploy a build with the new client, which writes it as the server reads it now.";
    PARAMETER_DEPRECATED "parameter-deprecated" (N N) Deprecated [PARAMETER_UNDEPRECATED]
        "A parameter is deprecated."
        "Look for what replaces it before it goes.";
    PARAMETER_UNDEPRECATED "parameter-undeprecated" (N N) Changed [PARAMETER_DEPRECATED]
        "A parameter is no longer deprecated."
        "Nothing; it stays.";

    BODY_ADDED "body-added" (A A) Added [BODY_REMOVED]
        "An operation takes a body that may be left out."
        "Nothing; it can be given.";
    REQUIRED_BODY_ADDED "required-body-added" (B B) Changed [BODY_REMOVED]
        "An operation takes a body that must be given."
        "Give it in every call.";
    BODY_REMOVED "body-removed" (B B) Removed [BODY_ADDED REQUIRED_BODY_ADDED]
        "An operation takes no body any more."
        "Stop giving it; the server ignores or refuses it.";
    BODY_BECAME_REQUIRED "body-became-required" (B B) Changed [BODY_BECAME_OPTIONAL]
        "A body that could be left out must be given."
        "Give it in every call.";
    BODY_BECAME_OPTIONAL "body-became-optional" (A A) Changed [BODY_BECAME_REQUIRED]
        "A body that had to be given may be left out."
        "Nothing.";
    MEDIA_TYPE_ADDED "media-type-added" (A A) Added [MEDIA_TYPE_REMOVED]
        "A body may have another media type, too."
        "Nothing.";
    MEDIA_TYPE_REMOVED "media-type-removed" (B B) Removed [MEDIA_TYPE_ADDED]
        "A body no longer has one of its media types."
        "Deploy a build with the new client, which sends or reads one that is left.";
    ENCODING_CHANGED "encoding-changed" (B N) Changed [ENCODING_CHANGED]
        "The parts of a form are encoded otherwise."
        "Deploy a build with the new client, which encodes them as the server reads them now.";

    SUCCESS_ADDED "success-added" (B B) Changed [SUCCESS_REMOVED]
        "A success may come with a status that no answer stood for."
        "Deploy a build with the new client: to the old one the status is unexpected.";
    SUCCESS_COVERED "success-covered" (A A) Changed [SUCCESS_REMOVED]
        "A success has a status of its own which a range of answers stood for."
        "Nothing.";
    SUCCESS_REMOVED "success-removed" (B B) Removed [SUCCESS_ADDED SUCCESS_COVERED]
        "A success no longer comes with one of its statuses."
        "Do not wait for that status; see what the operation answers now.";
    ERROR_ADDED "error-added" (A A) Added [ERROR_REMOVED]
        "An error has a status that was not described."
        "Handle it where it matters; without that it is an unexpected answer, as before.";
    ERROR_REMOVED "error-removed" (N N) Removed [ERROR_ADDED]
        "An error status is no longer described."
        "Nothing, unless the caller looks for it.";
    HEADER_ADDED "header-added" (A A) Added [HEADER_REMOVED]
        "An answer has a new header."
        "Nothing; it can be read.";
    HEADER_REMOVED "header-removed" (B B) Removed [HEADER_ADDED]
        "An answer no longer has a header."
        "Do without what it said.";
    HEADER_BECAME_REQUIRED "header-became-required" (A A) Changed [HEADER_BECAME_OPTIONAL]
        "A header of an answer is always there."
        "Nothing.";
    HEADER_BECAME_OPTIONAL "header-became-optional" (B B) Changed [HEADER_BECAME_REQUIRED]
        "A header of an answer may be missing."
        "Expect answers without it.";

    MEMBER_ADDED "member-added" (A A) Added [MEMBER_REMOVED]
        "An object has a new member that may be left out."
        "Nothing; it can be given or read.";
    REQUIRED_MEMBER_ADDED "required-member-added" (B A) Added [MEMBER_REMOVED]
        "An object has a new member that is always there."
        "Give it in every request.";
    MEMBER_REMOVED "member-removed" (B B) Removed [MEMBER_ADDED REQUIRED_MEMBER_ADDED]
        "A member of an object is gone."
        "Stop giving it, and do without it in answers.";
    MEMBER_BECAME_REQUIRED "member-became-required" (B A) Changed [MEMBER_BECAME_OPTIONAL]
        "A member that could be left out is always there."
        "Give it in every request.";
    MEMBER_BECAME_OPTIONAL "member-became-optional" (A B) Changed [MEMBER_BECAME_REQUIRED]
        "A member that was always there may be left out."
        "Expect answers without it.";
    BECAME_READ_ONLY "became-read-only" (B N) Changed [NO_LONGER_READ_ONLY]
        "A value is the server's to set, and no longer taken in requests."
        "Stop giving it.";
    NO_LONGER_READ_ONLY "no-longer-read-only" (A N) Changed [BECAME_READ_ONLY]
        "A value that was the server's to set is taken in requests."
        "Nothing; it can be given.";
    BECAME_WRITE_ONLY "became-write-only" (N B) Changed [NO_LONGER_WRITE_ONLY]
        "A value is no longer given in answers."
        "Do without it in answers.";
    NO_LONGER_WRITE_ONLY "no-longer-write-only" (N A) Changed [BECAME_WRITE_ONLY]
        "A value that was never given in answers is."
        "Nothing; it can be read.";

    TYPE_CHANGED "type-changed" (B B) Changed [TYPE_CHANGED]
        "A value has another type."
        "Give and read the new type.";
    TYPE_WIDENED "type-widened" (A B) Changed [TYPE_NARROWED]
        "A value may have more types than before."
        "Expect the new types in answers.";
    TYPE_NARROWED "type-narrowed" (B N) Changed [TYPE_WIDENED]
        "A value has only some of the types it had."
        "Give only what is left.";
    BECAME_NULLABLE "became-nullable" (A B) Changed [NO_LONGER_NULLABLE]
        "A value may be null."
        "Expect null in answers.";
    NO_LONGER_NULLABLE "no-longer-nullable" (B A) Changed [BECAME_NULLABLE]
        "A value may no longer be null."
        "Give a value, or leave the member out.";
    FORMAT_ADDED "format-added" (B N) Changed [FORMAT_REMOVED]
        "A value has a format where any was taken."
        "Give only values of that format.";
    FORMAT_REMOVED "format-removed" (A B) Changed [FORMAT_ADDED]
        "A value no longer has a format."
        "Expect answers of another form.";
    FORMAT_CHANGED "format-changed" (B B) Changed [FORMAT_CHANGED]
        "A value has another format."
        "Give and read the new format.";
    FORMAT_HINT_CHANGED "format-hint-changed" (N N) Changed [FORMAT_HINT_CHANGED]
        "A value is marked, or no longer marked, with a format that constrains nothing, such as `password`."
        "Nothing on the wire; in Rust its type may be another.";
    PATTERN_ADDED "pattern-added" (B N) Changed [PATTERN_REMOVED]
        "A text has to match a pattern."
        "Give only texts that match.";
    PATTERN_REMOVED "pattern-removed" (A N) Changed [PATTERN_ADDED]
        "A text no longer has to match a pattern."
        "Nothing.";
    PATTERN_CHANGED "pattern-changed" (B N) Changed [PATTERN_CHANGED]
        "A text has to match another pattern."
        "Give only texts that match the new one.";
    BOUND_TIGHTENED "bound-tightened" (B N) Changed [BOUND_LOOSENED]
        "A bound, length or count is closer than it was."
        "Give only values within the new bound.";
    BOUND_LOOSENED "bound-loosened" (A N) Changed [BOUND_TIGHTENED]
        "A bound, length or count is wider than it was, or gone."
        "Nothing.";
    MULTIPLE_CHANGED "multiple-changed" (B N) Changed [MULTIPLE_CHANGED]
        "A number is a multiple of another step, neither finer nor coarser."
        "Give only multiples of the new step.";
    ENUM_INTRODUCED "enum-introduced" (B N) Changed [ENUM_LIFTED]
        "A value that was free is one of a list."
        "Give only values of the list.";
    ENUM_LIFTED "enum-lifted" (A A) Changed [ENUM_INTRODUCED]
        "A value that was one of a list is free."
        "Expect other values in answers.";
    ENUM_VALUE_ADDED "enum-value-added" (A A) Added [ENUM_VALUE_REMOVED]
        "An enumeration has a new value."
        "Nothing; in answers the value is kept as unknown until the client is regenerated.";
    ENUM_VALUE_REMOVED "enum-value-removed" (B N) Removed [ENUM_VALUE_ADDED]
        "A value of an enumeration is gone."
        "Stop giving it.";
    DEFAULT_ADDED "default-added" (N N) Changed [DEFAULT_REMOVED]
        "It is said what the server takes where nothing is given."
        "Nothing.";
    DEFAULT_REMOVED "default-removed" (B N) Changed [DEFAULT_ADDED]
        "The server no longer says what it takes where nothing is given."
        "Give the value where it matters.";
    DEFAULT_CHANGED "default-changed" (B N) Changed [DEFAULT_CHANGED]
        "The server takes something else where nothing is given."
        "Give the old value where it is still wanted.";
    ADDITIONAL_ALLOWED "additional-members-allowed" (A A) Changed [ADDITIONAL_REFUSED]
        "An object may have members that are not described."
        "Nothing.";
    ADDITIONAL_REFUSED "additional-members-refused" (B N) Changed [ADDITIONAL_ALLOWED]
        "An object has no members but those described."
        "Give no others.";
    ADDITIONAL_TYPED "additional-members-typed" (B N) Changed [ADDITIONAL_UNTYPED]
        "The members of an object that are not described have a schema."
        "Give only members of that schema.";
    ADDITIONAL_UNTYPED "additional-members-untyped" (A B) Changed [ADDITIONAL_TYPED]
        "The members of an object that are not described may be anything."
        "Expect any value in answers.";
    ALTERNATIVE_ADDED "alternative-added" (A B) Added [ALTERNATIVE_REMOVED]
        "A value may have another shape, too."
        "Expect the new shape in answers.";
    ALTERNATIVE_REMOVED "alternative-removed" (B N) Removed [ALTERNATIVE_ADDED]
        "A value no longer has one of its shapes."
        "Give only the shapes that are left.";
    ALTERNATIVES_INTRODUCED "alternatives-introduced" (A B) Changed [ALTERNATIVES_DISSOLVED]
        "A value of one shape may be one of several."
        "Expect the new shapes in answers.";
    ALTERNATIVES_DISSOLVED "alternatives-dissolved" (B N) Changed [ALTERNATIVES_INTRODUCED]
        "A value that could be one of several shapes has one."
        "Give only the shape that is left.";
    ALTERNATIVES_EXCLUSIVE "alternatives-exclusive" (B N) Changed [ALTERNATIVES_COMBINABLE]
        "A value has exactly one of its shapes, where it could have several at once."
        "Give values of one shape only.";
    ALTERNATIVES_COMBINABLE "alternatives-combinable" (A N) Changed [ALTERNATIVES_EXCLUSIVE]
        "A value may have several of its shapes at once."
        "Nothing.";
    DISCRIMINATOR_CHANGED "discriminator-changed" (B B) Changed [DISCRIMINATOR_CHANGED]
        "The shapes of a value are told apart by something else."
        "Deploy a build with the new client.";
    CONSTRAINT_CHANGED "constraint-changed" (B N) Changed [CONSTRAINT_CHANGED]
        "A rule of JSON Schema that no other check knows is another."
        "See whether what is given still fits.";
    SCHEMA_DEPRECATED "schema-deprecated" (N N) Deprecated [SCHEMA_UNDEPRECATED]
        "A value is deprecated."
        "Look for what replaces it before it goes.";
    SCHEMA_UNDEPRECATED "schema-undeprecated" (N N) Changed [SCHEMA_DEPRECATED]
        "A value is no longer deprecated."
        "Nothing; it stays.";

    SECURITY_REQUIRED "security-required" (B B) Changed [SECURITY_LIFTED]
        "An operation that anyone could call needs credentials."
        "Give the client credentials.";
    SECURITY_LIFTED "security-lifted" (A A) Changed [SECURITY_REQUIRED]
        "An operation can be called without credentials."
        "Nothing.";
    SECURITY_ALTERNATIVE_ADDED "security-alternative-added" (A A) Added [SECURITY_ALTERNATIVE_REMOVED]
        "Other credentials are taken, too."
        "Nothing.";
    SECURITY_ALTERNATIVE_REMOVED "security-alternative-removed" (B B) Removed [SECURITY_ALTERNATIVE_ADDED]
        "Some credentials are no longer taken."
        "Use credentials that are.";
    SECURITY_CHANGED "security-changed" (B B) Changed [SECURITY_CHANGED]
        "Other credentials are taken in the place of those that were."
        "Use the credentials that are taken now.";
    SCOPE_ADDED "security-scope-added" (B B) Changed [SCOPE_REMOVED]
        "A call needs a scope that it did not need."
        "Ask for tokens with that scope.";
    SCOPE_REMOVED "security-scope-removed" (A A) Changed [SCOPE_ADDED]
        "A call no longer needs a scope."
        "Nothing.";
    SERVER_ADDED "server-added" (A A) Added [SERVER_REMOVED]
        "The API is served at another address, too."
        "Nothing.";
    SERVER_REMOVED "server-removed" (B B) Removed [SERVER_ADDED]
        "The API is no longer served at an address."
        "Use an address that is left.";
    SERVER_CHANGED "server-changed" (B B) Changed [SERVER_CHANGED]
        "The address that is used unless another is given is another."
        "Deploy a build with the new client, or give the address.";
    EXTENSION_CHANGED "extension-changed" (N N) Changed [EXTENSION_CHANGED]
        "An extension that the client is made by is another: whether a call may be repeated, or which Rust type stands for a schema."
        "See what it changes in the client.";
    TEXT_CHANGED "text-changed" (N N) Unmentioned [TEXT_CHANGED]
        "A title, description or example is another."
        "Nothing.";
    DOCUMENT_CHANGED "document-changed" (N N) Unmentioned [DOCUMENT_CHANGED]
        "The document has another version, of itself or of OpenAPI."
        "Nothing.";

    RUST_METHOD_ADDED "rust-method-added" (N N rust A) Added [RUST_METHOD_REMOVED]
        "The client has a new method."
        "Nothing.";
    RUST_METHOD_REMOVED "rust-method-removed" (N N rust B) Removed [RUST_METHOD_ADDED]
        "A method of the client is gone or goes by another name."
        "Call the one that does its work now.";
    RUST_RESULT_CHANGED "rust-result-changed" (N N rust B) Changed [RUST_RESULT_CHANGED]
        "A method returns another type."
        "Read the new type.";
    RUST_SETTER_ADDED "rust-setter-added" (N N rust A) Added [RUST_SETTER_REMOVED]
        "The builder of a call has a new setter."
        "Nothing.";
    RUST_SETTER_REMOVED "rust-setter-removed" (N N rust B) Removed [RUST_SETTER_ADDED]
        "A setter of the builder of a call is gone or goes by another name."
        "Give what the call takes now.";
    RUST_SETTER_CHANGED "rust-setter-changed" (N N rust B) Changed [RUST_SETTER_CHANGED]
        "A setter of the builder of a call makes another type of its argument."
        "Give what converts into the new type.";
    RUST_TYPE_ADDED "rust-type-added" (N N rust A) Added [RUST_TYPE_REMOVED]
        "The client has a new type."
        "Nothing.";
    RUST_TYPE_REMOVED "rust-type-removed" (N N rust B) Removed [RUST_TYPE_ADDED]
        "A type of the client is gone or goes by another name."
        "Use the type that stands in its place.";
    RUST_TYPE_CHANGED "rust-type-changed" (N N rust B) Changed [RUST_TYPE_CHANGED]
        "A type of the client is made of something else."
        "Make and read it as it is now.";
    RUST_MEMBER_ADDED "rust-member-added" (N N rust A) Added [RUST_MEMBER_REMOVED]
        "A struct has a new member."
        "Nothing for who makes values with builders, and reads members by name.";
    RUST_MEMBER_REMOVED "rust-member-removed" (N N rust B) Removed [RUST_MEMBER_ADDED]
        "A member of a struct is gone or goes by another name."
        "Do without it, or use the one in its place.";
    RUST_MEMBER_CHANGED "rust-member-changed" (N N rust B) Changed [RUST_MEMBER_CHANGED]
        "A member of a struct has another type."
        "Give and read the new type.";
    RUST_VARIANT_ADDED "rust-variant-added" (N N rust A) Added [RUST_VARIANT_REMOVED]
        "An enum has a new variant."
        "Nothing for who matches with a wildcard.";
    RUST_VARIANT_REMOVED "rust-variant-removed" (N N rust B) Removed [RUST_VARIANT_ADDED]
        "A variant of an enum is gone or goes by another name."
        "Do without it, or use the one in its place.";
    RUST_VARIANT_CHANGED "rust-variant-changed" (N N rust B) Changed [RUST_VARIANT_CHANGED]
        "A variant of an enum carries another type."
        "Give and read the new type.";
    RUST_WIRE_NAME_CHANGED "rust-wire-name-changed" (N N rust N) Unmentioned [RUST_WIRE_NAME_CHANGED]
        "A type or member is written to JSON otherwise, under the same name in Rust."
        "Nothing.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_stands_once_and_is_spelled_like_the_others() {
        for (index, check) in CATALOGUE.iter().enumerate() {
            assert!(
                !CATALOGUE[..index].contains(check),
                "{} stands twice",
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
    fn every_row_is_made_of_sentences() {
        for check in CATALOGUE {
            for sentence in [check.says, check.advice] {
                assert!(sentence.ends_with('.'), "{}: {sentence}", check.id);
            }
        }
    }
}
