//! Access to one of the compared documents: follows references and keeps locations.

pub(super) use openapi_document::Node;
use serde_json::Value;

/// A document to compare.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) root: &'a Value,
    /// True from OpenAPI 3.1 on, where keywords beside `$ref` have an effect and `nullable` has none.
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
        Node::document(self.root)
    }

    /// The target of a node's chain of references, or the node itself.
    pub(super) fn follow(&self, node: Node<'a>) -> Node<'a> {
        node.followed(self.root)
    }

    /// The target of a node's `$ref`.
    pub(super) fn target(&self, node: &Node<'a>) -> Option<Node<'a>> {
        node.target(self.root)
    }
}
