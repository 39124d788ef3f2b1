-- +goose Up

-- What stands on paper is prefix, year and number: kinds of slip with one prefix count together. Kinds counted by
-- themselves before, so that a number may be there twice; what was given stays, and is left out by repeats.
ALTER TABLE slip DROP CONSTRAINT slip_unit_kind_year_rehearsal_number_key,
    ADD COLUMN repeats boolean NOT NULL DEFAULT false;
UPDATE slip SET repeats = true FROM (
    SELECT matter, id, row_number() OVER (PARTITION BY unit, prefix, year, rehearsal, number ORDER BY issued, matter, id) AS time FROM slip) given
WHERE (slip.matter, slip.id) = (given.matter, given.id) AND given.time > 1;
CREATE UNIQUE INDEX slip_number ON slip (unit, prefix, year, rehearsal, number) WHERE NOT repeats;

DROP TABLE slip_counter;
CREATE TABLE slip_counter (
    unit      text NOT NULL,
    prefix    text NOT NULL,
    year      integer NOT NULL,
    rehearsal boolean NOT NULL,
    last      bigint NOT NULL,
    PRIMARY KEY (unit, prefix, year, rehearsal)
) WITH (fillfactor = 50);
INSERT INTO slip_counter SELECT unit, prefix, year, rehearsal, max(number) FROM slip GROUP BY unit, prefix, year, rehearsal;

-- +goose Down
DROP TABLE slip_counter;
CREATE TABLE slip_counter (
    unit      text NOT NULL,
    kind      text NOT NULL,
    year      integer NOT NULL,
    rehearsal boolean NOT NULL,
    last      bigint NOT NULL,
    PRIMARY KEY (unit, kind, year, rehearsal)
) WITH (fillfactor = 50);
INSERT INTO slip_counter SELECT unit, kind, year, rehearsal, max(number) FROM slip GROUP BY unit, kind, year, rehearsal;
DROP INDEX slip_number;
ALTER TABLE slip DROP COLUMN repeats, ADD UNIQUE (unit, kind, year, rehearsal, number);
