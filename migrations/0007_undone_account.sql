-- The accounts that a batch which was taken back had versions or placements of, so that derived
-- parts can follow without reading every account.
CREATE TABLE undone_account (
    batch   INTEGER NOT NULL,
    account INTEGER NOT NULL,
    PRIMARY KEY (batch, account)
) STRICT, WITHOUT ROWID;
