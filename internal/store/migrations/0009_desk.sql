-- +goose Up

-- How a matter stands in the ledger: the unit that answers for it, the leader in charge, the day it is to be finished by.
ALTER TABLE matter ADD COLUMN owner text NOT NULL DEFAULT '', ADD COLUMN leader text NOT NULL DEFAULT '', ADD COLUMN term date;
UPDATE matter SET owner = COALESCE(NULLIF(CASE json_typeof(spec->'procedure'->'ledger') WHEN 'object'
            THEN state->'form'->>(spec->'procedure'->'ledger'->>'unit') END, ''), unit),
        leader = COALESCE(state->'form'->>'leaderInCharge', ''),
        term = (COALESCE(due, closed) AT TIME ZONE 'Asia/Shanghai')::date;
CREATE INDEX matter_owner ON matter (owner, id);
CREATE INDEX matter_leader ON matter (leader, id) WHERE leader <> '';
CREATE INDEX matter_term ON matter (term, id);

-- Who had the clock and for how long (卡在谁手里): a segment of a matter's time, a row for each unit that held it then.
-- kind says whether posts held it, somebody suspended it, or the system waited; unit is empty for the system. Instants
-- are by the matter's clock. working is minutes of working time by the matter's calendar, unknown while the segment runs.
-- Of a segment several units held together, one row is the one by which segments are summed.
CREATE TABLE held (
    matter  uuid NOT NULL REFERENCES matter,
    n       integer NOT NULL,
    unit    text NOT NULL,
    posts   text[] NOT NULL,
    kind    text NOT NULL CHECK (kind IN ('post', 'suspended', 'system')),
    once    boolean NOT NULL,
    from_at timestamptz NOT NULL,
    to_at   timestamptz,
    working integer,
    PRIMARY KEY (matter, n, unit)
);
CREATE INDEX held_unit ON held (unit, matter);
INSERT INTO held (matter, n, unit, posts, kind, once, from_at, to_at)
SELECT matter.id, segment.n, part.unit, array_agg(part.post ORDER BY part.post) FILTER (WHERE part.unit <> ''),
    CASE WHEN hold->>'holder' = 'system' THEN 'system' WHEN hold->>'holder' LIKE 'suspended:%' THEN 'suspended' ELSE 'post' END,
    part.unit = min(part.unit) OVER (PARTITION BY matter.id, segment.n), (hold->>'from')::timestamptz, (hold->>'to')::timestamptz
FROM matter CROSS JOIN LATERAL jsonb_array_elements(state->'held') WITH ORDINALITY AS segment(hold, n)
CROSS JOIN LATERAL (
    SELECT post, CASE WHEN post = 'system' THEN '' ELSE split_part(post, '/', 1) END AS unit
    FROM unnest(string_to_array(regexp_replace(hold->>'holder', '^suspended:', ''), ',')) AS p(post)) part
WHERE jsonb_typeof(state->'held') = 'array'
GROUP BY matter.id, segment.n, part.unit, hold;

-- What a person keeps of lists: filters by name, and choices such as which columns are shown.
CREATE TABLE saved_filter (
    id     uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    person uuid NOT NULL REFERENCES person,
    page   text NOT NULL,
    name   text NOT NULL,
    query  text NOT NULL,
    CONSTRAINT saved_filter_name UNIQUE (person, page, name)
);
CREATE TABLE preference (
    person uuid NOT NULL REFERENCES person,
    name   text NOT NULL,
    value  jsonb NOT NULL,
    PRIMARY KEY (person, name)
);

-- A list being written to a spreadsheet, and the file once it is. touched is when its process last was at it.
CREATE TABLE export (
    id      uuid PRIMARY KEY,
    person  uuid NOT NULL REFERENCES person,
    name    text NOT NULL,
    state   text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'done', 'failed', 'cancelled')),
    done    integer NOT NULL DEFAULT 0,
    total   integer NOT NULL DEFAULT 0,
    created timestamptz NOT NULL DEFAULT now(),
    touched timestamptz NOT NULL DEFAULT now(),
    file    bytea
);
ALTER TABLE export ALTER COLUMN file SET STORAGE EXTERNAL;
CREATE INDEX export_created ON export (created);

-- A ledger read in from a spreadsheet, once all its rows were right, and the matter each row became.
CREATE TABLE ledger_import (
    id        uuid PRIMARY KEY,
    person    uuid NOT NULL REFERENCES person,
    name      text NOT NULL,
    rulebook  text NOT NULL,
    procedure text NOT NULL,
    unit      text NOT NULL,
    cancelled boolean NOT NULL DEFAULT false,
    created   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ledger_import_person ON ledger_import (person, created);
CREATE TABLE ledger_import_row (
    import  uuid NOT NULL REFERENCES ledger_import,
    row     integer NOT NULL,
    title   text NOT NULL,
    form    jsonb NOT NULL,
    matter  uuid,
    refusal text NOT NULL DEFAULT '',
    PRIMARY KEY (import, row)
);

-- +goose Down
DROP TABLE ledger_import_row, ledger_import, export, preference, saved_filter, held;
DROP INDEX matter_owner, matter_leader, matter_term;
ALTER TABLE matter DROP COLUMN owner, DROP COLUMN leader, DROP COLUMN term;
