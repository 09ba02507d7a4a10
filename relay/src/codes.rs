//! Set-up codes: each lets one book be made. Only their hashes are stored.

use crate::Fault;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

/// What is stored of a code. A made code holds 125 bits of chance, so a plain hash is enough.
pub(crate) fn hash(code: &str) -> [u8; 32] {
    Sha256::new_with_prefix(b"daybook v1 set-up code\0")
        .chain_update(code)
        .finalize()
        .into()
}

/// Which of the stored hashes is the code's. Every one is compared in full, whatever the first ones gave.
pub(crate) fn find<'a, T>(code: &str, stored: &'a [([u8; 32], T)]) -> Option<&'a T> {
    let ours = hash(code);
    let mut found = None;
    for (theirs, value) in stored {
        let same: Choice = ours.ct_eq(theirs);
        if bool::from(same) {
            found = Some(value);
        }
    }
    found
}

/// 32 bytes of chance.
pub(crate) fn chance() -> Result<[u8; 32], Fault> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|_| Fault::Chance)?;
    Ok(bytes)
}

/// A new code for people to type: 25 of 32 letters and digits that are not mistaken for each other, in fives.
pub(crate) fn make() -> Result<String, Fault> {
    const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let chance = chance()?;
    let mut code = String::new();
    for (at, byte) in chance.iter().take(25).enumerate() {
        if at > 0 && at % 5 == 0 {
            code.push('-');
        }
        code.push(char::from(LETTERS[usize::from(byte % 32)]));
    }
    Ok(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_by_its_hash_alone_and_a_near_one_is_not() {
        let stored = [(hash("ABCDE-FGHJK"), 1), (hash("LMNPQ-RSTUV"), 2)];
        assert_eq!(find("LMNPQ-RSTUV", &stored), Some(&2));
        assert_eq!(find("LMNPQ-RSTUW", &stored), None);
        assert_eq!(find("", &stored), None);
    }

    #[test]
    fn made_codes_differ_and_can_be_typed() {
        let (one, two) = (make().unwrap(), make().unwrap());
        assert_ne!(one, two);
        assert_eq!(one.len(), 29);
        assert!(
            one.chars()
                .all(|c| c == '-' || c.is_ascii_uppercase() || c.is_ascii_digit())
        );
    }
}
