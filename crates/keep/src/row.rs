//! One row as one line of JSON, and back, without loss.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use engine::Value;
use kernel::Instant;
use serde_json::{Map, Value as Json};

use crate::KeepError;
use crate::shape::{Field, Form, id_text};

/// Appends a row and its line end. What a form cannot say (an instant beyond the year 9999) is written as
/// the number it is.
pub fn write(out: &mut Vec<u8>, fields: &[Field], row: &[Value]) -> Result<(), KeepError> {
    out.push(b'{');
    for (index, (field, value)) in fields.iter().zip(row).enumerate() {
        if index > 0 {
            out.push(b',');
        }
        text(out, &field.name)?;
        out.push(b':');
        match (value, field.form) {
            (Value::Null, _) => out.extend_from_slice(b"null"),
            (Value::Int(raw), Form::Id) if *raw >= 0 => text(out, &id_text(field.prefix.as_deref(), *raw))?,
            (Value::Int(micros), Form::Instant) if Instant::from_micros(*micros).micros() == *micros => {
                text(out, &Instant::from_micros(*micros).to_string())?;
            }
            (Value::Int(number), _) => out.extend_from_slice(number.to_string().as_bytes()),
            (Value::Bool(truth), _) => out.push(if *truth { b'1' } else { b'0' }),
            (Value::Real(number), _) => serde_json::to_writer(&mut *out, number)?,
            (Value::Text(value), _) => text(out, value)?,
            (Value::Bytes(bytes), Form::Hex) => text(out, &hex(bytes))?,
            (Value::Bytes(bytes), _) => text(out, &BASE64.encode(bytes))?,
            (Value::Ints(_) | Value::Texts(_), _) => {
                return Err(KeepError::Unwritable { field: field.name.clone() });
            }
        }
    }
    out.extend_from_slice(b"}\n");
    Ok(())
}

fn text(out: &mut Vec<u8>, text: &str) -> Result<(), KeepError> {
    Ok(serde_json::to_writer(out, text)?)
}

/// Bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Bytes of hexadecimal digits.
pub fn unhex(digits: &str) -> Option<Vec<u8>> {
    if !digits.is_ascii() || !digits.len().is_multiple_of(2) {
        return None;
    }
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).ok()).collect()
}

/// Reads a line. A field that is missing is null; one that the table does not have is refused.
pub fn read(line: &[u8], fields: &[Field]) -> Result<Vec<Value>, String> {
    let mut object: Map<String, Json> = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    let mut row = Vec::with_capacity(fields.len());
    for field in fields {
        let value = object.remove(&field.name).unwrap_or(Json::Null);
        row.push(value_of(field, value).ok_or_else(|| format!("{:?} cannot be read", field.name))?);
    }
    match object.keys().next() {
        Some(unknown) => Err(format!("{unknown:?} is no field of this table")),
        None => Ok(row),
    }
}

fn value_of(field: &Field, value: Json) -> Option<Value> {
    Some(match (field.form, value) {
        (_, Json::Null) => Value::Null,
        (Form::Id | Form::Instant | Form::Integer, Json::Number(number)) => Value::Int(number.as_i64()?),
        (Form::Real, Json::Number(number)) => Value::Real(number.as_f64()?),
        (Form::Id, Json::String(text)) => Value::Int(id_of(&text)?),
        (Form::Instant, Json::String(text)) => Value::Int(text.parse::<Instant>().ok()?.micros()),
        (Form::Integer, Json::Bool(truth)) => Value::Int(i64::from(truth)),
        (Form::Text, Json::String(text)) => Value::from(text),
        (Form::Hex, Json::String(digits)) => Value::Bytes(unhex(&digits)?),
        (Form::Base64, Json::String(text)) => Value::Bytes(BASE64.decode(text).ok()?),
        _ => return None,
    })
}

/// The raw number of an id, whatever its prefix.
fn id_of(text: &str) -> Option<i64> {
    let digits = text.rsplit_once('_').map_or(text, |(_, digits)| digits);
    kernel::id::decode(&format!("id_{digits}"), "id", "row").ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, form: Form) -> Field {
        Field { name: name.into(), form, prefix: None }
    }

    #[test]
    fn every_value_survives_the_way_out_and_in() {
        let fields = [
            Field { prefix: Some("per".into()), ..field("id", Form::Id) },
            field("seen_at", Form::Instant),
            field("far_at", Form::Instant),
            field("n", Form::Integer),
            field("score", Form::Real),
            field("body", Form::Text),
            field("digest", Form::Hex),
            field("bytes", Form::Base64),
            field("nothing", Form::Text),
        ];
        let row = vec![
            Value::Int(123_456_789_012_345_678),
            Value::Int(1_795_253_400_123_456),
            Value::Int(i64::MAX),
            Value::Int(-3),
            Value::Real(0.1 + 0.2),
            Value::Text("«perde»\n\"di nuovo\" \u{1}".into()),
            Value::Bytes(vec![0, 255, 16]),
            Value::Bytes(vec![1, 2, 3, 4]),
            Value::Null,
        ];
        let mut line = Vec::new();
        write(&mut line, &fields, &row).unwrap();
        let text = String::from_utf8(line.clone()).unwrap();
        assert_eq!(text.lines().count(), 1);
        assert!(text.contains("\"seen_at\":\"2026-11-21T"), "{text}");
        assert_eq!(read(&line, &fields).unwrap(), row);
    }

    #[test]
    fn what_does_not_belong_is_refused() {
        let fields = [field("n", Form::Integer)];
        assert!(read(b"{\"n\":1,\"m\":2}", &fields).unwrap_err().contains("\"m\""));
        assert!(read(b"{\"n\":\"x\"}", &fields).unwrap_err().contains("\"n\""));
        assert!(read(b"{\"n\":", &fields).is_err());
        assert_eq!(read(b"{}", &fields).unwrap(), [Value::Null]);
    }
}
