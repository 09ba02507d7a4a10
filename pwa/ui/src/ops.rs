//! Ops that the till makes, and the rows that it reads: the shipped manifest's names, in this one file of the page.

use daybook_proto::{DocumentDetail, NewOp, RowView, Val};

use crate::cart::{Cart, Item};

/// The currency of a book that does not say another.
pub const CURRENCY: &str = "EUR";
/// The entity whose rows can be sold.
pub const ITEMS: &str = "item";
/// The entity of till sessions.
pub const SESSIONS: &str = "session";
/// The entity that says whose book it is.
pub const COMPANY: &str = "company";

const SALE: &str = "sale";
/// Place of cash in the manifest's kinds of tenders.
const CASH: i64 = 0;

/// Reasons for reversing: code and words.
pub const REASONS: [(&str, &str); 3] = [
    ("RETURN", "The customer brought it back"),
    ("MISTAKE", "It was a mistake"),
    ("PRICE", "The price was wrong"),
];

fn op(verb: &str, inputs: Vec<(&str, Val)>) -> NewOp {
    NewOp {
        verb: verb.into(),
        inputs: inputs
            .into_iter()
            .map(|(name, val)| (name.into(), val))
            .collect(),
    }
}

fn text(text: &str) -> Val {
    Val::Text(text.into())
}

/// Opens a till session with an empty drawer.
#[must_use]
pub fn open_session(id: [u8; 16], till: &str, currency: &str) -> NewOp {
    op(
        "session.open",
        vec![
            ("id", Val::Id(id)),
            ("till", text(till)),
            ("currency", text(currency)),
            ("float", Val::Int(0)),
        ],
    )
}

/// Sells what lies on the counter, paid in cash.
#[must_use]
pub fn take_cash(
    id: [u8; 16],
    session: [u8; 16],
    currency: &str,
    cart: &Cart,
    total: i64,
) -> NewOp {
    let lines = cart.lines.iter().map(|line| {
        vec![
            Val::Id(line.item.id),
            Val::Int(line.quantity),
            Val::Int(line.item.price),
            Val::Int(0),
            Val::Int(line.item.tax_ppm),
            Val::Bool(line.item.included),
        ]
    });
    op(
        "sale.commit",
        vec![
            ("id", Val::Id(id)),
            ("session", Val::Id(session)),
            ("currency", text(currency)),
            ("lines", Val::List(lines.collect())),
            (
                "tenders",
                Val::List(vec![vec![Val::Int(CASH), Val::Int(total)]]),
            ),
            ("round", Val::Int(0)),
        ],
    )
}

/// Makes an item that can be sold by the piece.
#[must_use]
pub fn new_item(item: &Item) -> NewOp {
    op(
        "item.new",
        vec![
            ("id", Val::Id(item.id)),
            ("sku", text(&sku(item))),
            ("title", text(&item.name)),
            ("price", Val::Int(item.price)),
            ("tax", Val::Int(item.tax_ppm)),
            ("incl", Val::Bool(item.included)),
            ("unit", text("PC")),
        ],
    )
}

/// Books the opposite of a sale.
#[must_use]
pub fn reverse(sale: [u8; 16], reason: &str) -> NewOp {
    op(
        "sale.reverse",
        vec![("sale", Val::Id(sale)), ("reason", text(reason))],
    )
}

/// A short stock code from the name, made unique by the id: `OATFLA-3F2A`.
fn sku(item: &Item) -> String {
    let letters = item.name.to_ascii_uppercase();
    let name: String = letters
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(6)
        .collect();
    let tail = format!("{:02X}{:02X}", item.id[14], item.id[15]);
    if name.is_empty() {
        tail
    } else {
        format!("{name}-{tail}")
    }
}

/// What can be sold, by name.
#[must_use]
pub fn items(rows: &[RowView]) -> Vec<Item> {
    let mut items: Vec<Item> = rows
        .iter()
        .filter_map(|row| {
            let number = |name| row.field(name).and_then(|field| field.val.int());
            Some(Item {
                id: row.id,
                name: row
                    .field("title")
                    .and_then(|field| field.val.text())
                    .unwrap_or(&row.title)
                    .to_owned(),
                price: number("price")?,
                tax_ppm: number("tax").unwrap_or(0),
                included: row
                    .field("incl")
                    .is_none_or(|field| field.val != Val::Bool(false)),
            })
        })
        .collect();
    items.sort_by_key(|item| (item.name.to_lowercase(), item.id));
    items
}

/// Items whose names hold all words that were typed, at most so many.
#[must_use]
pub fn find(items: &[Item], typed: &str, at_most: usize) -> Vec<Item> {
    let typed = typed.to_lowercase();
    let words: Vec<&str> = typed.split_whitespace().collect();
    let fits = |item: &&Item| {
        let name = item.name.to_lowercase();
        words.iter().all(|word| name.contains(word))
    };
    items.iter().filter(fits).take(at_most).cloned().collect()
}

/// The open session of this device and day (as `2026-11-21`).
#[must_use]
pub fn own_session(rows: &[RowView], author: Option<[u8; 32]>, today: &str) -> Option<[u8; 16]> {
    let says = |row: &RowView, name: &str, text: &str| {
        row.field(name).is_some_and(|field| field.text == text)
    };
    let open = |row: &&RowView| says(row, "state", "open") && says(row, "date", today);
    let own = |row: &&RowView| row.owner.is_some() && row.owner == author;
    rows.iter().filter(open).find(own).map(|row| row.id)
}

/// The book's currency: the company's, else that of a till session there was, else [`CURRENCY`].
#[must_use]
pub fn currency(company: &[RowView], sessions: &[RowView]) -> String {
    let said = |row: &RowView| row.field("currency")?.val.text().map(str::to_owned);
    let found = company.iter().chain(sessions).find_map(said);
    found.unwrap_or_else(|| CURRENCY.to_owned())
}

/// The till may offer to reverse it; the fold decides.
#[must_use]
pub fn reversible(document: &DocumentDetail) -> bool {
    let line = &document.line;
    let reversal = document
        .fields
        .iter()
        .any(|field| field.name == "reverses" && field.val != Val::None);
    line.entity == SALE && line.status.as_deref() == Some("committed") && !reversal
}

#[cfg(test)]
mod tests {
    use super::*;
    use daybook_proto::FieldView;

    fn row(id: u8, owner: Option<[u8; 32]>, fields: &[(&str, Val, &str)]) -> RowView {
        let fields = fields.iter().map(|(name, val, text)| FieldView {
            name: (*name).into(),
            label: String::new(),
            val: val.clone(),
            text: (*text).into(),
        });
        RowView {
            entity: "x".into(),
            id: [id; 16],
            owner,
            title: "title".into(),
            fields: fields.collect(),
        }
    }

    /// Claim: only an open session of this very device and day is used; false if another device's or yesterday's would be.
    #[test]
    fn only_the_own_open_session() {
        let today = ("date", Val::Int(20_778), "2026-11-21");
        let open = [("state", Val::Int(0), "open"), today.clone()];
        let closed = [("state", Val::Int(1), "closed"), today];
        let older = [
            ("state", Val::Int(0), "open"),
            ("date", Val::Int(20_777), "2026-11-20"),
        ];
        let (me, other) = ([1; 32], [2; 32]);
        let rows = [
            row(1, Some(other), &open),
            row(2, Some(me), &closed),
            row(3, Some(me), &older),
            row(4, Some(me), &open),
        ];
        assert_eq!(own_session(&rows, Some(me), "2026-11-21"), Some([4; 16]));
        assert_eq!(own_session(&rows[..3], Some(me), "2026-11-21"), None);
        assert_eq!(
            own_session(&[row(5, None, &open)], None, "2026-11-21"),
            None
        );
    }

    /// Claim: items are read by field name and sorted by name; a row without a price cannot be sold.
    #[test]
    fn items_from_rows() {
        let tea = row(
            1,
            None,
            &[
                ("title", Val::Text("Tea".into()), "Tea"),
                ("price", Val::Int(250_000), "2.50"),
            ],
        );
        let bun = row(
            2,
            None,
            &[
                ("title", Val::Text("bun".into()), "bun"),
                ("price", Val::Int(1), ""),
                ("incl", Val::Bool(false), "no"),
            ],
        );
        let odd = row(3, None, &[("title", Val::Text("Odd".into()), "Odd")]);
        let items = items(&[tea, bun, odd]);
        assert_eq!(
            items
                .iter()
                .map(|item| (item.name.as_str(), item.included))
                .collect::<Vec<_>>(),
            [("bun", false), ("Tea", true)]
        );
        assert_eq!(find(&items, " TE ", 10).len(), 1);
        assert_eq!(find(&items, "", 1).len(), 1);
    }

    /// Claim: the sale carries each line's own figures and one cash tender of the whole sum.
    #[test]
    fn the_sale_says_what_was_shown() {
        let item = Item {
            id: [5; 16],
            name: "Tea".into(),
            price: 250_000,
            tax_ppm: 70_000,
            included: true,
        };
        let mut cart = Cart::default();
        cart.add(&item);
        cart.add(&item);
        let op = take_cash([1; 16], [2; 16], "EUR", &cart, 500);
        let input = |name: &str| {
            op.inputs
                .iter()
                .find(|(found, _)| found == name)
                .map(|(_, val)| val.clone())
        };
        assert_eq!(
            input("tenders"),
            Some(Val::List(vec![vec![Val::Int(0), Val::Int(500)]]))
        );
        assert_eq!(
            input("lines"),
            Some(Val::List(vec![vec![
                Val::Id([5; 16]),
                Val::Int(2000),
                Val::Int(250_000),
                Val::Int(0),
                Val::Int(70_000),
                Val::Bool(true)
            ]]))
        );
    }

    /// Claim: a stock code is one that the manifest takes, whatever the name.
    #[test]
    fn stock_codes() {
        let long = "x".repeat(60);
        for (name, code) in [
            ("Oat milk", "OATMIL-0909"),
            ("Äpfel", "PFEL-0909"),
            ("!!", "0909"),
            (&long, "XXXXXX-0909"),
        ] {
            let item = Item {
                id: [9; 16],
                name: name.into(),
                price: 1,
                tax_ppm: 0,
                included: true,
            };
            assert_eq!(sku(&item), code);
            assert!(code.len() <= 24);
        }
    }

    /// Claim: the till sells in the currency that the book has.
    #[test]
    fn the_currency_is_the_book_s() {
        let says = |code: &str| [("currency", Val::Text(code.into()), "")];
        let (company, session) = ([row(1, None, &says("CHF"))], [row(2, None, &says("USD"))]);
        assert_eq!(currency(&company, &session), "CHF");
        assert_eq!(currency(&[], &session), "USD");
        assert_eq!(currency(&[], &[]), "EUR");
    }
}
