//! Claims about signed notes; `docs/spec/checkpoint.md` names them.

use crate::limits::{NOTE_BYTES_MAX, NOTE_SIGNATURES_MAX};
use crate::note::*;
use crate::*;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const TEXT: &str = "first line\n\nthird line, ünd more\n";

fn secret(seed: u8) -> SecretKey {
    SecretKey::from_seed([seed; 32])
}

fn key(seed: u8, name: &str) -> NoteKey {
    let admitted = AdmittedKey::admit(secret(seed).public()).unwrap();
    NoteKey::new(KeyName::new(name).unwrap(), admitted)
}

fn note(text: &str, seed: u8, name: &str) -> Note {
    Note::sign(text, &KeyName::new(name).unwrap(), &secret(seed)).unwrap()
}

/// The bytes of a note with lines of others.
fn with_lines(note: &Note, lines: &[String]) -> Vec<u8> {
    (note.to_string() + &lines.concat()).into_bytes()
}

fn fault(bytes: impl AsRef<[u8]>) -> NoteFault {
    Note::parse(bytes.as_ref()).expect_err("a bad note")
}

/// A line with a right form and a signature of nothing, by whomever.
fn noise(name: &str, bytes: usize) -> String {
    use base64ct::{Base64, Encoding};
    format!(
        "— {name} {}\n",
        Base64::encode_string(&alloc::vec![7; bytes])
    )
}

/// SN-1: a note reads back as it was written; the last empty line parts text and signatures.
#[test]
fn notes_read_back() {
    for text in [TEXT, "\n", "\n\n\n", "— looks like a line\n", "a\n\n"] {
        let note = note(text, 1, "example.com/one");
        let bytes = note.to_string();
        let read = Note::parse(bytes.as_bytes()).unwrap();
        assert_eq!((&read, read.text()), (&note, text));
        assert_eq!(read.verified(&key(1, "example.com/one")), Ok(note));
    }
    let bytes = note(TEXT, 1, "example.com/one").to_string();
    assert!(bytes.starts_with(&format!("{TEXT}\n— example.com/one ")));
}

/// SN-1, SN-3, SN-4: each broken note has its error.
#[test]
fn each_broken_note_has_its_error() {
    let good = note(TEXT, 1, "n").to_string();
    let line = good.strip_prefix(TEXT).unwrap().trim_start_matches('\n');
    let blob = line.trim_end().rsplit_once(' ').unwrap().1;
    let table = [
        (String::new(), NoteFault::Unsplit),
        (String::from("text\n"), NoteFault::Unsplit),
        (format!("text\n{line}"), NoteFault::Unsplit),
        (String::from("text\n\n"), NoteFault::Line),
        (good.trim_end().to_string(), NoteFault::Line),
        (format!("{good}\n"), NoteFault::Line),
        (good.replace('\n', "\r\n"), NoteFault::Control),
        (good.replace("first", "fir\tst"), NoteFault::Control),
        (good.replace("first", "fir\0st"), NoteFault::Control),
        (format!("text\n\n- n {blob}\n"), NoteFault::Line),
        (format!("text\n\n—n {blob}\n"), NoteFault::Line),
        (format!("text\n\n— n  {blob}\n"), NoteFault::Line),
        (format!("text\n\n— n {blob} \n"), NoteFault::Line),
        (format!("text\n\n— n{blob}\n"), NoteFault::Line),
        (format!("text\n\n—  {blob}\n"), NoteFault::KeyName),
        (format!("text\n\n— n+n {blob}\n"), NoteFault::KeyName),
        (format!("text\n\n— n\u{a0}n {blob}\n"), NoteFault::KeyName),
        (format!("text\n\n— n\u{2003}n {blob}\n"), NoteFault::KeyName),
        (
            format!("text\n\n— {} {blob}\n", "n".repeat(256)),
            NoteFault::KeyName,
        ),
        // base64 in another form: no padding, another alphabet, bits left over, four bytes alone
        (
            format!("text\n\n— n {}\n", blob.trim_end_matches('=')),
            NoteFault::Line,
        ),
        (String::from("text\n\n— n AAAA_-AA\n"), NoteFault::Line),
        (String::from("text\n\n— n AAAAAAB=\n"), NoteFault::Line),
        (String::from("text\n\n— n AAAAAA==\n"), NoteFault::Line),
    ];
    for (bytes, expected) in table {
        assert_eq!(fault(&bytes), expected, "{bytes:?}");
    }
    assert_eq!(fault([good.as_bytes(), b"\xff"].concat()), NoteFault::Utf8);
    let unended = Note::sign("no line break", &KeyName::new("n").unwrap(), &secret(1));
    assert_eq!(unended, Err(NoteFault::Unsplit));
    let control = Note::sign("\u{1b}\n", &KeyName::new("n").unwrap(), &secret(1));
    assert_eq!(control, Err(NoteFault::Control));
}

/// SN-2, SN-5: limits hold at their edge, for reading and for making; 16 signatures of 5,000 bytes fit.
#[test]
fn notes_have_limits() {
    let max = usize::try_from(NOTE_BYTES_MAX).unwrap();
    let empty = note("\n", 1, "n").to_string().len();
    let full = note(&("x".repeat(max - empty) + "\n"), 1, "n").to_string();
    assert_eq!(
        (full.len(), Note::parse(full.as_bytes()).is_ok()),
        (max, true)
    );
    assert_eq!(fault(full + "\n"), NoteFault::TooLong);
    let long = "x".repeat(max - empty + 1) + "\n";
    let long = Note::sign(&long, &KeyName::new("n").unwrap(), &secret(1));
    assert_eq!(long, Err(NoteFault::TooLong));
    let own = note(TEXT, 1, "n");
    let lines = usize::try_from(NOTE_SIGNATURES_MAX).unwrap();
    let others: Vec<_> = (1..lines).map(|n| noise(&format!("o{n}"), 5)).collect();
    let most = Note::parse(&with_lines(&own, &others)).unwrap();
    assert!(most.verified(&key(1, "n")).is_ok());
    let one_more = [others.as_slice(), &[noise("more", 5)]].concat();
    assert_eq!(fault(with_lines(&own, &one_more)), NoteFault::TooMany);
    let line = own.lines()[0].clone();
    assert_eq!(most.with(line), Err(NoteFault::TooMany));
    let heavy: Vec<_> = (0..15).map(|n| noise(&format!("h{n}"), 5004)).collect();
    let heavy = Note::parse(&with_lines(&own, &heavy)).unwrap();
    assert!(heavy.verified(&key(1, "n")).is_ok());
}

/// SN-6: lines of unknown keys are passed over, also under the known name or with the known id, and do not survive.
#[test]
fn unknown_lines_are_passed_over_and_not_kept() {
    let own = note(TEXT, 1, "n");
    let same_name = note("something else\n", 2, "n").lines()[0].to_string();
    let mut same_id = own.lines()[0].clone();
    same_id.name = KeyName::new("other").unwrap();
    let others = [noise("strange", 69), same_name, same_id.to_string()];
    let before = others.concat() + &own.lines()[0].to_string();
    for bytes in [
        with_lines(&own, &others),
        format!("{TEXT}\n{before}").into_bytes(),
    ] {
        let read = Note::parse(&bytes).unwrap();
        assert_eq!(read.lines().len(), 4);
        assert_eq!(read.verified(&key(1, "n")), Ok(own.clone()));
    }
}

/// SN-7: without a line of the key, with two, or with one that does not verify, the note is refused.
#[test]
fn forged_and_doubled_lines_are_refused() {
    let own = note(TEXT, 1, "n");
    let known = key(1, "n");
    let line = own.lines()[0].to_string();
    assert_eq!(own.verified(&key(2, "n")), Err(NoteFault::Unsigned));
    assert_eq!(own.verified(&key(1, "m")), Err(NoteFault::Unsigned));
    let twice = Note::parse(&with_lines(&own, &[line])).unwrap();
    assert_eq!(twice.verified(&known), Err(NoteFault::Twice));
    let mut forged = own.lines()[0].clone();
    forged.signature[0] ^= 1;
    let beside = Note::parse(&with_lines(&own, &[forged.to_string()])).unwrap();
    assert_eq!(beside.verified(&known), Err(NoteFault::Twice));
    for at in 0..64 {
        let mut forged = own.lines()[0].clone();
        forged.signature[at] ^= 0x10;
        let alone = format!("{TEXT}\n{forged}");
        let alone = Note::parse(alone.as_bytes()).unwrap();
        assert_eq!(alone.verified(&known), Err(NoteFault::Forged), "byte {at}");
    }
    for len in [1, 63, 65, 72] {
        let mut short = own.lines()[0].clone();
        short.signature.resize(len, 0);
        let short = Note::parse(format!("{TEXT}\n{short}").as_bytes()).unwrap();
        assert_eq!(short.verified(&known), Err(NoteFault::Forged));
    }
    let other_text = format!("{TEXT}x\n\n{}", own.lines()[0]);
    let other_text = Note::parse(other_text.as_bytes()).unwrap();
    assert_eq!(other_text.verified(&known), Err(NoteFault::Forged));
}

/// SN-8: a verifier key says name, id and key in one form, and nothing else is read.
#[test]
fn verifier_keys_have_one_form() {
    let known = key(1, "example.com/n");
    let text = known.to_string();
    assert_eq!(text.parse(), Ok(known.clone()));
    assert_eq!(
        (known.name().as_str(), known.public()),
        ("example.com/n", secret(1).public())
    );
    let (head, base64) = text.rsplit_once('+').unwrap();
    let (name, id) = head.split_once('+').unwrap();
    let table = [
        (String::from(name), NoteFault::VerifierKey),
        (format!("{name}+{id}"), NoteFault::VerifierKey),
        (
            format!("{name}+{}+{base64}", id.to_uppercase()),
            NoteFault::VerifierKey,
        ),
        (format!("{name}+00000000+{base64}"), NoteFault::VerifierKey),
        (format!("x{name}+{id}+{base64}"), NoteFault::VerifierKey),
        (format!("+{id}+{base64}"), NoteFault::KeyName),
        (format!("{name}+{id}+{base64}="), NoteFault::VerifierKey),
        (text.replace("+AY", "+BI"), NoteFault::VerifierKey),
    ];
    for (text, fault) in table {
        assert_eq!(text.parse::<NoteKey>(), Err(fault), "{text}");
    }
    // 32 zero bytes are a point of small order
    let weak = format!(
        "n+00000000+{}",
        "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    );
    assert_eq!(weak.parse::<NoteKey>(), Err(NoteFault::Key(KeyFault::Weak)));
}

/// SN-9: no note's text, no cosigned text and no request's text can be a tagged digest, or each other.
#[test]
fn signed_texts_are_apart() {
    for tag in [Tag::Entry, Tag::PopAuthor, Tag::PopRequest, Tag::Approval] {
        assert_eq!(tag.bytes()[31], 0, "a zero byte, which no note holds");
        assert!(tag.bytes().starts_with(b"daybook/v1/"));
    }
    let target = request::Target {
        method: "GET",
        authority: "relay.example",
        path: "/",
        query: "",
        body: b"",
    };
    let text = request::signed_text(&target, &secret(1).public(), 1, "n");
    assert!(!text.ends_with('\n'), "and every note's text does");
    let as_note = Note::sign(&text, &KeyName::new("n").unwrap(), &secret(1));
    assert_eq!(as_note, Err(NoteFault::Unsplit));
    let tagged = [Tag::Entry.bytes().as_slice(), &[b'\n'; 32]].concat();
    let tagged = core::str::from_utf8(&tagged).unwrap();
    let as_note = Note::sign(tagged, &KeyName::new("n").unwrap(), &secret(1));
    assert_eq!(as_note, Err(NoteFault::Control));
}
