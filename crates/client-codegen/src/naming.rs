//! How progenitor and typify turn the names of a document into Rust identifiers.
//!
//! Passes that keep names apart, and the code generated beside progenitor's, have to agree with it
//! on names; a test of the generated surface holds the two against each other.

use heck::{ToPascalCase, ToSnakeCase};
use unicode_ident::{is_xid_continue, is_xid_start};

/// The name of a method, a builder's setter or a field.
pub fn snake(name: &str) -> String {
    identifier(name, |name| name.to_snake_case())
}

/// The name of a type.
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

/// The name of a generated type or of a variant.
///
/// typify's rules differ from progenitor's where a name starts with a digit.
pub fn type_name(name: &str) -> String {
    typed(name, |name| name.to_pascal_case(), "X")
}

/// The name of a field of a generated type.
pub fn field_name(name: &str) -> String {
    typed(name, |name| name.to_snake_case(), "x")
}

fn typed(name: &str, case: fn(&str) -> String, prefix: &str) -> String {
    let cased = cased(name, case, is_xid_continue);
    let started = match cased.chars().next() {
        Some(first) if is_xid_start(first) => cased,
        _ => format!("{prefix}{cased}"),
    };
    // A keyword from edition 2024 on.
    no_keyword(started, &["gen"])
}

/// The name in its case, with what no identifier has between its words.
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
    fn names_are_those_that_progenitor_gives() {
        assert_eq!(snake("GetACLUserSpace"), "get_acl_user_space");
        assert_eq!(snake("page[nextToken]"), "page_next_token");
        assert_eq!(snake("type"), "type_");
        assert_eq!(snake("~name"), "name");
        assert_eq!(snake("2fa"), "_2fa");
        assert_eq!(snake("$"), "x");
        assert_eq!(pascal("node pools"), "NodePools");
    }

    #[test]
    fn names_of_types_and_fields_are_those_that_typify_gives() {
        assert_eq!(type_name("2fa"), "X2fa");
        assert_eq!(type_name("foo-bar"), "FooBar");
        assert_eq!(type_name("Self"), "Self_");
        assert_eq!(field_name("@type"), "type_");
        assert_eq!(field_name("+1"), "plus1");
        assert_eq!(field_name(""), "x");
        assert_eq!(field_name("gen"), "gen_");
    }
}
