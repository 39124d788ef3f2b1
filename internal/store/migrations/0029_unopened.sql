-- +goose Up

-- Matters that others asked for and the rules refused: kept until somebody has seen to them.
CREATE TABLE unopened (
    matter    uuid NOT NULL REFERENCES matter, -- that asked
    child     uuid NOT NULL,
    rulebook  text NOT NULL,
    procedure text NOT NULL,
    title     text NOT NULL,
    refusal   jsonb NOT NULL,
    recorded  timestamptz NOT NULL DEFAULT now(),
    settled   timestamptz,
    PRIMARY KEY (matter, child)
);
CREATE INDEX unopened_waits ON unopened (recorded) WHERE settled IS NULL;

-- +goose Down
DROP TABLE unopened;
