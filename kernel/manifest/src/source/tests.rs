//! Mistakes that people make, each with the place and the rule that the compiler must name.

mod partition;

use super::{Diagnostic, compile};
use alloc::{format, string::String, string::ToString, vec::Vec};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// A manifest of jars; tests put declarations into it, and statements into its verb.
const BASE: &str = r#"
manifest jars 1
enum colour { red, green }
enum phase { open, shut }
role shelf "On shelves" code "10" asset [spot: code(12)]
role yield "Yield" code "40" income
series tags
rounding line half_up
refusal EMPTY "There is nothing in it."
flag DUSTY "It is dusty."
entity thing "Thing" shared {
  code: code(12) colour: colour weight: int(0..1000) maker: ref<thing>? memo: text(40) kept: sealed<contact>
  cost: price born: date
}
entity label "Label" shared { code: code(12) unique (code) }
entity stone "Stone" immutable { weight: int(0..1000) }
entity jar "Jar" device {
  thing: ref<thing>? phase: phase net: money
  status phase { open -> shut }
}
entity lid device { weight: int(0..1000) width: int(0..9) maker: ref<thing>? }
entity chip of stone { weight: int(0..9) }
entity layer of jar { qty: qty net: money }
@DECLARATIONS@
verb jar.fill @KIND@ level 0 by member (
  id: id = new, thing: ref<thing>, stone: ref<stone>, jar: ref<jar>, other: ref<thing>?, day: date = today, at: time = now,
  tag: int = next(tags, day), currency: code(3), amount: money, qty: qty, price: price, share: ppm, memo: text(40),
  kept: sealed<contact>, colour: colour, layers: list<{qty: qty, net: money, extra: int?}, 300>
) {
@BODY@
}
"#;

fn source(kind: &str, declarations: &str, body: &str) -> String {
    BASE.replace("@KIND@", kind)
        .replace("@DECLARATIONS@", declarations)
        .replace("@BODY@", body)
}

fn diagnose(source: &str) -> Vec<Diagnostic> {
    compile(source).err().unwrap_or_default()
}

/// Lines of a table, each cut at its bars.
fn rows(table: &str) -> impl Iterator<Item = Vec<&str>> {
    let lines = table.lines().filter(|line| !line.trim().is_empty());
    lines.map(|line| line.split('|').map(str::trim).collect())
}

/// Each row: the rule that is broken, how the place begins, words of the cause, and what the author wrote.
fn expect(kind: &str, table: &str) {
    for row in rows(table) {
        let [code, place, cause, body] = row[..] else {
            panic!("{row:?}")
        };
        let source = source(kind, "", body);
        let found = diagnose(&source);
        let first = found
            .first()
            .unwrap_or_else(|| panic!("{body}\n  compiled, wanted {code}"));
        assert_eq!(first.code, code, "{body}\n  {first}");
        assert!(first.cause.contains(cause), "{body}\n  {first}");
        assert!(!first.mend.is_empty(), "{body}\n  {first}");
        let at = |at: u32| usize::try_from(at).unwrap();
        let there = &source[at(first.span.start)..at(first.span.end)];
        assert!(there.starts_with(place), "{body}\n  {first}\n  at {there}");
    }
}

fn compiles(kind: &str, declarations: &str, body: &str) {
    let found = diagnose(&source(kind, declarations, body));
    let lines: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert!(found.is_empty(), "{body}\n{}", lines.join("\n"));
}

#[test]
fn names_that_do_not_exist_are_named_with_a_neighbour() {
    expect(
        "office",
        r#"
unknown   | amuont | no name amuont | let x = amuont
unknown   | wieght | no field wieght | let x = thing.wieght
unknown   | EMTY | no refusal EMTY | require true else EMTY
unknown   | DUST | no flag DUST | warn true flag DUST
unknown   | jra | no entity jra | insert jra id { }
unknown   | wait | no field wait | insert stone id { wait = 1 }
unknown   | tag | no series tag | number tag[2026] = tag
unknown   | round | no function round | let x = round(1)
unknown   | blue | no name blue | require colour == blue else EMPTY
type      | colour | no field red | require colour == colour.red else EMPTY
unknown   | broken | no value broken | goto jar to broken
unknown   | layer | no list layer | each l in layer { }
unknown   | shelv | no role shelv | post id on day in currency { dr shelv amount }
unknown   | lines | no rounding lines | let x = muldiv(qty, price, 1_000_000, lines)
"#,
    );
    let near = diagnose(&source("office", "", "let x = amuont"));
    assert_eq!(near[0].mend, "did you mean amount?");
}

#[test]
fn units_are_not_mixed() {
    expect(
        "office",
        r#"
unit      | amount + qty | cannot mix money and qty | let x = amount + qty
unit      | amount - share | cannot mix money and ppm | let x = amount - share
unit      | amount < qty | money and qty | require amount < qty else EMPTY
unit      | qty * price | cannot multiply | let x = qty * price
unit      | amount * price | cannot multiply | let x = amount * price
unit      | amount | qty is wanted here, this is money | insert layer jar { qty = amount }
unit      | amount | int is wanted here, this is money | set thing.weight = amount
scale     | muldiv | 3 decimal places instead of 0 | let x = muldiv(qty, price, 1_000, line)
scale     | muldiv | 3 decimal places | let x = muldiv(amount, share, 1_000, line)
unit      | muldiv | no money, price, quantity or number | let x = muldiv(qty, qty, 1_000, line)
arith     | muldiv | divisor is 0 | let x = muldiv(amount, 1, 0, line)
type      | qty * share + qty |  | let x = qty * share + qty
unit      | qty | money is wanted | post id on day in currency { dr shelf["A"] qty cr yield qty }
"#,
    );
    compiles(
        "office",
        "",
        "let a = muldiv(qty * (1_000_000 - share), price, 1_000_000_000_000, line)
         let b = muldiv(a, 1_000_000, 1_000_000 + share, half_even)
         let c = muldiv(a, share, 1_000_000, down)
         let d = muldiv(c, 19, 100, line) + muldiv(c, 250_000, 1_000_000, line)
         insert layer jar { net = a - b + c + d }",
    );
}

#[test]
fn kinds_are_not_mixed() {
    expect(
        "office",
        r#"
type      | amount | a condition is wanted | require amount else EMPTY
type      | 20260131 | a date is written as a number | require day == 20260131 else EMPTY
type      | 1 | a value of an enum is written as a number | require colour == 1 else EMPTY
type      | currency == 1 | cannot mix code(3) | require currency == 1 else EMPTY
type      | day < tag | cannot mix date and int | require day < tag else EMPTY
type      | day + 1 | cannot reckon with date | let x = day + 1
type      | 5 | a date is written as a number | set thing.born = 5
type      | day | colour is wanted here, this is date | set thing.colour = day
type      | layers | a list is used as one value | let x = layers
type      | layers | this has no field qty | let x = layers.qty
type      | id | this has no field code | let x = id.code
type      | row(thing, stone).code | ref<thing> is wanted here | let x = row(thing, stone).code
type      | "lower" | this is not a code | set thing.code = "lower"
type      | "ABC | up to 16 characters go into 12 | set thing.code = "ABCDEFGHIJKLMNOP"
time      | at < at | a clock reading is compared | require at < at else EMPTY
type      | year | a date is wanted here | let x = year(amount)
syntax    | amount | no field of a row | set amount = 5
"#,
    );
}

#[test]
fn nothing_sealed_and_no_text_decides_anything() {
    expect(
        "office",
        r#"
sealed    | kept == kept | decides | require kept == kept else EMPTY
sealed    | has(kept) | decides | require has(kept) else EMPTY
sealed    | memo == memo | decides | when memo == memo { }
sealed    | thing.kept | decides | require thing.kept == kept else EMPTY
sealed    | memo | decides | let x = if memo == thing.memo then 1 else 2
type      | memo | code(12) is wanted here, this is text(40) | set thing.code = memo
type      | memo | code(12) is wanted | post id on day in currency { dr shelf[memo] amount }
type      | memo | id is wanted here | warn true flag DUSTY about memo
"#,
    );
    compiles("office", "", "set thing.kept = kept set thing.memo = memo");
    for (declarations, code) in [
        (
            "entity tome \"Tome\" shared { memo: text(9) unique (memo) }",
            "sealed",
        ),
        (
            "entity tome \"Tome\" shared { code: code(9) kept: sealed<hr> unique (code, kept) }",
            "sealed",
        ),
        (
            "role tomes \"Tomes\" code \"50\" asset [memo: text(9)]",
            "type",
        ),
        (
            "role tomes \"Tomes\" code \"50\" asset [kept: sealed<note>]",
            "type",
        ),
    ] {
        assert_eq!(
            diagnose(&source("office", declarations, ""))[0].code,
            code,
            "{declarations}"
        );
    }
}

#[test]
fn personal_data_in_clear_does_not_compile() {
    for field in [
        "name: text(40)",
        "phone_home: code(20)",
        "e_mail: text(80)",
        "address: text(9)?",
        "birth: date",
    ] {
        let declaration = format!("entity tome \"Tome\" shared {{ {field} }}");
        let found = diagnose(&source("office", &declaration, ""));
        assert_eq!(found[0].code, "personal", "{field}");
        let sealed = format!("{}: sealed<contact>", field.split(':').next().unwrap());
        compiles(
            "office",
            &format!("entity tome \"Tome\" shared {{ {sealed} }}"),
            "",
        );
    }
    let input = "verb tome.new draft level 0 by member (rows: list<{surname: code(9)}, 3>) { }";
    assert_eq!(diagnose(&source("office", input, ""))[0].code, "personal");
}

#[test]
fn what_may_be_none_is_asked_before() {
    expect(
        "office",
        r#"
option    | other | may be none | set thing.code = other.code
option    | other == thing | may be none | require other == thing else EMPTY
option    | sum | may be none | let x = sum(l in layers: l.extra)
option    | other | may be none | when has(other) { } set thing.code = other.code
option    | other | may be none | when not has(other) { set thing.code = other.code }
option    | other == thing | may be none | require has(other) or other == thing else EMPTY
option    | has(thing) | always there | require has(thing) else EMPTY
option    | let x | given to none | let x = none
"#,
    );
    compiles(
        "office",
        "",
        "when has(other) { set thing.code = other.code }",
    );
    compiles(
        "office",
        "",
        "require has(other) else EMPTY set thing.code = other.code",
    );
    compiles(
        "office",
        "",
        "require has(other) and other == thing else EMPTY",
    );
    compiles(
        "office",
        "",
        "require not has(other) or other == thing else EMPTY",
    );
    compiles(
        "office",
        "",
        "let x = sum(l in layers: if has(l.extra) then l.extra else 0) require x > 0 else EMPTY",
    );
    compiles(
        "office",
        "",
        "set thing.maker = other set thing.maker = none set thing.maker = thing",
    );
}

#[test]
fn statements_stand_where_they_belong() {
    expect(
        "office",
        r#"
post      | dr shelf | outside a post | dr shelf["A"] amount
post      | insert | inside a post | post id on day in currency { insert stone id { } }
post      | post | inside a post | post id on day in currency { post id on day in currency { } }
post      | require | inside a post | post id on day in currency { require true else EMPTY }
post      | dr shelf | has 1 dimensions, 0 are given | post id on day in currency { dr shelf amount }
post      | cr yield | has 0 dimensions | post id on day in currency { cr yield["A"] amount }
owner     | set | never change | set stone.weight = 1
status    | set | past its edges | set jar.phase = shut
status    | goto | no edge of jar leads there | goto jar to open
owner     | thing.device | have no device | let x = thing.device
unit      | 1001 | int is wanted | insert thing id { weight = 1001 }
index     | insert | named twice | insert stone id { weight = 1, weight = 2 }
child     | row(layer, id).net | no id of their own | let x = row(layer, id).net
duplicate | amount | taken already | let amount = 1
duplicate | device | device that writes | let device = 1
unknown   | y | no name y | when true { let y = 1 } let x = y
"#,
    );
    expect(
        "draft",
        r#"
class     | number | a draft verb | number tags[2026] = tag
"#,
    );
}

#[test]
fn there_is_a_bound_on_everything() {
    let nested = (0..40).fold(String::from("1"), |inner, _| format!("abs({inner})"));
    let many = "each l in layers { each m in layers { require l.net > m.net else EMPTY } }";
    let sums = "let x = sum(l in layers: sum(m in layers: m.net))";
    let deep = format!("{}{}", "when true { ".repeat(14), "} ".repeat(14));
    let deeper = format!("{}{}", "when true { ".repeat(4_000), "} ".repeat(4_000));
    let brackets = format!("let x = {}1{}", "(".repeat(100_000), ")".repeat(100_000));
    let minus = format!("let x = {}tag", "- ".repeat(100_000));
    let long = format!("let x = 1{}", " + 1".repeat(100_000));
    for (body, code) in [
        (format!("let x = {nested}"), "limit"),
        (many.to_string(), "steps"),
        (sums.to_string(), "steps"),
        (deep, "limit"),
        (deeper, "limit"),
        (brackets, "limit"),
        (minus, "limit"),
        (long, "limit"),
        ("each l in layers max 301 { }".to_string(), "limit"),
        ("each l in layers max 0 { }".to_string(), "limit"),
    ] {
        let found = diagnose(&source("office", "", &body));
        assert_eq!(
            found.first().map(|first| first.code),
            Some(code),
            "{}",
            &body[..body.len().min(80)]
        );
    }
    let huge = format!(
        "manifest huge 1 # {}",
        "x".repeat(crate::limits::SOURCE_MAX)
    );
    assert_eq!(diagnose(&huge)[0].code, "limit");
}

#[test]
fn declarations_are_judged() {
    for row in rows(
        r#"
duplicate | entity thing "Again" shared { code: code(1) }
duplicate | enum colour { red }
type      | enum tint { }
duplicate | enum tint { red, red }
name      | enum money { red }
duplicate | role other "Other" code "10" asset
name      | role other "Other" code "lower" asset
name      | refusal lower "x"
name      | entity Jar2 "x" shared { code: code(1) }
type      | entity tome "x" shared { }
name      | entity tome "x" shared { id: id }
type      | entity tome "x" shared { code: code(0) }
type      | entity tome "x" shared { code: code(65) }
type      | entity tome "x" shared { size: int(9..1) }
type      | entity tome "x" shared { rows: list<{size: int}, 9> }
type      | entity tome "x" shared { kept: sealed<hr>? }
unknown   | entity tome "x" shared { size: int unique (sise) }
status    | entity tome "x" shared { size: int status size { open -> shut } }
status    | entity tome "x" shared { phase: phase status phase { open -> open } }
child     | entity tome of layer { size: int }
child     | entity tome of jar shared { size: int }
name      | entity tome of jar { jar: ref<jar> }
child     | entity tome "x" shared { layer: ref<layer> }
unknown   | entity tome "x" shared { size: colur }
class     | verb tome.new claim level 0 by member () { }
class     | verb tome.new draft level 3 by member () { }
name      | verb tome.new/1 draft level 0 by member () { }
edge      | verb tome.new draft level 0 by member (day: date = now) { }
edge      | verb tome.new draft level 0 by member (day: date = next(tags, day)) { }
type      | verb tome.new draft level 0 by member (rows: list<{size: int}, 501>) { }
duplicate | verb tome.new draft level 0 by member (a: int, a: int) { }
          | verb tome.new draft level 0 by member (id: id) { insert jar id { net = 1 } insert layer id { } }
insert    | entity tome "x" shared { thing: ref<thing> } verb tome.new draft level 0 by member (id: id) { insert tome id { } }
"#,
    ) {
        let [code, declarations] = row[..] else {
            panic!("{row:?}")
        };
        let found = diagnose(&source("office", declarations, ""));
        assert_eq!(
            found.first().map_or("", |first| first.code),
            code,
            "{declarations}\n{found:?}"
        );
    }
}

#[test]
fn signs_out_of_place_are_shown_by_line_and_column() {
    for (text, at) in [
        ("manifest", "1:9"),
        ("manifest jars", "1:14"),
        ("manifest jars 1\n  widget", "2:3"),
        ("manifest jars 1\nenum a { b; c }", "2:11"),
        ("manifest jars 1\nseries é", "2:8"),
        ("manifest jars 1\nrole a \"unfinished", "2:8"),
        ("manifest jars 1\nrole ä", "2:6"),
        (
            "manifest jars 1\nverb a.b draft level 0 by member () { let x = 2026-02-30 }",
            "2:47",
        ),
        (
            "manifest jars 1\nverb a.b draft level 0 by member () { let x = 1.5 }",
            "2:47",
        ),
        (
            "manifest jars 1\nverb a.b draft level 0 by member () { let x = 1 < 2 < 3 }",
            "2:53",
        ),
        (
            "manifest jars 1\nverb a.b draft level 0 by member () { let x = 99999999999999999999 }",
            "2:47",
        ),
        (
            "manifest jars 1\nverb a.b draft level 300 by member () { }",
            "2:22",
        ),
    ] {
        let found = diagnose(text);
        let shown = found.first().map(ToString::to_string).unwrap_or_default();
        assert!(
            shown.starts_with(&format!("{at} ")),
            "{text}\n  {shown}, wanted {at}"
        );
    }
}

#[test]
fn all_mistakes_of_one_kind_are_told_at_once() {
    let found = diagnose(&source(
        "office",
        "",
        "let x = amount + qty\nlet y = amuont\nlet z = pirce",
    ));
    assert_eq!(
        found.iter().map(|one| one.code).collect::<Vec<_>>(),
        ["unknown", "unknown"]
    );
    let found = diagnose(&source(
        "office",
        "",
        "let x = amount + qty\nlet y = x + 1\nlet z = day + day",
    ));
    assert_eq!(
        found.iter().map(|one| one.code).collect::<Vec<_>>(),
        ["unit", "type"]
    );
    assert_eq!(found[1].line, found[0].line + 2);
}
