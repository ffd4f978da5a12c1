//! Officina Vera: a small Italian maker of coffee machines, made up from a seed.
//!
//! It is the company of the demo, of tests, benchmarks and documents: products, shops, desks, employees,
//! customers and eighteen months of what they wrote, as plain data without database or web. The same
//! seed, size and present give the same company on every machine.
//!
//! ```
//! let company = demo::Company::generate(7, demo::Size::Small, 1_795_000_000_000_000);
//! let waiting = company.stories().filter(|story| story.state == Some(demo::State::WaitingForUs));
//! assert_eq!(waiting.count(), 14);
//! ```

mod calendar;
mod company;
mod compose;
mod dice;
mod flag;
mod frame;
mod house;
mod linger;
mod names;
mod notebook;
mod paper;
mod people;
mod phrasebook;
mod present;
mod said;
mod scene;
mod stories;
mod story;
mod style;
mod subjects;
mod teller;

pub use company::{
    Company, Consent, CustomerKind, Employee, Fact, FunctionKind, Gender, Identity, IdentityKind, Mailbox,
    Organisation, Owned, Person, Product, ProductKind, Role, Shop, Size, Team, Version,
};
pub use kernel::Locale;
pub use stories::Stories;
pub use story::{Attachment, Cause, Channel, Score, State, Story, Turn, TurnKind};

use calendar::Calendar;

impl Company {
    /// Makes the company. `now_micros` is its present (UTC microseconds): stories end there.
    pub fn generate(seed: u64, size: Size, now_micros: i64) -> Company {
        let calendar = Calendar::around(now_micros);
        let (mut organisations, mut people) = people::populate(seed, size.people(), &calendar);
        present::add_people(&mut organisations, &mut people, &calendar);
        Company {
            name: "Officina Vera",
            domain: "officinavera.example",
            seed,
            size,
            now_micros,
            products: house::products(now_micros),
            shops: house::shops(),
            mailboxes: house::mailboxes(),
            teams: house::teams(),
            employees: house::employees(),
            organisations,
            people,
        }
    }

    /// The stories, by their first turn, oldest first, made one at a time: memory does not grow with
    /// their number.
    pub fn stories(&self) -> Stories<'_> {
        Stories::of(self)
    }
}
