//! The doors: what the company asks of whoever comes in, and which identity providers it lets vouch for people.

pub(crate) mod page;
pub(crate) mod provider_page;

use engine::Tx;
use kernel::{Actor, Clock, Fault, Permission, ProviderId, Reason, Role, fault};
use primitives::policy::{self, Policy};
use primitives::provider::{self, GroupRole, NewProvider};

/// Changes the policy.
///
/// # Errors
/// `Invalid` on `password_sign_in` when no administrator could come in without a password.
pub(crate) fn change(tx: &mut Tx<'_>, clock: &dyn Clock, actor: &Actor, to: Policy) -> Result<(), Fault> {
    actor.authorise(Permission::ManageAccounts)?;
    if !to.password_sign_in && !policy::opens_without_password(tx)? {
        let why = "no administrator has a passkey or an identity provider yet".to_owned();
        return Err(Fault::invalid("password_sign_in", Reason::Because(why)));
    }
    policy::save(tx, clock, actor, to)
}

/// A provider as it was written into a form.
#[derive(Debug, Clone, Default)]
pub(crate) struct Written {
    pub(crate) name: String,
    pub(crate) issuer: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
    pub(crate) domains: String,
    pub(crate) links_by_email: bool,
    pub(crate) creates_accounts: bool,
    pub(crate) role: String,
    pub(crate) group_claim: String,
    pub(crate) group_roles: String,
    pub(crate) second_factor: bool,
}

impl Written {
    /// What it says, checked.
    ///
    /// # Errors
    /// `Invalid` on the field that cannot be read.
    pub(crate) fn read(&self) -> Result<(NewProvider, Option<String>), Fault> {
        let domains = domains(&self.domains)?;
        // Whose word about an address opens an account, or makes one, speaks for the company's addresses only.
        if (self.creates_accounts || self.links_by_email) && domains.is_empty() {
            return Err(Fault::invalid("domains", Reason::Missing));
        }
        let is = NewProvider {
            name: fault::required("name", &self.name, 60)?,
            issuer: issuer(&self.issuer)?,
            client_id: fault::required("client_id", &self.client_id, 300)?,
            domains,
            links_by_email: self.links_by_email,
            creates_accounts: self.creates_accounts,
            default_role: Role::from_code(&self.role)
                .filter(|role| *role != Role::Administrator)
                .unwrap_or(Role::Function),
            group_claim: fault::optional("group_claim", &self.group_claim, 60)?,
            group_roles: group_roles(&self.group_roles)?,
            second_factor: self.second_factor,
        };
        Ok((is, fault::optional("client_secret", &self.client_secret, 1_000)?))
    }
}

/// The issuer's address: by HTTPS, or on the machine itself.
fn issuer(given: &str) -> Result<String, Fault> {
    let given = fault::required("issuer", given, 300)?;
    let wrong = || Fault::invalid("issuer", Reason::NotA("an https address"));
    let url = reqwest::Url::parse(&given).map_err(|_| wrong())?;
    let local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    let plain = url.scheme() == "http" && local;
    if !(url.scheme() == "https" || plain) || url.query().is_some() || url.fragment().is_some() {
        return Err(wrong());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong());
    }
    Ok(given)
}

fn domains(given: &str) -> Result<Vec<String>, Fault> {
    let mut domains = Vec::new();
    for part in given.split([',', ' ', '\n']).map(|part| part.trim().trim_start_matches('@').to_lowercase()) {
        if part.is_empty() {
            continue;
        }
        let spelt = part.contains('.') && part.chars().all(|c| c.is_alphanumeric() || ".-".contains(c));
        if !spelt || !primitives::identity::is_email(&format!("a@{part}")) {
            return Err(Fault::invalid("domains", Reason::NotA("mail domains such as example.com")));
        }
        domains.push(part);
    }
    Ok(domains)
}

/// One group and its role a line: `capi = conductor`.
fn group_roles(given: &str) -> Result<Vec<GroupRole>, Fault> {
    let wrong = || Fault::invalid("group_roles", Reason::NotA("lines such as: group = keeper"));
    let lines = given.lines().map(str::trim).filter(|line| !line.is_empty());
    let read = lines.map(|line| {
        let (group, role) = line.rsplit_once('=').ok_or_else(wrong)?;
        let role = Role::from_code(role.trim()).ok_or_else(wrong)?;
        Ok(GroupRole { group: fault::required("group_roles", group, 200)?, role })
    });
    read.collect()
}

/// Creates a provider.
pub(crate) fn create(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    written: &Written,
) -> Result<ProviderId, Fault> {
    actor.authorise(Permission::ManageAccounts)?;
    let (is, secret) = written.read()?;
    provider::create(tx, clock, actor, &is, secret.as_deref())
}

/// Changes a provider; an empty secret keeps the one it has.
pub(crate) fn change_provider(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    id: ProviderId,
    written: &Written,
) -> Result<(), Fault> {
    actor.authorise(Permission::ManageAccounts)?;
    let kept = provider::by_id(tx, id)?.ok_or(Fault::NotFound)?;
    let (is, secret) = Written { issuer: kept.is.issuer, ..written.clone() }.read()?;
    provider::change(tx, clock, actor, id, &is, secret.as_deref())
}

/// Takes a provider away. Where nobody signs in by password, an administrator must still be able to come in.
pub(crate) fn end_provider(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    id: ProviderId,
) -> Result<(), Fault> {
    actor.authorise(Permission::ManageAccounts)?;
    provider::end(tx, clock, actor, id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_an_https_address_or_on_this_machine() {
        for fine in ["https://login.example", "https://login.example/realms/a", "http://127.0.0.1:9000"] {
            assert_eq!(issuer(fine).unwrap(), fine);
        }
        for wrong in [
            "",
            "login.example",
            "http://login.example",
            "https://a@b.example",
            "https://a.example/?x",
            "file:///x",
        ] {
            assert!(issuer(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_service_makes_no_administrator_of_who_is_new_and_opens_by_mail_to_named_domains_only() {
        let written = Written {
            name: "La casa".into(),
            issuer: "https://login.example".into(),
            client_id: "bottega".into(),
            role: "administrator".into(),
            ..Written::default()
        };
        assert_eq!(written.read().unwrap().0.default_role, Role::Function);
        for open in [
            Written { creates_accounts: true, ..written.clone() },
            Written { links_by_email: true, ..written.clone() },
        ] {
            assert!(matches!(open.read(), Err(Fault::Invalid { field: "domains", reason: Reason::Missing })));
            assert!(Written { domains: "officina.example".into(), ..open }.read().is_ok());
        }
    }

    #[test]
    fn domains_and_groups_are_read_as_people_write_them() {
        assert_eq!(domains(" @Vera.example, b.example ").unwrap(), ["vera.example", "b.example"]);
        assert!(domains("not a domain!").is_err());
        let read = group_roles("cn=capi,dc=x = conductor\n\n banco = keeper").unwrap();
        assert_eq!(read[0], GroupRole { group: "cn=capi,dc=x".into(), role: Role::Conductor });
        assert_eq!(read.len(), 2);
        assert!(group_roles("capi = king").is_err() && group_roles("capi").is_err());
    }
}
