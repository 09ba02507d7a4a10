//! What a run is: a claim, a fault that would break it, and one line of figures.

use std::fmt;

/// Whether the fault of a witness is planted in this run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plant {
    /// The system as it is: the run must match.
    Nothing,
    /// With the witness's fault: the run must not match, or it proves nothing.
    Fault,
}

impl Plant {
    /// The fault is planted.
    #[must_use]
    pub fn planted(self) -> bool {
        self == Plant::Fault
    }
}

/// The figures of one run, printed as `§ROW-NAME key=value … match=Y`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    name: String,
    figures: Vec<(String, String)>,
    matches: bool,
}

impl Line {
    /// A line for the witness of this name, so far matching.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Line {
            name: name.to_owned(),
            figures: Vec::new(),
            matches: true,
        }
    }

    /// Adds a figure.
    #[must_use]
    pub fn figure(mut self, key: &str, value: impl fmt::Display) -> Self {
        self.figures.push((key.to_owned(), value.to_string()));
        self
    }

    /// Adds a condition of the claim: the line matches only while all hold.
    #[must_use]
    pub fn holds(mut self, key: &str, condition: bool) -> Self {
        self.matches &= condition;
        self.figure(key, if condition { "Y" } else { "N" })
    }

    /// All conditions held.
    #[must_use]
    pub fn matches(&self) -> bool {
        self.matches
    }
}

impl fmt::Display for Line {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "§{}", self.name)?;
        for (key, value) in &self.figures {
            write!(out, " {key}={}", value.replace(char::is_whitespace, "_"))?;
        }
        write!(out, " match={}", if self.matches { "Y" } else { "N" })
    }
}

/// Why a run gave no line.
#[derive(Debug)]
pub enum NoLine {
    /// A part that it needs is not on this machine; the row is yellow, and in CI the build fails.
    Missing(String),
    /// The run itself broke.
    Broken(anyhow::Error),
}

impl<E: Into<anyhow::Error>> From<E> for NoLine {
    fn from(error: E) -> Self {
        NoLine::Broken(error.into())
    }
}

impl fmt::Display for NoLine {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoLine::Missing(why) => write!(out, "missing: {why}"),
            NoLine::Broken(error) => write!(out, "{error:#}"),
        }
    }
}

impl NoLine {
    /// As an error, where a missing part is one.
    #[must_use]
    pub fn into_error(self) -> anyhow::Error {
        match self {
            NoLine::Missing(why) => anyhow::anyhow!("missing: {why}"),
            NoLine::Broken(error) => error,
        }
    }
}

/// What a run gives.
pub type Run = Result<Line, NoLine>;

/// A run that proves a claim of a register row.
#[derive(Clone, Copy, Debug)]
pub struct Witness {
    /// The row of the register.
    pub row: &'static str,
    /// Its name within the row, in capitals.
    pub name: &'static str,
    /// What it proves, in one sentence.
    pub claim: &'static str,
    /// What its falsifier plants.
    pub fault: &'static str,
    /// The run.
    pub run: fn(&str, Plant) -> Run,
}

/// The outcome of a witness and its falsifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The run matched, and with its fault planted it did not.
    Green(Line),
    /// Not exercised here, and why.
    Yellow(String),
    /// The claim did not hold, the run broke, or the falsifier was not noticed.
    Red(String),
}

impl Witness {
    /// `ROW-NAME`.
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{}-{}", self.row, self.name)
    }

    /// Runs it as it is and with its fault, printing both lines.
    pub fn judge(&self) -> Verdict {
        let name = self.full_name();
        let line = match (self.run)(&name, Plant::Nothing) {
            Ok(line) => line,
            Err(NoLine::Missing(why)) => return Verdict::Yellow(why),
            Err(NoLine::Broken(error)) => return Verdict::Red(format!("{name}: {error:#}")),
        };
        println!("{line}");
        if !line.matches() {
            return Verdict::Red(line.to_string());
        }
        match (self.run)(&format!("{name}-FALSIFIER"), Plant::Fault) {
            Ok(falsified) => {
                println!("{falsified}");
                if falsified.matches() {
                    Verdict::Red(format!(
                        "{name}: the fault ({}) was planted and not noticed",
                        self.fault
                    ))
                } else {
                    Verdict::Green(line)
                }
            }
            Err(NoLine::Missing(why)) => Verdict::Yellow(why),
            Err(NoLine::Broken(error)) => Verdict::Red(format!("{name} with its fault: {error:#}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blind(name: &str, _plant: Plant) -> Run {
        Ok(Line::new(name).holds("always", true))
    }

    fn seeing(name: &str, plant: Plant) -> Run {
        Ok(Line::new(name)
            .figure("n", 3)
            .holds("whole", !plant.planted()))
    }

    fn absent(_name: &str, _plant: Plant) -> Run {
        Err(NoLine::Missing("no such thing here".into()))
    }

    fn witness(run: fn(&str, Plant) -> Run) -> Witness {
        Witness {
            row: "T1",
            name: "TEST",
            claim: "a claim",
            fault: "a fault",
            run,
        }
    }

    #[test]
    fn a_witness_that_cannot_fail_is_red() {
        assert!(matches!(witness(blind).judge(), Verdict::Red(why) if why.contains("not noticed")));
    }

    #[test]
    fn a_witness_that_sees_its_fault_is_green_and_prints_one_line() {
        let Verdict::Green(line) = witness(seeing).judge() else {
            panic!("green")
        };
        assert_eq!(line.to_string(), "§T1-TEST n=3 whole=Y match=Y");
    }

    #[test]
    fn a_missing_part_is_yellow_never_green() {
        assert_eq!(
            witness(absent).judge(),
            Verdict::Yellow("no such thing here".into())
        );
    }
}
