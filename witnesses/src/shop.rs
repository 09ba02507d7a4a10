//! A shop's days, made from a seed: what the witnesses of the fold and the benches work on.

use crate::workload::{BookMaker, ERP, MadeBook, compiled, op};
use anyhow::{Context as _, anyhow};
use daybook_log::Op;
use daybook_manifest::value::Value;
use daybook_manifest::{Checked, shape};

/// A till session per device and day, items, and sales of two lines that make five postings each: two of revenue, two of
/// tax, one of cash. Nothing in it is refused or flagged.
///
/// # Errors
/// The shipped manifest does not have what is used here.
pub fn sales_book(
    seed: u64,
    sales: u32,
    devices: u32,
    ops_per_entry: u32,
) -> anyhow::Result<MadeBook> {
    let (manifest, ast) = compiled(ERP)?;
    let maker = BookMaker::new(seed, &ast, devices)?;
    let mut shop = Shop {
        maker,
        manifest,
        items: Vec::new(),
        tills: vec![Till::default(); usize::try_from(devices)?],
    };
    shop.stock()?;
    let mut made = 0;
    while made < sales {
        let device = usize::try_from(shop.maker.dice().below(u64::from(devices)))?;
        shop.open_for(device, DAY + i64::from(made / SALES_PER_DAY))?;
        let wanted = ops_per_entry.min(sales - made);
        let ops = (0..wanted)
            .map(|_| shop.sale(device))
            .collect::<anyhow::Result<Vec<_>>>()?;
        shop.maker.ops(device, ops)?;
        made += wanted;
    }
    Ok(shop.maker.done())
}

/// 2025-01-01, so that a hundred days lie in one year of numbers.
const DAY: i64 = 20_089;
const SALES_PER_DAY: u32 = 1_000;
const RATES: [i64; 2] = [190_000, 70_000];

#[derive(Clone, Copy)]
struct Item {
    id: [u8; 16],
    cents: i64,
}

#[derive(Clone, Default)]
struct Till {
    session: [u8; 16],
    day: i64,
    sold: i64,
}

struct Shop {
    maker: BookMaker,
    manifest: Checked,
    /// Ten of each rate, the rates one after the other.
    items: Vec<Item>,
    tills: Vec<Till>,
}

impl Shop {
    fn stock(&mut self) -> anyhow::Result<()> {
        for n in 0..20 {
            let item = Item {
                id: self.maker.dice().id(),
                cents: i64::try_from(50 + self.maker.dice().below(5_000))?,
            };
            let rate = *RATES.get(n / 10).context("two rates")?;
            let new = op(
                &self.manifest,
                "item.new",
                &[
                    ("id", Value::Id(item.id)),
                    ("sku", Value::Text(format!("I{n}").into())),
                    ("title", Value::Text(format!("Thing {n}").into())),
                    ("price", Value::Int(item.cents * 1_000)),
                    ("tax", Value::Int(rate)),
                ],
            )?;
            self.maker.ops(0, vec![new])?;
            self.items.push(item);
        }
        Ok(())
    }

    fn open_for(&mut self, device: usize, day: i64) -> anyhow::Result<()> {
        let till = self.tills.get_mut(device).context("a till per device")?;
        if till.day == day {
            return Ok(());
        }
        till.day = day;
        till.session = self.maker.dice().id();
        let open = op(
            &self.manifest,
            "session.open",
            &[
                ("id", Value::Id(till.session)),
                ("till", Value::Text(format!("T{device}").into())),
                ("date", Value::Int(day)),
                ("currency", Value::Text("EUR".into())),
            ],
        )?;
        self.maker.ops(device, vec![open])
    }

    fn sale(&mut self, device: usize) -> anyhow::Result<Op> {
        let verb = self
            .manifest
            .verbs
            .iter()
            .find(|verb| verb.name == "sale.commit")
            .context("no sale.commit")?;
        let mut total = 0;
        let mut lines = Vec::new();
        for (nth, rate) in RATES.into_iter().enumerate() {
            let dice = self.maker.dice();
            let item = *self
                .items
                .get(10 * nth + usize::try_from(dice.below(10))?)
                .context("ten of each rate")?;
            let qty = i64::try_from(1 + dice.below(4))?;
            let net = qty * item.cents;
            total += net
                + daybook_fold::amount::on_top(net, rate, daybook_manifest::ast::Mode::HalfUp)
                    .context("tax")?;
            lines.push(record_of(
                &verb.params,
                "lines",
                &[
                    ("item", Value::Id(item.id)),
                    ("qty", Value::Int(qty * 1_000)),
                    ("price", Value::Int(item.cents * 1_000)),
                    ("tax_ppm", Value::Int(rate)),
                ],
            )?);
        }
        let tender = record_of(
            &verb.params,
            "tenders",
            &[("kind", Value::Int(0)), ("amount", Value::Int(total))],
        )?;
        let till = self.tills.get_mut(device).context("a till per device")?;
        till.sold += 1;
        op(
            &self.manifest,
            "sale.commit",
            &[
                ("id", Value::Id(self.maker.dice().id())),
                ("session", Value::Id(till.session)),
                ("date", Value::Int(till.day)),
                ("currency", Value::Text("EUR".into())),
                ("number", Value::Int(till.sold)),
                ("lines", Value::List(lines)),
                ("tenders", Value::List(vec![tender])),
            ],
        )
    }
}

fn record_of(
    params: &[daybook_manifest::ast::Field],
    list: &str,
    given: &[(&str, Value)],
) -> anyhow::Result<Vec<Value>> {
    let param = params
        .iter()
        .find(|param| param.name == list)
        .with_context(|| format!("no list {list}"))?;
    let daybook_manifest::ast::Type::List(fields, _) = &param.ty else {
        return Err(anyhow!("{list} is not a list"));
    };
    let value = |field: &daybook_manifest::ast::Field| {
        let found = given
            .iter()
            .find(|(name, _)| *name == field.name)
            .map(|(_, value)| value.clone());
        found
            .or_else(|| shape::default_of(&field.ty))
            .with_context(|| format!("{list} needs {}", field.name))
    };
    fields.iter().map(value).collect()
}
