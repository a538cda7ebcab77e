//! The OpenAPI 3.1 document: the table of routes, and the schemas of the types that they take and
//! give.

use std::collections::BTreeMap;

use redtag_protocol::api;
use serde_json::{Map, Value, json};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, schema::Schema},
};

use crate::{
    pages,
    router::{Access, ROUTES, Route},
};

/// Schemas by name, as utoipa collects them.
type Schemas = Vec<(String, RefOr<Schema>)>;

/// What a route takes and gives, for people and generators.
#[derive(Debug, Clone)]
pub struct Doc {
    /// One line.
    pub summary: &'static str,
    /// Parameters in the query, with what they mean; none is required.
    pub query: &'static [(&'static str, &'static str)],
    /// Headers that the route reads, besides `Authorization`.
    pub headers: &'static [(&'static str, &'static str)],
    /// The body it takes.
    pub takes: Option<Media>,
    /// The body of a success.
    pub gives: Media,
    /// Statuses of refusals that this route has beside those of its kind, with their meaning.
    pub refuses: &'static [(u16, &'static str)],
}

/// A body: its media type and its schema.
#[derive(Debug, Clone, Copy)]
pub struct Media {
    kind: &'static str,
    /// The schema's name in the document; empty for a schema that stands in place.
    name: &'static str,
    schema: fn() -> Value,
    needs: fn(&mut Schemas),
    more: fn(&mut Schemas),
}

impl Media {
    /// JSON of a type, under a name that is its own in the whole document.
    pub const fn json<T: ToSchema>(name: &'static str) -> Self {
        Self::of::<T>("application/json", name)
    }

    /// A form of a type.
    pub const fn form<T: ToSchema>(name: &'static str) -> Self {
        Self::of::<T>("application/x-www-form-urlencoded", name)
    }

    /// Anything else, with a schema written by hand and the types that it refers to.
    pub const fn other(
        kind: &'static str,
        schema: fn() -> Value,
        needs: fn(&mut Vec<(String, RefOr<Schema>)>),
    ) -> Self {
        Self {
            kind,
            name: "",
            schema,
            needs,
            more: |_| {},
        }
    }

    /// The same, with types that the schema names only in part.
    #[must_use]
    pub const fn with(mut self, more: fn(&mut Vec<(String, RefOr<Schema>)>)) -> Self {
        self.more = more;
        self
    }

    const fn of<T: ToSchema>(kind: &'static str, name: &'static str) -> Self {
        Self {
            kind,
            name,
            schema: schema::<T>,
            needs: T::schemas,
            more: |_| {},
        }
    }
}

/// Adds a type and what it refers to, under the type's own name.
pub fn add<T: ToSchema>(schemas: &mut Vec<(String, RefOr<Schema>)>) {
    schemas.push((T::name().into_owned(), T::schema()));
    T::schemas(schemas);
}

/// A reference to a schema of this name.
pub fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// The whole document.
pub fn document() -> Value {
    let mut schemas = BTreeMap::new();
    let error = Media::json::<api::error::Error>("Error");
    collect(error, &mut schemas);
    let mut paths = Map::new();
    for route in ROUTES {
        let doc = route.doc();
        for media in doc.takes.into_iter().chain([doc.gives]) {
            collect(media, &mut schemas);
        }
        let methods = paths.entry(route.path()).or_insert_with(|| json!({}));
        let method = route.method().as_str().to_lowercase();
        methods[method] = operation(route, &doc);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Redtag",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Offline-first inspections for service shops. \
                Every answer carries `x-request-id`; every refusal is an `Error`, or a page where \
                the address is one.",
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "access_token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
            },
        },
    })
}

fn operation(route: &Route, doc: &Doc) -> Value {
    let mut parameters: Vec<Value> = Vec::new();
    let mut refusals: BTreeMap<u16, String> = [
        (
            400,
            "The request cannot be read; the message names the field.",
        ),
        (429, "Too many requests; see `Retry-After`."),
        (500, "A fault of the server."),
    ]
    .map(|(status, words)| (status, words.to_owned()))
    .into();
    if let Access::Members(permission) = route.access() {
        parameters.push(json!({
            "name": "shop", "in": "path", "required": true,
            "schema": {"type": "string", "format": "uuid"},
        }));
        let role = format!("No member any more, or the role does not hold {permission:?}.");
        refusals.insert(401, "No access token, or it has expired.".to_owned());
        refusals.insert(403, role);
        refusals.insert(404, "Not the shop of this token.".to_owned());
    }
    let named = |piece: &'static str| piece.strip_prefix('{')?.strip_suffix('}');
    let others = route.path().split('/').filter_map(named);
    parameters.extend(others.filter(|name| *name != "shop").map(
        |name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}),
    ));
    let parameter = |place: &'static str| {
        move |(name, words): &(&str, &str)| {
            json!({
                "name": name, "in": place, "description": words, "required": false,
                "schema": {"type": "string"},
            })
        }
    };
    parameters.extend(doc.query.iter().map(parameter("query")));
    parameters.extend(doc.headers.iter().map(parameter("header")));
    for (status, words) in doc.refuses {
        refusals.insert(*status, (*words).to_owned());
    }
    let mut answers = Map::new();
    answers.insert(
        "200".to_owned(),
        json!({"description": "Done.", "content": content(doc.gives)}),
    );
    for (status, words) in refusals {
        let error = if route.is_page() {
            content(pages::HTML)
        } else {
            json!({"application/json": {"schema": reference("Error")}})
        };
        answers.insert(
            status.to_string(),
            json!({"description": words, "content": error}),
        );
    }
    let mut operation = json!({
        "summary": doc.summary,
        "operationId": operation_id(route),
        "parameters": parameters,
        "responses": answers,
        "security": [],
    });
    if let Some(takes) = doc.takes {
        operation["requestBody"] = json!({"required": true, "content": content(takes)});
    }
    if route.access() != Access::Public {
        operation["security"] = json!([{"access_token": []}]);
    }
    operation
}

fn operation_id(route: &Route) -> String {
    let words = route
        .path()
        .replace(|c: char| !c.is_ascii_alphanumeric(), "_");
    let words = words.trim_matches('_').replace("__", "_");
    let words = if words.is_empty() { "home" } else { &words };
    format!("{}_{words}", route.method().as_str().to_lowercase())
}

fn content(media: Media) -> Value {
    let schema = match media.name {
        "" => (media.schema)(),
        name => reference(name),
    };
    json!({media.kind: {"schema": schema}})
}

fn collect(media: Media, schemas: &mut BTreeMap<String, Value>) {
    if !media.name.is_empty() {
        schemas.insert(media.name.to_owned(), (media.schema)());
    }
    let mut needed = Vec::new();
    (media.needs)(&mut needed);
    (media.more)(&mut needed);
    for (name, schema) in needed {
        schemas.insert(name, to_value(&schema));
    }
}

fn schema<T: PartialSchema>() -> Value {
    to_value(&T::schema())
}

fn to_value(schema: &RefOr<Schema>) -> Value {
    // A schema is plain data with text keys, which JSON always takes.
    serde_json::to_value(schema).unwrap_or_default()
}

#[cfg(test)]
mod tests;
