//! Values of a document with their locations, and the targets of references.

use serde_json::Value;

use crate::Pointer;

/// A value of a document and its location.
#[derive(Debug, Clone)]
pub struct Node<'a> {
    /// The location of the value.
    pub pointer: Pointer,
    /// The value.
    pub value: &'a Value,
}

impl<'a> Node<'a> {
    /// The whole document.
    pub fn document(root: &'a Value) -> Self {
        Self {
            pointer: Pointer::root(),
            value: root,
        }
    }

    /// The value at `pointer`, if there is one.
    pub fn at(root: &'a Value, pointer: Pointer) -> Option<Self> {
        let value = pointer.get(root)?;
        Some(Self { pointer, value })
    }

    /// A property of an object.
    pub fn property(&self, name: &str) -> Option<Self> {
        let value = self.value.get(name)?;
        Some(Self {
            pointer: self.pointer.join_name(name),
            value,
        })
    }

    /// The entries of the object `name`; empty if there is none.
    pub fn properties(&self, name: &str) -> Vec<(&'a str, Self)> {
        self.property(name)
            .map_or(Vec::new(), |inside| inside.entries())
    }

    /// The entries of an object; empty if it is none.
    pub fn entries(&self) -> Vec<(&'a str, Self)> {
        let properties = self.value.as_object().into_iter().flatten();
        properties
            .map(|(name, value)| {
                let pointer = self.pointer.join_name(name);
                (name.as_str(), Self { pointer, value })
            })
            .collect()
    }

    /// The items of the array `name`; empty if there is none.
    pub fn items(&self, name: &str) -> Vec<Self> {
        self.property(name)
            .map_or(Vec::new(), |inside| inside.elements())
    }

    /// The items of an array; empty if it is none.
    pub fn elements(&self) -> Vec<Self> {
        let items = self.value.as_array().into_iter().flatten().enumerate();
        items
            .map(|(index, value)| Self {
                pointer: self.pointer.join(index),
                value,
            })
            .collect()
    }

    /// The string `name` of an object.
    pub fn string(&self, name: &str) -> Option<&'a str> {
        self.value.get(name)?.as_str()
    }

    /// True if the property `name` of an object is `true`.
    pub fn is_true(&self, name: &str) -> bool {
        self.value.get(name) == Some(&Value::Bool(true))
    }

    /// The target of a `$ref` in the document `root`; `None` if there is no reference or no target.
    pub fn target(&self, root: &'a Value) -> Option<Self> {
        target(root, self.value)
    }

    /// The target of a chain of references in the document `root`, or the node itself. The last target that
    /// exists if a reference does not resolve.
    #[must_use]
    pub fn followed(self, root: &'a Value) -> Self {
        last_target(root, self.value).unwrap_or(self)
    }

    /// The identity of the value, in contrast to equality.
    pub fn identity(&self) -> usize {
        std::ptr::from_ref(self.value) as usize
    }
}

impl Pointer {
    /// The location of the value that the one at this pointer refers to with `$ref`, through any number of
    /// references; the pointer itself if that is no reference. The last location that exists if a reference
    /// does not resolve.
    ///
    /// ```
    /// use openapi_document::Pointer;
    ///
    /// let document = serde_json::json!({ "a": { "$ref": "#/b" }, "b": { "$ref": "#/c" }, "c": {} });
    /// assert_eq!(Pointer::of(["a"]).resolved(&document), Pointer::of(["c"]));
    /// ```
    #[must_use]
    pub fn resolved(&self, document: &Value) -> Self {
        let value = self.get(document);
        let last = value.and_then(|value| last_target(document, value));
        last.map_or_else(|| self.clone(), |node| node.pointer)
    }
}

/// The target of a chain of references in the document `root`, or the value itself, like [`Node::followed`].
pub fn followed<'a>(root: &'a Value, value: &'a Value) -> &'a Value {
    last_target(root, value).map_or(value, |node| node.value)
}

/// The target of the `$ref` of a value; `None` if there is no reference or no target.
pub fn target<'a>(root: &'a Value, value: &Value) -> Option<Node<'a>> {
    Node::at(root, Pointer::parse(value.get("$ref")?.as_str()?)?)
}

/// The last target of a chain of references; `None` if the value is no reference, or has no target.
fn last_target<'a>(root: &'a Value, value: &Value) -> Option<Node<'a>> {
    // References can be circular.
    const MAX_REFERENCES: usize = 100;
    let targets = std::iter::successors(target(root, value), |node| node.target(root));
    targets.take(MAX_REFERENCES).last()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_chain_of_references_ends_at_its_last_target_and_a_circle_ends() {
        let root = json!({
            "a": { "$ref": "#/b" }, "b": { "$ref": "#/c" }, "c": { "d": [1] },
            "gone": { "$ref": "#/nowhere" }, "circle": { "$ref": "#/circle" },
        });
        let node = |name: &str| Node::document(&root).property(name).expect("is there");
        let last = node("a").followed(&root);
        assert_eq!(
            (last.pointer.as_str(), last.value),
            ("/c", &json!({ "d": [1] }))
        );
        assert_eq!(followed(&root, &root["a"]), &root["c"]);
        assert_eq!(node("gone").followed(&root).pointer.as_str(), "/gone");
        assert_eq!(node("circle").followed(&root).pointer.as_str(), "/circle");
        assert_eq!(last.items("d")[0].pointer.as_str(), "/c/d/0");
    }
}
