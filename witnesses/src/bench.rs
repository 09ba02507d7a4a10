//! Measuring: median of five, ratios against something measured in the same run, drawn so that they can be compared.

use anyhow::Context as _;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

/// How often each thing is measured.
pub const RUNS: usize = 5;

/// One measured line.
#[derive(Clone, Debug)]
pub struct Measure {
    /// What was measured, as the budget file names it.
    pub name: String,
    /// What the time includes.
    pub includes: String,
    /// Median, in seconds.
    pub seconds: f64,
    /// Fastest and slowest, in seconds.
    pub spread: (f64, f64),
    /// How many units were done in that time, and what a unit is.
    pub units: (f64, &'static str),
}

impl Measure {
    /// Units per second.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.units.0 / self.seconds
    }
}

/// Measures a task five times and keeps the median.
///
/// # Errors
/// The first error of the task.
pub fn measure(
    name: &str,
    includes: &str,
    units: (f64, &'static str),
    mut task: impl FnMut() -> anyhow::Result<()>,
) -> anyhow::Result<Measure> {
    let mut times = Vec::with_capacity(RUNS);
    for _ in 0..RUNS {
        let start = Instant::now();
        task().with_context(|| name.to_owned())?;
        times.push(start.elapsed());
    }
    Ok(of_times(name, includes, units, times))
}

/// A measure from times that were taken elsewhere (inside a browser).
#[must_use]
pub fn of_times(
    name: &str,
    includes: &str,
    units: (f64, &'static str),
    mut times: Vec<Duration>,
) -> Measure {
    times.sort_unstable();
    let at = |index: usize| times.get(index).copied().unwrap_or_default().as_secs_f64();
    let spread = (at(0), at(times.len().saturating_sub(1)));
    Measure {
        name: name.to_owned(),
        includes: includes.to_owned(),
        seconds: at(times.len() / 2),
        spread,
        units,
    }
}

/// All lines of a run, with the ratios that budgets are set on and facts that are not times.
#[derive(Debug, Default)]
pub struct Table {
    measures: Vec<Measure>,
    ratios: Vec<(String, f64)>,
    facts: Vec<(String, String)>,
}

impl Table {
    /// Adds a line and says it at once, since a run is long.
    pub fn add(&mut self, measure: Measure) {
        eprintln!(
            "{:<28} {:>9.3} s  {:>14.0} {}/s",
            measure.name,
            measure.seconds,
            measure.rate(),
            measure.units.1
        );
        self.measures.push(measure);
    }

    /// Adds a ratio of two lines' times: how many times faster `fast` is than `slow`.
    pub fn ratio(&mut self, name: &str, fast: &str, slow: &str) {
        let seconds = |name: &str| {
            self.measures
                .iter()
                .find(|m| m.name == name)
                .map(|m| m.seconds)
        };
        if let (Some(fast), Some(slow)) = (seconds(fast), seconds(slow)) {
            self.ratios.push((name.to_owned(), slow / fast));
        }
    }

    /// Adds a figure that is not a time.
    pub fn fact(&mut self, name: &str, value: impl ToString) {
        self.facts.push((name.to_owned(), value.to_string()));
    }

    /// The table as text, bars drawn to the slowest rate of each unit.
    #[must_use]
    pub fn draw(&self) -> String {
        let mut text = String::from(
            "| measured | median s | min..max s | rate | |\n| --- | ---: | ---: | ---: | --- |\n",
        );
        let mut most: BTreeMap<&str, f64> = BTreeMap::new();
        for m in &self.measures {
            let best = most.entry(m.units.1).or_default();
            *best = best.max(m.rate());
        }
        for m in &self.measures {
            let share = m.rate() / most.get(m.units.1).copied().unwrap_or(1.0);
            let bar = "█".repeat(((share * 24.0).round() as usize).max(1));
            let (min, max) = m.spread;
            let _ = writeln!(
                text,
                "| {} | {:.3} | {min:.3}..{max:.3} | {:.0} {}/s | {bar} |",
                m.name,
                m.seconds,
                m.rate(),
                m.units.1
            );
        }
        text.push('\n');
        for m in &self.measures {
            let _ = writeln!(text, "- {}: {}", m.name, m.includes);
        }
        for (name, value) in &self.ratios {
            let _ = writeln!(text, "- **{name} = {value:.2}**");
        }
        for (name, value) in &self.facts {
            let _ = writeln!(text, "- {name}: {value}");
        }
        text
    }

    /// The ratios that fall below their budget, as sentences. A budget whose ratio was not measured counts as missed.
    ///
    /// # Errors
    /// The budget file is not lines of `name = least`.
    pub fn missed(&self, budgets: &str) -> anyhow::Result<Vec<String>> {
        let mut missed = Vec::new();
        for line in budgets
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
        {
            let (name, least) = line
                .split_once('=')
                .with_context(|| format!("not `name = least`: {line}"))?;
            let (name, least) = (
                name.trim().trim_matches('"'),
                least
                    .trim()
                    .parse::<f64>()
                    .with_context(|| line.to_owned())?,
            );
            match self.ratios.iter().find(|(ratio, _)| ratio == name) {
                Some((_, value)) if *value >= least => {}
                Some((_, value)) => {
                    missed.push(format!("{name} is {value:.2}, its budget is {least}"))
                }
                None => missed.push(format!("{name} was not measured")),
            }
        }
        Ok(missed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(name: &str, ms: u64) -> Measure {
        of_times(
            name,
            "",
            (10.0, "things"),
            vec![Duration::from_millis(ms); RUNS],
        )
    }

    #[test]
    fn a_ratio_below_its_budget_or_not_measured_is_missed() {
        let mut table = Table::default();
        table.add(line("ours", 100));
        table.add(line("peer", 250));
        table.ratio("ours / peer", "ours", "peer");
        assert!(table.missed("\"ours / peer\" = 2.4").unwrap().is_empty());
        assert_eq!(table.missed("\"ours / peer\" = 2.6").unwrap().len(), 1);
        assert_eq!(
            table.missed("other = 1").unwrap(),
            ["other was not measured"]
        );
    }

    #[test]
    fn the_median_is_kept() {
        let times = [5, 1, 9, 3, 7].map(Duration::from_millis).to_vec();
        let measure = of_times("m", "", (1.0, "x"), times);
        assert!((measure.seconds - 0.005).abs() < 1e-9 && measure.spread == (0.001, 0.009));
    }
}
