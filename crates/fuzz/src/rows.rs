//! A ledger whose rows somebody changed.

use std::fs;

use rusqlite::Connection;
use rusqlite::types::Value;

use crate::draw::Draw;
use crate::ledger_file::{FILE, knows_what_was_written};

/// The columns that hold facts.
const COLUMNS: [(&str, &str); 28] = [
    ("verdict", "question"),
    ("verdict", "sha256"),
    ("verdict", "url"),
    ("verdict", "at"),
    ("verdict", "boxes"),
    ("verdict", "failure"),
    ("verdict", "humanoid"),
    ("verdict", "made_up"),
    ("verdict", "request_id"),
    ("verdict", "seal"),
    ("question", "model"),
    ("question", "ratio"),
    ("question", "base_url"),
    ("question", "seal_key"),
    ("call", "run"),
    ("call", "question"),
    ("call", "sha256"),
    ("call", "url"),
    ("call", "at"),
    ("call", "told"),
    ("call", "settled"),
    ("call", "charge"),
    ("call", "http_status"),
    ("call", "request_id"),
    ("call", "fault"),
    ("day", "day"),
    ("day", "asked"),
    ("day", "charged"),
];

/// Whatever values stand in a ledger's rows, of whatever type, opening it, asking it and listing it
/// end without a panic; and it knows the verdict that was written, or none. The input holds changes:
/// a column, a type, a length, a value.
pub fn rows(data: &[u8]) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(ledger::FILE_NAME);
    fs::write(&path, FILE.as_slice()).expect("written");
    let connection = Connection::open(&path).expect("a database");
    let _ = connection.execute_batch("INSERT INTO failure (json) VALUES ('{}')");
    let mut draw = Draw::new(data);
    while !draw.is_empty() {
        let (table, column) = draw.of(COLUMNS);
        let value = value(&mut draw);
        // What the table's own rules refuse is left as it was.
        let _ = connection.execute(&format!("UPDATE {table} SET {column} = ?1"), [value]);
    }
    connection.close().expect("closed");
    knows_what_was_written(folder.path());
}

fn value(draw: &mut Draw<'_>) -> Value {
    let kind = draw.byte() % 6;
    let number = i64::from_be_bytes(draw.bytes());
    match kind {
        0 => Value::Null,
        1 => Value::Integer(number),
        2 => Value::Integer(number % 4),
        3 => Value::Real(f64::from_bits(number.cast_unsigned())),
        kind => {
            let len = usize::from(draw.byte());
            let bytes: Vec<u8> = (0..len).map(|_| draw.byte()).collect();
            match kind {
                4 => Value::Text(String::from_utf8_lossy(&bytes).into_owned()),
                _ => Value::Blob(bytes),
            }
        }
    }
}
