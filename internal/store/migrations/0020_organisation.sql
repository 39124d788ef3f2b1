-- +goose Up

-- A unit that has ended stays, for matters and holdings speak of it.
ALTER TABLE unit ADD COLUMN ended boolean NOT NULL DEFAULT false;

-- A change of an organisation's units: one administrator proposes it, another confirms it, and then it is in force. number
-- counts those in force in the order they came into it; the units are those of the files with these made.
CREATE TABLE organisation_change (
    id           uuid PRIMARY KEY,
    organisation text NOT NULL REFERENCES organisation,
    amendment    jsonb NOT NULL,
    reason       text NOT NULL,
    person       text NOT NULL, -- who proposed it
    at           timestamptz NOT NULL,
    state        text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'confirmed', 'refused', 'withdrawn')),
    number       bigint UNIQUE CHECK (number > 0),
    settled_by   text NOT NULL DEFAULT '',
    settled_at   timestamptz,
    answer       text NOT NULL DEFAULT '', -- why it was refused
    CHECK ((number IS NOT NULL) = (state = 'confirmed')),
    CHECK ((settled_at IS NOT NULL) = (state <> 'open')),
    CHECK (state NOT IN ('confirmed', 'refused') OR settled_by <> person)
);
CREATE INDEX organisation_change_of ON organisation_change (organisation, at DESC, id);

-- +goose Down
DROP TABLE organisation_change;
ALTER TABLE unit DROP COLUMN ended;
