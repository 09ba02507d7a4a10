//! What a final verb may look at.

use super::{compiles, expect};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn a_final_verb_decides_only_by_what_nobody_else_writes() {
    expect(
        "final",
        r#"
partition | thing.weight > 0 | others write | require thing.weight > 0 else EMPTY
partition | w > 0 | others write | let w = thing.weight require w > 0 else EMPTY
partition | false | others write | when thing.weight > 0 { require false else EMPTY }
partition | jar.net > 0 | others write | require jar.net > 0 else EMPTY
partition | exists | others write | require exists(stone, stone) else EMPTY
status    | shut | no status | goto thing to shut
partition | insert | must be unique | insert label id { code = "A" }
partition | set | must be unique | set row(label, id).code = "A"
partition | dr shelf | others write | post id on day in currency { dr shelf[thing.code] amount cr yield amount }
partition | l.net | others | each l in children(layer, jar) { require l.net > 0 else EMPTY }
partition | jar | others write | reverse jar as id on day
"#,
    );
    expect(
        "final",
        r#"
partition | thing.weight + 1 | reckons | warn thing.weight + 1 > 2 flag DUSTY
partition | muldiv | reckons | let x = muldiv(amount, thing.weight, thing.weight, line)
partition | sum | reckons | let x = sum(l in children(layer, jar): l.net)
partition | -thing.cost | reckons | set jar.net = muldiv(-thing.cost, 1_000, 1_000, line)
partition | thing.weight | may not fit | insert lid id { width = thing.weight }
partition | insert | others write | insert chip stone { weight = 1 }
"#,
    );
    compiles(
        "final",
        "",
        "insert lid id { weight = thing.weight, maker = thing.maker }",
    );
    compiles(
        "final",
        "",
        "insert stone id { weight = 1 } insert chip id { weight = 1 }",
    );
    compiles("final", "", "require stone.weight > 0 else EMPTY");
    compiles(
        "final",
        "",
        "require jar.device == device and jar.phase == open else EMPTY goto jar to shut",
    );
    compiles(
        "final",
        "",
        "require jar.device == device else EMPTY reverse jar as id on day",
    );
    compiles(
        "final",
        "",
        "insert jar id { thing } each l in children(layer, id) { require l.net > 0 else EMPTY }",
    );
    compiles("final", "", "warn thing.weight > 0 flag DUSTY about thing");
    compiles("office", "", "require thing.weight > 0 else EMPTY");
}
