//! From rows and the map to verbs with inputs. What cannot be built is reported with its file, line and reason.

use std::collections::{BTreeMap, BTreeSet};

use daybook_manifest::ast::{Field, Manifest, Type, Verb};
use daybook_manifest::printable;
use daybook_manifest::value::Value;

use crate::import::cell;
use crate::import::map::{Expr, Map, OpRule};
use crate::import::sheet::Sheet;

/// Something that could not be imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bad {
    /// Name of the file.
    pub file: String,
    /// 1-based line; 0 when it is about the map itself.
    pub line: u64,
    /// What is wrong with it.
    pub reason: String,
}

/// An op that is ready to be signed.
#[derive(Clone, Debug)]
pub struct Built {
    /// The verb.
    pub verb: String,
    /// Its inputs.
    pub inputs: Vec<(String, Value)>,
    /// Where it comes from, for complaints.
    pub file: String,
    /// The line there; 0 for an op that is made once.
    pub line: u64,
}

/// Everything that a map makes of its files.
#[derive(Debug, Default)]
pub struct Outcome {
    /// In the order in which they are to be signed.
    pub ops: Vec<Built>,
    /// What was left out.
    pub bad: Vec<Bad>,
}

/// Child rows by the cells that tie them to their parent.
type Groups = BTreeMap<Vec<String>, Vec<usize>>;

/// A row of a source.
type At = Option<(usize, usize)>;

/// Makes ops of all rows.
///
/// # Errors
/// The map asks for a verb or an input that the manifest does not have, or leaves out one that it needs.
pub fn build(map: &Map, manifest: &Manifest, sheets: &[Sheet]) -> Result<Outcome, String> {
    let mut builder = Builder {
        map,
        manifest,
        sheets,
        groups: BTreeMap::new(),
        taken: BTreeSet::new(),
        told: BTreeSet::new(),
        out: Outcome::default(),
    };
    for (nth, rule) in map.ops.iter().enumerate() {
        let verb = verb_of(manifest, rule)
            .map_err(|why| format!("op {} ({}): {why}", nth + 1, rule.verb))?;
        for (_, expr) in &rule.inputs {
            builder.group(expr);
        }
        builder.rule(rule, verb);
    }
    builder.leftovers();
    builder
        .out
        .bad
        .sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    Ok(builder.out)
}

/// The verb of a rule, after its inputs were compared with the verb's.
fn verb_of<'a>(manifest: &'a Manifest, rule: &OpRule) -> Result<&'a Verb, String> {
    let verb = manifest.verbs.iter().find(|it| it.name == rule.verb);
    let verb = verb.ok_or_else(|| format!("manifest {} has no such verb", manifest.name))?;
    check_inputs(&verb.params, &rule.inputs)?;
    Ok(verb)
}

fn check_inputs(fields: &[Field], inputs: &[(String, Expr)]) -> Result<(), String> {
    for (name, expr) in inputs {
        let field = fields
            .iter()
            .find(|it| it.name == *name)
            .ok_or_else(|| format!("there is no input `{name}`"))?;
        let list = match &field.ty {
            Type::List(fields, _) => Some(fields),
            _ => None,
        };
        match (list, expr) {
            (Some(list), Expr::Rows { fields, .. }) => check_inputs(list, fields)?,
            (Some(list), Expr::List(records)) => {
                records.iter().try_for_each(|it| check_inputs(list, it))?
            }
            (Some(_), _) => return Err(format!("input `{name}` is a list: use `rows` or `list`")),
            (None, Expr::Rows { .. } | Expr::List(_)) => {
                return Err(format!("input `{name}` is not a list"));
            }
            (None, _) => {}
        }
    }
    let missing = fields.iter().find(|field| {
        let given = inputs.iter().any(|(name, _)| *name == field.name);
        let may_lack =
            field.edge.is_some() || matches!(field.ty, Type::Option(_) | Type::Sealed(_));
        !given && !may_lack
    });
    match missing {
        Some(field) => Err(format!("input `{}` is missing", field.name)),
        None => Ok(()),
    }
}

struct Builder<'a> {
    map: &'a Map,
    manifest: &'a Manifest,
    sheets: &'a [Sheet],
    /// By source and the columns of it that are compared.
    groups: BTreeMap<(usize, Vec<String>), Groups>,
    /// Child rows that some parent took.
    taken: BTreeSet<(usize, usize)>,
    /// Rows that were complained about.
    told: BTreeSet<(usize, usize)>,
    out: Outcome,
}

impl Builder<'_> {
    fn group(&mut self, expr: &Expr) {
        match expr {
            Expr::Rows {
                source, on, fields, ..
            } => {
                let theirs: Vec<String> = on.iter().map(|(_, theirs)| theirs.clone()).collect();
                let sheet = &self.sheets[*source];
                let groups = self.groups.entry((*source, theirs.clone())).or_default();
                if groups.is_empty() {
                    for nth in 0..sheet.rows.len() {
                        if let Some(cells) = sheet.cells(nth, &theirs) {
                            groups.entry(cells).or_default().push(nth);
                        }
                    }
                }
                fields.iter().for_each(|(_, field)| self.group(field));
            }
            Expr::List(records) => records
                .iter()
                .flatten()
                .for_each(|(_, field)| self.group(field)),
            Expr::Lookup { give, .. } => self.group(give),
            _ => {}
        }
    }

    fn rule(&mut self, rule: &OpRule, verb: &Verb) {
        let Some(source) = rule.each else {
            match self.inputs(&verb.params, &rule.inputs, None) {
                Ok(inputs) => self.op(rule, inputs, String::new(), 0),
                Err(fault) => self.complain(fault, &rule.verb, None),
            }
            return;
        };
        let mut seen = BTreeSet::new();
        for row in 0..self.sheets[source].rows.len() {
            if !rule.distinct.is_empty() {
                let cells = self.sheets[source].cells(row, &rule.distinct);
                if self.sheets[source].rows[row].broken.is_some()
                    || !cells.is_none_or(|cells| seen.insert(cells))
                {
                    continue;
                }
            }
            let at = Some((source, row));
            let line = self.sheets[source].rows[row].line;
            self.claim(rule, at);
            match self
                .sound(source, row)
                .and_then(|()| self.inputs(&verb.params, &rule.inputs, at))
            {
                Ok(inputs) => self.op(rule, inputs, self.sheets[source].file.clone(), line),
                Err(fault) => self.complain(fault, &rule.verb, at),
            }
        }
    }

    /// The children of a bad parent are no orphans.
    fn claim(&mut self, rule: &OpRule, at: At) {
        for (_, expr) in &rule.inputs {
            if let Expr::Rows { source, on, .. } = expr {
                let _ = self.children(at, *source, on);
            }
        }
    }

    fn op(&mut self, rule: &OpRule, inputs: Vec<(String, Value)>, file: String, line: u64) {
        self.out.ops.push(Built {
            verb: rule.verb.clone(),
            inputs,
            file,
            line,
        });
    }

    fn sound(&self, source: usize, row: usize) -> Result<(), Fault> {
        match &self.sheets[source].rows[row].broken {
            None => Ok(()),
            Some(why) => Err(Fault {
                at: Some((source, row)),
                why: why.clone(),
            }),
        }
    }

    fn inputs(
        &mut self,
        fields: &[Field],
        given: &[(String, Expr)],
        at: At,
    ) -> Result<Vec<(String, Value)>, Fault> {
        let mut inputs = Vec::with_capacity(given.len());
        for (name, expr) in given {
            let Some(field) = fields.iter().find(|it| it.name == *name) else {
                continue;
            };
            let value = self
                .value(&field.ty, expr, at)
                .map_err(|fault| fault.within(name, at))?;
            inputs.push((name.clone(), value));
        }
        // No map holds personal data: a sealed input stays without an envelope.
        let sealed = fields.iter().filter(|it| {
            matches!(it.ty, Type::Sealed(_)) && given.iter().all(|(name, _)| *name != it.name)
        });
        inputs.extend(sealed.map(|field| (field.name.clone(), Value::None)));
        Ok(inputs)
    }

    fn value(&mut self, ty: &Type, expr: &Expr, at: At) -> Result<Value, Fault> {
        let text = match expr {
            Expr::None => return Ok(Value::None),
            Expr::Const(text) => text.clone(),
            Expr::Column { column, optional } => match self.text(at, column, *optional)? {
                Some(text) => text,
                None => return Ok(Value::None),
            },
            Expr::Decimal {
                column,
                places,
                optional,
            } => match self.text(at, column, *optional)? {
                Some(text) => cell::decimal(&text, *places).map_err(|why| Fault { at, why })?,
                None => return Ok(Value::None),
            },
            Expr::Ratio {
                column,
                places,
                optional,
            } => match self.text(at, column, *optional)? {
                Some(text) => cell::ppm(&text, *places).map_err(|why| Fault { at, why })?,
                None => return Ok(Value::None),
            },
            Expr::Date {
                column,
                form,
                optional,
            } => match self.text(at, column, *optional)? {
                Some(text) => cell::iso_date(&text, form).map_err(|why| Fault { at, why })?,
                None => return Ok(Value::None),
            },
            Expr::Id { name, key } => return self.id(at, name, key),
            Expr::Lookup { source, by, give } => {
                let row = self.lookup(at, *source, by)?;
                return self.value(ty, give, Some((*source, row)));
            }
            Expr::Rows { .. } | Expr::List(_) => return self.list(ty, expr, at),
        };
        let read = printable::text_to_value(self.manifest, ty, &text);
        read.map_err(|bad| Fault {
            at,
            why: format!("`{}` is {bad}", cell::shorten(&text)),
        })
    }

    fn list(&mut self, ty: &Type, expr: &Expr, at: At) -> Result<Value, Fault> {
        let Type::List(record, max) = ty else {
            return Err(Fault {
                at,
                why: "not a list".into(),
            });
        };
        let mut records = Vec::new();
        match expr {
            Expr::List(given) => {
                for given in given {
                    records.push(self.record(record, given, at)?);
                }
            }
            Expr::Rows {
                source,
                on,
                min,
                fields,
            } => {
                for row in self.children(at, *source, on)? {
                    self.sound(*source, row)?;
                    records.push(self.record(record, fields, Some((*source, row)))?);
                }
                if records.len() < *min {
                    let why = format!(
                        "{} has {} rows for it, {min} are needed",
                        self.sheets[*source].file,
                        records.len()
                    );
                    return Err(Fault { at, why });
                }
            }
            _ => {}
        }
        match records.len() > usize::from(*max) {
            true => Err(Fault {
                at,
                why: format!("{} rows, at most {max} are possible", records.len()),
            }),
            false => Ok(Value::List(records)),
        }
    }

    /// The record's values in the order of its fields.
    fn record(
        &mut self,
        fields: &[Field],
        given: &[(String, Expr)],
        at: At,
    ) -> Result<Vec<Value>, Fault> {
        let one = |field: &Field| match given.iter().find(|(name, _)| *name == field.name) {
            Some((name, expr)) => self
                .value(&field.ty, expr, at)
                .map_err(|fault| fault.within(name, at)),
            None => Ok(Value::None),
        };
        fields.iter().map(one).collect()
    }

    fn children(
        &mut self,
        at: At,
        source: usize,
        on: &[(String, String)],
    ) -> Result<Vec<usize>, Fault> {
        let mut own = Vec::new();
        for (column, _) in on {
            own.push(self.text(at, column, false)?.unwrap_or_default());
        }
        let theirs = on.iter().map(|(_, theirs)| theirs.clone()).collect();
        let rows = self
            .groups
            .get(&(source, theirs))
            .and_then(|groups| groups.get(&own))
            .cloned()
            .unwrap_or_default();
        self.taken.extend(rows.iter().map(|row| (source, *row)));
        Ok(rows)
    }

    fn id(&self, at: At, name: &str, key: &[String]) -> Result<Value, Fault> {
        let mut cells = Vec::with_capacity(key.len());
        for column in key {
            cells.push(self.text(at, column, false)?.unwrap_or_default());
        }
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        Ok(Value::Id(cell::derived_id(&self.map.name, name, &cells)))
    }

    fn lookup(&self, at: At, source: usize, by: &[String]) -> Result<usize, Fault> {
        let mut cells = Vec::with_capacity(by.len());
        for column in by {
            cells.push(self.text(at, column, false)?.unwrap_or_default());
        }
        let why = || {
            format!(
                "{} has no row with {}",
                self.sheets[source].file,
                cell::shorten(&cells.join(", "))
            )
        };
        self.sheets[source]
            .find(&cells)
            .ok_or_else(|| Fault { at, why: why() })
    }

    /// A cell; none when it is empty and may be.
    fn text(&self, at: At, column: &str, optional: bool) -> Result<Option<String>, Fault> {
        let text = at.and_then(|(source, row)| self.sheets[source].cell(row, column));
        match text {
            Some("") if optional => Ok(None),
            Some("") => Err(Fault {
                at,
                why: format!("column `{column}` is empty"),
            }),
            Some(text) => Ok(Some(text.to_owned())),
            None => Err(Fault {
                at,
                why: format!("column `{column}` is missing"),
            }),
        }
    }

    fn complain(&mut self, fault: Fault, verb: &str, at: At) {
        let (file, line) = self.place(fault.at);
        let mut reason = fault.why;
        if fault.at != at {
            let (file, line) = self.place(at);
            reason = format!("{reason}; so {verb} of {file}:{line} is left out");
        }
        self.told.extend(fault.at);
        self.out.bad.push(Bad { file, line, reason });
    }

    fn place(&self, at: At) -> (String, u64) {
        match at {
            Some((source, row)) => (
                self.sheets[source].file.clone(),
                self.sheets[source].rows[row].line,
            ),
            None => ("the map".into(), 0),
        }
    }

    /// Rows that nobody asked for: broken ones, and children without a parent.
    fn leftovers(&mut self) {
        let grouped: BTreeSet<usize> = self.groups.keys().map(|(source, _)| *source).collect();
        for (source, sheet) in self.sheets.iter().enumerate() {
            for (nth, row) in sheet.rows.iter().enumerate() {
                if self.told.contains(&(source, nth)) {
                    continue;
                }
                let reason = match &row.broken {
                    Some(why) => why.clone(),
                    None if grouped.contains(&source) && !self.taken.contains(&(source, nth)) => {
                        "no row of the other file belongs to it".into()
                    }
                    None => continue,
                };
                self.out.bad.push(Bad {
                    file: sheet.file.clone(),
                    line: row.line,
                    reason,
                });
            }
        }
    }
}

/// Why a value could not be made, and in which row the reason lies.
struct Fault {
    at: At,
    why: String,
}

impl Fault {
    /// Names the input, once, where the reason lies in the same row.
    fn within(mut self, input: &str, at: At) -> Self {
        if self.at == at && !self.why.starts_with("input ") {
            self.why = format!("input {input}: {}", self.why);
        }
        self
    }
}
