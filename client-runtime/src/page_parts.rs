//! The properties of a page, whether the document requires them or not.

/// The token of the next page.
pub trait PageToken {
    /// The token; `None` where there is none.
    fn page_token(&self) -> Option<&str>;
}

impl PageToken for String {
    fn page_token(&self) -> Option<&str> {
        Some(self)
    }
}

impl<T: PageToken> PageToken for Option<T> {
    fn page_token(&self) -> Option<&str> {
        self.as_ref()?.page_token()
    }
}

/// The items of a page.
pub trait PageItems {
    /// One of them.
    type Item;

    /// The items; none where the page has no list.
    fn page_items(self) -> Vec<Self::Item>;
}

impl<T> PageItems for Vec<T> {
    type Item = T;

    fn page_items(self) -> Vec<T> {
        self
    }
}

impl<T: PageItems> PageItems for Option<T> {
    type Item = T::Item;

    fn page_items(self) -> Vec<Self::Item> {
        self.map(PageItems::page_items).unwrap_or_default()
    }
}
