-- +goose Up

-- A matter (事项) as its events fold to. spec never changes and is kept as the very text its hash is over.
-- due is by the matter's own clock; yellow_at and red_at are the wall's instants at which its colour turns.
CREATE TABLE matter (
    id           uuid PRIMARY KEY,
    organisation text NOT NULL DEFAULT '',
    rulebook     text NOT NULL,
    procedure    text NOT NULL,
    version      text NOT NULL,
    title        text NOT NULL,
    unit         text NOT NULL,
    starter      text NOT NULL DEFAULT '',
    starter_name text NOT NULL DEFAULT '',
    parent       uuid,
    stage        text NOT NULL DEFAULT '',
    outcome      text NOT NULL DEFAULT '',
    draft        boolean NOT NULL DEFAULT true,
    suspended    boolean NOT NULL DEFAULT false,
    holders      text[] NOT NULL DEFAULT '{}',
    started      timestamptz NOT NULL,
    closed       timestamptz,
    due          timestamptz,
    yellow_at    timestamptz NOT NULL DEFAULT 'infinity',
    red_at       timestamptz NOT NULL DEFAULT 'infinity',
    clock_start  timestamptz,
    clock_factor integer NOT NULL DEFAULT 0,
    seq          bigint NOT NULL DEFAULT 0,
    hash         bytea NOT NULL,
    spec_hash    bytea NOT NULL,
    spec         json NOT NULL,
    state        jsonb NOT NULL DEFAULT '{}'
) WITH (fillfactor = 80);
CREATE INDEX matter_near ON matter (red_at, id) WHERE closed IS NULL;
CREATE INDEX matter_kind ON matter (procedure, id);
CREATE INDEX matter_parent ON matter (parent) WHERE parent IS NOT NULL;

-- What happened, for ever. body is the very text its hash is over: hash = SHA-256(hash before || body),
-- where the hash before the first event is that of the specification.
CREATE TABLE event (
    matter   uuid NOT NULL REFERENCES matter,
    seq      bigint NOT NULL CHECK (seq > 0),
    body     json NOT NULL,
    hash     bytea NOT NULL,
    recorded timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (matter, seq)
);

-- Events that arrived before the ones they follow.
CREATE TABLE event_early (
    matter uuid NOT NULL REFERENCES matter,
    seq    bigint NOT NULL CHECK (seq > 0),
    body   json NOT NULL,
    PRIMARY KEY (matter, seq)
);

-- +goose StatementBegin
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed or removed', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
-- +goose StatementEnd
CREATE TRIGGER event_for_ever BEFORE UPDATE OR DELETE OR TRUNCATE ON event
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- An assignment (待办), open or closed. opened, closed and due are by the matter's clock.
CREATE TABLE assignment (
    matter    uuid NOT NULL REFERENCES matter,
    id        bigint NOT NULL,
    post      text NOT NULL,
    unit      text NOT NULL,
    duty      text NOT NULL,
    stage     text NOT NULL,
    slip      bigint NOT NULL,
    how       text NOT NULL,
    waits     boolean NOT NULL,
    claimed   text NOT NULL,
    opened    timestamptz NOT NULL,
    closed    timestamptz,
    ended     text NOT NULL,
    due       timestamptz,
    yellow_at timestamptz NOT NULL,
    red_at    timestamptz NOT NULL,
    PRIMARY KEY (matter, id)
) WITH (fillfactor = 80);
CREATE INDEX assignment_open ON assignment (post, red_at, matter, id) WHERE closed IS NULL AND NOT waits;
CREATE INDEX assignment_open_unit ON assignment (unit, red_at, matter, id) WHERE closed IS NULL AND NOT waits;

-- The last number given. Rehearsals count by themselves, so that they use up no real number.
CREATE TABLE slip_counter (
    unit      text NOT NULL,
    kind      text NOT NULL,
    year      integer NOT NULL,
    rehearsal boolean NOT NULL,
    last      bigint NOT NULL,
    PRIMARY KEY (unit, kind, year, rehearsal)
) WITH (fillfactor = 50);

-- A slip (督办单, 提示单 …). number counts without gaps within (unit, kind, year).
CREATE TABLE slip (
    matter    uuid NOT NULL REFERENCES matter,
    id        bigint NOT NULL,
    unit      text NOT NULL,
    kind      text NOT NULL,
    prefix    text NOT NULL,
    year      integer NOT NULL,
    number    bigint NOT NULL,
    rehearsal boolean NOT NULL,
    addressees text[] NOT NULL,
    title     text NOT NULL,
    body      text NOT NULL,
    source    text NOT NULL,
    issued    timestamptz NOT NULL,
    due       timestamptz,
    cause     bigint NOT NULL,
    seq       bigint NOT NULL,
    PRIMARY KEY (matter, id),
    UNIQUE (unit, kind, year, rehearsal, number)
);
CREATE INDEX slip_issued ON slip (issued, matter, id);

CREATE TABLE slip_receipt (
    matter uuid NOT NULL,
    slip   bigint NOT NULL,
    post   text NOT NULL,
    signed timestamptz,
    person text NOT NULL DEFAULT '',
    PRIMARY KEY (matter, slip, post),
    FOREIGN KEY (matter, slip) REFERENCES slip
);
CREATE INDEX slip_receipt_post ON slip_receipt (post, matter, slip);

-- Units a matter concerns: whoever of them may see it.
CREATE TABLE matter_unit (
    unit   text NOT NULL,
    matter uuid NOT NULL REFERENCES matter,
    PRIMARY KEY (unit, matter)
);
CREATE INDEX matter_unit_matter ON matter_unit (matter);

-- Who had to do with a matter: a person who started it or acted in it, a post it was copied to. at is the wall's time.
CREATE TABLE involvement (
    who    text NOT NULL,
    kind   text NOT NULL CHECK (kind IN ('started', 'acted', 'copied')),
    matter uuid NOT NULL REFERENCES matter,
    at     timestamptz NOT NULL,
    PRIMARY KEY (who, kind, matter)
);
CREATE INDEX involvement_recent ON involvement (who, kind, at DESC, matter);

-- What a matter is found by. Apart from the matter, so that an action does not touch this index.
CREATE TABLE matter_search (
    matter uuid PRIMARY KEY REFERENCES matter,
    words  tsvector NOT NULL
);
CREATE INDEX matter_search_words ON matter_search USING gin (words);

-- Commands as they were accepted: the same key has one outcome.
CREATE TABLE journal (
    key       text PRIMARY KEY,
    person    text NOT NULL,
    matter    uuid NOT NULL,
    kind      text NOT NULL CHECK (kind IN ('act', 'start')),
    command   json NOT NULL,
    spec      json,
    body_hash text NOT NULL,
    state     text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done', 'refused')),
    refusal   jsonb,
    at        timestamptz NOT NULL DEFAULT now(),
    first     bigint NOT NULL DEFAULT 0,
    last      bigint NOT NULL DEFAULT 0,
    leased    timestamptz NOT NULL DEFAULT '-infinity'
);
CREATE INDEX journal_open ON journal (at) WHERE state = 'open';
CREATE INDEX journal_matter ON journal (matter);

-- +goose Down
DROP TABLE journal, matter_search, involvement, matter_unit, slip_receipt, slip, slip_counter, assignment, event_early, event, matter;
DROP FUNCTION refuse_change;
