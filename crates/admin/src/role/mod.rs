//! Roles in words.

use kernel::Role;

use crate::texts::Texts;

/// What a role is called.
pub(crate) fn name(t: &Texts, role: Role) -> &'static str {
    match role {
        Role::Keeper => t.role_keeper(),
        Role::Function => t.role_function(),
        Role::Conductor => t.role_conductor(),
        Role::Administrator => t.role_administrator(),
    }
}

/// What a role may do, for who chooses one.
pub(crate) fn help(t: &Texts, role: Role) -> &'static str {
    match role {
        Role::Keeper => t.role_keeper_help(),
        Role::Function => t.role_function_help(),
        Role::Conductor => t.role_conductor_help(),
        Role::Administrator => t.role_administrator_help(),
    }
}
