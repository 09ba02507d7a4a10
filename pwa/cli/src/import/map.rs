//! The mapping file: what each row of a CSV file becomes. Data, not a program; `docs/spec/import.md` is its reference.

use std::fmt;

use toml::{Table, Value};

use crate::import::keys::{Keys, bad};

/// Most operations of a map, and most sources.
pub const LIST_MAX: usize = 64;
/// Most levels of expressions within expressions.
pub const DEPTH_MAX: usize = 6;
/// Most places that a decimal is cleaned to.
pub const PLACES_MAX: u32 = 9;

/// A whole mapping file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Map {
    /// Its name: part of every id that it derives.
    pub name: String,
    /// The files that are read.
    pub sources: Vec<Source>,
    /// What is made of them, in this order.
    pub ops: Vec<OpRule>,
}

/// One CSV file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// How the map calls it.
    pub name: String,
    /// Name of the file, without folders.
    pub file: String,
    /// What stands between cells.
    pub delimiter: u8,
    /// Columns that the header must have.
    pub columns: Vec<String>,
    /// Columns whose cells together occur once; none: rows are not looked up and not checked.
    pub key: Vec<String>,
}

/// What is made of each row of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpRule {
    /// The verb.
    pub verb: String,
    /// Index of the source whose rows are taken; none: the op is made once.
    pub each: Option<usize>,
    /// Only the first row for each combination of these cells.
    pub distinct: Vec<String>,
    /// The verb's inputs.
    pub inputs: Vec<(String, Expr)>,
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expr {
    /// No value.
    None,
    /// The cell, read by the type of the input.
    Column { column: String, optional: bool },
    /// A constant, read by the type of the input.
    Const(String),
    /// The cell as a decimal, cleaned to a number of places.
    Decimal {
        column: String,
        places: u32,
        optional: bool,
    },
    /// The cell as a ratio (0.15), in parts per million.
    Ratio {
        column: String,
        places: u32,
        optional: bool,
    },
    /// The cell as a date in a form made of `YYYY`, `MM`, `DD` and other characters.
    Date {
        column: String,
        form: String,
        optional: bool,
    },
    /// A value of another source's row: the one whose key equals these cells.
    Lookup {
        source: usize,
        by: Vec<String>,
        give: Box<Expr>,
    },
    /// An id, derived from the map's name, a name and cells.
    Id { name: String, key: Vec<String> },
    /// One record for each row of another source whose cells equal these.
    Rows {
        source: usize,
        on: Vec<(String, String)>,
        min: usize,
        fields: Vec<(String, Expr)>,
    },
    /// Records that are written down in the map.
    List(Vec<Vec<(String, Expr)>>),
}

/// What is wrong with a mapping file, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadMap {
    /// The path within the file, such as `op 3, input lines`.
    pub at: String,
    /// What is wrong and what would be right.
    pub why: String,
}

impl fmt::Display for BadMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at.is_empty() {
            true => f.write_str(&self.why),
            false => write!(f, "{}: {}", self.at, self.why),
        }
    }
}

impl std::error::Error for BadMap {}

pub(super) type Read<T> = Result<T, BadMap>;

impl Map {
    /// Reads a mapping file.
    ///
    /// # Errors
    /// [`BadMap`] says where it is not one.
    pub fn parse(text: &str) -> Read<Self> {
        let table: Table = text
            .parse()
            .map_err(|fault: toml::de::Error| bad("", fault.to_string()))?;
        let mut top = Keys::new("", table);
        match top.take("format") {
            Some(Value::Integer(1)) => {}
            _ => {
                return Err(bad(
                    "",
                    "`format = 1` is missing: this build reads no other",
                ));
            }
        }
        let name = top.string("name")?;
        let sources = sources(top.table("source")?)?;
        let ops = ops(top.array("op")?, &sources)?;
        top.end()?;
        let map = Self { name, sources, ops };
        map.check_columns()?;
        Ok(map)
    }

    /// Every column that is read must be declared by its source, so that a wrong file is found at its header.
    fn check_columns(&self) -> Read<()> {
        for (nth, op) in self.ops.iter().enumerate() {
            let at = format!("op {} ({})", nth + 1, op.verb);
            for column in &op.distinct {
                self.declared(&at, op.each, column)?;
            }
            for (input, expr) in &op.inputs {
                self.check_expr(&format!("{at}, input {input}"), op.each, expr)?;
            }
        }
        Ok(())
    }

    fn check_expr(&self, at: &str, source: Option<usize>, expr: &Expr) -> Read<()> {
        match expr {
            Expr::None | Expr::Const(_) => Ok(()),
            Expr::Column { column, .. }
            | Expr::Decimal { column, .. }
            | Expr::Ratio { column, .. }
            | Expr::Date { column, .. } => self.declared(at, source, column),
            Expr::Id { key, .. } => key
                .iter()
                .try_for_each(|column| self.declared(at, source, column)),
            Expr::Lookup {
                source: other,
                by,
                give,
            } => {
                by.iter()
                    .try_for_each(|column| self.declared(at, source, column))?;
                if by.len() != self.sources[*other].key.len() || by.is_empty() {
                    return Err(bad(
                        at,
                        "`by` must name as many columns as the `key` of the source has",
                    ));
                }
                self.check_expr(at, Some(*other), give)
            }
            Expr::Rows {
                source: other,
                on,
                fields,
                ..
            } => {
                for (own, theirs) in on {
                    self.declared(at, source, own)?;
                    self.declared(at, Some(*other), theirs)?;
                }
                fields
                    .iter()
                    .try_for_each(|(_, field)| self.check_expr(at, Some(*other), field))
            }
            Expr::List(records) => records
                .iter()
                .flatten()
                .try_for_each(|(_, field)| self.check_expr(at, source, field)),
        }
    }

    fn declared(&self, at: &str, source: Option<usize>, column: &str) -> Read<()> {
        let Some(source) = source.and_then(|nth| self.sources.get(nth)) else {
            return Err(bad(
                at,
                format!("column `{column}` needs a row: say `each = \"SOURCE\"`"),
            ));
        };
        match source.columns.iter().any(|it| it == column) {
            true => Ok(()),
            false => Err(bad(
                at,
                format!(
                    "column `{column}` is not in the `columns` of source {}",
                    source.name
                ),
            )),
        }
    }
}

fn sources(table: Table) -> Read<Vec<Source>> {
    let mut sources = Vec::new();
    for (name, value) in table {
        let at = format!("source {name}");
        let Value::Table(table) = value else {
            return Err(bad(&at, "must be a table"));
        };
        let mut keys = Keys::new(&at, table);
        let file = keys.string("file")?;
        let columns = keys.strings("columns")?;
        let key = keys.strings_or_none("key")?;
        let delimiter = match keys.string_or_none("delimiter")? {
            None => b',',
            Some(text) => match text.as_bytes() {
                [one @ (b',' | b';' | b'\t' | b'|')] => *one,
                _ => return Err(bad(&at, "`delimiter` must be one of , ; | or a tab")),
            },
        };
        keys.end()?;
        if let Some(unknown) = key.iter().find(|it| !columns.contains(it)) {
            return Err(bad(
                &at,
                format!("`key` has `{unknown}`, which is not in `columns`"),
            ));
        }
        if file.is_empty() || file.contains(['/', '\\']) {
            return Err(bad(
                &at,
                "`file` must be the name of a file without folders",
            ));
        }
        sources.push(Source {
            name,
            file,
            delimiter,
            columns,
            key,
        });
    }
    match sources.len() {
        1..=LIST_MAX => Ok(sources),
        _ => Err(bad("source", format!("there must be 1 to {LIST_MAX}"))),
    }
}

fn ops(list: Vec<Value>, sources: &[Source]) -> Read<Vec<OpRule>> {
    if list.is_empty() || list.len() > LIST_MAX {
        return Err(bad("op", format!("there must be 1 to {LIST_MAX}")));
    }
    let one = |(nth, value): (usize, Value)| {
        let at = format!("op {}", nth + 1);
        let Value::Table(table) = value else {
            return Err(bad(&at, "must be a table"));
        };
        let mut keys = Keys::new(&at, table);
        let verb = keys.string("verb")?;
        let each = keys
            .string_or_none("each")?
            .map(|name| find(&at, sources, &name))
            .transpose()?;
        let distinct = keys.strings_or_none("distinct")?;
        let inputs = fields(&at, keys.table("input")?, sources, 1)?;
        keys.end()?;
        Ok(OpRule {
            verb,
            each,
            distinct,
            inputs,
        })
    };
    list.into_iter().enumerate().map(one).collect()
}

fn find(at: &str, sources: &[Source], name: &str) -> Read<usize> {
    sources
        .iter()
        .position(|it| it.name == name)
        .ok_or_else(|| bad(at, format!("there is no source `{name}`")))
}

fn fields(at: &str, table: Table, sources: &[Source], depth: usize) -> Read<Vec<(String, Expr)>> {
    let one = |(name, value): (String, Value)| {
        let expr = expr(&format!("{at}, input {name}"), value, sources, depth)?;
        Ok((name, expr))
    };
    table.into_iter().map(one).collect()
}

/// The forms of an expression; the key that tells them apart is written first in each.
const FORMS: [&str; 9] = [
    "none", "column", "const", "decimal", "ratio", "date", "lookup", "id", "rows",
];

fn expr(at: &str, value: Value, sources: &[Source], depth: usize) -> Read<Expr> {
    if depth > DEPTH_MAX {
        return Err(bad(at, format!("more than {DEPTH_MAX} levels")));
    }
    let Value::Table(table) = value else {
        return Err(bad(
            at,
            "must be a table such as { column = \"name\" } or { const = 0 }",
        ));
    };
    let form = FORMS
        .into_iter()
        .chain(["list"])
        .find(|form| table.contains_key(*form));
    let mut keys = Keys::new(at, table);
    let expr = match form {
        Some("none") => keys.flag("none").map(|_| Expr::None)?,
        Some("column") => Expr::Column {
            column: keys.string("column")?,
            optional: keys.flag("optional")?,
        },
        Some("const") => Expr::Const(constant(at, keys.take("const"))?),
        Some("decimal") => Expr::Decimal {
            column: keys.string("decimal")?,
            places: keys.places()?,
            optional: keys.flag("optional")?,
        },
        Some("ratio") => Expr::Ratio {
            column: keys.string("ratio")?,
            places: keys.places()?,
            optional: keys.flag("optional")?,
        },
        Some("date") => {
            let form = keys
                .string_or_none("form")?
                .unwrap_or_else(|| "YYYY-MM-DD".into());
            check_form(at, &form)?;
            Expr::Date {
                column: keys.string("date")?,
                form,
                optional: keys.flag("optional")?,
            }
        }
        Some("lookup") => Expr::Lookup {
            source: find(at, sources, &keys.string("lookup")?)?,
            by: keys.strings("by")?,
            give: Box::new(self::expr(at, keys.need("give")?, sources, depth + 1)?),
        },
        Some("id") => Expr::Id {
            name: keys.string("id")?,
            key: keys.strings_or_none("key")?,
        },
        Some("rows") => Expr::Rows {
            source: find(at, sources, &keys.string("rows")?)?,
            on: pairs(at, keys.table("on")?)?,
            min: keys.count("min")?,
            fields: fields(at, keys.table("fields")?, sources, depth + 1)?,
        },
        Some("list") => Expr::List(records(at, keys.array("list")?, sources, depth)?),
        _ => {
            return Err(bad(
                at,
                format!("must have one of {}, list", FORMS.join(", ")),
            ));
        }
    };
    keys.end()?;
    Ok(expr)
}

fn records(
    at: &str,
    list: Vec<Value>,
    sources: &[Source],
    depth: usize,
) -> Read<Vec<Vec<(String, Expr)>>> {
    let one = |value| match value {
        Value::Table(table) => fields(at, table, sources, depth + 1),
        _ => Err(bad(at, "`list` must hold tables of fields")),
    };
    list.into_iter().map(one).collect()
}

fn pairs(at: &str, table: Table) -> Read<Vec<(String, String)>> {
    let one = |(own, theirs)| match theirs {
        Value::String(theirs) => Ok((own, theirs)),
        _ => Err(bad(at, "`on` must be { own_column = \"their_column\" }")),
    };
    let pairs: Vec<_> = table.into_iter().map(one).collect::<Read<_>>()?;
    match pairs.is_empty() {
        true => Err(bad(at, "`on` must name at least one column")),
        false => Ok(pairs),
    }
}

fn constant(at: &str, value: Option<Value>) -> Read<String> {
    match value {
        Some(Value::String(text)) => Ok(text),
        Some(Value::Integer(number)) => Ok(number.to_string()),
        Some(Value::Boolean(truth)) => Ok(truth.to_string()),
        _ => Err(bad(
            at,
            "`const` must be a string, an integer or a truth value (decimals as strings)",
        )),
    }
}

fn check_form(at: &str, form: &str) -> Read<()> {
    let once = |part: &str| form.matches(part).count() == 1;
    let rest = form.replace("YYYY", "").replace("MM", "").replace("DD", "");
    match once("YYYY") && once("MM") && once("DD") && rest.chars().all(|it| !it.is_alphanumeric()) {
        true => Ok(()),
        false => Err(bad(
            at,
            "`form` must have YYYY, MM and DD once each, and no other letters or digits",
        )),
    }
}
