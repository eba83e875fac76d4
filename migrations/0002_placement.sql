-- Positions that people or a newer gazetteer put in the place of those that an import found.

-- The kinds of batches are known by the program alone, so that a new one changes no table.
CREATE TABLE batch_new (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    kind      TEXT    NOT NULL,
    file      TEXT    NOT NULL,
    at        TEXT    NOT NULL,
    rows      INTEGER NOT NULL DEFAULT 0,
    added     INTEGER NOT NULL DEFAULT 0,
    changed   INTEGER NOT NULL DEFAULT 0,
    unchanged INTEGER NOT NULL DEFAULT 0,
    rejected  INTEGER NOT NULL DEFAULT 0,
    doubtful  INTEGER NOT NULL DEFAULT 0
);
INSERT INTO batch_new SELECT * FROM batch;
-- A number that was undone is never given again.
INSERT INTO sqlite_sequence (name, seq)
SELECT 'batch_new', 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'batch_new');
UPDATE sqlite_sequence
SET seq = coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'batch'), 0)
WHERE name = 'batch_new';

DROP VIEW account_current;
ALTER TABLE account_version RENAME TO account_version_old;
DROP INDEX account_version_batch;
CREATE TABLE account_version (
    account       INTEGER NOT NULL REFERENCES account (id),
    batch         INTEGER NOT NULL REFERENCES batch_new (id),
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
INSERT INTO account_version SELECT * FROM account_version_old;
DROP TABLE account_version_old;
DROP TABLE batch;
ALTER TABLE batch_new RENAME TO batch;
CREATE INDEX account_version_batch ON account_version (batch);

-- What the newest file says of an account.
CREATE VIEW account_file AS
SELECT a.key, v.*
FROM account_version v
JOIN account a ON a.id = v.account
WHERE NOT EXISTS (
    SELECT 1 FROM account_version later
    WHERE later.account = v.account AND later.batch > v.batch
);

-- A position that was decided on. Like a version it belongs to a batch and goes with it.
CREATE TABLE placement (
    account         INTEGER NOT NULL REFERENCES account (id),
    batch           INTEGER NOT NULL REFERENCES batch (id),
    -- accepted, picked, placed, corrected, released: by a person; relocated: by a newer gazetteer.
    how             TEXT    NOT NULL,
    -- The address of the files for which it was decided.
    for_street      TEXT    NOT NULL,
    for_postal_code TEXT    NOT NULL,
    for_place       TEXT    NOT NULL,
    for_state       TEXT    NOT NULL,
    for_country     TEXT    NOT NULL,
    -- The address that a person put in its place.
    street          TEXT,
    postal_code     TEXT,
    place           TEXT,
    state           TEXT,
    country         TEXT,
    -- The site.
    lon             REAL,
    lat             REAL,
    precision       TEXT    NOT NULL,
    source          TEXT    NOT NULL,
    radius_m        REAL,
    confidence      REAL    NOT NULL,
    reason_code     TEXT,
    reason_detail   TEXT,
    site_country    TEXT,
    site_unit       TEXT,
    site_postal     TEXT,
    h3              INTEGER,
    PRIMARY KEY (account, batch)
) WITHOUT ROWID;
CREATE INDEX placement_batch ON placement (batch);

-- An account as it stands: what the files say of it, where it was placed. Of its placements the
-- newest counts. One by a newer gazetteer counts while the files say what they said then; one by
-- a person counts until a person decides otherwise, and is doubtful when the files say another
-- address than the one it was decided for.
CREATE VIEW account_current AS
SELECT f.key, f.account, f.name, f.stage, f.industry, f.contact, f.phone, f.email, f.website,
       coalesce(p.street, f.street) AS street,
       coalesce(p.postal_code, f.postal_code) AS postal_code,
       coalesce(p.place, f.place) AS place,
       coalesce(p.state, f.state) AS state,
       coalesce(p.country, f.country) AS country,
       f.given_lon, f.given_lat,
       iif(p.account IS NULL, f.lon, p.lon) AS lon,
       iif(p.account IS NULL, f.lat, p.lat) AS lat,
       iif(p.account IS NULL, f.precision, p.precision) AS precision,
       iif(p.account IS NULL, f.source, p.source) AS source,
       iif(p.account IS NULL, f.radius_m, p.radius_m) AS radius_m,
       iif(p.account IS NULL, f.confidence, p.confidence) AS confidence,
       CASE WHEN p.account IS NULL THEN f.reason_code
            WHEN (f.street, f.postal_code, f.place, f.state, f.country)
                   = (p.for_street, p.for_postal_code, p.for_place, p.for_state, p.for_country)
              OR (f.street, f.postal_code, f.place, f.state, f.country)
                   = (p.street, p.postal_code, p.place, p.state, p.country) THEN p.reason_code
            ELSE 'address_changed' END AS reason_code,
       CASE WHEN p.account IS NULL THEN f.reason_detail
            WHEN (f.street, f.postal_code, f.place, f.state, f.country)
                   = (p.for_street, p.for_postal_code, p.for_place, p.for_state, p.for_country)
              OR (f.street, f.postal_code, f.place, f.state, f.country)
                   = (p.street, p.postal_code, p.place, p.state, p.country) THEN p.reason_detail
            ELSE 'decided for ' || p.for_street || ', ' || p.for_postal_code || ' ' || p.for_place
                 || '; the file now says ' || f.street || ', ' || f.postal_code || ' ' || f.place
            END AS reason_detail,
       iif(p.account IS NULL, f.site_country, p.site_country) AS site_country,
       iif(p.account IS NULL, f.site_unit, p.site_unit) AS site_unit,
       iif(p.account IS NULL, f.site_postal, p.site_postal) AS site_postal,
       iif(p.account IS NULL, f.h3, p.h3) AS h3,
       p.how, b.at AS placed_at,
       f.street AS file_street, f.postal_code AS file_postal_code, f.place AS file_place,
       f.state AS file_state, f.country AS file_country
FROM account_file f
LEFT JOIN placement p ON p.account = f.account AND p.how <> 'released' AND p.batch = (
    SELECT max(q.batch) FROM placement q
    WHERE q.account = f.account
      AND (q.how <> 'relocated' OR q.street IS NOT NULL OR (
          q.batch > f.batch
          AND q.for_street = f.street AND q.for_postal_code = f.postal_code
          AND q.for_place = f.place AND q.for_state = f.state AND q.for_country = f.country
      ))
)
LEFT JOIN batch b ON b.id = p.batch;
