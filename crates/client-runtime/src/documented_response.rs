//! Selects the documented response that matches a response.
//!
//! Source: OpenAPI 3.1.1, Responses Object: an exact status takes precedence over a range, and a range
//! over `default`. Among several media types of one status, the `Content-Type` decides.

use reqwest::StatusCode;
use reqwest::header::HeaderMap;

use crate::media_type;
use crate::operation::{DocumentedResponse, Operation, ResponseBody, StatusPattern};

impl Operation {
    /// Returns the index of the documented response for a status and headers.
    pub(crate) fn documented_response(
        &self,
        status: StatusCode,
        headers: &HeaderMap,
    ) -> Option<usize> {
        let code = status.as_u16();
        let patterns = [
            StatusPattern::Code(code),
            StatusPattern::Range(first_digit(code)),
            StatusPattern::Default,
        ];
        let pattern = patterns.into_iter().find(|pattern| {
            self.responses
                .iter()
                .any(|response| response.status == *pattern)
        })?;
        // If a success is documented by its status, `default` documents errors only.
        if pattern == StatusPattern::Default
            && is_success_class(first_digit(code))
            && self.responses.iter().any(DocumentedResponse::is_success)
        {
            return None;
        }
        let candidates = self.responses.iter().enumerate();
        let mut candidates = candidates.filter(|(_, response)| response.status == pattern);
        let first = candidates.next()?;
        let Some(second) = candidates.next() else {
            return Some(first.0);
        };
        let essence = media_type::of(headers);
        let candidates = [first, second].into_iter().chain(candidates);
        // The first of the best matches; without a match, the first.
        let nearest = candidates.min_by_key(|(_, response)| {
            let distance = response
                .media_type
                .zip(essence)
                .and_then(|(documented, essence)| media_type::distance(documented, essence));
            distance.unwrap_or(u8::MAX)
        });
        nearest.map(|(index, _)| index)
    }

    /// Returns true for any 2xx, and for other statuses that the API description documents as
    /// successes.
    pub(crate) fn is_success(&self, status: StatusCode, documented: Option<usize>) -> bool {
        status.is_success()
            || documented.is_some_and(|index| {
                let response = &self.responses[index];
                response.is_success()
                    || (response.body == ResponseBody::Upgrade && status.is_informational())
            })
    }

    /// Returns true if the caller streams the body of a success.
    pub(crate) fn is_streamed(&self, documented: Option<usize>) -> bool {
        let is_streamed = |response: &DocumentedResponse| response.body == ResponseBody::Stream;
        match documented {
            Some(index) => is_streamed(&self.responses[index]),
            // An undocumented success has the type of the documented ones.
            None => {
                let mut successes = self.responses.iter().filter(|r| r.is_success()).peekable();
                successes.peek().is_some() && successes.all(is_streamed)
            }
        }
    }
}

impl DocumentedResponse {
    /// Returns true if the status alone documents a success.
    pub(crate) fn is_success(&self) -> bool {
        match self.status {
            StatusPattern::Code(code) => is_success_class(first_digit(code)),
            StatusPattern::Range(digit) => is_success_class(digit),
            StatusPattern::Default => false,
        }
    }
}

fn first_digit(code: u16) -> u8 {
    u8::try_from(code / 100).unwrap_or(u8::MAX)
}

/// Returns true if documented statuses with this first digit are successes.
fn is_success_class(digit: u8) -> bool {
    matches!(digit, 2 | 3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::{CONTENT_TYPE, HeaderValue};

    const fn response(
        status: StatusPattern,
        media_type: Option<&'static str>,
    ) -> DocumentedResponse {
        DocumentedResponse {
            status,
            media_type,
            body: ResponseBody::Json,
            ..DocumentedResponse::PLAIN
        }
    }

    fn chosen(
        responses: &'static [DocumentedResponse],
        status: u16,
        media_type: &'static str,
    ) -> Option<usize> {
        let operation = Operation {
            responses,
            ..Operation::PLAIN
        };
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
        let status = StatusCode::from_u16(status).expect("is a status");
        operation.documented_response(status, &headers)
    }

    #[test]
    fn an_exact_status_precedes_a_range_and_a_range_precedes_the_default() {
        const RESPONSES: &[DocumentedResponse] = &[
            response(StatusPattern::Default, None),
            response(StatusPattern::Range(2), None),
            response(StatusPattern::Code(201), None),
            response(StatusPattern::Range(4), None),
        ];
        for (status, expected) in [
            (201, Some(2)),
            (200, Some(1)),
            (404, Some(3)),
            (500, Some(0)),
            (302, None),
        ] {
            assert_eq!(chosen(RESPONSES, status, ""), expected, "{status}");
        }
    }

    #[test]
    fn the_default_is_a_success_only_if_no_other_response_is() {
        const ERRORS: &[DocumentedResponse] = &[
            response(StatusPattern::Code(404), None),
            response(StatusPattern::Default, None),
        ];
        assert_eq!(chosen(ERRORS, 200, ""), Some(1));
        const SUCCESS: &[DocumentedResponse] = &[
            response(StatusPattern::Code(200), None),
            response(StatusPattern::Default, None),
        ];
        assert_eq!(chosen(SUCCESS, 201, ""), None);
        assert_eq!(chosen(SUCCESS, 503, ""), Some(1));
    }

    #[test]
    fn the_media_type_selects_among_responses_of_one_status() {
        const RESPONSES: &[DocumentedResponse] = &[
            response(StatusPattern::Code(200), Some("text/plain")),
            response(StatusPattern::Code(200), Some("image/*")),
            response(StatusPattern::Code(200), Some("application/json")),
        ];
        for (media_type, expected) in [
            ("application/json; charset=utf-8", 2),
            ("application/vnd.api+json", 2),
            ("image/png", 1),
            ("application/pdf", 0),
            ("", 0),
        ] {
            assert_eq!(
                chosen(RESPONSES, 200, media_type),
                Some(expected),
                "{media_type}"
            );
        }
    }

    #[test]
    fn a_documented_redirect_is_a_success_and_a_default_one_is_not() {
        const RESPONSES: &[DocumentedResponse] = &[
            response(StatusPattern::Code(302), None),
            response(StatusPattern::Default, None),
        ];
        let operation = Operation {
            responses: RESPONSES,
            ..Operation::PLAIN
        };
        let success = |status: u16| {
            let status = StatusCode::from_u16(status).expect("is a status");
            let documented = operation.documented_response(status, &HeaderMap::new());
            operation.is_success(status, documented)
        };
        assert!(success(302) && success(204));
        assert!(!success(301) && !success(404));
    }
}
