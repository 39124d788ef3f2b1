-- +goose Up

-- With what it asks for, what waits on a post is counted by duty too from the index alone.
DROP INDEX assignment_open;
CREATE INDEX assignment_open ON assignment (post, red_at, matter, id) INCLUDE (yellow_at, duty) WHERE closed IS NULL AND NOT waits;

-- +goose Down
DROP INDEX assignment_open;
CREATE INDEX assignment_open ON assignment (post, red_at, matter, id) INCLUDE (yellow_at) WHERE closed IS NULL AND NOT waits;
