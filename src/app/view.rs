//! Saved views: what may be saved, and under which name.
//!
//! A view says what to show, so that nothing is derived from it and no figure waits for it. It is
//! written between two changes of the truth, as the store takes one writer at a time.

use super::{App, Error, to_its_end};
use crate::store::{Saved, Taken, View, ViewId};

/// Signs of a name at most.
pub const MAX_NAME: usize = 80;

/// Bytes of an address at most.
pub const MAX_ADDRESS_BYTES: usize = 4_000;

/// Why a view cannot be saved.
#[derive(Debug, thiserror::Error)]
pub enum ViewError {
    /// A name that is none, or too long.
    #[error("the name of a view has {0} signs: it must have 1 to {MAX_NAME}")]
    NameLength(usize),
    /// A name that does not fit in a line.
    #[error("the name of a view must be one line without control signs")]
    NameSigns,
    /// An address that is too long.
    #[error("the address of a view has {0} bytes: it may have {MAX_ADDRESS_BYTES}")]
    AddressLength(usize),
    /// An address that is not the query of one.
    #[error("the address of a view must begin with \"?\" and have no control signs")]
    Address,
}

impl App {
    /// Every saved view, by name.
    ///
    /// # Errors
    /// The store must answer.
    pub async fn views(&self) -> Result<Vec<View>, Error> {
        Ok(self.store.views().await?)
    }

    /// Keeps `address` under `name`, which loses the spaces around it.
    ///
    /// # Errors
    /// Both must be fit for a view, and the name free unless `taken` says to replace.
    pub async fn save_view(
        &self,
        name: &str,
        address: String,
        taken: Taken,
    ) -> Result<Saved, Error> {
        let name = fit_name(name)?;
        check_address(&address)?;
        let app = self.clone();
        to_its_end(async move {
            let _one = app.change.lock().await;
            Ok(app.store.save_view(&name, &address, taken).await?)
        })
        .await
    }

    /// Gives the view `id` another name.
    ///
    /// # Errors
    /// The view must exist, and the name must be fit for it and free.
    pub async fn rename_view(&self, id: ViewId, name: &str) -> Result<View, Error> {
        let name = fit_name(name)?;
        let app = self.clone();
        to_its_end(async move {
            let _one = app.change.lock().await;
            Ok(app.store.rename_view(id, &name).await?)
        })
        .await
    }

    /// Deletes the view `id`.
    ///
    /// # Errors
    /// The view must exist.
    pub async fn delete_view(&self, id: ViewId) -> Result<(), Error> {
        let app = self.clone();
        to_its_end(async move {
            let _one = app.change.lock().await;
            Ok(app.store.delete_view(id).await?)
        })
        .await
    }
}

fn fit_name(name: &str) -> Result<String, ViewError> {
    let name = name.trim();
    let signs = name.chars().count();
    if !(1..=MAX_NAME).contains(&signs) {
        return Err(ViewError::NameLength(signs));
    }
    if name.chars().any(char::is_control) {
        return Err(ViewError::NameSigns);
    }
    Ok(name.to_owned())
}

fn check_address(address: &str) -> Result<(), ViewError> {
    if address.len() > MAX_ADDRESS_BYTES {
        return Err(ViewError::AddressLength(address.len()));
    }
    if !address.starts_with('?') || address.chars().any(char::is_control) {
        return Err(ViewError::Address);
    }
    Ok(())
}
