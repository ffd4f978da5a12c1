//! What every operation of the API has in common, written into its document once, for all of them.

use utoipa::openapi::path::Operation;
use utoipa::openapi::{Content, OpenApi, Ref, RefOr, Response, ResponseBuilder};

const PROBLEM: &str = "application/problem+json";

/// Refusals that any operation may give, whoever wrote it.
const REFUSALS: [(&str, &str); 4] = [
    ("400", "the request cannot be read"),
    ("401", "no token, or none that lives"),
    ("429", "too many requests; Retry-After says when to come again"),
    ("default", "any other refusal"),
];

/// Completes the document: names for operations, and refusals as they really come.
pub(crate) fn complete(openapi: &mut OpenApi) {
    for (path, item) in &mut openapi.paths.paths {
        let place = path.trim_start_matches("/api/v1/").replace(['/', '-'], "_").replace(['{', '}'], "");
        let operations = [
            ("get", &mut item.get),
            ("post", &mut item.post),
            ("put", &mut item.put),
            ("patch", &mut item.patch),
            ("delete", &mut item.delete),
        ];
        for (method, operation) in operations {
            if let Some(operation) = operation {
                // Handlers of different rooms share their names.
                operation.operation_id = Some(format!("{method}_{place}"));
                refusals(operation);
            }
        }
    }
}

/// A refusal is a problem document, and some are every operation's.
fn refusals(operation: &mut Operation) {
    let responses = &mut operation.responses.responses;
    for (status, response) in responses.iter_mut() {
        if let (true, RefOr::T(response)) = (status.starts_with(['4', '5']), response) {
            response.content.clear();
            response.content.insert(PROBLEM.to_owned(), content().into());
        }
    }
    for (status, description) in REFUSALS {
        responses.entry(status.to_owned()).or_insert_with(|| RefOr::T(problem(description)));
    }
}

fn problem(description: &str) -> Response {
    ResponseBuilder::new().description(description).content(PROBLEM, content()).build()
}

fn content() -> Content {
    Content::new(Some(Ref::from_schema_name("Problem")))
}
