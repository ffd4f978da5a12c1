//! The company itself: desks, teams, products, employees, customers.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use ::demo::{Company, Consent, FunctionKind, IdentityKind, Role};
use engine::{Tx, params};
use kernel::{
    AccountId, Actor, Fault, Instant, MailboxId, ManualClock, OrganisationId, PersonId, ProductId, Reason,
    TeamId,
};
use primitives::account::NewAccount;
use primitives::event::{self, EventKind, NewEvent};
use primitives::person::NewPerson;
use primitives::{account, identity, mailbox, organisation, person, product, team};

use super::unknown;

engine::statements! {
    /// Writes a fact into a notebook, as it was told then.
    ADD_FACT = "INSERT INTO fact (id, person_id, body, told_by, told_at, recorded_by, recorded_at)
                VALUES ($1, $2, $3, 'customer', $4, $5, $4)";
    /// Writes a consent down, as it was given then.
    ADD_CONSENT = "INSERT INTO consent (id, person_id, purpose, basis, given_at) VALUES ($1, $2, $3, $4, $5)";
}

/// What the keys of the company became in the store.
pub(super) struct Known {
    pub mailboxes: HashMap<&'static str, MailboxId>,
    pub teams: HashMap<&'static str, TeamId>,
    pub accounts: HashMap<&'static str, (AccountId, Actor)>,
    products: HashMap<(&'static str, Option<&'static str>), ProductId>,
    pub machine: Actor,
    /// Name and mail address of every desk.
    pub desks: HashMap<&'static str, (&'static str, &'static str)>,
    /// Name and mail address of every customer.
    pub customers: Vec<(String, String)>,
    organisations: Vec<OrganisationId>,
    people: Mutex<HashMap<usize, PersonId>>,
}

/// Makes desks, teams, products, employees and organisations.
pub(super) fn load(tx: &mut Tx<'_>, clock: &ManualClock, company: &Company) -> Result<Known, Fault> {
    let machine = Actor::machine(Vec::new());
    let mut teams = HashMap::new();
    for one in &company.teams {
        teams.insert(one.key, team::create(tx, clock, &machine, one.name)?);
    }
    let mut mailboxes = HashMap::new();
    for one in &company.mailboxes {
        let id = mailbox::create(tx, clock, &machine, one.name, Some(one.address), None)?;
        mailboxes.insert(one.key, id);
    }
    let mut products = HashMap::new();
    for one in &company.products {
        products.insert((one.key, None), product::find_or_create(tx, clock, one.name, "")?);
        for version in &one.versions {
            let id = product::find_or_create(tx, clock, one.name, version.name)?;
            products.insert((one.key, Some(version.name)), id);
        }
    }
    let mut accounts = HashMap::new();
    for employee in &company.employees {
        let new = NewAccount {
            email: employee.mail.to_owned(),
            name: employee.name.to_owned(),
            role: match employee.role {
                Role::Keeper => kernel::Role::Keeper,
                Role::Function(_) => kernel::Role::Function,
                Role::Conductor => kernel::Role::Conductor,
                Role::Administrator => kernel::Role::Administrator,
            },
            password_hash: None,
            locale: employee.locale,
            zone: "Europe/Rome".into(),
            title: title(employee.role).map(str::to_owned),
        };
        let id = account::create(tx, clock, &machine, &new)?;
        for key in employee.mailboxes {
            let mailbox = *mailboxes.get(key).ok_or_else(|| unknown("mailbox"))?;
            mailbox::grant(tx, clock, &machine, mailbox, id, true)?;
        }
        if let Some(team) = teams.get(employee.team) {
            team::join(tx, *team, id)?;
        }
        let actor = account::actor(tx, id)?.ok_or_else(|| unknown("account"))?;
        accounts.insert(employee.key, (id, actor));
    }
    let mut organisations = Vec::with_capacity(company.organisations.len());
    for one in &company.organisations {
        organisations.push(organisation::create(
            tx,
            clock,
            &machine,
            &one.name,
            Some(one.city),
            Some(&one.key),
        )?);
    }
    let machine = Actor { mailboxes: mailboxes.values().copied().collect(), ..machine };
    let desks =
        company.mailboxes.iter().map(|mailbox| (mailbox.key, (mailbox.name, mailbox.address))).collect();
    let customers = company
        .people
        .iter()
        .map(|person| (person.name.clone(), person.mail().unwrap_or_default().to_owned()))
        .collect();
    Ok(Known {
        desks,
        customers,
        mailboxes,
        teams,
        accounts,
        products,
        machine,
        organisations,
        people: Mutex::default(),
    })
}

fn title(role: Role) -> Option<&'static str> {
    match role {
        Role::Function(FunctionKind::Product) => Some("Prodotto"),
        Role::Function(FunctionKind::Marketing) => Some("Marketing"),
        Role::Function(FunctionKind::Operations) => Some("Officina e spedizioni"),
        Role::Function(FunctionKind::Administration) => Some("Amministrazione"),
        Role::Keeper | Role::Conductor | Role::Administrator => None,
    }
}

impl Known {
    /// Makes one customer with everything that is known of them.
    pub fn add_person(
        &self,
        tx: &mut Tx<'_>,
        clock: &ManualClock,
        company: &Company,
        index: usize,
    ) -> Result<(), Fault> {
        let customer = company.people.get(index).ok_or_else(|| unknown("person"))?;
        let since = Instant::from_micros(customer.known_since_micros);
        // They became known then, and the log says so.
        clock.set(since);
        let new = NewPerson {
            name: customer.name.clone(),
            organisation: customer.organisation.and_then(|at| self.organisations.get(at).copied()),
            language: Some(customer.language.code().to_owned()),
            keeper: self.account(customer.keeper),
            stand_in: self.account(customer.stand_in),
            external_id: Some(customer.key.clone()),
            known_since: Some(since),
        };
        let id = person::create(tx, clock, &self.machine, &new)?;
        for one in &customer.identities {
            let kind = match one.kind {
                IdentityKind::Mail => identity::IdentityKind::Email,
                IdentityKind::Phone => identity::IdentityKind::Phone,
            };
            match identity::add(tx, clock, &self.machine, id, kind, &one.value) {
                // In a large company two may share a number of the ranges reserved for fiction; the first keeps it.
                Ok(_) | Err(Fault::Invalid { reason: Reason::Taken, .. }) => {}
                Err(fault) => return Err(fault),
            }
        }
        for fact in &customer.notebook {
            let (key, told_at) =
                (tx.mint::<kernel::FactId>(clock), Instant::from_micros(fact.told_at_micros));
            tx.execute(&ADD_FACT, params![key, id, &fact.text, told_at, self.account(fact.told_to)])?;
            let event = NewEvent {
                occurred_at: Some(told_at),
                person: Some(id),
                ..NewEvent::new(EventKind::FactAdded, "fact", key.raw())
            };
            event::append(tx, clock, &self.machine, event)?;
        }
        let purposes: &[&str] = match customer.consent {
            Consent::Unknown => &[],
            Consent::AnswersOnly => &["reply"],
            Consent::News => &["reply", "news", "survey"],
        };
        for purpose in purposes {
            let basis = if *purpose == "reply" { "contract" } else { "consent" };
            let key: i64 = tx.mint(clock);
            tx.execute(&ADD_CONSENT, params![key, id, *purpose, basis, since])?;
        }
        self.people.lock().unwrap_or_else(PoisonError::into_inner).insert(index, id);
        Ok(())
    }

    /// The customer of an index.
    pub fn person(&self, index: usize) -> Option<PersonId> {
        self.people.lock().unwrap_or_else(PoisonError::into_inner).get(&index).copied()
    }

    /// The product of a key, in a version where that matters.
    pub fn product(&self, key: &'static str, version: Option<&'static str>) -> Option<ProductId> {
        self.products.get(&(key, version)).copied()
    }

    /// The account of an employee's key.
    pub fn account(&self, key: &str) -> Option<AccountId> {
        self.accounts.get(key).map(|(id, _)| *id)
    }

    /// An employee as an actor who sees every desk, so that a hand-over between desks can be told.
    pub fn actor(&self, key: &str) -> Actor {
        match self.accounts.get(key) {
            Some((_, actor)) => Actor { mailboxes: self.machine.mailboxes.clone(), ..actor.clone() },
            None => self.machine.clone(),
        }
    }
}
