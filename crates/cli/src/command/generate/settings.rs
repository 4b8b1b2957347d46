//! The page of settings in Markdown: the keys of a file and the variables, from their types.

use std::io::{self, Write};

use serde_json::Value;

use crate::command::generate::markdown::cell;
use crate::config::schema;
use crate::environment::variables;

/// Writes the generated part of the page.
///
/// # Errors
///
/// Those of writing.
pub(crate) fn write(out: &mut dyn Write) -> io::Result<()> {
    let top = schema();
    let at = |path: &str| top.pointer(path).unwrap_or(&Value::Null);
    for (title, path) in [
        ("At the top", ""),
        (
            "`[profiles.NAME]`",
            "/properties/profiles/additionalProperties",
        ),
        ("`[http]`", "/properties/http"),
        ("`[remote]`", "/properties/remote"),
    ] {
        table(out, title, at(path))?;
    }
    writeln!(out, "\n## Variables\n\n| variable | meaning |\n|---|---|")?;
    for variable in variables() {
        writeln!(out, "| `{}` | {} |", variable.name, cell(variable.help))?;
    }
    Ok(())
}

fn table(out: &mut dyn Write, title: &str, schema: &Value) -> io::Result<()> {
    writeln!(
        out,
        "\n## {title}\n\n| key | meaning | for example |\n|---|---|---|"
    )?;
    let properties = schema.get("properties").and_then(Value::as_object);
    for (key, schema) in properties.into_iter().flatten() {
        let text = schema.get("description").and_then(Value::as_str);
        let text = cell(&text.unwrap_or_default().replace('\n', " "));
        let example = schema.pointer("/examples/0");
        let example = example.map_or_else(String::new, |example| format!("`{example}`"));
        writeln!(out, "| `{key}` | {text} | {example} |")?;
    }
    Ok(())
}
