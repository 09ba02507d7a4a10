//! What lies on the counter before it is a sale. Sums are shown so that a person can name the price; the fold computes
//! them again and refuses a sale whose tenders do not fit.

/// Something that can be sold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its row.
    pub id: [u8; 16],
    /// What it is called.
    pub name: String,
    /// Price of one, three places below the minor unit.
    pub price: i64,
    /// Parts per million of tax.
    pub tax_ppm: i64,
    /// The price holds the tax; otherwise it comes on top.
    pub included: bool,
}

/// One line of the cart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What is sold.
    pub item: Item,
    /// How much of it, in thousandths, above zero.
    pub quantity: i64,
}

impl Line {
    /// What it comes to with tax, minor units, half up; none beyond what an amount can be.
    #[must_use]
    pub fn amount(&self) -> Option<i64> {
        let amount = millionth(i128::from(self.quantity) * i128::from(self.item.price));
        let on_top = if self.item.included {
            0
        } else {
            millionth(amount * i128::from(self.item.tax_ppm))
        };
        let minor = i64::try_from(amount + on_top).ok()?;
        (minor.unsigned_abs() <= AMOUNT_MAX).then_some(minor)
    }
}

/// A millionth of it, half up.
fn millionth(exact: i128) -> i128 {
    (exact + 500_000).div_euclid(1_000_000)
}

/// ±10^15 minor units: what the manifest's money holds.
const AMOUNT_MAX: u64 = 1_000_000_000_000_000;
/// One of something.
pub const ONE: i64 = 1000;
/// The most of one line, a thousand thousand.
const QUANTITY_MAX: i64 = 1_000_000 * ONE;

/// What lies on the counter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cart {
    /// In the order in which it was first touched.
    pub lines: Vec<Line>,
}

impl Cart {
    /// One more of an item.
    pub fn add(&mut self, item: &Item) {
        match self.lines.iter_mut().find(|line| line.item.id == item.id) {
            Some(line) => line.quantity = (line.quantity + ONE).min(QUANTITY_MAX),
            None => self.lines.push(Line {
                item: item.clone(),
                quantity: ONE,
            }),
        }
    }

    /// So much of an item; none of it removes the line.
    pub fn set(&mut self, id: &[u8; 16], quantity: i64) {
        if quantity <= 0 {
            self.lines.retain(|line| &line.item.id != id);
        } else if let Some(line) = self.lines.iter_mut().find(|line| &line.item.id == id) {
            line.quantity = quantity.min(QUANTITY_MAX);
        }
    }

    /// How much of an item, in thousandths.
    #[must_use]
    pub fn quantity_of(&self, id: &[u8; 16]) -> i64 {
        self.lines
            .iter()
            .find(|line| &line.item.id == id)
            .map_or(0, |line| line.quantity)
    }

    /// What everything comes to, minor units; none beyond what an amount can be.
    #[must_use]
    pub fn total(&self) -> Option<i64> {
        let mut sum: i64 = 0;
        for line in &self.lines {
            sum = sum.checked_add(line.amount()?)?;
        }
        (sum.unsigned_abs() <= AMOUNT_MAX).then_some(sum)
    }

    /// Pieces, counting a line that is no whole number of pieces as one.
    #[must_use]
    pub fn pieces(&self) -> i64 {
        self.lines
            .iter()
            .map(|line| {
                if line.quantity % ONE == 0 {
                    line.quantity / ONE
                } else {
                    1
                }
            })
            .sum()
    }
}

/// Amounts that a person is likely to hand over: the exact one, then what one reaches with notes.
#[must_use]
pub fn quick_amounts(total: i64) -> Vec<i64> {
    let mut amounts = vec![total];
    for note in [500, 1000, 2000, 5000, 10_000, 20_000] {
        let Some(up) = total.checked_add(note - 1).map(|n| n / note * note) else {
            break;
        };
        if up > total && !amounts.contains(&up) {
            amounts.push(up);
        }
    }
    amounts.truncate(5);
    amounts
}

/// What to give back, when enough was handed over.
#[must_use]
pub fn change(given: i64, total: i64) -> Option<i64> {
    given.checked_sub(total).filter(|change| *change >= 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(n: u8, price: i64) -> Item {
        Item {
            id: [n; 16],
            name: format!("item {n}"),
            price,
            tax_ppm: 0,
            included: true,
        }
    }

    /// Claim: the cart shows each line rounded by itself, half up, and their sum.
    #[test]
    fn sums() {
        let mut cart = Cart::default();
        cart.add(&item(1, 450_000));
        cart.add(&item(1, 450_000));
        cart.add(&item(2, 33_333));
        assert_eq!(cart.lines[0].amount(), Some(900));
        assert_eq!(cart.lines[1].amount(), Some(33));
        assert_eq!((cart.total(), cart.pieces()), (Some(933), 3));
        cart.set(&[2; 16], 1500);
        assert_eq!((cart.total(), cart.pieces()), (Some(950), 3));
        cart.set(&[1; 16], 0);
        assert_eq!((cart.total(), cart.quantity_of(&[1; 16])), (Some(50), 0));
    }

    /// Claim: tax comes on top of a price that does not hold it, rounded by itself.
    #[test]
    fn tax_on_top() {
        let mut line = Line {
            item: item(1, 999_000),
            quantity: ONE,
        };
        line.item.tax_ppm = 250_000;
        assert_eq!(line.amount(), Some(999));
        line.item.included = false;
        assert_eq!(line.amount(), Some(1249));
    }

    /// Claim: a sum beyond what an amount can be is none, not a wrong figure.
    #[test]
    fn too_much_is_none() {
        let mut cart = Cart::default();
        cart.add(&item(1, 10_000_000_000_000));
        cart.set(&[1; 16], i64::MAX);
        assert_eq!(cart.total(), None);
    }

    /// Claim: quick amounts begin with the exact one, rise, and are reachable with notes.
    #[test]
    fn quick() {
        assert_eq!(quick_amounts(8640), [8640, 9000, 10_000, 20_000].as_slice());
        assert_eq!(quick_amounts(450), [450, 500, 1000, 2000, 5000].as_slice());
        assert_eq!(quick_amounts(2000)[0], 2000);
        assert_eq!(quick_amounts(i64::MAX), [i64::MAX].as_slice());
    }

    /// Claim: too little is no change at all.
    #[test]
    fn change_is_never_negative() {
        assert_eq!(change(10_000, 8640), Some(1360));
        assert_eq!(change(8640, 8640), Some(0));
        assert_eq!(change(8639, 8640), None);
    }
}
