//! The rooms that this shop has. To open another, add its module here.

use web::Module;

/// Every room, in no particular order: they do not know each other.
pub fn modules() -> Vec<Module> {
    vec![admin::module(), counter::module(), listen::module(), people::module()]
}

/// The statements of the whole house, for the test that prepares every one on both engines.
pub fn statements() -> Vec<&'static engine::Statement> {
    let mut all = engine::all_statements();
    all.extend(primitives::all_statements());
    all.extend(keep::all_statements());
    all.extend(crate::doctor::STATEMENTS);
    all.extend(crate::bench::STATEMENTS);
    for module in modules() {
        all.extend(module.statements);
    }
    all
}

/// What must always hold of the whole house, for `bottega doctor --deep`.
pub fn invariants() -> Vec<&'static engine::invariant::Invariant> {
    let mut all = engine::invariants();
    all.extend(primitives::invariant::all());
    for module in modules() {
        all.extend(module.invariants);
    }
    all
}
