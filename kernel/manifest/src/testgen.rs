//! Manifests with random names and a verb that nobody has seen, for the proof that a kernel knows no name.
//!
//! One seed gives one manifest and one stream of inputs, on every machine.

mod inputs;
mod words;

pub use inputs::inputs;
pub use words::Chance;

use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};
use words::Words;

/// A manifest that was made up, and what it takes to use it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generated {
    /// Source text; it compiles.
    pub source: String,
    /// Makes a row of the entity that the other verb's inputs refer to. Its first input is the new row's id.
    pub maker: String,
    /// The verb that nobody has seen: it inserts a row with children, numbers it, and books balanced lines.
    pub verb: String,
}

/// The manifest of a seed.
pub fn generate(seed: u64) -> Generated {
    let mut make = Make {
        words: Words::new(seed),
        out: String::new(),
    };
    let names = Nouns::draw(&mut make.words);
    make.declarations(&names);
    let maker = format!("{}.{}", names.thing, make.words.fresh());
    let line = format!(
        "verb {maker} draft level 0 by member (id: id = new, {0}: code(8), {1}: qty) {{ insert {2} id {{ {0}, {1} }} }}\n",
        names.tag, names.weight, names.thing
    );
    make.out.push_str(&line);
    let verb = format!("{}.{}", names.doc, make.words.fresh());
    make.verb(&verb, &names);
    Generated {
        source: make.out,
        maker,
        verb,
    }
}

struct Make {
    words: Words,
    out: String,
}

/// Names of what the made-up verb works on.
struct Nouns {
    thing: String,
    tag: String,
    weight: String,
    doc: String,
    child: String,
    amount: String,
    number: String,
    series: String,
    refusal: String,
    flag: String,
    whole: String,
    shares: Vec<String>,
    colours: Vec<String>,
    hue: String,
}

impl Nouns {
    fn draw(words: &mut Words) -> Nouns {
        let shares = words.chance.below(4).saturating_add(1);
        let colours = words.chance.below(5).saturating_add(2);
        Nouns {
            thing: words.fresh(),
            tag: words.fresh(),
            weight: words.fresh(),
            doc: words.fresh(),
            child: words.fresh(),
            amount: words.fresh(),
            number: words.fresh(),
            series: words.fresh(),
            refusal: words.fresh().to_ascii_uppercase(),
            flag: words.fresh().to_ascii_uppercase(),
            whole: words.fresh(),
            shares: (0..shares).map(|_| words.fresh()).collect(),
            colours: (0..colours).map(|_| words.fresh()).collect(),
            hue: words.fresh(),
        }
    }
}

impl Make {
    fn line(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn declarations(&mut self, names: &Nouns) {
        let Nouns {
            thing,
            tag,
            weight,
            doc,
            child,
            amount,
            number,
            ..
        } = names;
        let name = self.words.fresh();
        self.line(&format!("manifest {name} 1"));
        self.line(&format!(
            "enum {} {{ {} }}",
            names.hue,
            names.colours.join(", ")
        ));
        self.line(&format!("series {}", names.series));
        self.line(&format!("refusal {} \"Refused.\"", names.refusal));
        self.line(&format!("flag {} \"Look here.\"", names.flag));
        self.line(&format!(
            "role {} \"Whole\" code \"1\" asset [{tag}: ref<{thing}>]",
            names.whole
        ));
        let kinds = ["liability", "income", "expense", "equity"];
        for (index, share) in names.shares.iter().enumerate() {
            let kind = self.words.chance.pick(&kinds).unwrap_or("income");
            let dims = if index == 0 {
                format!(" [{}: {}]", names.hue, names.hue)
            } else {
                String::new()
            };
            self.line(&format!(
                "role {share} \"Share\" code \"2.{index}\" {kind}{dims}"
            ));
        }
        self.line(&format!(
            "entity {thing} shared {{ {tag}: code(8) {weight}: qty show ({tag}) }}"
        ));
        self.line(&format!(
            "entity {doc} device {{ {thing}: ref<{thing}>? {number}: int {amount}: money {}: {} }}",
            names.hue, names.hue
        ));
        self.line(&format!(
            "entity {child} of {doc} {{ {weight}: qty {amount}: money }}"
        ));
    }

    fn verb(&mut self, verb: &str, names: &Nouns) {
        let Nouns {
            thing,
            weight,
            doc,
            child,
            amount,
            number,
            hue,
            series,
            ..
        } = names;
        let (day, rows, row) = (self.words.fresh(), self.words.fresh(), self.words.fresh());
        let (rate, cost, sum, part) = (
            self.words.fresh(),
            self.words.fresh(),
            self.words.fresh(),
            self.words.fresh(),
        );
        let mode = self.words.mode();
        self.line(&format!(
            "verb {verb} final level 0 by member (id: id = new, {thing}: ref<{thing}>,"
        ));
        self.line(&format!(
            "  {day}: date = today, {number}: int = next({series}, {day}), {hue}: {hue},"
        ));
        self.line(&format!(
            "  {rows}: list<{{{weight}: qty, {cost}: price, {rate}: ppm}}, 40>)\n{{"
        ));
        self.line(&format!(
            "  require count({rows}) > 0 else {}",
            names.refusal
        ));
        self.line(&format!("  insert {doc} id {{ {thing}, {number}, {hue} }}"));
        self.line(&format!("  number {series}[year({day})] = {number}"));
        self.line(&format!("  each {row} in {rows} {{"));
        let value = format!(
            "muldiv({row}.{weight} * {row}.{rate}, {row}.{cost}, 1_000_000_000_000, {mode})"
        );
        self.line(&format!("    let {part} = {value}"));
        self.line(&format!(
            "    insert {child} id {{ {weight} = {row}.{weight}, {amount} = {part} }}\n  }}"
        ));
        self.line(&format!(
            "  let {sum} = sum({row} in children({child}, id): {row}.{amount})"
        ));
        self.line(&format!("  set row({doc}, id).{amount} = {sum}"));
        let limit = self.words.chance.below(1_000_000);
        self.line(&format!(
            "  warn abs({sum}) <= {limit} flag {} about {thing}",
            names.flag
        ));
        let code = self.words.currency();
        self.line(&format!("  post id on {day} in \"{code}\" {{"));
        self.line(&format!("    dr {}[{thing}] {sum}", names.whole));
        self.shares(names, &sum);
        self.line("  }\n}");
    }

    /// Splits the sum over the shares; the first one takes what the others leave, so the lines balance.
    fn shares(&mut self, names: &Nouns, sum: &str) {
        let mut rest = sum.to_string();
        for (index, share) in names.shares.iter().enumerate().skip(1) {
            let ppm = self.words.chance.below(400_000);
            let mode = self.words.mode();
            let part = self.words.fresh();
            self.line(&format!(
                "    let {part} = muldiv({sum}, {ppm}, 1_000_000, {mode})"
            ));
            if index == 1 {
                let colour = names
                    .colours
                    .first()
                    .map(String::as_str)
                    .unwrap_or_default();
                self.line(&format!(
                    "    when {} == {colour} {{ cr {share} {part} }}",
                    names.hue
                ));
                self.line(&format!("    else {{ dr {share} -{part} }}"));
            } else {
                self.line(&format!("    cr {share} {part}"));
            }
            rest = format!("{rest} - {part}");
        }
        if let Some(first) = names.shares.first() {
            self.line(&format!("    cr {first}[{}] {rest}", names.hue));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{compile, decode, shape};
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn every_seed_gives_a_manifest_that_compiles_and_inputs_that_fit() {
        for seed in 0..200 {
            let made = generate(seed);
            let compiled = compile(&made.source)
                .unwrap_or_else(|found| panic!("{}\n{}", made.source, found[0]));
            let manifest = decode(&compiled.bytes).unwrap();
            let mut chance = Chance::new(seed);
            for name in [&made.maker, &made.verb] {
                let verb = manifest
                    .verbs
                    .iter()
                    .find(|verb| verb.name == *name)
                    .unwrap();
                let values = inputs(&manifest, &verb.params, &mut chance, [7; 16]);
                let bytes = shape::encode_values(&manifest, &verb.params, &values).unwrap();
                assert_eq!(
                    shape::decode_values(&manifest, &verb.params, &bytes, 0).unwrap(),
                    values
                );
            }
        }
        assert_eq!(generate(5), generate(5));
        assert_ne!(generate(5).source, generate(6).source);
    }
}
