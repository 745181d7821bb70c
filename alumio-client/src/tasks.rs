//! The filter of task lists, which the API takes as JSON text, and the lists as streams.

use chrono::{DateTime, SecondsFormat, Utc};
use client_runtime::paging::{self, Page, Paged};
use client_runtime::{StreamExt as _, TryStreamExt as _};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::{builder, types};

/// Which tasks to list, in which order, and how many (the parameter `filter` of `ListTasks`).
///
/// ```
/// use alumio_client::TaskFilter;
///
/// let filter = TaskFilter::new().route("orders-to-erp").order("updatedAt desc").limit(100);
/// assert_eq!(
///     String::from(filter),
///     r#"{"limit":100,"where":{"route":"orders-to-erp"},"order":"updatedAt desc"}"#
/// );
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct TaskFilter {
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    skip: Option<u64>,
    #[serde(rename = "where", skip_serializing_if = "Map::is_empty")]
    conditions: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<String>,
}

impl TaskFilter {
    /// All tasks, as many as the API gives by itself.
    pub fn new() -> Self {
        Self::default()
    }

    /// At most this many; of a stream, at most this many at a time.
    #[must_use]
    pub fn limit(self, limit: u32) -> Self {
        Self {
            limit: Some(limit),
            ..self
        }
    }

    /// All but the first so many.
    #[must_use]
    pub fn skip(self, skip: u64) -> Self {
        Self {
            skip: Some(skip),
            ..self
        }
    }

    /// In this order: a member and `asc` or `desc`, such as `updatedAt desc`.
    #[must_use]
    pub fn order(self, order: impl Into<String>) -> Self {
        Self {
            order: Some(order.into()),
            ..self
        }
    }

    /// Only those of a route.
    #[must_use]
    pub fn route(self, route: impl Into<String>) -> Self {
        self.condition("route", route.into())
    }

    /// Only those that were updated at this time or later.
    #[must_use]
    pub fn updated_since(self, time: DateTime<Utc>) -> Self {
        let time = time.to_rfc3339_opts(SecondsFormat::Millis, true);
        self.condition("updatedAt", json!({ "gte": time }))
    }

    /// Only those for which the API's condition on a member holds: a value that it equals, or an
    /// object with a comparison such as `{"gte": …}`.
    #[must_use]
    pub fn condition(mut self, member: impl Into<String>, condition: impl Into<Value>) -> Self {
        self.conditions.insert(member.into(), condition.into());
        self
    }
}

impl From<TaskFilter> for String {
    fn from(filter: TaskFilter) -> Self {
        // A struct of text, numbers and JSON always encodes.
        serde_json::to_string(&filter).unwrap_or_default()
    }
}

/// How many tasks a stream asks for at a time where its filter does not say.
const PAGE: u32 = 500;

struct TaskPage {
    tasks: types::TaskList,
    /// How many tasks are before the next page, as text.
    next: Option<String>,
}

impl Page for TaskPage {
    type Item = types::Task;

    fn next_page_token(&self) -> Option<&str> {
        self.next.as_deref()
    }

    fn into_items(self) -> Vec<types::Task> {
        self.tasks.results
    }
}

impl<'a> builder::ListTasks<'a> {
    /// The pages of the tasks that `filter` selects, fetched one at a time as the stream is polled.
    /// A page that failed is fetched again by polling again. A page that is not full is the last.
    pub fn pages(self, filter: TaskFilter) -> Paged<'a, types::TaskList> {
        self.task_pages(filter).map_ok(|page| page.tasks).boxed()
    }

    /// The tasks that `filter` selects, over all pages.
    pub fn items(self, filter: TaskFilter) -> Paged<'a, types::Task> {
        paging::items(self.task_pages(filter))
    }

    fn task_pages(self, filter: TaskFilter) -> Paged<'a, TaskPage> {
        let limit = filter.limit.unwrap_or(PAGE).max(1);
        paging::pages(move |token| {
            let before = token.and_then(|token| token.parse().ok());
            let skip: u64 = before.or(filter.skip).unwrap_or(0);
            let call = self.clone().filter(filter.clone().limit(limit).skip(skip));
            async move {
                let tasks = call.send().await?.into_inner();
                let got = tasks.results.len() as u64;
                let next = (got >= limit.into()).then(|| (skip + got).to_string());
                Ok(TaskPage { tasks, next })
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filter_is_written_as_the_api_reads_it() {
        let since = DateTime::from_timestamp(1_609_459_200, 0).expect("is a time");
        let filter = TaskFilter::new()
            .limit(500)
            .skip(0)
            .updated_since(since)
            .route("x")
            .order("updatedAt desc");
        let written: Value = serde_json::from_str(&String::from(filter)).expect("is JSON");
        assert_eq!(
            written,
            json!({
                "limit": 500,
                "skip": 0,
                "where": { "updatedAt": { "gte": "2021-01-01T00:00:00.000Z" }, "route": "x" },
                "order": "updatedAt desc",
            })
        );
    }
}
