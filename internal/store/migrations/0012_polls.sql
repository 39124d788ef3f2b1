-- +goose Up

-- A draw that anyone can repeat: the seed is committed to before the list is fixed, and revealed after.
CREATE TABLE draw (
    id         text PRIMARY KEY,
    seed       text NOT NULL,
    commitment text NOT NULL UNIQUE,
    committed  timestamptz NOT NULL DEFAULT now(),
    revealed   timestamptz
);

-- The key heads of logs are signed with; there is one.
CREATE TABLE poll_key (
    one      boolean PRIMARY KEY DEFAULT true CHECK (one),
    signer   text NOT NULL,
    verifier text NOT NULL,
    made     timestamptz NOT NULL DEFAULT now()
);

-- A round of a poll (投票). definition is the very text that is published; result and closing are those published when it
-- is counted.
CREATE TABLE poll_round (
    id         text PRIMARY KEY,
    matter     text NOT NULL,
    definition text NOT NULL,
    title      text NOT NULL,
    draw       text NOT NULL,
    opens      timestamptz NOT NULL,
    closes     timestamptz NOT NULL,
    rehearsal  boolean NOT NULL,
    public     boolean NOT NULL,
    units      text[] NOT NULL,
    closed     timestamptz,
    result     text,
    closing    text,
    forgotten  timestamptz -- who voted is not known any more: the key is destroyed, the tags are deleted
);
CREATE INDEX poll_round_opens ON poll_round (opens, id);
CREATE INDEX poll_round_matter ON poll_round (matter);
CREATE INDEX poll_round_units ON poll_round USING gin (units);

-- Where a round's log stands. Who locks the row appends. key_check tells whether a voter's tag was made with the round's
-- key, which stands outside the database.
CREATE TABLE poll_log (
    round     text PRIMARY KEY REFERENCES poll_round,
    size      bigint NOT NULL DEFAULT 0,
    edge      bytea NOT NULL DEFAULT '',
    headed    timestamptz,
    key_check bytea
) WITH (fillfactor = 20);

CREATE TABLE poll_head (
    round text NOT NULL REFERENCES poll_round,
    size  bigint NOT NULL,
    head  text NOT NULL,
    PRIMARY KEY (round, size)
);

-- Every ballot ever cast, in the order of the log; choices are the options' numbers. No one's name, number or tag.
CREATE TABLE poll_ballot (
    round      text NOT NULL,
    leaf       bigint NOT NULL,
    hash       bytea NOT NULL,
    mark       bytea NOT NULL,
    class      text NOT NULL,
    unit       text NOT NULL, -- empty unless the ballot is published under it
    choices    smallint[] NOT NULL,
    superseded boolean NOT NULL DEFAULT false, -- by a later one of the same voter
    exclusion  integer,
    PRIMARY KEY (round, leaf)
);

-- Who has voted, by a tag only the round's key can make, and with which ballot. part is the district or unit whose roll
-- they are on; address and segment are tags likewise, for telling bursts. Deleted when the objection period ends.
CREATE TABLE poll_voter (
    round   text NOT NULL,
    tag     bytea NOT NULL,
    class   text NOT NULL,
    part    text NOT NULL,
    leaf    bigint NOT NULL,
    mark    bytea NOT NULL,
    cast_at timestamptz NOT NULL,
    address bytea NOT NULL,
    segment bytea NOT NULL,
    PRIMARY KEY (round, tag)
) WITH (fillfactor = 90);

-- How many of a roll have voted.
CREATE TABLE poll_turnout (
    round   text NOT NULL REFERENCES poll_round,
    class   text NOT NULL,
    part    text NOT NULL,
    ballots bigint NOT NULL,
    PRIMARY KEY (round, class, part)
) WITH (fillfactor = 50);

-- Ballots left out of the count before closing, by whom and why.
CREATE TABLE poll_exclusion (
    round   text NOT NULL REFERENCES poll_round,
    id      integer NOT NULL,
    kind    text NOT NULL,
    tag     bytea NOT NULL,
    reason  text NOT NULL,
    post    text NOT NULL,
    person  text NOT NULL,
    at      timestamptz NOT NULL DEFAULT now(),
    ballots bigint NOT NULL,
    PRIMARY KEY (round, id)
);

-- +goose Down
DROP TABLE poll_exclusion, poll_turnout, poll_voter, poll_ballot, poll_head, poll_log, poll_round, poll_key, draw;
