//! Words of the CRM: accounts, sales lines, money, and what an import says of the rows it read.

pub mod account;
pub mod measure;
pub mod money;
pub mod placement;
pub mod rate;
pub mod region;
pub mod remark;
pub mod sale;
pub mod site;
