//! The rounding table of 2,155 real order lines. Native only: it reads a data set that lies outside of the workspace.
#![cfg(not(target_arch = "wasm32"))]

use daybook_fold::amount::{PPM, extend_less, muldiv_wide};
use daybook_manifest::ast::Mode;
use std::{collections::BTreeMap, fs, path::PathBuf};

const NAME: &str = "fold northwind rounding table";

/// One line of an order, exact: 10^-12 of a minor unit.
struct Line {
    order: u32,
    qty: i64,
    price: i64,
    off_ppm: i64,
}

/// A decimal with at most twelve digits behind the point, to `places` places; the data's noise of binary fractions goes away.
fn decimal(text: &str, places: u32) -> i64 {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = format!("{whole}{fraction:0<12}").parse::<i64>().unwrap();
    let unit = 10_i64.pow(12 - places);
    (digits + unit / 2) / unit
}

fn lines() -> Option<Vec<Line>> {
    let shared = std::env::var_os("DAYBOOK_SHARED").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")),
        PathBuf::from,
    );
    let text = fs::read_to_string(shared.join("data/northwind/order_details.csv")).ok()?;
    let line = |row: &str| {
        let cells: Vec<_> = row.split(',').collect();
        Line {
            order: cells[0].parse().unwrap(),
            price: decimal(cells[2], 2) * 1000,
            qty: decimal(cells[3], 3),
            off_ppm: decimal(cells[4], 2) * 10_000,
        }
    };
    Some(text.lines().skip(1).map(line).collect())
}

fn skip() {
    let said = format!("skipped: {NAME}: ../shared/data/northwind is not here");
    eprintln!("{said}");
    if let Some(path) = std::env::var_os("DAYBOOK_SKIPS") {
        use std::io::Write;
        let mut file = fs::OpenOptions::new()
            .append(true)
            .create(true)
            .open(path)
            .unwrap();
        writeln!(file, "{said}").unwrap();
    }
}

/// Claim: the five ways of rounding give the published five totals, and they differ; so rounding has to be in the manifest.
#[test]
fn rounding_table() {
    let Some(lines) = lines() else { return skip() };
    assert_eq!(lines.len(), 2155);
    let by_line = |mode| {
        lines
            .iter()
            .map(|line| extend_less(line.qty, line.price, line.off_ppm, mode).unwrap())
            .sum::<i64>()
    };
    let mut orders: BTreeMap<u32, i128> = BTreeMap::new();
    for Line {
        order,
        qty,
        price,
        off_ppm,
    } in &lines
    {
        *orders.entry(*order).or_default() += i128::from(qty * price) * i128::from(PPM - off_ppm);
    }
    let by_order = |mode| {
        orders
            .values()
            .map(|exact| muldiv_wide(*exact, 1, 1_000_000_000_000, mode).unwrap())
            .sum::<i64>()
    };
    assert_eq!(orders.len(), 830);
    assert_eq!(orders.values().sum::<i128>(), 126_579_303_950_000_000_000);
    assert_eq!(by_line(Mode::HalfUp), 126_579_329);
    assert_eq!(by_line(Mode::HalfEven), 126_579_302);
    assert_eq!(by_order(Mode::HalfUp), 126_579_322);
    assert_eq!(by_order(Mode::HalfEven), 126_579_306);
    assert_eq!(by_line(Mode::Down), 126_579_264);
}
