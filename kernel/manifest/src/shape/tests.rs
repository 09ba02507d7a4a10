//! One value, one coding.

use super::*;
use crate::ast::{Class, Enum, LEVEL};
use alloc::{string::ToString, vec};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn manifest() -> Manifest {
    let colour = Enum {
        name: "colour".to_string(),
        values: vec!["red".to_string(), "green".to_string()],
    };
    Manifest {
        level: LEVEL,
        name: "jars".to_string(),
        version: 1,
        enums: vec![colour],
        roles: vec![],
        series: vec![],
        refusals: vec![],
        flags: vec![],
        entities: vec![],
        verbs: vec![],
    }
}

fn field(ty: Type) -> Field {
    Field {
        name: "a".to_string(),
        label: "A".to_string(),
        ty,
        edge: None,
    }
}

fn encode(ty: Type, value: Value) -> Result<Vec<u8>, BadShape> {
    encode_values(&manifest(), &[field(ty)], &[value])
}

fn decode(ty: Type, bytes: &[u8]) -> Result<Value, BadShape> {
    decode_values(&manifest(), &[field(ty)], bytes, 2).map(|mut values| values.remove(0))
}

fn option(ty: Type) -> Type {
    Type::Option(Box::new(ty))
}

#[test]
fn the_bytes_of_each_type_are_these() {
    let list = Type::List(vec![field(Type::Qty), field(Type::Bool)], 3);
    let rows = vec![
        vec![Value::Int(1_500), Value::Bool(true)],
        vec![Value::Int(-1), Value::Bool(false)],
    ];
    for (ty, value, bytes) in [
        (Type::Bool, Value::Bool(true), vec![1]),
        (Type::Money, Value::Int(0), vec![0]),
        (Type::Money, Value::Int(-1), vec![1]),
        (Type::Money, Value::Int(64), vec![0x80, 0x01]),
        (Type::Date, Value::Int(20_484), vec![0x88, 0xc0, 0x02]),
        (
            Type::Code(3),
            Value::Text("EUR".into()),
            vec![3, b'E', b'U', b'R'],
        ),
        (Type::Text(4), Value::Text("é".into()), vec![2, 0xc3, 0xa9]),
        (Type::Enum(0), Value::Int(1), vec![1]),
        (Type::Id, Value::Id([7; 16]), vec![7; 16]),
        (Type::Author, Value::Author([8; 32]), vec![8; 32]),
        (Type::Sealed(Class::Contact), Value::None, vec![0]),
        (Type::Sealed(Class::Contact), Value::Int(1), vec![1, 1]),
        (option(Type::Ppm), Value::None, vec![0]),
        (
            option(Type::Ppm),
            Value::Int(1_000_000),
            vec![1, 0x80, 0x89, 0x7a],
        ),
        (list, Value::List(rows), vec![2, 0xb8, 0x17, 1, 1, 0]),
    ] {
        assert_eq!(
            encode(ty.clone(), value.clone()).as_ref(),
            Ok(&bytes),
            "{ty:?}"
        );
        assert_eq!(decode(ty, &bytes), Ok(value));
    }
}

#[test]
fn every_other_coding_is_refused_by_its_name() {
    let list = || Type::List(vec![field(Type::Bool)], 2);
    for (ty, bytes, bad) in [
        (Type::Bool, &[2][..], BadShape::NotABit),
        (Type::Bool, &[][..], BadShape::Short),
        (Type::Bool, &[1, 0], BadShape::Long),
        (Type::Money, &[0x80, 0x00], BadShape::NotMinimal),
        (Type::Money, &[0xff; 10], BadShape::NotMinimal),
        (
            Type::Money,
            &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
            BadShape::OutOfBounds,
        ),
        (Type::Ppm, &[1], BadShape::OutOfBounds),
        (Type::Int { min: 1, max: 2 }, &[0], BadShape::OutOfBounds),
        (
            Type::Code(3),
            &[4, b'E', b'U', b'R', b'O'],
            BadShape::TooLong,
        ),
        (Type::Code(3), &[1, b'e'], BadShape::NotACode),
        (Type::Code(3), &[3, b'E'], BadShape::Short),
        (Type::Text(3), &[1, 0xff], BadShape::NotUtf8),
        (Type::Enum(0), &[2], BadShape::NoSuchValue),
        (Type::Enum(0), &[0x80, 0x80, 0x04], BadShape::NotMinimal),
        (Type::Id, &[7; 15], BadShape::Short),
        (Type::Sealed(Class::Hr), &[1, 2], BadShape::NoSuchSlot),
        (option(Type::Bool), &[2], BadShape::NotABit),
        (option(Type::Bool), &[0, 0], BadShape::Long),
        (list(), &[3, 0, 0, 0], BadShape::TooMany),
        (list(), &[2, 0], BadShape::Short),
    ] {
        assert_eq!(decode(ty.clone(), bytes), Err(bad), "{ty:?} {bytes:?}");
    }
}

#[test]
fn values_that_are_not_of_their_type_have_no_coding() {
    let many = (0..3).map(|_| vec![]).collect();
    for (ty, value, bad) in [
        (Type::Bool, Value::Int(1), BadShape::WrongKind),
        (Type::Bool, Value::None, BadShape::WrongKind),
        (
            Type::Money,
            Value::Int(limits::MONEY_MAX + 1),
            BadShape::OutOfBounds,
        ),
        (
            Type::Date,
            Value::Int(limits::DATE_MAX + 1),
            BadShape::OutOfBounds,
        ),
        (Type::Code(2), Value::Text("EUR".into()), BadShape::TooLong),
        (Type::Code(9), Value::Text("eur".into()), BadShape::NotACode),
        (Type::Enum(0), Value::Int(2), BadShape::NoSuchValue),
        (Type::Enum(1), Value::Int(0), BadShape::NoSuchValue),
        (
            Type::Sealed(Class::Hr),
            Value::Int(-1),
            BadShape::NoSuchSlot,
        ),
        (option(Type::Bool), Value::Int(1), BadShape::WrongKind),
        (Type::List(vec![], 2), Value::List(many), BadShape::TooMany),
    ] {
        assert_eq!(encode(ty.clone(), value), Err(bad), "{ty:?}");
    }
    assert_eq!(
        encode_values(&manifest(), &[field(Type::Bool)], &[]),
        Err(BadShape::WrongKind)
    );
}

#[test]
fn what_is_left_out_has_a_default_of_its_type() {
    for ty in [
        Type::Bool,
        Type::Money,
        Type::Enum(0),
        Type::Code(3),
        Type::Text(3),
        Type::Date,
        option(Type::Id),
    ] {
        let value = default_of(&ty).unwrap();
        assert!(encode(ty, value).is_ok());
    }
    for ty in [
        Type::Id,
        Type::Ref(0),
        Type::Author,
        Type::Int { min: 1, max: 2 },
    ] {
        assert_eq!(default_of(&ty), None);
    }
}
