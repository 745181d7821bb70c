//! Access to one of the compared documents: follows references and keeps places.

use openapi_document::Pointer;
use serde_json::Value;

/// A value of a document and its place.
#[derive(Debug, Clone)]
pub(super) struct Node<'a> {
    pub(super) pointer: Pointer,
    pub(super) value: &'a Value,
}

/// A document to compare.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) root: &'a Value,
    /// True from OpenAPI 3.1 on, where keywords beside `$ref` count and `nullable` does not.
    pub(super) is_modern: bool,
}

impl<'a> Source<'a> {
    pub(super) fn new(root: &'a Value) -> Self {
        let version = root["openapi"].as_str().unwrap_or_default();
        Self {
            root,
            is_modern: !version.starts_with("3.0"),
        }
    }

    /// The whole document.
    pub(super) fn document(&self) -> Node<'a> {
        Node {
            pointer: Pointer::root(),
            value: self.root,
        }
    }

    /// The target of a node's chain of references, or the node itself.
    pub(super) fn follow(&self, node: Node<'a>) -> Node<'a> {
        // A circle of references has no target.
        const LONGEST: usize = 64;
        let mut node = node;
        for _ in 0..LONGEST {
            match self.target(&node) {
                Some(target) => node = target,
                None => break,
            }
        }
        node
    }

    /// The target of a node's `$ref`.
    pub(super) fn target(&self, node: &Node<'a>) -> Option<Node<'a>> {
        let text = node.value.get("$ref")?.as_str()?;
        let pointer = Pointer::parse(text)?;
        let value = pointer.get(self.root)?;
        Some(Node { pointer, value })
    }
}

impl<'a> Node<'a> {
    /// A property of an object.
    pub(super) fn property(&self, name: &str) -> Option<Node<'a>> {
        let value = self.value.get(name)?;
        Some(Node {
            pointer: self.pointer.join(name),
            value,
        })
    }

    /// The entries of the object `name`; empty if there is none.
    pub(super) fn properties(&self, name: &str) -> Vec<(&'a str, Node<'a>)> {
        self.property(name)
            .map_or(Vec::new(), |inside| inside.entries())
    }

    /// The entries of an object; empty if it is none.
    pub(super) fn entries(&self) -> Vec<(&'a str, Node<'a>)> {
        let properties = self.value.as_object().into_iter().flatten();
        properties
            .map(|(name, value)| {
                let pointer = self.pointer.join(name);
                (name.as_str(), Node { pointer, value })
            })
            .collect()
    }

    /// The items of the array `name`; empty if there is none.
    pub(super) fn items(&self, name: &str) -> Vec<Node<'a>> {
        self.property(name)
            .map_or(Vec::new(), |inside| inside.elements())
    }

    /// The items of an array; empty if it is none.
    pub(super) fn elements(&self) -> Vec<Node<'a>> {
        let items = self.value.as_array().into_iter().flatten().enumerate();
        items
            .map(|(index, value)| Node {
                pointer: self.pointer.join(index),
                value,
            })
            .collect()
    }

    pub(super) fn text(&self, name: &str) -> Option<&'a str> {
        self.value.get(name)?.as_str()
    }

    pub(super) fn is_true(&self, name: &str) -> bool {
        self.value.get(name) == Some(&Value::Bool(true))
    }

    /// The identity of the value, in contrast to equality.
    pub(super) fn identity(&self) -> usize {
        std::ptr::from_ref(self.value) as usize
    }
}
