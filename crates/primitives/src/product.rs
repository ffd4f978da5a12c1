//! Products and their versions, as customers name them.

use engine::{DbError, Tx, params};
use kernel::{Clock, ProductId};
use serde::Serialize;

/// A product, or one version of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Product {
    /// Its id.
    pub id: ProductId,
    /// Its name.
    pub name: String,
    /// Its version; empty where it has none.
    pub version: String,
}

impl Product {
    /// Name and version, as shown.
    pub fn title(&self) -> String {
        if self.version.is_empty() { self.name.clone() } else { format!("{} {}", self.name, self.version) }
    }
}

engine::statements! {
    /// Every product by name.
    LIST = "SELECT id, name, version FROM product ORDER BY name, version, id";
    /// A product by name and version.
    FIND = "SELECT id FROM product WHERE name = $1 AND version = $2";
    /// Creates a product.
    CREATE = "INSERT INTO product (id, name, version) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
}

/// Every product by name.
pub fn list(tx: &mut Tx<'_>) -> Result<Vec<Product>, DbError> {
    tx.query(&LIST, &[], |row| Ok(Product { id: row.take()?, name: row.take()?, version: row.take()? }))
}

/// The product of this name and version, created when it is new.
pub fn find_or_create(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    name: &str,
    version: &str,
) -> Result<ProductId, DbError> {
    if let Some(id) = tx.find(&FIND, params![name, version], |row| row.take())? {
        return Ok(id);
    }
    let id: ProductId = tx.mint(clock);
    tx.execute(&CREATE, params![id, name, version])?;
    Ok(id)
}
