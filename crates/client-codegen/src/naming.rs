//! The Rust names that progenitor and typify generate for the names of a document.
//!
//! Lowering passes that prevent name collisions, and the code generated next to that of progenitor,
//! must use the same names. A test of the generated surface compares them.

use heck::{ToPascalCase, ToShoutySnakeCase, ToSnakeCase};
use unicode_ident::{is_xid_continue, is_xid_start};

/// Returns the name of a method, a setter of a builder, or a field.
pub fn snake(name: &str) -> String {
    identifier(name, |name| name.to_snake_case())
}

/// Returns the name of a type.
pub fn pascal(name: &str) -> String {
    identifier(name, |name| name.to_pascal_case())
}

fn identifier(name: &str, case: fn(&str) -> String) -> String {
    let cased = cased(name, case, |character| {
        character.is_alphanumeric() || character == '_'
    });
    let started = match cased.chars().next() {
        None => case("x"),
        Some(first) if first.is_alphabetic() || first == '_' => cased,
        Some(_) => format!("_{cased}"),
    };
    no_keyword(started, &[])
}

/// Returns the name of a generated type or of a variant.
///
/// The rules of typify differ from those of progenitor for names that start with a digit.
pub fn type_name(name: &str) -> String {
    typed(name, |name| name.to_pascal_case(), "X")
}

/// Returns the name of a constant of a generated type.
pub fn constant(name: &str) -> String {
    typed(name, |name| name.to_shouty_snake_case(), "X")
}

/// Returns the name of a field of a generated type.
pub fn field_name(name: &str) -> String {
    typed(name, |name| name.to_snake_case(), "x")
}

fn typed(name: &str, case: fn(&str) -> String, prefix: &str) -> String {
    let cased = cased(name, case, is_xid_continue);
    let started = match cased.chars().next() {
        Some(first) if is_xid_start(first) => cased,
        _ => format!("{prefix}{cased}"),
    };
    // A keyword since edition 2024.
    no_keyword(started, &["gen"])
}

/// Converts a name to a case, after replacing characters that identifiers cannot contain.
fn cased(name: &str, case: fn(&str) -> String, keeps: fn(char) -> bool) -> String {
    match name {
        "+1" => "plus1".to_owned(),
        "-1" => "minus1".to_owned(),
        _ => {
            let characters = name.chars().filter(|character| *character != '\'');
            let separated: String = characters
                .map(|character| if keeps(character) { character } else { '-' })
                .collect();
            case(&separated)
        }
    }
}

fn no_keyword(name: String, more: &[&str]) -> String {
    let is_identifier = syn::parse_str::<syn::Ident>(&name).is_ok();
    if is_identifier && !more.contains(&name.as_str()) {
        name
    } else {
        format!("{name}_")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_those_of_progenitor() {
        assert_eq!(snake("GetACLUserSpace"), "get_acl_user_space");
        assert_eq!(snake("page[nextToken]"), "page_next_token");
        assert_eq!(snake("type"), "type_");
        assert_eq!(snake("~name"), "name");
        assert_eq!(snake("2fa"), "_2fa");
        assert_eq!(snake("$"), "x");
        assert_eq!(pascal("node pools"), "NodePools");
    }

    #[test]
    fn names_of_types_and_fields_match_those_of_typify() {
        assert_eq!(type_name("2fa"), "X2fa");
        assert_eq!(type_name("foo-bar"), "FooBar");
        assert_eq!(type_name("Self"), "Self_");
        assert_eq!(field_name("@type"), "type_");
        assert_eq!(field_name("+1"), "plus1");
        assert_eq!(field_name(""), "x");
        assert_eq!(field_name("gen"), "gen_");
    }
}
