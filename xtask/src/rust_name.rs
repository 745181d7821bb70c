//! How progenitor and typify turn the names of a document into Rust identifiers.
//!
//! Passes that keep names apart, and the code generated beside progenitor's, have to agree with it
//! on names; a test of the generated surface holds the two against each other.

use heck::{ToPascalCase, ToSnakeCase};

/// The name of a method, a builder's setter or a field.
pub fn snake(name: &str) -> String {
    identifier(name, |name| name.to_snake_case())
}

/// The name of a type.
pub fn pascal(name: &str) -> String {
    identifier(name, |name| name.to_pascal_case())
}

fn identifier(name: &str, case: fn(&str) -> String) -> String {
    let cased = match name {
        "+1" => "plus1".to_owned(),
        "-1" => "minus1".to_owned(),
        _ => {
            let separated: String = name
                .chars()
                .filter(|character| *character != '\'')
                .map(|character| match character {
                    '_' => '_',
                    character if character.is_alphanumeric() => character,
                    _ => '-',
                })
                .collect();
            case(&separated)
        }
    };
    let started = match cased.chars().next() {
        None => case("x"),
        Some(first) if first.is_alphabetic() || first == '_' => cased,
        Some(_) => format!("_{cased}"),
    };
    if syn::parse_str::<syn::Ident>(&started).is_ok() {
        started
    } else {
        format!("{started}_")
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
        assert_eq!(snake("~body"), "body");
        assert_eq!(snake("2fa"), "_2fa");
        assert_eq!(snake("$"), "x");
        assert_eq!(pascal("node pools"), "NodePools");
    }
}
