//! The plans of paginated lists and of long-running work.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How a list is paginated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PagingPlan {
    /// The path from the response to the items.
    pub items: Vec<Step>,
    /// The lowered schema of one item.
    pub item: Value,
    /// How the next page is requested.
    pub next: NextPage,
}

/// How the next page is requested.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum NextPage {
    /// By a token in the response.
    Token {
        /// The setter of the parameter for the token.
        setter: String,
        /// The path from the response to the token.
        token: Vec<Step>,
    },
    /// By an offset: the number of items to skip.
    Position {
        /// The location of the offset in the request.
        skip: Spot,
        /// The location of the page size in the request.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limit: Option<Spot>,
        /// The path from the response to the total number of items.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        total: Option<Vec<Step>>,
    },
}

/// The location of a number in a query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spot {
    /// The name of the query parameter.
    pub pair: String,
    /// The properties that lead to the number, if the value of the parameter is JSON.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub property: Vec<String>,
}

/// How to poll long-running work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct WorkPlan {
    /// The `id` of the call that reads the state, which may be the call itself.
    pub read: String,
    /// Path parameters of that call, each with the properties that lead to its value in the response of
    /// this call. The others have the values of this call.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, Vec<String>>,
    /// The properties that lead to the state; empty if the work is done as soon as it can be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub state: Vec<String>,
    /// The states in which the work is done.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub done: Vec<String>,
    /// The states in which the work has failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failed: Vec<String>,
    /// The properties that lead to the reason of a failure; empty if there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reason: Vec<String>,
    /// Whether the work is done when the resource no longer exists.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub gone: bool,
}

/// A step from a value of a response to a value inside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Step {
    /// To a property.
    Property {
        /// The name of the property.
        name: String,
        /// Whether it may be absent or `null`.
        optional: bool,
    },
    /// To the value of a `Nullable` that is not null.
    NotNull,
    /// To the only value of a newtype.
    Inside,
}
