//! Paginated lists as streams.
//!
//! A stream requests the next page when it is polled, and keeps one page at a time. After an error,
//! polling again requests the same page again. There are two kinds of pagination:
//!
//! - The response contains a *page token* for the next page ([`pages`]).
//! - The request contains the number of items to skip, an offset ([`pages_by_position`]). The API
//!   description specifies its location in the query (`x-paging`); see [`Position`].

use std::future::Future;
use std::pin::Pin;

use futures_util::stream::{self, Stream, StreamExt as _};
use serde::de::DeserializeOwned;

use crate::call::Call;
use crate::position::RequestedRange;
pub use crate::position::{Position, Spot};
use crate::{Error, ErrorKind};

/// A stream of pages or items. After an error, polling again retries.
pub type Paged<'a, T> = Pin<Box<dyn Stream<Item = Result<T, Error>> + Send + 'a>>;

/// Returns the pages that `fetch` returns for a page token; the first has none. `token` returns the
/// token for the next page: `None` or an empty string for the last page.
///
/// If the tokens of a server form a cycle, the stream would never end. After the page whose token
/// closes the cycle, the stream returns an error and ends.
pub fn pages<'a, P, F, Fut>(fetch: F, token: fn(&P) -> Option<&str>) -> Paged<'a, P>
where
    P: Send + 'a,
    F: Fn(Option<String>) -> Fut + Send + Sync + 'a,
    Fut: Future<Output = Result<P, Error>> + Send,
{
    let mut cycle = Cycle::default();
    let next = move |_: Option<String>, page: &P| {
        let token = token(page).filter(|token| !token.is_empty());
        match token {
            None => Next::End,
            Some(token) if cycle.closes(token) => {
                Next::Stuck("the page tokens of the list form a cycle")
            }
            Some(token) => Next::Page(Some(token.to_owned())),
        }
    };
    one_by_one(None, fetch, next)
}

/// Returns the pages of a call with an offset, starting with the offset of the call itself. `call`
/// sends the call, `count` returns the number of items of a page, and `total` returns the number of
/// items of all pages, if the response has it.
///
/// The stream ends with a page without items, or when all items of `total` have been returned. Without
/// a total it also ends with a page that has fewer items than requested.
///
/// If a server ignores the offset, the stream would never end. Without a total, a response that equals
/// the previous one is followed by an error, and the stream ends.
pub fn pages_by_position<'a, P, F>(
    position: &'static Position,
    call: F,
    count: fn(&P) -> usize,
    total: fn(&P) -> Option<u64>,
) -> Paged<'a, P>
where
    P: DeserializeOwned + Send + 'a,
    F: Fn() -> Call<'a> + Send + Sync + 'a,
{
    let fetch = move |passed: u64| {
        let mut call = call();
        let asked = call.at(position, passed);
        async move {
            let response = call.send().await?;
            let fingerprint = response.fingerprint();
            let page = response.json::<P>()?.into_inner();
            Ok(Fetched {
                page,
                asked,
                fingerprint,
            })
        }
    };
    Box::pin(by_position(fetch, count, total).map(|fetched| Ok(fetched?.page)))
}

/// A page of a list with offsets.
struct Fetched<P> {
    page: P,
    asked: RequestedRange,
    /// Identifies a response by its body.
    fingerprint: u64,
}

fn by_position<'a, P, F, Fut>(
    fetch: F,
    count: fn(&P) -> usize,
    total: fn(&P) -> Option<u64>,
) -> Paged<'a, Fetched<P>>
where
    P: Send + 'a,
    F: Fn(u64) -> Fut + Send + Sync + 'a,
    Fut: Future<Output = Result<Fetched<P>, Error>> + Send,
{
    let mut before = None;
    let next = move |passed: u64, fetched: &Fetched<P>| {
        let Fetched {
            page,
            asked,
            fingerprint,
        } = fetched;
        let came = count(page) as u64;
        let passed = passed.saturating_add(came);
        let is_same = before.replace(*fingerprint) == Some(*fingerprint);
        match total(page) {
            _ if came == 0 => Next::End,
            Some(total) if asked.skip.saturating_add(passed) >= total => Next::End,
            Some(_) => Next::Page(passed),
            None if asked.limit.is_some_and(|limit| came < limit) => Next::End,
            None if is_same => Next::Stuck("the server returned the same page of the list again"),
            None => Next::Page(passed),
        }
    };
    one_by_one(0, fetch, next)
}

/// What a stream of pages does when it is polled next.
enum Next<S> {
    /// Fetches the page at this position.
    Page(S),
    /// Returns an error and ends.
    Stuck(&'static str),
    /// Ends.
    End,
}

/// Returns the pages from `first` on, each fetched when the stream is polled. `next` returns what
/// follows the page at a position.
fn one_by_one<'a, S, P, F, Fut, N>(first: S, fetch: F, next: N) -> Paged<'a, P>
where
    S: Clone + Send + 'a,
    P: Send + 'a,
    F: Fn(S) -> Fut + Send + Sync + 'a,
    Fut: Future<Output = Result<P, Error>> + Send,
    N: FnMut(S, &P) -> Next<S> + Send + 'a,
{
    let state = (fetch, next, Next::Page(first));
    Box::pin(stream::unfold(state, async |(fetch, mut next, now)| {
        let place = match now {
            Next::Page(place) => place,
            Next::Stuck(why) => {
                let error = Error::of_no_call(ErrorKind::Decode, why);
                return Some((Err(error), (fetch, next, Next::End)));
            }
            Next::End => return None,
        };
        match fetch(place.clone()).await {
            Ok(page) => {
                let then = next(place, &page);
                Some((Ok(page), (fetch, next, then)))
            }
            Err(error) => Some((Err(error), (fetch, next, Next::Page(place)))),
        }
    }))
}

/// Returns the items that `list` takes from each page, one at a time.
pub fn items<'a, P, T>(pages: Paged<'a, P>, list: fn(P) -> Vec<T>) -> Paged<'a, T>
where
    P: 'a,
    T: Send + 'a,
{
    let state = (pages, Vec::new().into_iter(), list);
    Box::pin(stream::unfold(
        state,
        async |(mut pages, mut items, list)| {
            loop {
                if let Some(item) = items.next() {
                    return Some((Ok(item), (pages, items, list)));
                }
                match pages.next().await? {
                    Ok(page) => items = list(page).into_iter(),
                    Err(error) => return Some((Err(error), (pages, items, list))),
                }
            }
        },
    ))
}

/// Detects a cycle of tokens of any length, and stores only two of them (Brent's algorithm).
#[derive(Default)]
struct Cycle {
    kept: Option<String>,
    steps: u64,
    until: u64,
}

impl Cycle {
    fn closes(&mut self, token: &str) -> bool {
        if self.kept.as_deref() == Some(token) {
            return true;
        }
        self.steps += 1;
        if self.steps > self.until {
            self.kept = Some(token.to_owned());
            self.until = self.steps * 2;
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::TryStreamExt as _;
    use reqwest::Url;
    use std::sync::atomic::{AtomicUsize, Ordering};

    struct Numbers(Vec<u32>, Option<String>);

    /// The pages of `fetch`.
    fn pages_of<'a, F, Fut>(fetch: F) -> Paged<'a, Numbers>
    where
        F: Fn(Option<String>) -> Fut + Send + Sync + 'a,
        Fut: Future<Output = Result<Numbers, Error>> + Send,
    {
        pages(fetch, |page| page.1.as_deref())
    }

    fn items_of<'a>(pages: Paged<'a, Numbers>) -> Paged<'a, u32> {
        items(pages, |page| page.0)
    }

    fn failed() -> Error {
        Error::of_no_call(ErrorKind::Transport, "broke")
    }

    /// Three pages: two items, none, one.
    fn three(token: Option<String>) -> Result<Numbers, Error> {
        Ok(match token.as_deref() {
            None => Numbers(vec![1, 2], Some("b".to_owned())),
            Some("b") => Numbers(vec![], Some("c".to_owned())),
            Some("c") => Numbers(vec![3], Some(String::new())),
            Some(_) => return Err(failed()),
        })
    }

    #[tokio::test]
    async fn an_empty_page_continues_and_an_empty_token_ends_the_stream() {
        let all = items_of(pages_of(async |token| three(token)));
        assert_eq!(all.try_collect::<Vec<_>>().await.expect("lists"), [1, 2, 3]);
    }

    #[tokio::test]
    async fn nothing_is_fetched_before_it_is_polled() {
        let fetched = AtomicUsize::new(0);
        let mut all = items_of(pages_of(async |token| {
            fetched.fetch_add(1, Ordering::SeqCst);
            three(token)
        }));
        assert_eq!(fetched.load(Ordering::SeqCst), 0);
        for expected in [1, 2] {
            assert_eq!(all.try_next().await.expect("lists"), Some(expected));
            assert_eq!(fetched.load(Ordering::SeqCst), 1);
        }
    }

    #[tokio::test]
    async fn polling_again_fetches_a_failed_page_again() {
        let fetched = AtomicUsize::new(0);
        let mut all = items_of(pages_of(async |token| {
            match fetched.fetch_add(1, Ordering::SeqCst) {
                1 => Err(failed()),
                _ => three(token),
            }
        }));
        assert_eq!(all.try_next().await.expect("lists"), Some(1));
        assert_eq!(all.try_next().await.expect("lists"), Some(2));
        assert!(all.try_next().await.is_err());
        assert_eq!(all.try_next().await.expect("lists"), Some(3));
        assert_eq!(all.try_next().await.expect("lists"), None);
    }

    #[tokio::test]
    async fn a_cycle_of_tokens_ends_the_stream_with_an_error() {
        for length in [1, 2, 5] {
            let fetched = AtomicUsize::new(0);
            let mut all = pages_of(async |_| {
                let number = fetched.fetch_add(1, Ordering::SeqCst) % length;
                Ok(Numbers(vec![], Some(number.to_string())))
            });
            let mut pages = 0;
            let error = loop {
                match all.try_next().await {
                    Ok(page) => assert!(page.is_some(), "ended without an error"),
                    Err(error) => break error,
                }
                pages += 1;
            };
            assert_eq!(pages, fetched.load(Ordering::SeqCst), "no page is lost");
            assert!(error.to_string().contains("cycle"), "{error}");
            assert!(all.try_next().await.expect("ends").is_none());
            assert!(fetched.load(Ordering::SeqCst) <= 4 * length + 2);
        }
    }

    const POSITION: Position = Position {
        skip: Spot {
            pair: "filter",
            property: &["skip"],
        },
        limit: Some(Spot {
            pair: "filter",
            property: &["limit"],
        }),
    };

    /// Returns the page of a call with a query, whose items `respond` returns.
    fn call(
        query: &str,
        passed: u64,
        respond: impl Fn(&Url) -> Vec<u8>,
    ) -> Result<Fetched<Vec<u8>>, Error> {
        let mut url: Url = format!("http://127.0.0.1/?{query}")
            .parse()
            .expect("is a URL");
        let asked = POSITION.write(&mut url, passed);
        let page = respond(&url);
        let fingerprint = page.iter().map(|item| u64::from(*item)).sum();
        Ok(Fetched {
            page,
            asked,
            fingerprint,
        })
    }

    /// A list of ten numbers, filtered as the URL requests; four at a time by default.
    fn ten(url: &Url) -> Vec<u8> {
        let skip = POSITION.skip.read(url).unwrap_or(0) as u8;
        let limit = POSITION
            .limit
            .and_then(|limit| limit.read(url))
            .unwrap_or(4) as u8;
        (skip..10).take(limit.into()).collect()
    }

    /// Returns the pages of the ten numbers for a filter, with or without their total.
    async fn sizes(filter: &'static str, total: Option<u64>) -> Vec<usize> {
        let query = serde_urlencoded::to_string([("filter", filter)]).expect("encodes");
        let fetch = |passed| {
            let fetched = call(&query, passed, ten);
            async { fetched }
        };
        let total: fn(&Vec<u8>) -> Option<u64> = match total {
            Some(_) => |_| Some(10),
            None => |_| None,
        };
        let pages = by_position(fetch, Vec::len, total);
        let pages: Vec<_> = pages.try_collect().await.expect("lists");
        pages.iter().map(|fetched| fetched.page.len()).collect()
    }

    #[tokio::test]
    async fn a_list_by_position_ends_as_soon_as_its_end_is_known() {
        for (filter, total, expected) in [
            // A page that is not full is the last one; an empty page always is.
            (r#"{"limit":3}"#, None, vec![3, 3, 3, 1]),
            (r#"{"limit":5}"#, None, vec![5, 5, 0]),
            ("{}", None, vec![4, 4, 2, 0]),
            // With a total no further request is needed.
            (r#"{"limit":5}"#, Some(10), vec![5, 5]),
            ("{}", Some(10), vec![4, 4, 2]),
            // From the caller's own offset.
            (r#"{"limit":3,"skip":4}"#, None, vec![3, 3, 0]),
            (r#"{"limit":3,"skip":4}"#, Some(10), vec![3, 3]),
            (r#"{"limit":0}"#, None, vec![0]),
            (r#"{"skip":10}"#, Some(10), vec![0]),
        ] {
            assert_eq!(sizes(filter, total).await, expected, "{filter} {total:?}");
        }
    }

    #[tokio::test]
    async fn polling_again_fetches_a_failed_page_with_an_offset_again() {
        let fetched = AtomicUsize::new(0);
        let fetch = |passed| {
            let result = match fetched.fetch_add(1, Ordering::SeqCst) {
                1 => Err(failed()),
                _ => call("", passed, ten),
            };
            async { result }
        };
        let pages = by_position(fetch, Vec::len, |_| Some(10));
        let mut all = items(pages, |fetched| fetched.page);
        for expected in 0..4 {
            assert_eq!(all.try_next().await.expect("lists"), Some(expected));
        }
        assert!(all.try_next().await.is_err());
        let rest: Vec<u8> = all.try_collect().await.expect("lists");
        assert_eq!(rest, [4, 5, 6, 7, 8, 9]);
    }

    #[tokio::test]
    async fn a_server_that_ignores_the_offset_ends_the_stream_with_an_error() {
        let fetched = AtomicUsize::new(0);
        let fetch = |passed| {
            fetched.fetch_add(1, Ordering::SeqCst);
            let result = call("", passed, |_| vec![1, 2]);
            async { result }
        };
        let mut pages = by_position(fetch, Vec::len, |_| None);
        for _ in 0..2 {
            assert!(pages.try_next().await.expect("is a page").is_some());
        }
        let error = pages.try_next().await.err().expect("does not go on");
        assert!(error.to_string().contains("same page"), "{error}");
        assert!(pages.try_next().await.expect("ends").is_none());
        assert_eq!(fetched.load(Ordering::SeqCst), 2);
    }
}
