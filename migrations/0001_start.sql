-- The truth of records. A batch adds versions; the newest version of a key counts;
-- undoing a batch removes its versions, and the ones before count again.

-- AUTOINCREMENT: a number that was undone is never given again, so the lines of an undone batch
-- that a crash left behind can't be taken for those of a later one.
CREATE TABLE batch (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    kind      TEXT    NOT NULL CHECK (kind IN ('accounts', 'sales')),
    file      TEXT    NOT NULL,
    at        TEXT    NOT NULL,
    rows      INTEGER NOT NULL DEFAULT 0,
    added     INTEGER NOT NULL DEFAULT 0,
    changed   INTEGER NOT NULL DEFAULT 0,
    unchanged INTEGER NOT NULL DEFAULT 0,
    rejected  INTEGER NOT NULL DEFAULT 0,
    doubtful  INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE account (
    id  INTEGER PRIMARY KEY,
    key TEXT    NOT NULL UNIQUE
);

CREATE TABLE account_version (
    account       INTEGER NOT NULL REFERENCES account (id),
    batch         INTEGER NOT NULL REFERENCES batch (id),
    name          TEXT    NOT NULL,
    stage         TEXT    NOT NULL,
    industry      TEXT    NOT NULL,
    contact       TEXT    NOT NULL,
    phone         TEXT    NOT NULL,
    email         TEXT    NOT NULL,
    website       TEXT    NOT NULL,
    street        TEXT    NOT NULL,
    postal_code   TEXT    NOT NULL,
    place         TEXT    NOT NULL,
    state         TEXT    NOT NULL,
    country       TEXT    NOT NULL,
    given_lon     REAL,
    given_lat     REAL,
    -- The site: where the address was found.
    lon           REAL,
    lat           REAL,
    precision     TEXT    NOT NULL,
    source        TEXT    NOT NULL,
    radius_m      REAL,
    confidence    REAL    NOT NULL,
    reason_code   TEXT,
    reason_detail TEXT,
    site_country  TEXT,
    site_unit     TEXT,
    site_postal   TEXT,
    h3            INTEGER,
    PRIMARY KEY (account, batch)
) WITHOUT ROWID;

CREATE INDEX account_version_batch ON account_version (batch);

CREATE VIEW account_current AS
SELECT a.key, v.*
FROM account_version v
JOIN account a ON a.id = v.account
WHERE NOT EXISTS (
    SELECT 1 FROM account_version later
    WHERE later.account = v.account AND later.batch > v.batch
);

-- One row: the last change, by which derived parts know that they are stale. The token tells
-- apart two homes, or a home and its restored copy, that happen to count the same number.
CREATE TABLE state (version INTEGER NOT NULL, token TEXT NOT NULL);
INSERT INTO state (version, token) VALUES (0, lower(hex(randomblob(4))));

-- How the columns of a file of these headings were read last time.
CREATE TABLE mapping (
    kind     TEXT NOT NULL,
    headings TEXT NOT NULL,
    mapping  TEXT NOT NULL,
    PRIMARY KEY (kind, headings)
);
