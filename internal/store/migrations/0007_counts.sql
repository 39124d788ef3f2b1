-- +goose Up

-- With the second instant at which the colour turns, what waits on a post is counted by colour from the index alone.
DROP INDEX assignment_open;
CREATE INDEX assignment_open ON assignment (post, red_at, matter, id) INCLUDE (yellow_at) WHERE closed IS NULL AND NOT waits;

-- +goose Down
DROP INDEX assignment_open;
CREATE INDEX assignment_open ON assignment (post, red_at, matter, id) WHERE closed IS NULL AND NOT waits;
