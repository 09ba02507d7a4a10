//! What is written can be read back, and only that.

use super::*;
use alloc::string::ToString;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn manifest() -> Manifest {
    let source = "manifest jars 1 enum colour { red, green } entity jar shared { colour: colour }";
    crate::compile(source).unwrap().manifest
}

#[test]
fn each_type_has_its_form() {
    let manifest = manifest();
    for (ty, value, text) in [
        (Type::Money, Value::Int(126_579_329), "1265793.29"),
        (Type::Money, Value::Int(-5), "-0.05"),
        (Type::Money, Value::Int(0), "0.00"),
        (Type::Price, Value::Int(1_234_567), "12.34567"),
        (Type::Price, Value::Int(1_234_000), "12.34"),
        (Type::Qty, Value::Int(1_500), "1.5"),
        (Type::Qty, Value::Int(-12_000), "-12"),
        (Type::Ppm, Value::Int(250_000), "25%"),
        (Type::Ppm, Value::Int(7_625), "0.7625%"),
        (Type::Date, Value::Int(0), "1970-01-01"),
        (
            Type::Date,
            Value::Int(crate::limits::DATE_MIN),
            "0001-01-01",
        ),
        (Type::Time, Value::Int(-1), "1969-12-31T23:59:59.999Z"),
        (Type::Int { min: -9, max: 9 }, Value::Int(-7), "-7"),
        (Type::Enum(0), Value::Int(1), "green"),
        (Type::Bool, Value::Bool(true), "yes"),
        (Type::Code(4), Value::Text("A-1".into()), "A-1"),
        (Type::Text(9), Value::Text(" two  ".into()), " two  "),
        (Type::Option(Type::Date.into()), Value::None, ""),
        (Type::Option(Type::Date.into()), Value::Int(1), "1970-01-02"),
        (
            Type::Id,
            Value::Id([0xab; 16]),
            "abababababababababababababababab",
        ),
    ] {
        assert_eq!(value_to_text(&manifest, &ty, &value), text);
        assert_eq!(text_to_value(&manifest, &ty, text), Ok(value), "{text}");
    }
    assert_eq!(
        text_to_value(&manifest, &Type::Ppm, "250000 ppm"),
        Ok(Value::Int(250_000))
    );
    assert_eq!(
        text_to_value(&manifest, &Type::Price, "14"),
        Ok(Value::Int(1_400_000))
    );
    let hyphens = "abababab-abab-abab-abab-abababababab";
    assert_eq!(
        text_to_value(&manifest, &Type::Ref(0), hyphens),
        Ok(Value::Id([0xab; 16]))
    );
}

#[test]
fn texts_that_are_no_values_say_what_would_be() {
    let manifest = manifest();
    for (ty, texts) in [
        (
            Type::Money,
            &[
                "",
                "1.234",
                "1,5",
                "1.",
                ".5",
                "1e3",
                "--1",
                "10000000000000.01",
                "99999999999999999999",
            ][..],
        ),
        (Type::Qty, &["1.2345", "NaN"]),
        (
            Type::Ppm,
            &["25", "0.25", "101%", "-1%", "0.00001%", "1000001 ppm"],
        ),
        (
            Type::Date,
            &[
                "2026-02-30",
                "2026-1-1",
                "26-01-01",
                "2026-01-01-",
                "0000-01-01",
                "+026-01-01",
            ],
        ),
        (
            Type::Time,
            &[
                "2026-01-01",
                "2026-01-01T24:00:00Z",
                "2026-01-01T00:00:00",
                "2026-01-01T00:00:00.1Z",
            ],
        ),
        (Type::Enum(0), &["blue", "1", ""]),
        (Type::Enum(9), &["red"]),
        (Type::Bool, &["maybe", ""]),
        (Type::Code(3), &["lower", "ABCD"]),
        (Type::Text(3), &["four"]),
        (
            Type::Id,
            &["ab", "zz", "ababababababababababababababababab"],
        ),
        (Type::Int { min: 0, max: 9 }, &["10", "-1", "1.0"]),
    ] {
        for text in texts {
            let bad = text_to_value(&manifest, &ty, text).expect_err(text);
            assert!(bad.to_string().starts_with("not "), "{text}: {bad}");
        }
    }
    let bad = text_to_value(&manifest, &Type::Enum(0), "blue").unwrap_err();
    assert_eq!(bad.to_string(), "not one of red, green");
}
