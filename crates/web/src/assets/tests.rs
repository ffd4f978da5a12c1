use super::*;

#[path = "../../build/modules.rs"]
mod modules;
#[path = "../../build/styles.rs"]
mod styles;

/// Asks the handler as a browser would.
async fn ask(address: &str, headers: &[(HeaderName, &'static str)]) -> (StatusCode, HeaderMap, Vec<u8>) {
    let headers = collected(headers.to_vec());
    let name = address.trim_start_matches("/assets/").to_owned();
    let (parts, body) = serve(Path(name), headers).await.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    (parts.status, parts.headers, body.to_vec())
}

fn says(headers: &HeaderMap, name: HeaderName) -> &str {
    headers.get(name).map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn a_hashed_file_is_kept_for_ever_and_compressed_for_who_takes_it() {
    let (status, headers, packed) = ask(href("app.css"), &[(ACCEPT_ENCODING, "br, gzip;q=0.8")]).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(says(&headers, CONTENT_ENCODING), "gzip");
    assert_eq!(says(&headers, CONTENT_TYPE), "text/css; charset=utf-8");
    assert_eq!(says(&headers, CACHE_CONTROL), "public, max-age=31536000, immutable");
    assert_eq!(says(&headers, X_CONTENT_TYPE_OPTIONS), "nosniff");
    let (_, headers, plain) = ask(href("app.css"), &[(ACCEPT_ENCODING, "gzip;q=0, br")]).await;
    assert_eq!(says(&headers, CONTENT_ENCODING), "");
    assert!(packed.len() * 2 < plain.len());
}

#[tokio::test]
async fn a_known_tag_is_answered_without_the_file() {
    let (_, headers, _) = ask(href("shop.js"), &[]).await;
    let tag: &'static str = says(&headers, ETAG).to_owned().leak();
    let (status, _, body) = ask(href("shop.js"), &[(IF_NONE_MATCH, tag)]).await;
    assert_eq!((status, body.len()), (StatusCode::NOT_MODIFIED, 0));
}

#[tokio::test]
async fn names_without_a_hash_and_unknown_names_are_not_found() {
    for name in ["app.css", "app.0000000000.css", "missing", "..%2fCargo.toml"] {
        assert_eq!(ask(name, &[]).await.0, StatusCode::NOT_FOUND, "{name}");
    }
}

#[tokio::test]
async fn the_licence_of_what_is_embedded_can_be_read() {
    let (status, headers, body) = ask("licences.txt", &[]).await;
    assert_eq!((status, says(&headers, CACHE_CONTROL)), (StatusCode::OK, "no-cache"));
    assert!(String::from_utf8(body).unwrap().contains("Permission to use, copy, modify"));
}

#[tokio::test]
async fn the_manifest_points_at_files_that_exist() {
    let (_, _, body) = ask(href("manifest.webmanifest"), &[]).await;
    let manifest = String::from_utf8(body).unwrap();
    let addresses: Vec<&str> = manifest.split('"').filter(|part| part.starts_with("/assets/")).collect();
    assert_eq!(addresses.len(), 3);
    for address in addresses {
        assert_eq!(ask(address, &[]).await.0, StatusCode::OK, "{address}");
    }
}

/// The page itself may add 10 KB: together they stay below the 40 KB that a cold page may cost.
#[test]
fn what_a_cold_page_loads_stays_light() {
    let weight: usize = ["app.css", "shop.js", "live.js"]
        .iter()
        .filter_map(|name| table::FILES.iter().find(|file| file.name == *name))
        .map(|file| file.gzip.map_or(file.plain.len(), <[u8]>::len))
        .sum();
    assert!(weight < 30_000, "{weight} bytes");
}

#[test]
fn squeezing_styles_keeps_their_meaning() {
    let css = "/* why */\na :hover,\n  b > c { color: red; content: \"a  ; /* b */\"; }\n@media (min-width: 3rem) { d { margin: calc(-1 * 2px) auto; } }\n";
    let expected = "a :hover,b > c{color:red;content:\"a  ; /* b */\"}@media (min-width:3rem){d{margin:calc(-1 * 2px) auto}}";
    assert_eq!(styles::squeeze(css).unwrap(), expected);
    assert!(styles::squeeze("a { color: red;").is_err());
}

#[test]
fn styles_are_joined_in_the_order_of_their_imports() {
    let read = |name: &str| match name {
        "app.css" => Ok("/* all */\n@import \"b.css\";\n@import \"a.css\";\n".to_owned()),
        other => Ok(format!(".{} {{ }}", &other[..1])),
    };
    assert_eq!(styles::join("app.css", &read).unwrap(), ".b{}.a{}");
}

#[test]
fn modules_are_joined_dependencies_first_and_keep_their_names_private() {
    let read = |name: &str| match name {
        "a.js" => Ok("// first\nimport { b } from \"./b.js\";\n\nb(/** @type {any} */ (1));\n".to_owned()),
        "b.js" => Ok("/**\n * Says.\n */\nexport function b(x) {\n  return x;\n}\n".to_owned()),
        other => Err(format!("{other} is missing")),
    };
    let expected = "(() => {\n\"use strict\";\nconst { b } = (() => {\nfunction b(x) {\nreturn x;\n}\nreturn { b };\n})();\n(() => {\nb((1));\n})();\n})();\n";
    assert_eq!(modules::join("a.js", &read).unwrap(), expected);
}

#[test]
fn forms_of_import_that_the_join_does_not_know_are_refused() {
    for source in [
        "import * as b from \"./b.js\";",
        "export default 1;",
        "import { b as c } from \"./b.js\";",
        "const a = `two\nlines`;",
    ] {
        assert!(modules::join("a.js", &|_| Ok(source.to_owned())).is_err(), "{source}");
    }
    assert!(
        modules::join("a.js", &|_| Ok("import { a } from \"./a.js\";".to_owned()))
            .unwrap_err()
            .contains("imports itself")
    );
}

/// The relative luminance of `#rrggbb`, as WCAG 2.2 defines it.
fn luminance(colour: &str) -> f64 {
    let part = |at: usize| {
        let share = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
        if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
}

fn contrast(one: &str, other: &str) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn every_ink_can_be_read_on_every_ground_in_both_themes() {
    let css = table::FILES.iter().find(|file| file.name == "app.css").unwrap();
    let css = std::str::from_utf8(css.plain).unwrap();
    for theme in 0..2 {
        let colour = |name: &str| {
            let (_, rest) = css.split_once(&format!("--{name}:light-dark(")).unwrap();
            rest.split_once(')').unwrap().0.split(',').nth(theme).unwrap()
        };
        for ink in ["ink", "soft", "faint", "accent", "kept", "risk", "broken", "calm"] {
            for ground in ["paper", "card", "sunk"] {
                assert!(contrast(colour(ink), colour(ground)) >= 4.5, "{ink} on {ground}, theme {theme}");
            }
        }
        for meaning in ["accent", "kept", "risk", "broken", "calm"] {
            let wash = colour(&format!("{meaning}-wash"));
            for ink in [meaning, "ink", "soft", "faint"] {
                assert!(contrast(colour(ink), wash) >= 4.5, "{ink} on the wash of {meaning}, theme {theme}");
            }
        }
        for ground in ["accent", "accent-deep"] {
            assert!(contrast(colour("accent-ink"), colour(ground)) >= 4.5, "a button's text, theme {theme}");
        }
        for ground in ["paper", "card", "sunk"] {
            assert!(
                contrast(colour("edge"), colour(ground)) >= 3.0,
                "an input's edge on {ground}, theme {theme}"
            );
        }
    }
}
