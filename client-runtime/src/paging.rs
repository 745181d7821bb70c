//! Lists that come in pages, as streams.
//!
//! An answer may say with a *page token* that there is more. A stream of pages asks for the next one
//! when it is polled, and holds no other. A page that could not be had is asked for again by polling
//! again: the stream keeps its token.

use std::future::Future;
use std::pin::Pin;

use futures_util::stream::{self, Stream, StreamExt as _};

use crate::{Error, ErrorKind};

/// A stream of pages or items; each may be an error, after which polling again tries again.
pub type Paged<'a, T> = Pin<Box<dyn Stream<Item = Result<T, Error>> + Send + 'a>>;

/// A page of a list.
pub trait Page {
    /// What it lists.
    type Item;

    /// What to ask for the next page with; nothing or an empty string on the last one.
    fn next_page_token(&self) -> Option<&str>;

    /// Its items.
    fn into_items(self) -> Vec<Self::Item>;
}

/// The pages that `fetch` gives for a page token; the first has none.
///
/// A server whose tokens go in a circle would make it endless: after the page whose token closes
/// the circle comes an error, and then the end.
pub fn pages<'a, P, F, Fut>(fetch: F) -> Paged<'a, P>
where
    P: Page + Send + 'a,
    F: Fn(Option<String>) -> Fut + Send + Sync + 'a,
    Fut: Future<Output = Result<P, Error>> + Send,
{
    let state = (fetch, Next::Page(None), Circle::default());
    Box::pin(stream::unfold(state, async |(fetch, next, mut circle)| {
        let token = match next {
            Next::Page(token) => token,
            Next::Circle => {
                let message = "the page tokens of the list go in a circle";
                let error = Error::of_no_call(ErrorKind::Decode, message);
                return Some((Err(error), (fetch, Next::End, circle)));
            }
            Next::End => return None,
        };
        let page = match fetch(token.clone()).await {
            Ok(page) => page,
            Err(error) => return Some((Err(error), (fetch, Next::Page(token), circle))),
        };
        let token = page.next_page_token().filter(|token| !token.is_empty());
        let next = match token {
            None => Next::End,
            Some(token) if circle.closes(token) => Next::Circle,
            Some(token) => Next::Page(Some(token.to_owned())),
        };
        Some((Ok(page), (fetch, next, circle)))
    }))
}

/// What a stream of pages does when it is polled next.
enum Next {
    /// Fetches the page of this token; the first has none.
    Page(Option<String>),
    /// Says that the tokens go in a circle.
    Circle,
    /// Ends.
    End,
}

/// The items of `pages`, one at a time.
pub fn items<'a, P>(pages: Paged<'a, P>) -> Paged<'a, P::Item>
where
    P: Page + 'a,
    P::Item: Send + 'a,
{
    let state = (pages, Vec::new().into_iter());
    Box::pin(stream::unfold(state, async |(mut pages, mut items)| {
        loop {
            if let Some(item) = items.next() {
                return Some((Ok(item), (pages, items)));
            }
            match pages.next().await? {
                Ok(page) => items = page.into_items().into_iter(),
                Err(error) => return Some((Err(error), (pages, items))),
            }
        }
    }))
}

/// Notices a circle of tokens, however long, with two of them in memory (Brent's algorithm).
#[derive(Default)]
struct Circle {
    kept: Option<String>,
    steps: u64,
    until: u64,
}

impl Circle {
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
    use std::sync::atomic::{AtomicUsize, Ordering};

    struct Numbers(Vec<u32>, Option<String>);

    impl Page for Numbers {
        type Item = u32;

        fn next_page_token(&self) -> Option<&str> {
            self.1.as_deref()
        }

        fn into_items(self) -> Vec<u32> {
            self.0
        }
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
    async fn an_empty_page_with_a_token_goes_on_and_an_empty_token_ends() {
        let all = items(pages(async |token| three(token)));
        assert_eq!(all.try_collect::<Vec<_>>().await.expect("lists"), [1, 2, 3]);
    }

    #[tokio::test]
    async fn nothing_is_fetched_before_it_is_polled() {
        let fetched = AtomicUsize::new(0);
        let mut all = items(pages(async |token| {
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
    async fn a_page_that_failed_is_fetched_again_by_polling_again() {
        let fetched = AtomicUsize::new(0);
        let mut all = items(pages(async |token| {
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
    async fn tokens_in_a_circle_are_an_error_and_the_end() {
        for length in [1, 2, 5] {
            let fetched = AtomicUsize::new(0);
            let mut all = pages(async |_| {
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
            assert!(error.to_string().contains("circle"), "{error}");
            assert!(all.try_next().await.expect("ends").is_none());
            assert!(fetched.load(Ordering::SeqCst) <= 4 * length + 2);
        }
    }
}
