-- +goose Up

-- What may be used so many times until it ends, such as a challenge once: by whichever process it is used. mark says
-- nothing of whoever used it.
CREATE TABLE poll_spent (
    mark  bytea PRIMARY KEY,
    times integer NOT NULL DEFAULT 1,
    ends  timestamptz NOT NULL
);
CREATE INDEX poll_spent_ends ON poll_spent (ends);

-- +goose Down
DROP TABLE poll_spent;
