-- The level of own regions that the hierarchy of a batch fills, 1 to 4; 0 for every other batch. It
-- stays with the name, so that taking back one hierarchy moves no other. Until now levels were in
-- the order in which names came first.
ALTER TABLE batch ADD COLUMN own_level INTEGER NOT NULL DEFAULT 0;

UPDATE batch
SET own_level = (
    SELECT count(*)
    FROM (
        SELECT min(id) AS first
        FROM batch
        WHERE hierarchy <> '' AND added + changed > 0
        GROUP BY hierarchy
    ) AS known
    WHERE known.first <= (
        SELECT min(id)
        FROM batch AS same
        WHERE same.hierarchy = batch.hierarchy AND added + changed > 0
    )
)
WHERE hierarchy <> '';
