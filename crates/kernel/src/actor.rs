//! Who acts, what they may do and what they may see.

use serde::{Deserialize, Serialize};

use crate::{AccountId, Locale, MailboxId, TeamId};

/// Who caused an event. Every event says so, because a closing by a timer is not a solution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ActorKind {
    /// An employee.
    Human,
    /// A timer, a rule, an import, another program.
    Robot,
    /// The customer.
    Customer,
}

impl ActorKind {
    /// As stored.
    pub fn code(self) -> &'static str {
        match self {
            ActorKind::Human => "human",
            ActorKind::Robot => "robot",
            ActorKind::Customer => "customer",
        }
    }

    /// From its stored form.
    pub fn from_code(code: &str) -> Option<ActorKind> {
        [ActorKind::Human, ActorKind::Robot, ActorKind::Customer].into_iter().find(|kind| kind.code() == code)
    }
}

/// What an employee is in the shop. Permissions follow from it; visibility does not (see [`Actor`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Answers at the counter.
    Keeper,
    /// Belongs to a function that must listen and decide.
    Function,
    /// Management: sets the line.
    Conductor,
    /// Runs the installation: accounts, mailboxes, sources, tokens.
    Administrator,
}

impl Role {
    /// Every role, in the order in which a chooser lists them.
    pub const ALL: [Role; 4] = [Role::Keeper, Role::Function, Role::Conductor, Role::Administrator];

    /// As stored and as named in the API.
    pub fn code(self) -> &'static str {
        match self {
            Role::Keeper => "keeper",
            Role::Function => "function",
            Role::Conductor => "conductor",
            Role::Administrator => "administrator",
        }
    }

    /// From its stored form.
    pub fn from_code(code: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.code() == code)
    }

    /// What the role allows. What one may *see* is a matter of mailboxes, for every role alike.
    pub fn allows(self, permission: Permission) -> bool {
        use Permission::*;
        match permission {
            ReadVoices | ReadPeople | CaptureVoices | WriteNotes => true,
            AnswerConversations | EditPeople | MergePeople => {
                matches!(self, Role::Keeper | Role::Conductor | Role::Administrator)
            }
            ImportVoices => matches!(self, Role::Conductor | Role::Administrator),
            ReadAudit | ReadHealth => matches!(self, Role::Conductor | Role::Administrator),
            ManageAccounts | ManageMailboxes | ManageSources | ManageTokens | ManageJobs => {
                matches!(self, Role::Administrator)
            }
        }
    }
}

/// One thing that somebody may be allowed to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// Read voices and conversations of one's mailboxes; search them.
    ReadVoices,
    /// Write down what a customer said.
    CaptureVoices,
    /// Write an internal note.
    WriteNotes,
    /// Answer, assign, change the state of a conversation.
    AnswerConversations,
    /// Read people and organisations known in one's mailboxes.
    ReadPeople,
    /// Change people, identities, the notebook, the keeper.
    EditPeople,
    /// Merge people and take a merge back.
    MergePeople,
    /// Import files of voices.
    ImportVoices,
    /// Create, change and end accounts; grant mailboxes.
    ManageAccounts,
    /// Create and change mailboxes and teams.
    ManageMailboxes,
    /// Create and change sources.
    ManageSources,
    /// Create and revoke API tokens.
    ManageTokens,
    /// See and retry failed jobs.
    ManageJobs,
    /// Read the audit.
    ReadAudit,
    /// Read how the shop is: queues, ledger, disk, copies, and the figures of `/metrics`.
    ReadHealth,
}

impl Permission {
    /// Every permission: the scopes that a token may carry.
    pub const ALL: [Permission; 15] = {
        use Permission::*;
        [
            ReadVoices,
            CaptureVoices,
            WriteNotes,
            AnswerConversations,
            ReadPeople,
            EditPeople,
            MergePeople,
            ImportVoices,
            ManageAccounts,
            ManageMailboxes,
            ManageSources,
            ManageTokens,
            ManageJobs,
            ReadAudit,
            ReadHealth,
        ]
    };

    /// The scope's name in tokens and documents.
    pub fn code(self) -> &'static str {
        use Permission::*;
        match self {
            ReadVoices => "voices:read",
            CaptureVoices => "voices:capture",
            WriteNotes => "notes:write",
            AnswerConversations => "conversations:answer",
            ReadPeople => "people:read",
            EditPeople => "people:edit",
            MergePeople => "people:merge",
            ImportVoices => "voices:import",
            ManageAccounts => "accounts:manage",
            ManageMailboxes => "mailboxes:manage",
            ManageSources => "sources:manage",
            ManageTokens => "tokens:manage",
            ManageJobs => "jobs:manage",
            ReadAudit => "audit:read",
            ReadHealth => "health:read",
        }
    }

    /// From its name in a token.
    pub fn from_code(code: &str) -> Option<Permission> {
        Permission::ALL.into_iter().find(|permission| permission.code() == code)
    }
}

/// Who is acting now: passed to every use case, which authorises before anything else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// Human for employees, robot for the machine itself.
    pub kind: ActorKind,
    /// The employee's account; `None` for the machine.
    pub account: Option<AccountId>,
    /// The employee's name as shown to colleagues and customers.
    pub name: String,
    /// What the employee is; `None` for the machine, which may do everything.
    pub role: Option<Role>,
    /// Scopes of the token in use; `None` when acting in person.
    pub scopes: Option<Vec<Permission>>,
    /// The mailboxes that the actor may see. Nothing else exists for them.
    pub mailboxes: Vec<MailboxId>,
    /// The teams that the actor belongs to.
    pub teams: Vec<TeamId>,
    /// The language in which the actor reads.
    pub locale: Locale,
    /// The actor's IANA time zone, such as `Europe/Rome`.
    pub zone: String,
}

/// The actor may not do this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not allowed: needs {}", .0.code())]
pub struct Denied(pub Permission);

impl Actor {
    /// The machine itself: jobs, timers, imports from the command line. It sees the mailboxes it is given.
    pub fn machine(mailboxes: Vec<MailboxId>) -> Actor {
        Actor {
            kind: ActorKind::Robot,
            account: None,
            name: "Bottega".to_owned(),
            role: None,
            scopes: None,
            mailboxes,
            teams: Vec::new(),
            locale: Locale::default(),
            zone: "UTC".to_owned(),
        }
    }

    /// Whether role and token scopes allow this.
    pub fn may(&self, permission: Permission) -> bool {
        self.role.is_none_or(|role| role.allows(permission))
            && self.scopes.as_ref().is_none_or(|scopes| scopes.contains(&permission))
    }

    /// First line of every use case.
    pub fn authorise(&self, permission: Permission) -> Result<(), Denied> {
        if self.may(permission) { Ok(()) } else { Err(Denied(permission)) }
    }

    /// Whether the actor may see this mailbox.
    pub fn sees(&self, mailbox: MailboxId) -> bool {
        self.mailboxes.contains(&mailbox)
    }

    /// The raw ids of the visible mailboxes, as statements take them.
    pub fn mailbox_keys(&self) -> Vec<i64> {
        self.mailboxes.iter().map(|mailbox| mailbox.raw()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_never_allows_more_than_its_owner() {
        let mut actor = Actor::machine(vec![]);
        actor.role = Some(Role::Keeper);
        actor.scopes = Some(vec![Permission::ManageAccounts, Permission::ReadVoices]);
        assert!(actor.may(Permission::ReadVoices));
        assert!(!actor.may(Permission::ManageAccounts), "the role does not allow it");
        assert!(!actor.may(Permission::AnswerConversations), "the token does not carry it");
    }

    #[test]
    fn every_permission_has_its_own_code() {
        for permission in Permission::ALL {
            assert_eq!(Permission::from_code(permission.code()), Some(permission));
        }
        for role in Role::ALL {
            assert_eq!(Role::from_code(role.code()), Some(role));
        }
    }
}
