//! Integer arithmetic of books: one division, allotment, rounding to a unit, splitting what is included.
//!
//! Amounts are `i64` minor units; everything between is `i128`; nothing is rounded twice. `docs/spec/fold.md`, "Amounts".

use alloc::vec::Vec;
use daybook_manifest::ast::Mode;

/// Parts per million in one whole.
pub const PPM: i64 = 1_000_000;

/// `a * b / c`, exact in between, rounded once.
///
/// None when `c` is 0 or the result is not within ±`i64::MAX` (`i64::MIN` has no opposite, so it is no amount).
///
/// ```
/// use daybook_fold::amount::muldiv;
/// use daybook_manifest::ast::Mode;
/// assert_eq!(muldiv(5, 1, 2, Mode::HalfUp), Some(3));
/// assert_eq!(muldiv(5, 1, 2, Mode::HalfEven), Some(2));
/// assert_eq!(muldiv(5, 1, 0, Mode::HalfUp), None);
/// ```
pub fn muldiv(a: i64, b: i64, c: i64, mode: Mode) -> Option<i64> {
    // The product of two small factors is by far the usual case, and 64-bit division is several times faster.
    if let Some(product) = a.checked_mul(b) {
        return div_small(product, c, mode);
    }
    muldiv_wide(i128::from(a), i128::from(b), i128::from(c), mode)
}

/// [`muldiv`] for operands that are products themselves.
///
/// None also when `a * b` does not fit `i128`.
pub fn muldiv_wide(a: i128, b: i128, c: i128, mode: Mode) -> Option<i64> {
    let product = a.checked_mul(b)?;
    let quotient = product.checked_div(c)?;
    let rest = product.checked_rem(c)?;
    let rounded = if rest == 0 {
        quotient
    } else {
        // |rest| < |c|, so |c| - |rest| > 0 and neither side overflows
        let beyond_half = rest
            .unsigned_abs()
            .cmp(&c.unsigned_abs().checked_sub(rest.unsigned_abs())?);
        let negative = (product < 0) != (c < 0);
        let odd = quotient.checked_rem(2)? != 0;
        match step(mode, beyond_half, negative, odd) {
            0 => quotient,
            by => quotient.checked_add(i128::from(by))?,
        }
    };
    i64::try_from(rounded)
        .ok()
        .filter(|value| *value != i64::MIN)
}

fn div_small(product: i64, c: i64, mode: Mode) -> Option<i64> {
    let quotient = product.checked_div(c)?;
    let rest = product.checked_rem(c)?;
    let rounded = if rest == 0 {
        quotient
    } else {
        let beyond_half = rest
            .unsigned_abs()
            .cmp(&c.unsigned_abs().checked_sub(rest.unsigned_abs())?);
        let negative = (product < 0) != (c < 0);
        let odd = quotient.checked_rem(2)? != 0;
        quotient.checked_add(i64::from(step(mode, beyond_half, negative, odd)))?
    };
    Some(rounded).filter(|value| *value != i64::MIN)
}

/// What to add to the quotient that was cut towards zero: 0, or one step away from zero.
fn step(mode: Mode, beyond_half: core::cmp::Ordering, negative: bool, odd: bool) -> i8 {
    let away = if negative { -1 } else { 1 };
    let take = match mode {
        Mode::HalfUp => beyond_half.is_ge(),
        Mode::HalfEven => beyond_half.is_gt() || (beyond_half.is_eq() && odd),
        Mode::Down => false,
        Mode::Up => true,
        Mode::Floor => negative,
        Mode::Ceil => !negative,
    };
    if take { away } else { 0 }
}

/// Splits `total` by weights: each share is floored, then the first shares get one more until the sum is exact.
///
/// None when there is no weight above zero, a weight is negative, or the arithmetic does not fit.
///
/// ```
/// assert_eq!(daybook_fold::amount::allot(15, &[80, 8, 12]), Some(vec![13, 1, 1]));
/// ```
pub fn allot(total: i64, weights: &[i64]) -> Option<Vec<i64>> {
    let whole = weights.iter().try_fold(0_i64, |sum, weight| {
        if *weight < 0 {
            None
        } else {
            sum.checked_add(*weight)
        }
    })?;
    if whole == 0 {
        return None;
    }
    let mut shares = Vec::with_capacity(weights.len());
    let mut rest = total;
    for weight in weights {
        let share = muldiv(total, *weight, whole, Mode::Floor)?;
        rest = rest.checked_sub(share)?;
        shares.push(share);
    }
    for share in &mut shares {
        if rest == 0 {
            break;
        }
        *share = share.checked_add(1)?;
        rest = rest.checked_sub(1)?;
    }
    (rest == 0).then_some(shares)
}

/// The nearest multiple of `unit` (ties away from zero) and what it differs by: (rounded, rounded - total).
///
/// None when `unit` is not above zero or the result does not fit. The difference is at most half a unit.
pub fn round_to(total: i64, unit: i64) -> Option<(i64, i64)> {
    if unit <= 0 {
        return None;
    }
    let rounded = muldiv(total, 1, unit, Mode::HalfUp)?.checked_mul(unit)?;
    Some((rounded, rounded.checked_sub(total)?))
}

/// Quantity (scale 3) times price (three places below the minor unit) in minor units.
pub fn extend(qty: i64, price: i64, mode: Mode) -> Option<i64> {
    muldiv(qty, price, PPM, mode)
}

/// [`extend`] less a discount in parts per million, rounded once.
pub fn extend_less(qty: i64, price: i64, off_ppm: i64, mode: Mode) -> Option<i64> {
    let exact = i128::from(qty).checked_mul(i128::from(price))?;
    let keep = i128::from(PPM.checked_sub(off_ppm)?);
    muldiv_wide(exact, keep, 1_000_000_000_000, mode)
}

/// A rate that comes on top of `net`.
pub fn on_top(net: i64, ppm: i64, mode: Mode) -> Option<i64> {
    muldiv(net, ppm, PPM, mode)
}

/// Takes the rates that `gross` includes out of it: (net, one part per rate). The last part gets the rest, so the sum is exact.
pub fn split_included(gross: i64, rates_ppm: &[i64], mode: Mode) -> Option<(i64, Vec<i64>)> {
    let all = rates_ppm
        .iter()
        .try_fold(0_i64, |sum, rate| sum.checked_add(*rate))?;
    if all == 0 {
        return Some((gross, rates_ppm.iter().map(|_| 0).collect()));
    }
    let net = muldiv(gross, PPM, PPM.checked_add(all)?, mode)?;
    let included = gross.checked_sub(net)?;
    let (_, but_last) = rates_ppm.split_last()?;
    let mut rest = included;
    let mut parts = Vec::with_capacity(rates_ppm.len());
    for rate in but_last {
        let part = muldiv(included, *rate, all, mode)?;
        rest = rest.checked_sub(part)?;
        parts.push(part);
    }
    parts.push(rest);
    Some((net, parts))
}

/// An amount in another currency: `amount * num * 10^to_exp / (den * 10^from_exp)`, where the exponents count the
/// minor unit's places.
pub fn convert(
    amount: i64,
    (num, den): (i64, i64),
    (from_exp, to_exp): (u32, u32),
    mode: Mode,
) -> Option<i64> {
    let up = i128::from(num).checked_mul(10_i128.checked_pow(to_exp)?)?;
    let down = i128::from(den).checked_mul(10_i128.checked_pow(from_exp)?)?;
    muldiv_wide(i128::from(amount), up, down, mode)
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    /// (a, b, c) and the results in the order half_up, half_even, down, up, floor, ceil.
    const MODES: [(i64, i64, i64, [i64; 6]); 12] = [
        (5, 1, 2, [3, 2, 2, 3, 2, 3]),
        (-5, 1, 2, [-3, -2, -2, -3, -3, -2]),
        (7, 1, 2, [4, 4, 3, 4, 3, 4]),
        (-7, 1, 2, [-4, -4, -3, -4, -4, -3]),
        (5, 1, -2, [-3, -2, -2, -3, -3, -2]),
        (-5, 1, -2, [3, 2, 2, 3, 2, 3]),
        (4, 1, 3, [1, 1, 1, 2, 1, 2]),
        (-4, 1, 3, [-1, -1, -1, -2, -2, -1]),
        (5, 1, 3, [2, 2, 1, 2, 1, 2]),
        (-5, 1, 3, [-2, -2, -1, -2, -2, -1]),
        (6, 1, 3, [2, 2, 2, 2, 2, 2]),
        (0, 9, 7, [0, 0, 0, 0, 0, 0]),
    ];
    const ALL: [Mode; 6] = [
        Mode::HalfUp,
        Mode::HalfEven,
        Mode::Down,
        Mode::Up,
        Mode::Floor,
        Mode::Ceil,
    ];

    /// Claim: the six modes follow the table, on the narrow path and on the wide one.
    #[test]
    fn modes() {
        for (a, b, c, expected) in MODES {
            for (mode, want) in ALL.into_iter().zip(expected) {
                assert_eq!(muldiv(a, b, c, mode), Some(want), "{a}*{b}/{c} {mode:?}");
                assert_eq!(
                    muldiv_wide(a.into(), b.into(), c.into(), mode),
                    Some(want),
                    "wide {a}*{b}/{c} {mode:?}"
                );
                let big = 1_i128 << 64;
                assert_eq!(
                    muldiv_wide(i128::from(a) * big, b.into(), i128::from(c) * big, mode),
                    Some(want)
                );
            }
        }
    }

    /// Claim: what does not fit is none, never a wrapped number.
    #[test]
    fn bounds() {
        assert_eq!(muldiv(1, 1, 0, Mode::HalfUp), None);
        assert_eq!(
            muldiv(i64::MAX, i64::MAX, i64::MAX, Mode::HalfUp),
            Some(i64::MAX)
        );
        assert_eq!(muldiv(i64::MAX, 2, 1, Mode::HalfUp), None);
        assert_eq!(muldiv(i64::MIN, 1, 1, Mode::Down), None);
        assert_eq!(muldiv(i64::MIN, 1, -1, Mode::Down), None);
        assert_eq!(muldiv(i64::MIN, i64::MIN, i64::MIN, Mode::Down), None);
        assert_eq!(muldiv_wide(i128::MAX, 2, 2, Mode::Down), None);
        assert_eq!(muldiv_wide(i128::MIN, 1, -1, Mode::Down), None);
        assert_eq!(
            extend(1_000_000_000_000, 10_000_000_000_000, Mode::HalfUp),
            None
        );
    }

    /// Claim: an allotment is exact to the last unit. Vector: Numscript, 15 in 80/8/12 %.
    #[test]
    fn allotment() {
        assert_eq!(allot(15, &[80, 8, 12]), Some([13, 1, 1].to_vec()));
        assert_eq!(allot(100, &[1, 1, 1]), Some([34, 33, 33].to_vec()));
        assert_eq!(allot(-15, &[80, 8, 12]), Some([-11, -2, -2].to_vec()));
        assert_eq!(allot(7, &[0, 1]), Some([0, 7].to_vec()));
        assert_eq!(allot(7, &[]), None);
        assert_eq!(allot(7, &[0, 0]), None);
        assert_eq!(allot(7, &[2, -1]), None);
        for total in -50..50 {
            let shares = allot(total, &[3, 5, 7, 11]).unwrap();
            assert_eq!(shares.iter().sum::<i64>(), total);
        }
    }

    /// Claim: rounding to a unit differs by at most half of it, ties away from zero.
    #[test]
    fn units() {
        assert_eq!(round_to(29_540, 100), Some((29_500, -40)));
        assert_eq!(round_to(29_550, 100), Some((29_600, 50)));
        assert_eq!(round_to(-29_550, 100), Some((-29_600, -50)));
        assert_eq!(round_to(5, 0), None);
        assert_eq!(round_to(i64::MAX, 1000), None);
    }

    /// Claim: the Norwegian tax office's example receipts 1000 and 1001 come out by line, and by document differently.
    #[test]
    fn norwegian_receipts() {
        let nets = |gross: &[i64], ppm| -> (i64, i64) {
            gross.iter().fold((0, 0), |(net, part), line| {
                let (n, parts) = split_included(*line, &[ppm], Mode::HalfUp).unwrap();
                (net + n, part + parts[0])
            })
        };
        assert_eq!(nets(&[3280, 2580, 2780], 150_000), (7512, 1128));
        assert_eq!(nets(&[8640], 150_000), (7513, 1127));
        assert_eq!(nets(&[11_600, 17_940], 250_000), (23_632, 5908));
        assert_eq!(round_to(29_540, 100), Some((29_500, -40)));
    }

    /// Claim: Odoo's own test scenario (three orders; 7 % on top, 10 % included, and both) comes out to the cent.
    #[test]
    fn odoo_orders() {
        // product: unit price in minor units, rate included, rate on top
        let products = [
            (1000, 0, 70_000),
            (2000, 100_000, 0),
            (3000, 100_000, 70_000),
        ];
        // order: (product, quantity)
        let orders: [&[(usize, i64)]; 3] = [
            &[(0, 10), (1, 5)],
            &[(1, 7), (2, 4)],
            &[(0, 1), (1, 3), (2, 5)],
        ];
        let (mut net, mut seven, mut ten, mut paid) = ([0; 3], 0, 0, [0; 3]);
        for (order, total) in orders.iter().zip(&mut paid) {
            for (which, qty) in *order {
                let (price, inside, on) = products[*which];
                let gross = extend(qty * 1000, price * 1000, Mode::HalfUp).unwrap();
                let (line, parts) = split_included(gross, &[inside], Mode::HalfUp).unwrap();
                let top = on_top(line, on, Mode::HalfUp).unwrap();
                net[*which] += line;
                ten += parts[0];
                seven += top;
                *total += gross + top;
            }
        }
        assert_eq!((seven, ten), (2489, 5182));
        assert_eq!(net, [11_000, 27_273, 24_545]);
        assert_eq!((paid[0] + paid[1], paid[2]), (47_464, 23_025));
    }

    /// Claim: several included rates share what is included exactly.
    #[test]
    fn several_included() {
        assert_eq!(
            split_included(11_700, &[70_000, 100_000], Mode::HalfUp),
            Some((10_000, [700, 1000].to_vec()))
        );
        assert_eq!(
            split_included(100, &[], Mode::HalfUp),
            Some((100, Vec::new()))
        );
        for gross in 0..500 {
            let (net, parts) =
                split_included(gross, &[70_000, 100_000, 30_000], Mode::HalfUp).unwrap();
            assert_eq!(net + parts.iter().sum::<i64>(), gross);
        }
    }

    /// Claim: TigerBeetle's currency example: 100.00 at 82.42135 is 8,242.14.
    #[test]
    fn exchange() {
        assert_eq!(
            convert(10_000, (8_242_135, 100_000), (2, 2), Mode::HalfUp),
            Some(824_214)
        );
        assert_eq!(convert(10_000, (1, 1), (2, 0), Mode::HalfUp), Some(100));
        assert_eq!(convert(1, (1, 0), (2, 2), Mode::HalfUp), None);
    }
}
