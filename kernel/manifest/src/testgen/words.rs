//! Chance from a seed, and names from chance.

use alloc::{collections::BTreeSet, string::String};

/// A stream of numbers from a seed (SplitMix64); the same on every machine, good for nothing secret.
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// The stream of a seed.
    pub fn new(seed: u64) -> Chance {
        Chance(seed)
    }

    /// The next number.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`; 0 if that is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.draw().checked_rem(bound).unwrap_or(0)
    }

    /// A number from `low` to `high`, both included; `low` if they are the wrong way round.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = i128::from(high)
            .saturating_sub(low.into())
            .saturating_add(1);
        let offset = i128::from(self.draw())
            .checked_rem(width)
            .filter(|offset| *offset >= 0)
            .unwrap_or(0);
        i64::try_from(i128::from(low).saturating_add(offset)).unwrap_or(low)
    }

    /// One of several; none of none.
    pub fn pick<'a>(&mut self, several: &[&'a str]) -> Option<&'a str> {
        let count = u64::try_from(several.len()).unwrap_or(u64::MAX);
        several
            .get(usize::try_from(self.below(count)).unwrap_or(0))
            .copied()
    }
}

/// Names that were never given before, neither here nor by the language.
#[derive(Clone, Debug)]
pub(super) struct Words {
    pub(super) chance: Chance,
    given: BTreeSet<String>,
}

impl Words {
    pub(super) fn new(seed: u64) -> Words {
        Words {
            chance: Chance::new(seed),
            given: BTreeSet::new(),
        }
    }

    /// Syllables with a z in them, which no word of the language has.
    pub(super) fn fresh(&mut self) -> String {
        loop {
            let mut name = String::from("z");
            for _ in 0..self.chance.below(3).saturating_add(2) {
                name.push_str(self.chance.pick(&["a", "e", "i", "o", "u"]).unwrap_or("a"));
                name.push_str(
                    self.chance
                        .pick(&["b", "d", "g", "k", "l", "p", "r", "s", "t", "w"])
                        .unwrap_or("b"),
                );
            }
            if self.given.insert(name.clone()) {
                return name;
            }
        }
    }

    pub(super) fn mode(&mut self) -> &'static str {
        self.chance
            .pick(&["half_up", "half_even", "down", "up", "floor", "ceil"])
            .unwrap_or("half_up")
    }

    pub(super) fn currency(&mut self) -> &'static str {
        self.chance
            .pick(&["EUR", "NOK", "USD", "INR", "JPY"])
            .unwrap_or("EUR")
    }
}
