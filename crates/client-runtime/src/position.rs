//! The location of the offset and the limit of a page in a query.

use reqwest::Url;
use serde_json::{Map, Value};

/// The location of the offset and the limit in a query.
#[derive(Debug, Clone, Copy)]
pub struct Position {
    /// The number of items to skip.
    pub skip: Spot,
    /// The maximum number of items in a page.
    pub limit: Option<Spot>,
}

/// The location of a number in a query.
#[derive(Debug, Clone, Copy)]
pub struct Spot {
    /// The name of the query parameter.
    pub pair: &'static str,
    /// The path to the number in the parameter's value, which is JSON. Empty if the value is the number
    /// itself.
    pub property: &'static [&'static str],
}

/// The offset and the limit that the caller's own query requests.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct RequestedRange {
    /// The number of items to skip.
    pub(crate) skip: u64,
    /// The number of items per page.
    pub(crate) limit: Option<u64>,
}

impl Position {
    /// Changes the caller's query to request the page after the first `passed` items. The first page is
    /// requested as the caller wrote it.
    pub(crate) fn write(&self, url: &mut Url, passed: u64) -> RequestedRange {
        let Self { skip, limit } = self;
        let own = skip.read(url).unwrap_or(0);
        let limit = limit.as_ref().and_then(|limit| limit.read(url));
        if passed > 0 {
            skip.write(url, own.saturating_add(passed));
        }
        RequestedRange { skip: own, limit }
    }
}

impl Spot {
    pub(crate) fn read(&self, url: &Url) -> Option<u64> {
        let (_, value) = url.query_pairs().find(|(name, _)| name == self.pair)?;
        if self.property.is_empty() {
            return value.parse().ok();
        }
        let mut value: Value = serde_json::from_str(&value).ok()?;
        for name in self.property {
            value = value.get_mut(name)?.take();
        }
        value.as_u64()
    }

    fn write(&self, url: &mut Url, number: u64) {
        let given = url.query_pairs().find(|(name, _)| name == self.pair);
        let value = match (self.property, given) {
            ([], _) => number.to_string(),
            (property, given) => {
                let given = given.and_then(|(_, value)| serde_json::from_str(&value).ok());
                let mut whole = given.unwrap_or_else(|| Value::Object(Map::new()));
                let mut place = &mut whole;
                for name in property {
                    if !place.is_object() {
                        *place = Value::Object(Map::new());
                    }
                    place = &mut place[*name];
                }
                *place = number.into();
                whole.to_string()
            }
        };
        // A list of pairs of strings can always be encoded.
        let written = serde_urlencoded::to_string([(self.pair, value)]).unwrap_or_default();
        // The other pairs are not changed.
        let is_own = |pair: &str| {
            let pairs = serde_urlencoded::from_str::<Vec<(String, String)>>(pair);
            pairs.is_ok_and(|pairs| pairs.first().is_some_and(|(name, _)| name == self.pair))
        };
        let others = url.query().unwrap_or_default().split('&');
        let others = others.filter(|pair| !pair.is_empty() && !is_own(pair));
        let pairs: Vec<&str> = others.chain([written.as_str()]).collect();
        let query = pairs.join("&");
        url.set_query(Some(&query));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_written_to_its_place_and_the_rest_of_the_query_stays() {
        let at = |pair, property| Spot { pair, property };
        for (spot, before, after) in [
            (at("skip", &[]), "a=b%2Cc,d&skip=1", "a=b%2Cc,d&skip=7"),
            (at("page[skip]", &[]), "", "page%5Bskip%5D=7"),
            (
                at("page[skip]", &[]),
                "page[skip]=1&x",
                "x&page%5Bskip%5D=7",
            ),
            (
                at("filter", &["page", "skip"]),
                "filter=%7B%22where%22%3A1%2C%22page%22%3A%7B%22size%22%3A2%7D%7D",
                "filter=%7B%22where%22%3A1%2C%22page%22%3A%7B%22size%22%3A2%2C%22skip%22%3A7%7D%7D",
            ),
            (
                at("filter", &["skip"]),
                "x=1",
                "x=1&filter=%7B%22skip%22%3A7%7D",
            ),
        ] {
            let mut url: Url = format!("http://127.0.0.1/?{before}")
                .parse()
                .expect("is a URL");
            spot.write(&mut url, 7);
            // Whether objects keep the order of their names depends on the features of the whole build.
            let sorted = |url: &Url| {
                let mut query = url.query().unwrap_or_default().to_owned();
                if spot.property.len() > 1 {
                    let pairs: Vec<Value> = url
                        .query_pairs()
                        .map(|(_, value)| serde_json::from_str(&value).expect("is JSON"))
                        .collect();
                    query = format!("{pairs:?}");
                }
                query
            };
            let expected: Url = format!("http://127.0.0.1/?{after}")
                .parse()
                .expect("is a URL");
            assert_eq!(sorted(&url), sorted(&expected), "{before}");
            assert_eq!(spot.read(&url), Some(7), "{before}");
        }
    }
}
