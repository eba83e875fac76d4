-- The hierarchy that a batch of regions fills; empty for every other batch. The newest batch of a
-- name counts.
ALTER TABLE batch ADD COLUMN hierarchy TEXT NOT NULL DEFAULT '';
