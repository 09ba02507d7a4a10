//! Personal data exists only in envelopes. The compiler refuses names of people in clear by type; this check reads the
//! shipped sources once more, by the names that people give to such fields.

use crate::{Finding, Tree};
use anyhow::Result;

/// Fields that hold personal data wherever they stand.
const ANYWHERE: &[&str] = &[
    "address",
    "bank_account",
    "birth",
    "birthday",
    "email",
    "e_mail",
    "face",
    "family_name",
    "fax",
    "first_name",
    "given_name",
    "iban",
    "last_name",
    "mail",
    "mobile",
    "passport",
    "person",
    "person_name",
    "phone",
    "photo",
    "signature",
    "social",
    "ssn",
    "street",
    "surname",
    "tax_number",
    "telephone",
    "zip",
];
/// Entities and verbs whose `name` is a person's, or may be.
const OF_PEOPLE: &[&str] = &[
    "party", "person", "customer", "supplier", "vendor", "employee", "worker", "member", "user",
    "contact", "guest", "patient", "subject",
];

/// Every such field is `sealed<…>`.
///
/// # Errors
/// Never.
pub fn check(tree: &Tree) -> Result<Vec<Finding>> {
    let mut found = Vec::new();
    for (path, source) in tree.texts(&[".book"]) {
        let mut about = String::new();
        for (number, line) in source.lines().enumerate() {
            let code = line.split('#').next().unwrap_or_default();
            let mut words = code.split_whitespace();
            if let (Some("entity" | "verb"), Some(name)) = (words.next(), words.next()) {
                about = name
                    .split(|c: char| !(c.is_alphanumeric() || c == '_'))
                    .next()
                    .unwrap_or_default()
                    .to_owned();
            }
            for (name, ty) in fields(code) {
                let is_name = name == "name" && OF_PEOPLE.contains(&about.as_str());
                let is_sealed = ty.starts_with("sealed");
                if (is_name || ANYWHERE.contains(&name)) && !is_sealed {
                    found.push(Finding::at(
                        path,
                        number + 1,
                        format!(
                            "{name} of {about} is personal data in clear: make it sealed<class>"
                        ),
                    ));
                }
            }
        }
    }
    Ok(found)
}

/// `name: type` pairs of a line.
fn fields(code: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let pieces: Vec<&str> = code.split(':').collect();
    for two in pieces.windows(2) {
        let [before, after] = two else { continue };
        let name = before
            .rsplit(|c: char| !(c.is_alphanumeric() || c == '_'))
            .find(|word| !word.is_empty())
            .unwrap_or_default();
        found.push((name, after.trim_start()));
    }
    found
}
