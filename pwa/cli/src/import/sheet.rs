//! A CSV file in memory: the declared columns of every row, with the line that it stands on.

use std::collections::BTreeMap;
use std::io::Read;

use crate::import::map::Source;

/// Most bytes of a file.
pub const FILE_MAX: u64 = 256 * 1024 * 1024;
/// Most bytes of a cell.
pub const CELL_MAX: usize = 64 * 1024;

/// A file that was read.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// Its name, for complaints.
    pub file: String,
    columns: Vec<String>,
    /// Its rows, in order.
    pub rows: Vec<Row>,
    by_key: BTreeMap<Vec<String>, usize>,
}

/// One row.
#[derive(Clone, Debug)]
pub struct Row {
    /// 1-based line on which it begins.
    pub line: u64,
    cells: Vec<String>,
    /// Why it cannot be used.
    pub broken: Option<String>,
}

impl Sheet {
    /// Reads a file. A row that cannot be used is kept with the reason; a file that cannot be used is an error.
    pub fn read(source: &Source, bytes: impl Read) -> Result<Self, String> {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(source.delimiter)
            .from_reader(bytes.take(FILE_MAX + 1));
        let mut record = csv::ByteRecord::new();
        let wrong = |why: String| format!("{}: {why}", source.file);
        if !reader
            .read_byte_record(&mut record)
            .map_err(|fault| wrong(fault.to_string()))?
        {
            return Err(wrong("it is empty: a header is needed".into()));
        }
        let header = header(&record).map_err(wrong)?;
        let places = places(source, &header).map_err(wrong)?;
        let mut sheet = Self {
            file: source.file.clone(),
            columns: source.columns.clone(),
            rows: Vec::new(),
            by_key: BTreeMap::new(),
        };
        while reader
            .read_byte_record(&mut record)
            .map_err(|fault| wrong(fault.to_string()))?
        {
            let line = record.position().map_or(0, csv::Position::line);
            sheet.rows.push(row(&record, line, header.len(), &places));
        }
        if reader.position().byte() > FILE_MAX {
            return Err(wrong(format!("it has more than {FILE_MAX} bytes")));
        }
        sheet.index(&source.key);
        Ok(sheet)
    }

    /// Number of a declared column.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|it| it == name)
    }

    /// A cell of a row.
    pub fn cell(&self, row: usize, column: &str) -> Option<&str> {
        let nth = self.column(column)?;
        self.rows.get(row)?.cells.get(nth).map(String::as_str)
    }

    /// Cells of a row; none when one is missing.
    pub fn cells(&self, row: usize, columns: &[impl AsRef<str>]) -> Option<Vec<String>> {
        columns
            .iter()
            .map(|column| self.cell(row, column.as_ref()).map(str::to_owned))
            .collect()
    }

    /// The row with this key.
    pub fn find(&self, key: &[String]) -> Option<usize> {
        self.by_key.get(key).copied()
    }

    fn index(&mut self, key: &[String]) {
        if key.is_empty() {
            return;
        }
        for nth in 0..self.rows.len() {
            if self.rows[nth].broken.is_some() {
                continue;
            }
            let Some(cells) = self.cells(nth, key) else {
                continue;
            };
            match self.by_key.get(&cells) {
                Some(first) => {
                    let why = format!(
                        "{} = {} stands on line {} already",
                        key.join(", "),
                        cells.join(", "),
                        self.rows[*first].line
                    );
                    self.rows[nth].broken = Some(why);
                }
                None => {
                    self.by_key.insert(cells, nth);
                }
            }
        }
    }
}

fn header(record: &csv::ByteRecord) -> Result<Vec<String>, String> {
    let mut names = Vec::new();
    for (nth, bytes) in record.iter().enumerate() {
        let bytes = if nth == 0 {
            bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)
        } else {
            bytes
        };
        let name = str::from_utf8(bytes).map_err(|_| "its header is not UTF-8".to_owned())?;
        names.push(name.trim().to_owned());
    }
    Ok(names)
}

fn places(source: &Source, header: &[String]) -> Result<Vec<usize>, String> {
    let place = |column: &String| {
        let mut found = header
            .iter()
            .enumerate()
            .filter(|(_, it)| *it == column)
            .map(|(nth, _)| nth);
        match (found.next(), found.next()) {
            (Some(nth), None) => Ok(nth),
            (None, _) => Err(format!("its header has no column `{column}`")),
            (Some(_), Some(_)) => Err(format!("its header has the column `{column}` twice")),
        }
    };
    source.columns.iter().map(place).collect()
}

fn row(record: &csv::ByteRecord, line: u64, width: usize, places: &[usize]) -> Row {
    let mut broken = None;
    if record.len() != width {
        broken = Some(format!(
            "it has {} cells, the header has {width}",
            record.len()
        ));
    }
    let mut cells = Vec::with_capacity(places.len());
    for nth in places {
        let Some(bytes) = record.get(*nth) else { break };
        let text = match str::from_utf8(bytes) {
            Ok(text) if text.len() <= CELL_MAX => text,
            Ok(_) => {
                broken = Some(format!("cell {} has more than {CELL_MAX} bytes", nth + 1));
                ""
            }
            Err(_) => {
                broken = Some(format!("cell {} is not UTF-8", nth + 1));
                ""
            }
        };
        cells.push(text.to_owned());
    }
    Row {
        line,
        cells,
        broken,
    }
}
