-- +goose Up

-- Procedures that were to begin a matter by themselves and did not: the last time of each.
CREATE TABLE begin_refused (
    rulebook  text        NOT NULL,
    procedure text        NOT NULL,
    day       date        NOT NULL,
    at        timestamptz NOT NULL DEFAULT now(),
    refusal   jsonb       NOT NULL,
    PRIMARY KEY (rulebook, procedure)
);

-- +goose Down
DROP TABLE begin_refused;
