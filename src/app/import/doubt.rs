//! Rows that are taken with a doubt: addresses that fit no place well, keys that no account has.

use std::collections::{HashMap, HashSet};

use crate::record::account::Address;
use crate::record::remark::Remark;
use crate::record::site::Reason;

/// The remark on a row whose address was found with a doubt or not at all.
pub(super) fn doubt(line: u64, address: &Address, reason: &Reason) -> Remark {
    let (field, value) = match reason.code.as_str() {
        code if code.contains("postal_code") => ("postal_code", &address.postal_code),
        code if code.contains("country") => ("country", &address.country),
        code if code.contains("place") => ("place", &address.place),
        _ => ("street", &address.street),
    };
    Remark {
        line,
        field: field.to_owned(),
        value: value.clone(),
        reason: reason.code.clone(),
        detail: reason.detail.clone(),
        taken: true,
    }
}

/// Account keys that sales lines name and no account has, each remarked once.
pub(super) struct UnknownAccounts {
    known: HashSet<String>,
    lines: HashMap<String, u64>,
}

impl UnknownAccounts {
    pub(super) fn of(known: HashSet<String>) -> Self {
        Self {
            known,
            lines: HashMap::new(),
        }
    }

    /// The remark on the first line of a key that no account has.
    pub(super) fn meet(&mut self, key: &str, line: u64) -> Option<Remark> {
        if self.known.contains(key) || self.lines.contains_key(key) {
            return None;
        }
        self.lines.insert(key.to_owned(), line);
        Some(Remark {
            line,
            field: "account".to_owned(),
            value: key.to_owned(),
            reason: "unknown_account".to_owned(),
            detail: format!(
                "no account has the key \"{key}\": its lines are kept and count as unassigned \
                 until the account is imported"
            ),
            taken: true,
        })
    }

    /// How many keys no account has.
    pub(super) fn count(&self) -> u64 {
        self.lines.len() as u64
    }
}
