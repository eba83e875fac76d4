//! From addresses to sites: the geocoder finds the position, the regions around it follow.

use crate::geocode::{Geocoder, Located};
use crate::record::account::Account;
use crate::record::site::Site;
use crate::spatial::locate::RegionIndex;
use crate::spatial::site::sites;
use crate::spatial::units::Units;

/// The sites of `accounts`, in their order.
pub(super) fn locate_all(geocoder: &Geocoder, accounts: &[Account]) -> Vec<Site> {
    let addresses: Vec<_> = accounts
        .iter()
        .map(|account| (account.address.clone(), account.position))
        .collect();
    sites_of(geocoder.locate_all(&addresses))
}

/// The sites of located addresses, in their order.
pub(super) fn sites_of(located: Vec<Located>) -> Vec<Site> {
    sites(RegionIndex::shipped(), Units::shipped(), located)
}
