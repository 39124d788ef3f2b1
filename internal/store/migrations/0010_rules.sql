-- +goose Up

-- Nothing was ever kept in the first form of this table.
DROP TABLE rulebook;

-- The versions of rulebooks, for ever. version is the digest of the text and of the texts it derives from; parent is the
-- version of the rulebook it derives from, empty where it derives from none.
CREATE TABLE rulebook (
    key     text NOT NULL,
    version text NOT NULL,
    parent  text NOT NULL,
    title   text NOT NULL,
    text    text NOT NULL,
    PRIMARY KEY (key, version)
);
CREATE TRIGGER rulebook_for_ever BEFORE UPDATE OR DELETE OR TRUNCATE ON rulebook
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Which version was in force since when, and why: it came with the program, a matter changed it, or a change of the
-- rulebook it derives from changed it along. The last number of a rulebook is in force. A version may come back.
CREATE TABLE enactment (
    rulebook text NOT NULL,
    number   bigint NOT NULL CHECK (number > 0),
    version  text NOT NULL,
    since    timestamptz NOT NULL,
    cause    text NOT NULL CHECK (cause IN ('shipped', 'change', 'parent')),
    matter   uuid,
    change   text NOT NULL DEFAULT '',
    PRIMARY KEY (rulebook, number),
    FOREIGN KEY (rulebook, version) REFERENCES rulebook,
    CHECK ((matter IS NULL) = (cause = 'shipped'))
);
CREATE UNIQUE INDEX enactment_once ON enactment (matter, change, rulebook);
CREATE TRIGGER enactment_for_ever BEFORE UPDATE OR DELETE OR TRUNCATE ON enactment
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The texts the program brings along, as far as they differ from what it brought before.
CREATE TABLE rulebook_shipped (
    key  text PRIMARY KEY,
    text text NOT NULL,
    seen timestamptz NOT NULL
);

-- A change someone proposed, under the digest of rulebook, base and text. base is the version it was made from.
CREATE TABLE rulebook_change (
    id       text PRIMARY KEY CHECK (id ~ '^[0-9a-f]{64}$'),
    rulebook text NOT NULL,
    base     text NOT NULL,
    text     text NOT NULL,
    person   text NOT NULL,
    at       timestamptz NOT NULL DEFAULT now()
);

-- What a person is writing, kept for them alone.
CREATE TABLE rulebook_draft (
    person   text NOT NULL,
    rulebook text NOT NULL,
    base     text NOT NULL,
    text     text NOT NULL,
    revision bigint NOT NULL,
    saved    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (person, rulebook)
);

-- How many matters run under which version.
CREATE INDEX matter_version ON matter (rulebook, version) WHERE closed IS NULL;

-- +goose Down
DROP INDEX matter_version;
DROP TABLE rulebook_draft, rulebook_change, rulebook_shipped, enactment, rulebook;
CREATE TABLE rulebook (
    key      text NOT NULL,
    version  text NOT NULL,
    sources  jsonb NOT NULL,
    in_force timestamptz NOT NULL,
    person   text NOT NULL,
    PRIMARY KEY (key, version)
);
CREATE INDEX rulebook_in_force ON rulebook (key, in_force);
