//! S-FIRST: first run by two people at once makes one book, whole or not at all.

use crate::device::Device;
use crate::witness::{Line, Plant, Run, Witness};
use crate::world::{Relay, SETUP_CODE};
use anyhow::anyhow;
use daybook_log::wire::{self, WireBody as _};
use std::sync::Barrier;

/// Eight people, one set-up code, one moment.
pub(super) const RACE: Witness = Witness {
    row: "S-FIRST",
    name: "RACE",
    claim: "of eight people who set up with one code at once, one founds a whole book and seven are told to join that one",
    fault: "the eighth has a set-up code of their own relay, so there are two books",
    run: race,
};

const PEOPLE: u64 = 8;
const ROUNDS: u64 = 5;

fn race(name: &str, plant: Plant) -> Run {
    let (mut founded, mut told, mut whole) = (0, 0, 0);
    let mut one_book_each = true;
    for round in 0..ROUNDS {
        let folder = tempfile::tempdir()?;
        let relay = Relay::start(&folder.path().join("a"), None)?;
        let other = plant
            .planted()
            .then(|| Relay::start(&folder.path().join("b"), None))
            .transpose()?;
        let mut people = Vec::new();
        for person in 0..PEOPLE {
            let url = other
                .as_ref()
                .filter(|_| person + 1 == PEOPLE)
                .map_or(&relay.url, |other| &other.url);
            people.push(Device::founder(url, 1_000 * round + person)?);
        }
        let start = Barrier::new(people.len());
        let answers = std::thread::scope(|scope| {
            let tries: Vec<_> = people
                .iter_mut()
                .map(|person| {
                    let start = &start;
                    scope.spawn(move || {
                        start.wait();
                        person.create(SETUP_CODE)
                    })
                })
                .collect();
            tries
                .into_iter()
                .map(|asked| asked.join().map_err(|_| anyhow!("a thread died"))?)
                .collect::<anyhow::Result<Vec<_>>>()
        })?;
        let mut books = Vec::new();
        for (person, answer) in people.iter_mut().zip(&answers) {
            if answer.status == 409 {
                told += 1;
                let problem =
                    wire::Problem::from_wire(&answer.body).map_err(|bad| anyhow!("{bad}"))?;
                books.extend(problem.book);
            } else {
                founded += 1;
                books.push(answer.read::<wire::Created>()?.book);
                whole += usize::from(
                    person.range(1)?.len() == 1 && person.create(SETUP_CODE)?.status < 300,
                );
            }
        }
        books.sort_unstable();
        books.dedup();
        one_book_each &= books.len() == 1;
    }
    Ok(Line::new(name)
        .figure("rounds", ROUNDS)
        .figure("people", PEOPLE)
        .figure("founded", founded)
        .figure("told_to_join", told)
        .figure("whole", whole)
        .holds(
            "one_book",
            one_book_each && u64::try_from(founded)? == ROUNDS && whole == founded,
        ))
}
