-- Members of every level but account, numbered from 1; 0 in a column means unassigned.
CREATE TABLE member (kind VARCHAR, id INTEGER, key VARCHAR, name VARCHAR);

CREATE TABLE account (
    id INTEGER, key VARCHAR, name VARCHAR, stage_word VARCHAR, street VARCHAR, postal_code VARCHAR,
    place VARCHAR, country_text VARCHAR, precision VARCHAR, lon DOUBLE, lat DOUBLE,
    country INTEGER, state INTEGER, government_district INTEGER, district INTEGER,
    municipality INTEGER, postal INTEGER, postal_1 INTEGER, postal_2 INTEGER, postal_3 INTEGER,
    nuts_1 INTEGER, nuts_2 INTEGER, nuts_3 INTEGER, stage INTEGER, industry INTEGER,
    own_1 INTEGER, own_2 INTEGER, own_3 INTEGER, own_4 INTEGER, h3 BIGINT
);

-- What one euro was worth, in millionths; days ISO 8601.
CREATE TABLE rate (currency VARCHAR, day VARCHAR, micro BIGINT);

-- The hierarchies of own regions whose members fill the columns own_1 to own_4.
CREATE TABLE hierarchy (level VARCHAR, name VARCHAR, regions BIGINT);

-- The batches that the file was made from; `mark` tells apart two of the same number, as they are
-- in two copies of a home.
CREATE TABLE origin (batch BIGINT, kind VARCHAR, mark VARCHAR);

-- How many rows the steps brought in which the file followed the truth since it was made whole.
CREATE TABLE step (changed BIGINT);
