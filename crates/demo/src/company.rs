//! The company as plain data: what it makes, who works there, who its customers are.

use kernel::Locale;

/// How much of the company to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Size {
    /// About 300 conversations and 160 people: tests.
    Small,
    /// About 12,000 conversations and 2,000 people: the demo.
    #[default]
    Medium,
    /// About 500,000 conversations with 5 million messages, 40,000 people: benchmarks. Exchanges are
    /// longer here, and letters fuller, or the same people would soon write the same lines.
    Large,
    /// So many conversations of about ten messages, as long and full as in the large company.
    Conversations(u32),
}

impl Size {
    /// Voices and conversations over the whole time, the lively present included.
    pub fn stories(self) -> usize {
        match self {
            Size::Small => 300,
            Size::Medium => 12_000,
            Size::Large => stories_of(500_000),
            Size::Conversations(number) => stories_of(number),
        }
    }

    /// Whether exchanges are long and letters full.
    pub(crate) fn is_rich(self) -> bool {
        matches!(self, Size::Large | Size::Conversations(_))
    }

    /// People known to the shop.
    pub fn people(self) -> usize {
        match self {
            Size::Small => 160,
            Size::Medium => 2_000,
            Size::Large => people_of(500_000),
            Size::Conversations(number) => people_of(number),
        }
    }
}

/// Not every story is a conversation: reviews and most calls are told once.
fn stories_of(conversations: u32) -> usize {
    (f64::from(conversations) * STORIES_A_CONVERSATION) as usize
}

/// Stories told for one that becomes a conversation.
const STORIES_A_CONVERSATION: f64 = 1.39;

fn people_of(conversations: u32) -> usize {
    (conversations as usize * 2 / 25).max(Size::Small.people())
}

/// Officina Vera with its people; the conversations come from [`Company::stories`].
#[derive(Debug, Clone)]
pub struct Company {
    /// Its name.
    pub name: &'static str,
    /// The mail domain of its addresses.
    pub domain: &'static str,
    /// The seed everything came from.
    pub seed: u64,
    /// The size it was made in.
    pub size: Size,
    /// The instant that counts as the present, UTC microseconds.
    pub now_micros: i64,
    /// What it makes and sells.
    pub products: Vec<Product>,
    /// Where one can walk in.
    pub shops: Vec<Shop>,
    /// Its desks.
    pub mailboxes: Vec<Mailbox>,
    /// Its teams.
    pub teams: Vec<Team>,
    /// Who works there.
    pub employees: Vec<Employee>,
    /// Bars, farm stays, offices and dealers.
    pub organisations: Vec<Organisation>,
    /// The customers; [`crate::Story::person`] is an index into this list.
    pub people: Vec<Person>,
}

/// What a product is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProductKind {
    /// A coffee machine.
    Machine,
    /// A grinder.
    Grinder,
    /// A spare part or an accessory.
    Part,
    /// The program inside a machine.
    Firmware,
}

/// Something the company makes.
#[derive(Debug, Clone)]
pub struct Product {
    /// Stable key, such as `vera-6`.
    pub key: &'static str,
    /// Name on the box.
    pub name: &'static str,
    /// What it is.
    pub kind: ProductKind,
    /// Its versions, oldest first.
    pub versions: Vec<Version>,
}

/// A version of a product.
#[derive(Debug, Clone)]
pub struct Version {
    /// Its name, such as `2.4`.
    pub name: &'static str,
    /// When it was first delivered, UTC microseconds.
    pub since_micros: i64,
}

/// A shop.
#[derive(Debug, Clone)]
pub struct Shop {
    /// Stable key.
    pub key: &'static str,
    /// Name.
    pub name: &'static str,
    /// City.
    pub city: &'static str,
    /// Street and number, invented.
    pub street: &'static str,
    /// Telephone, invented.
    pub phone: &'static str,
}

/// A desk that mail arrives at.
#[derive(Debug, Clone)]
pub struct Mailbox {
    /// Stable key.
    pub key: &'static str,
    /// Name shown to everyone.
    pub name: &'static str,
    /// Address.
    pub address: &'static str,
    /// Seen only by those who hold it.
    pub private: bool,
}

/// A team.
#[derive(Debug, Clone)]
pub struct Team {
    /// Stable key.
    pub key: &'static str,
    /// Name.
    pub name: &'static str,
}

/// A part of the company that answers for decisions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FunctionKind {
    /// What is built.
    Product,
    /// What is said in public.
    Marketing,
    /// What is moved and repaired.
    Operations,
    /// What is invoiced and paid.
    Administration,
}

/// What somebody is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Answers for relationships with customers.
    Keeper,
    /// Answers for a function.
    Function(FunctionKind),
    /// Sees the whole shop and conducts it.
    Conductor,
    /// Looks after the installation and the accounts.
    Administrator,
}

/// Somebody who works there.
#[derive(Debug, Clone)]
pub struct Employee {
    /// Stable key.
    pub key: &'static str,
    /// First and last name.
    pub name: &'static str,
    /// Mail address.
    pub mail: &'static str,
    /// What they are there for.
    pub role: Role,
    /// Functions they answer for besides their role.
    pub functions: &'static [FunctionKind],
    /// Language of their pages.
    pub locale: Locale,
    /// Keys of the mailboxes they hold.
    pub mailboxes: &'static [&'static str],
    /// Key of their team.
    pub team: &'static str,
    /// Offered for signing in with one click on the demo's first page.
    pub one_click: bool,
}

/// What kind of customer somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CustomerKind {
    /// At home.
    Private,
    /// A bar, café or restaurant.
    Bar,
    /// A farm stay or small hotel.
    Inn,
    /// An office, studio or shop with a machine for its people.
    Office,
    /// Sells our machines.
    Dealer,
}

/// Whom a person belongs to.
#[derive(Debug, Clone)]
pub struct Organisation {
    /// Stable key.
    pub key: String,
    /// Name.
    pub name: String,
    /// What kind of customer it is.
    pub kind: CustomerKind,
    /// City.
    pub city: &'static str,
    /// Country code, ISO 3166.
    pub country: &'static str,
    /// Mail domain, always below `.example`.
    pub domain: String,
}

/// What an identity is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IdentityKind {
    /// A mail address.
    Mail,
    /// A telephone number with country prefix.
    Phone,
}

/// An address or number that a person uses.
#[derive(Debug, Clone)]
pub struct Identity {
    /// What it is.
    pub kind: IdentityKind,
    /// Its value.
    pub value: String,
}

/// What the shop may send without being asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Consent {
    /// Never asked.
    Unknown,
    /// Answers only.
    AnswersOnly,
    /// News and surveys too.
    News,
}

/// Something worth knowing about a person, in their keeper's notebook.
#[derive(Debug, Clone)]
pub struct Fact {
    /// What was told.
    pub text: String,
    /// Key of the employee it was told to.
    pub told_to: &'static str,
    /// When it was told, UTC microseconds.
    pub told_at_micros: i64,
}

/// A machine or grinder that a person has.
#[derive(Debug, Clone)]
pub struct Owned {
    /// Key of the product.
    pub product: &'static str,
    /// Serial number.
    pub serial: String,
    /// Since when, UTC microseconds.
    pub since_micros: i64,
}

/// Grammatical gender that a person's Italian sentences agree with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Gender {
    /// Feminine.
    Feminine,
    /// Masculine.
    Masculine,
}

/// A customer.
#[derive(Debug, Clone)]
pub struct Person {
    /// Stable key.
    pub key: String,
    /// First and last name.
    pub name: String,
    /// First name.
    pub first_name: &'static str,
    /// How their sentences agree.
    pub gender: Gender,
    /// Index into [`Company::organisations`].
    pub organisation: Option<usize>,
    /// What kind of customer they are.
    pub kind: CustomerKind,
    /// City.
    pub city: &'static str,
    /// Street and number, invented.
    pub street: String,
    /// Addresses and numbers; the first is the preferred one.
    pub identities: Vec<Identity>,
    /// Language they are written to in.
    pub language: Locale,
    /// Their first language, BCP 47 (`it`, `en`, `de`).
    pub mother_tongue: &'static str,
    /// What the shop may send unasked.
    pub consent: Consent,
    /// What they told.
    pub notebook: Vec<Fact>,
    /// Key of the employee who answers for them.
    pub keeper: &'static str,
    /// Key of who steps in.
    pub stand_in: &'static str,
    /// First contact, UTC microseconds.
    pub known_since_micros: i64,
    /// Machines and grinders they have.
    pub owns: Vec<Owned>,
}

impl Person {
    /// Their first mail address.
    pub fn mail(&self) -> Option<&str> {
        self.identity(IdentityKind::Mail)
    }

    /// Their first telephone number.
    pub fn phone(&self) -> Option<&str> {
        self.identity(IdentityKind::Phone)
    }

    fn identity(&self, kind: IdentityKind) -> Option<&str> {
        self.identities.iter().find(|identity| identity.kind == kind).map(|identity| identity.value.as_str())
    }
}
