-- Saved views: a name for an address of the screen. A number is never given twice, so that nobody
-- renames or deletes a view that came after the one that he saw.
CREATE TABLE view (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    address TEXT NOT NULL,
    created_at TEXT NOT NULL,
    changed_at TEXT NOT NULL
) STRICT;
