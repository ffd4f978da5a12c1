//! What the company makes, where it sits and who works there.

use kernel::Locale;

use crate::calendar::DAY;
use crate::company::{Employee, FunctionKind, Mailbox, Product, ProductKind, Role, Shop, Team, Version};

/// Days before the present on which the gasket 2.4 of the new supplier went into machines.
pub(crate) const GASKET_24_DAYS_AGO: i64 = 81;
/// Days before the present on which firmware 3.2 came out.
pub(crate) const FIRMWARE_32_DAYS_AGO: i64 = 190;
/// Days before the present on which firmware 3.2.1 mended it.
pub(crate) const FIRMWARE_321_DAYS_AGO: i64 = 152;

pub(crate) fn products(now_micros: i64) -> Vec<Product> {
    let version = |name, days_ago: i64| Version { name, since_micros: now_micros - days_ago * DAY };
    let product = |key, name, kind, versions| Product { key, name, kind, versions };
    use ProductKind::{Firmware, Grinder, Machine, Part};
    vec![
        product("vera-6", "Vera 6", Machine, vec![version("2019", 2500), version("2024", 800)]),
        product("vera-6-plus", "Vera 6 Plus", Machine, vec![version("2022", 1500), version("2025", 420)]),
        product("vera-mini", "Vera Mini", Machine, vec![version("2021", 1900)]),
        product("macina-40", "Macina 40", Grinder, vec![version("2020", 2200), version("2025", 500)]),
        product(
            "group-gasket",
            "Guarnizione gruppo",
            Part,
            vec![version("2.3", 1400), version("2.4", GASKET_24_DAYS_AGO), version("2.5", 9)],
        ),
        product("portafilter", "Portafiltro", Part, vec![version("58", 2500)]),
        product("steam-wand", "Lancia vapore", Part, vec![version("1", 2500), version("2", 800)]),
        product("water-filter", "Filtro acqua", Part, vec![version("F1", 2000)]),
        product(
            "firmware",
            "Firmware Vera 6 Plus",
            Firmware,
            vec![
                version("3.1", 420),
                version("3.2", FIRMWARE_32_DAYS_AGO),
                version("3.2.1", FIRMWARE_321_DAYS_AGO),
            ],
        ),
    ]
}

pub(crate) fn shops() -> Vec<Shop> {
    let shop = |key, name, city, street, phone| Shop { key, name, city, street, phone };
    vec![
        shop("firenze", "Officina Vera Firenze", "Firenze", "via dei Tornitori 14", "+39 055 000 1420"),
        shop("parma", "Officina Vera Parma", "Parma", "borgo delle Caldaie 7", "+39 0521 000 731"),
        shop("torino", "Officina Vera Torino", "Torino", "via degli Ottonai 22/b", "+39 011 000 2264"),
    ]
}

pub(crate) fn mailboxes() -> Vec<Mailbox> {
    let mailbox = |key, name, address, private| Mailbox { key, name, address, private };
    vec![
        mailbox("banco", "Banco", "banco@officinavera.example", false),
        mailbox("ricambi", "Ricambi e ordini", "ricambi@officinavera.example", false),
        mailbox("rivenditori", "Rivenditori", "rivenditori@officinavera.example", false),
        mailbox("amministrazione", "Amministrazione", "amministrazione@officinavera.example", true),
    ]
}

pub(crate) fn teams() -> Vec<Team> {
    vec![
        Team { key: "banco", name: "Banco" },
        Team { key: "officina", name: "Officina" },
        Team { key: "ordini", name: "Ricambi e ordini" },
        Team { key: "rivenditori", name: "Rivenditori" },
        Team { key: "amministrazione", name: "Amministrazione" },
        Team { key: "prodotto", name: "Prodotto e marketing" },
    ]
}

/// The team that a mailbox lies with.
pub(crate) fn team_of(mailbox: &str) -> &'static str {
    match mailbox {
        "ricambi" => "ordini",
        "rivenditori" => "rivenditori",
        "amministrazione" => "amministrazione",
        _ => "banco",
    }
}

pub(crate) fn employees() -> Vec<Employee> {
    use FunctionKind::{Administration, Marketing, Operations, Product};
    let employee = |key, name, mail, role, mailboxes: &'static [&'static str], team| Employee {
        key,
        name,
        mail,
        role,
        functions: &[],
        locale: Locale::It,
        mailboxes,
        team,
        one_click: false,
    };
    let mut all = vec![
        employee(
            "giulia",
            "Giulia Moretti",
            "giulia@officinavera.example",
            Role::Keeper,
            &["banco", "ricambi", "rivenditori"],
            "banco",
        ),
        employee(
            "paolo",
            "Paolo Orsi",
            "paolo@officinavera.example",
            Role::Keeper,
            &["banco", "ricambi"],
            "officina",
        ),
        employee(
            "sara",
            "Sara Bellini",
            "sara@officinavera.example",
            Role::Keeper,
            &["banco", "ricambi"],
            "banco",
        ),
        employee(
            "davide",
            "Davide Ferrero",
            "davide@officinavera.example",
            Role::Keeper,
            &["banco", "ricambi"],
            "banco",
        ),
        employee(
            "emma",
            "Emma Clarke",
            "emma@officinavera.example",
            Role::Keeper,
            &["banco", "ricambi", "rivenditori"],
            "banco",
        ),
        employee(
            "tommaso",
            "Tommaso Neri",
            "tommaso@officinavera.example",
            Role::Keeper,
            &["ricambi", "banco"],
            "ordini",
        ),
        employee(
            "chiara",
            "Chiara Conti",
            "chiara@officinavera.example",
            Role::Keeper,
            &["rivenditori", "ricambi"],
            "rivenditori",
        ),
        employee(
            "elena",
            "Elena Sarti",
            "elena@officinavera.example",
            Role::Function(Product),
            &["banco"],
            "prodotto",
        ),
        employee(
            "federica",
            "Federica Lodi",
            "federica@officinavera.example",
            Role::Function(Marketing),
            &["banco"],
            "prodotto",
        ),
        employee(
            "nicola",
            "Nicola Gatti",
            "nicola@officinavera.example",
            Role::Function(Operations),
            &["ricambi"],
            "ordini",
        ),
        employee(
            "lucia",
            "Lucia Ferri",
            "lucia@officinavera.example",
            Role::Function(Administration),
            &["amministrazione"],
            "amministrazione",
        ),
        employee(
            "andrea",
            "Andrea Villa",
            "andrea@officinavera.example",
            Role::Keeper,
            &["amministrazione"],
            "amministrazione",
        ),
        employee(
            "irene",
            "Irene Costa",
            "irene@officinavera.example",
            Role::Conductor,
            &["banco", "ricambi", "rivenditori"],
            "banco",
        ),
        employee(
            "stefano",
            "Stefano Galli",
            "stefano@officinavera.example",
            Role::Administrator,
            &["banco"],
            "prodotto",
        ),
    ];
    for employee in &mut all {
        employee.one_click =
            matches!(employee.key, "giulia" | "paolo" | "elena" | "lucia" | "irene" | "stefano");
        match employee.key {
            "emma" => employee.locale = Locale::En,
            "paolo" => employee.functions = &[Product],
            _ => {}
        }
    }
    all
}
