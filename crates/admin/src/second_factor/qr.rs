//! A QR code as an SVG that a page holds: no file, no script, nothing from elsewhere.

use std::fmt::Write;

use kernel::Fault;
use qrcodegen::{QrCode, QrCodeEcc};

/// Modules of white around the code, as its standard asks.
const QUIET: i32 = 4;

/// The code of a text, with a name for who does not see it.
pub(super) fn svg(text: &str, label: &str) -> Result<String, Fault> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).map_err(Fault::store)?;
    let size = code.size();
    let mut path = String::new();
    for y in 0..size {
        for x in 0..size {
            if code.get_module(x, y) {
                // Writing into a String cannot fail.
                let _ = write!(path, "M{},{}h1v1h-1z", x + QUIET, y + QUIET);
            }
        }
    }
    let side = size + 2 * QUIET;
    let label = label.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
    Ok(format!(
        "<svg class=\"qr\" viewBox=\"0 0 {side} {side}\" role=\"img\" aria-label=\"{label}\" shape-rendering=\"crispEdges\">\
         <rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/><path d=\"{path}\" fill=\"#000\"/></svg>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_drawn_with_its_quiet_edge_and_an_escaped_name() {
        let svg = svg("otpauth://totp/a?secret=GEZD", "<\"&").unwrap();
        assert!(svg.contains("aria-label=\"&lt;&quot;&amp;\"") && svg.contains("M4,4h1v1h-1z"), "{svg}");
    }
}
