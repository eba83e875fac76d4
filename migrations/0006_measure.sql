-- Own measures: formulas under names. Their words stand in questions and in other formulas, so the
-- name is the key.
CREATE TABLE measure (
    name TEXT PRIMARY KEY,
    formula TEXT NOT NULL,
    label_de TEXT NOT NULL,
    label_en TEXT NOT NULL,
    format TEXT,
    decimals INTEGER,
    changed_at TEXT NOT NULL
) STRICT;
