//! Findings: the defects of a document, and their repairs.

use crate::Pointer;

/// A defect of a document, and its repair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The location in the loaded document.
    pub pointer: Pointer,
    /// The problem: one sentence without a final period.
    pub problem: String,
    /// The repair: "removed the parameter".
    pub repair: String,
    /// How to correct the document.
    pub hint: String,
    /// The loss for users of a client, if any.
    pub loss: Option<Loss>,
}

/// A loss for users of a client because of a defect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// What users of the client cannot do, or must do themselves.
    pub what: String,
    /// The target of the overlay action.
    pub place: Pointer,
    /// The fields of the overlay action other than `target` that avoids the loss, as YAML on one line.
    pub action: String,
}

impl Finding {
    /// A finding without a loss.
    pub(crate) fn new(
        pointer: &Pointer,
        problem: impl Into<String>,
        repair: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self {
            pointer: pointer.clone(),
            problem: problem.into(),
            repair: repair.into(),
            hint: hint.into(),
            loss: None,
        }
    }

    /// The same with a loss that removing the location acknowledges.
    pub(crate) fn losing(self, what: impl Into<String>) -> Self {
        let place = self.pointer.clone();
        self.losing_unless(what, place, "remove: true")
    }

    /// The same with a loss that an overlay action for `place` avoids.
    pub(crate) fn losing_unless(
        self,
        what: impl Into<String>,
        place: Pointer,
        action: impl Into<String>,
    ) -> Self {
        let loss = Loss {
            what: what.into(),
            place,
            action: action.into(),
        };
        Self {
            loss: Some(loss),
            ..self
        }
    }
}
