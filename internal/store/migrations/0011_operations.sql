-- +goose Up

-- When the matter's clock next brings something about, by the wall: infinity is never, -infinity not yet worked out.
ALTER TABLE matter ADD COLUMN wake timestamptz NOT NULL DEFAULT '-infinity';
UPDATE matter SET wake = 'infinity' WHERE closed IS NOT NULL
    AND NOT EXISTS (SELECT FROM assignment a WHERE a.matter = matter.id AND a.closed IS NULL);
CREATE INDEX matter_runs ON matter (wake, id) WHERE closed IS NULL OR wake < 'infinity';

-- The running processes, by their own word. drift is how far their clock is ahead of the database's.
CREATE TABLE part (
    id      text PRIMARY KEY,
    works   boolean NOT NULL, -- runs matters
    serves  boolean NOT NULL, -- answers requests
    version text NOT NULL,
    started timestamptz NOT NULL,
    seen    timestamptz NOT NULL DEFAULT now(),
    drift   interval NOT NULL
);

-- Which of them watches.
CREATE TABLE watch (
    one    boolean PRIMARY KEY DEFAULT true CHECK (one),
    holder text NOT NULL DEFAULT '',
    until  timestamptz NOT NULL DEFAULT '-infinity'
);
INSERT INTO watch DEFAULT VALUES;

-- What is or was stuck. subject is the matter's id, or the part that is. One is open of each kind and subject.
CREATE TABLE incident (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind     text NOT NULL,
    subject  text NOT NULL,
    matter   uuid,
    began    timestamptz NOT NULL,
    opened   timestamptz NOT NULL DEFAULT now(),
    seen     timestamptz NOT NULL DEFAULT now(),
    closed   timestamptz,
    attempts integer NOT NULL,
    fault    text NOT NULL,
    details  jsonb NOT NULL
);
CREATE UNIQUE INDEX incident_open ON incident (kind, subject) WHERE closed IS NULL;
CREATE INDEX incident_matter ON incident (matter) WHERE matter IS NOT NULL;

-- +goose Down
DROP TABLE incident, watch, part;
ALTER TABLE matter DROP COLUMN wake;
