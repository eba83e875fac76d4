-- Questions that tiles are asked with, by a name made of what they ask.
CREATE TABLE question (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    document TEXT NOT NULL
) STRICT;
