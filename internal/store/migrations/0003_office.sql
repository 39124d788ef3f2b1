-- +goose Up

-- What is to be told to whom, once per cause, person and channel. A cause is an event, "<matter>/<seq>", or a command
-- of the journal, "command/<key>". The text is made from kind and args when it is read or sent.
CREATE TABLE notification (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cause      text NOT NULL,
    person     uuid NOT NULL REFERENCES person,
    channel    text NOT NULL CHECK (channel IN ('inapp', 'mail')),
    kind       text NOT NULL,
    matter     uuid,
    seq        bigint NOT NULL DEFAULT 0,
    args       jsonb NOT NULL,
    urgent     boolean NOT NULL DEFAULT false,
    created    timestamptz NOT NULL DEFAULT now(),
    read       timestamptz,
    not_before timestamptz NOT NULL DEFAULT now(),
    attempts   integer NOT NULL DEFAULT 0,
    accepted   timestamptz,
    fault      text NOT NULL DEFAULT '',
    UNIQUE (cause, person, channel)
);
CREATE INDEX notification_person ON notification (person, id) WHERE channel = 'inapp';
CREATE INDEX notification_unread ON notification (person) WHERE channel = 'inapp' AND read IS NULL;
CREATE INDEX notification_pending ON notification (not_before) WHERE channel = 'mail' AND accepted IS NULL;

-- A file as it was put there; its bytes are on disk under their digest.
CREATE TABLE attachment (
    id     uuid PRIMARY KEY,
    sha256 bytea NOT NULL CHECK (length(sha256) = 32),
    name   text NOT NULL,
    size   bigint NOT NULL,
    type   text NOT NULL,
    person text NOT NULL,
    at     timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX attachment_sha256 ON attachment (sha256);

-- The form fields of matters in which a file was ever named.
CREATE TABLE matter_attachment (
    attachment uuid NOT NULL REFERENCES attachment,
    matter     uuid NOT NULL REFERENCES matter,
    field      text NOT NULL,
    PRIMARY KEY (attachment, matter, field)
);
CREATE INDEX matter_attachment_matter ON matter_attachment (matter);

-- The versions of rulebooks, with their sources as they were put in force.
CREATE TABLE rulebook (
    key      text NOT NULL,
    version  text NOT NULL,
    sources  jsonb NOT NULL,
    in_force timestamptz NOT NULL,
    person   text NOT NULL,
    PRIMARY KEY (key, version)
);
CREATE INDEX rulebook_in_force ON rulebook (key, in_force);

-- Special days of the calendar, by the year whose notice announced them.
CREATE TABLE calendar_year (
    year     integer PRIMARY KEY,
    off      jsonb NOT NULL,
    work     jsonb NOT NULL,
    imported timestamptz NOT NULL DEFAULT now(),
    person   text NOT NULL
);

-- What happened outside matters: log-ins, administration. For ever.
CREATE TABLE audit (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      timestamptz NOT NULL DEFAULT now(),
    person  text NOT NULL,
    action  text NOT NULL,
    object  text NOT NULL,
    outcome text NOT NULL,
    address text NOT NULL,
    details jsonb NOT NULL
);
CREATE INDEX audit_person ON audit (person, id);
CREATE INDEX audit_object ON audit (object, id);
CREATE TRIGGER audit_for_ever BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- +goose Down
DROP TABLE audit, calendar_year, rulebook, matter_attachment, attachment, notification;
