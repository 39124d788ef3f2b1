-- +goose Up

-- What was answered to a request that is no command of a matter, under its idempotency key, so that its repetition has
-- the same outcome. request is a digest and body is sealed, both under a secret only the asker's session has.
CREATE TABLE answer (
    key     text PRIMARY KEY,
    person  text NOT NULL,
    request bytea NOT NULL,
    at      timestamptz NOT NULL DEFAULT now(),
    status  integer, -- NULL: not answered yet
    body    bytea
);
CREATE INDEX answer_at ON answer (at);

-- +goose Down
DROP TABLE answer;
