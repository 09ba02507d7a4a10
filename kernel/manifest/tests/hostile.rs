//! Trees that no compiler makes. Each breaks one thing that an interpreter relies on, and the checker must say so.

use daybook_manifest::{
    BadManifest,
    ast::{Expr, Field, Manifest, Op, Over, Owner, Source, Stmt, Type},
    compile, decode,
};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const SOURCE: &str = r#"
manifest jars 1
enum colour { red, green }
role shelf "On shelves" code "10" asset [spot: code(12)]
refusal EMPTY "There is nothing in it."
flag DUSTY "It is dusty."
series tags
entity thing "Thing" shared { code: code(12) colour: colour maker: ref<thing>? kept: sealed<hr> }
entity jar "Jar" device { net: money }
entity layer of jar { net: money }
verb jar.fill office level 0 by member
  (id: id = new, thing: ref<thing>, day: date, amount: money, kept: sealed<hr>, rows: list<{net: money}, 400>) { }
"#;

fn jars() -> Manifest {
    compile(SOURCE).unwrap().manifest
}

/// The code of the first fault, empty if the tree is good.
fn judge(manifest: &Manifest) -> &'static str {
    let bytes = postcard::to_allocvec(manifest).unwrap();
    match decode(&bytes) {
        Ok(_) => "",
        Err(BadManifest::Fault(fault)) => fault.code,
        Err(BadManifest::TooBig) => "too big",
        Err(other) => panic!("{other}"),
    }
}

fn with_body(slots: u16, body: Vec<Stmt>) -> &'static str {
    let mut manifest = jars();
    manifest.verbs[0].slots = slots;
    manifest.verbs[0].body = body;
    judge(&manifest)
}

fn boxed(expr: Expr) -> Box<Expr> {
    Box::new(expr)
}

fn require(condition: Expr) -> Vec<Stmt> {
    vec![Stmt::Require(condition, 0)]
}

const AMOUNT: Expr = Expr::Slot(3);

#[test]
fn no_index_points_outside() {
    let is_five = |expr| Expr::Binary(Op::Eq, boxed(expr), boxed(Expr::Int(5)));
    let cases = [
        require(is_five(Expr::Slot(99))),
        require(is_five(Expr::Slot(6))),
        require(is_five(Expr::Field(5, 0))),
        require(is_five(Expr::Field(3, 0))),
        require(is_five(Expr::Get(9, boxed(Expr::Slot(1)), 0))),
        require(is_five(Expr::Get(0, boxed(Expr::Slot(1)), 9))),
        vec![Stmt::Require(Expr::Bool(true), 1)],
        vec![Stmt::Warn(Expr::Bool(true), 1, None)],
        vec![Stmt::Let(7, AMOUNT)],
        vec![Stmt::Let(3, AMOUNT)],
        vec![Stmt::Let(6, AMOUNT), Stmt::Let(6, AMOUNT)],
        vec![Stmt::Number {
            series: 1,
            year: Expr::Int(1),
            value: Expr::Int(1),
        }],
        vec![Stmt::Insert {
            entity: 9,
            id: Expr::Slot(0),
            fields: vec![],
        }],
        vec![Stmt::Insert {
            entity: 1,
            id: Expr::Slot(0),
            fields: vec![(1, AMOUNT)],
        }],
        vec![Stmt::Set {
            entity: 1,
            row: Expr::Slot(0),
            field: 1,
            value: AMOUNT,
        }],
    ];
    for body in cases {
        let shown = format!("{body:?}");
        assert_eq!(with_body(7, body), "index", "{shown}");
    }
    let post = |role| {
        let line = Stmt::Line {
            debit: true,
            role,
            dims: vec![],
            amount: AMOUNT,
        };
        let (doc, date, currency) = (Expr::Slot(0), Expr::Slot(2), Expr::Code("EUR".into()));
        vec![Stmt::Post {
            doc,
            date,
            currency,
            body: vec![line],
        }]
    };
    assert_eq!(with_body(6, post(1)), "index");
    assert_eq!(with_body(6, post(0)), "post");
}

#[test]
fn a_name_is_gone_when_its_block_ends() {
    let block = Stmt::When(Expr::Bool(true), vec![Stmt::Let(6, AMOUNT)], vec![]);
    let later = Stmt::Let(7, Expr::Slot(6));
    assert_eq!(with_body(8, vec![block, later]), "index");
    let over = Expr::Over(Over::Sum, 6, Source::Slot(5), boxed(Expr::Field(6, 0)));
    let after = Expr::Binary(Op::Add, boxed(over), boxed(Expr::Field(6, 0)));
    assert_eq!(with_body(8, vec![Stmt::Let(7, after)]), "index");
}

#[test]
fn kinds_of_values_are_not_mixed() {
    let eq = |left, right| require(Expr::Binary(Op::Eq, boxed(left), boxed(right)));
    let get_colour = || Expr::Get(0, boxed(Expr::Slot(1)), 1);
    for body in [
        require(AMOUNT),
        eq(AMOUNT, Expr::Code("A".into())),
        eq(get_colour(), Expr::Int(2)),
        eq(get_colour(), Expr::Int(-1)),
        eq(Expr::Slot(1), Expr::Device),
        eq(Expr::Slot(5), Expr::Slot(5)),
        vec![Stmt::Let(6, Expr::Count(Source::Slot(3)))],
        vec![Stmt::Set {
            entity: 0,
            row: Expr::Slot(1),
            field: 1,
            value: Expr::Int(2),
        }],
        vec![Stmt::Set {
            entity: 0,
            row: AMOUNT,
            field: 1,
            value: Expr::Int(1),
        }],
        vec![Stmt::Insert {
            entity: 2,
            id: Expr::Slot(1),
            fields: vec![],
        }],
    ] {
        let shown = format!("{body:?}");
        assert_eq!(with_body(7, body), "type", "{shown}");
    }
    assert_eq!(with_body(7, eq(Expr::Slot(4), Expr::Slot(4))), "sealed");
    assert_eq!(
        with_body(7, eq(Expr::Get(0, boxed(Expr::Slot(1)), 2), Expr::Slot(1))),
        "option"
    );
    assert_eq!(with_body(7, eq(get_colour(), Expr::Int(1))), "");
}

#[test]
fn depth_and_steps_have_bounds_in_bytes_too() {
    let deep = |levels: usize| (0..levels).fold(AMOUNT, |inner, _| Expr::Abs(boxed(inner)));
    assert_eq!(with_body(7, vec![Stmt::Let(6, deep(31))]), "");
    assert_eq!(with_body(7, vec![Stmt::Let(6, deep(32))]), "limit");
    assert_eq!(with_body(7, vec![Stmt::Let(6, deep(250))]), "too big");
    let blocks = |levels: usize| {
        (0..levels).fold(Vec::new(), |inner, _| {
            vec![Stmt::When(Expr::Bool(true), inner, vec![])]
        })
    };
    assert_eq!(with_body(6, blocks(12)), "");
    assert_eq!(with_body(6, blocks(13)), "limit");
    // The deepest blocks may hold the deepest expression.
    let both = (0..11).fold(require(Expr::Bool(true)), |inner, _| {
        vec![Stmt::When(Expr::Bool(true), inner, vec![])]
    });
    assert_eq!(with_body(6, both), "");
    let each = |slot, body| Stmt::Each {
        slot,
        source: Source::Slot(5),
        max: 400,
        body,
    };
    assert_eq!(with_body(8, vec![each(6, require(Expr::Bool(true)))]), "");
    assert_eq!(with_body(8, vec![each(6, vec![each(7, vec![])])]), "steps");
    let many = (0..41).map(|_| each(6, vec![])).collect();
    assert_eq!(with_body(8, many), "steps");
    // Few steps, but each of them reckons for long.
    let wide = (0..17).fold(AMOUNT, |inner, _| {
        Expr::Binary(Op::Add, boxed(inner.clone()), boxed(inner))
    });
    assert_eq!(with_body(7, vec![Stmt::Let(6, wide)]), "too big");
    let wide = (0..12).fold(AMOUNT, |inner, _| {
        Expr::Binary(Op::Add, boxed(inner.clone()), boxed(inner))
    });
    assert_eq!(
        with_body(8, vec![each(6, vec![Stmt::Let(7, wide)])]),
        "steps"
    );
}

#[test]
fn bytes_that_nest_for_ever_do_not_exhaust_the_stack() {
    let mut bytes = postcard::to_allocvec(&jars()).unwrap();
    // The body of the last verb is the last list: make it one statement that begins a tower of negations.
    bytes.pop();
    bytes.extend([1, 1]);
    bytes.extend(core::iter::repeat_n(11, 1_000_000));
    bytes.truncate(1 << 20);
    assert_eq!(decode(&bytes), Err(BadManifest::TooBig));
}

#[test]
fn types_and_owners_are_judged_in_bytes_too() {
    let change = |edit: fn(&mut Manifest)| {
        let mut manifest = jars();
        edit(&mut manifest);
        judge(&manifest)
    };
    assert_eq!(change(|_| {}), "");
    assert_eq!(
        change(|m| m.entities[0].fields[0].ty = Type::Enum(1)),
        "index"
    );
    assert_eq!(
        change(|m| m.entities[0].fields[0].ty = Type::Ref(9)),
        "index"
    );
    assert_eq!(
        change(|m| m.entities[0].fields[0].ty = Type::Ref(2)),
        "child"
    );
    assert_eq!(change(|m| m.entities[2].parent = Some(2)), "child");
    assert_eq!(change(|m| m.entities[2].owner = Owner::Shared), "child");
    assert_eq!(change(|m| m.entities[0].unique = vec![vec![9]]), "index");
    assert_eq!(change(|m| m.entities[0].shown = vec![9]), "index");
    assert_eq!(change(|m| m.verbs[0].slots = 2), "limit");
    assert_eq!(change(|m| m.verbs[0].slots = 257), "limit");
    assert_eq!(
        change(|m| m.roles[0].dims[0].ty = Type::List(vec![], 1)),
        "type"
    );
    assert_eq!(change(|m| m.entities[0].name = "THING".into()), "name");
    assert_eq!(
        change(|m| m.entities[0].label = "two\nlines".into()),
        "name"
    );
    let nest = |m: &mut Manifest| {
        let field = |ty| Field {
            name: "a".into(),
            label: String::new(),
            ty,
            edge: None,
        };
        m.verbs[0].params[5].ty =
            Type::List(vec![field(Type::List(vec![field(Type::Bool)], 1))], 1);
    };
    assert_eq!(change(nest), "type");
    let mut manifest = jars();
    manifest.level = 1;
    assert_eq!(
        decode(&postcard::to_allocvec(&manifest).unwrap()),
        Err(BadManifest::Level(1))
    );
}
