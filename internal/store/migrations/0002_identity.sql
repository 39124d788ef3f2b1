-- +goose Up

-- A range of text, so that GiST, which knows ranges by itself, can compare texts for equality without an extension.
CREATE TYPE text_range AS RANGE (subtype = text, collation = "C");

CREATE TABLE organisation (
    key    text PRIMARY KEY,
    title  text NOT NULL,
    within text NOT NULL DEFAULT '',
    place  integer NOT NULL
);

-- A unit (单位). place is its place in the organisation's file, parents first.
CREATE TABLE unit (
    id           text PRIMARY KEY CHECK (id <> '' AND strpos(id, '/') = 0),
    organisation text NOT NULL REFERENCES organisation,
    name         text NOT NULL,
    kind         text NOT NULL,
    parent       text NOT NULL DEFAULT '',
    oversees     boolean NOT NULL,
    place        integer NOT NULL
);
CREATE INDEX unit_organisation ON unit (organisation, place);

-- A post (岗位): a role in a unit, which persons hold for a time. Written as matters write it.
CREATE TABLE post (
    post  text PRIMARY KEY,
    unit  text NOT NULL REFERENCES unit,
    role  text NOT NULL CHECK (role <> ''),
    title text NOT NULL,
    place integer NOT NULL,
    CHECK (post = unit || '/' || role)
);
CREATE INDEX post_unit ON post (unit, place);

-- The three administrators. Their titles are the catalogue's.
INSERT INTO organisation (key, title, place) VALUES ('system', '', 0);
INSERT INTO unit (id, organisation, name, kind, oversees, place) VALUES ('system', 'system', '', 'system', false, 0);
INSERT INTO post (post, unit, role, title, place) VALUES
    ('system/administrator', 'system', 'administrator', '', 1),
    ('system/security', 'system', 'security', '', 2),
    ('system/auditor', 'system', 'auditor', '', 3);

-- A person. password is an argon2id hash; without one the person has not been here yet.
CREATE TABLE person (
    id              uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    login           text NOT NULL CONSTRAINT person_login UNIQUE CONSTRAINT person_login_form CHECK (login ~ '^[a-z0-9][a-z0-9._-]{1,62}$'),
    name            text NOT NULL CHECK (name <> ''),
    email           text,
    phone           text,
    password        text,
    password_set_at timestamptz,
    disabled_at     timestamptz,
    disabled_by     text NOT NULL DEFAULT '',
    created_at      timestamptz NOT NULL,
    created_by      text NOT NULL DEFAULT '',
    CHECK ((password IS NULL) = (password_set_at IS NULL))
);

CREATE TABLE password_history (
    person   uuid NOT NULL REFERENCES person,
    set_at   timestamptz NOT NULL,
    password text NOT NULL,
    PRIMARY KEY (person, set_at)
);

-- Who holds which post when. Nobody holds a post twice at a time, nor one of the system's together with any other: there
-- a system post meets every other row, and any other post only itself.
CREATE TABLE holding (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    person      uuid NOT NULL REFERENCES person,
    post        text NOT NULL CONSTRAINT holding_post REFERENCES post,
    from_at     timestamptz NOT NULL,
    to_at       timestamptz,
    assigned_by text NOT NULL DEFAULT '',
    ended_by    text NOT NULL DEFAULT '',
    CONSTRAINT holding_term CHECK (to_at >= from_at),
    CONSTRAINT holding_once EXCLUDE USING gist (
        text_range(person::text, person::text, '[]') WITH &&,
        text_range(post, post, '[]') WITH &&,
        tstzrange(from_at, to_at) WITH &&),
    CONSTRAINT holding_alone EXCLUDE USING gist (
        text_range(person::text, person::text, '[]') WITH &&,
        (CASE WHEN starts_with(post, 'system/') THEN text_range(NULL, NULL) ELSE text_range(id::text, id::text, '[]') END) WITH &&,
        tstzrange(from_at, to_at) WITH &&)
);
CREATE INDEX holding_person ON holding (person);
CREATE INDEX holding_by_post ON holding (post);

-- Who acts for whom in which post when: bounded, one deputy at a time, and never for the system's posts.
CREATE TABLE deputy (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    person      uuid NOT NULL REFERENCES person, -- who acts
    post        text NOT NULL CONSTRAINT deputy_post REFERENCES post,
    for_person  uuid NOT NULL REFERENCES person, -- who holds the post
    from_at     timestamptz NOT NULL,
    to_at       timestamptz NOT NULL,
    reason      text NOT NULL DEFAULT '',
    assigned_by text NOT NULL DEFAULT '',
    ended_by    text NOT NULL DEFAULT '',
    CONSTRAINT deputy_term CHECK (to_at >= from_at),
    CONSTRAINT deputy_bounded CHECK (to_at - from_at <= interval '366 days'),
    CONSTRAINT deputy_other CHECK (person <> for_person),
    CONSTRAINT deputy_no_system CHECK (NOT starts_with(post, 'system/')),
    CONSTRAINT deputy_once EXCLUDE USING gist (
        text_range(for_person::text, for_person::text, '[]') WITH &&,
        text_range(post, post, '[]') WITH &&,
        tstzrange(from_at, to_at) WITH &&)
);
CREATE INDEX deputy_person ON deputy (person);
CREATE INDEX deputy_by_post ON deputy (post);
CREATE INDEX deputy_for ON deputy (for_person);

-- Who may act for which post, and when: from from_at, before to_at. The one place that says so. A deputy acts only while
-- the person deputised for holds the post, and passes it on to nobody.
CREATE VIEW acting AS
    SELECT h.person, h.post, NULL::uuid AS for_person, h.from_at, coalesce(h.to_at, 'infinity') AS to_at
    FROM holding h JOIN person p ON p.id = h.person
    WHERE p.disabled_at IS NULL
    UNION ALL
    SELECT d.person, d.post, d.for_person, greatest(d.from_at, h.from_at), least(d.to_at, coalesce(h.to_at, 'infinity'))
    FROM deputy d JOIN person p ON p.id = d.person
    JOIN holding h ON h.person = d.for_person AND h.post = d.post
    WHERE p.disabled_at IS NULL;

-- A session. Its token is kept only as a digest. idle is how long it may stay unused.
CREATE TABLE session (
    id               uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    token_hash       bytea NOT NULL UNIQUE,
    person           uuid NOT NULL REFERENCES person,
    created          timestamptz NOT NULL,
    last_seen        timestamptz NOT NULL,
    idle             interval NOT NULL,
    expires_idle     timestamptz NOT NULL,
    expires_absolute timestamptz NOT NULL,
    address          text NOT NULL,
    agent            text NOT NULL,
    ended_at         timestamptz
) WITH (fillfactor = 80);
CREATE INDEX session_person ON session (person, created DESC);

-- A one-time link by which a person sets a password.
CREATE TABLE activation (
    token_hash bytea PRIMARY KEY,
    person     uuid NOT NULL REFERENCES person,
    created    timestamptz NOT NULL,
    created_by text NOT NULL DEFAULT '',
    expires    timestamptz NOT NULL,
    used_at    timestamptz,
    ended_at   timestamptz -- another took its place
);
CREATE UNIQUE INDEX activation_one ON activation (person) WHERE used_at IS NULL AND ended_at IS NULL;

-- An attempt to log in, counted as failed before it is checked, so that attempts at once are all counted; a right one
-- clears those before it. A login nobody has is counted as any other.
CREATE TABLE login_failure (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    login      text NOT NULL,
    address    text NOT NULL,
    known      boolean NOT NULL, -- an address the person uses
    at         timestamptz NOT NULL,
    cleared_at timestamptz
);
CREATE INDEX login_failure_recent ON login_failure (login, at) WHERE cleared_at IS NULL;
CREATE INDEX login_failure_at ON login_failure (at);

-- +goose Down
DROP TABLE login_failure, activation, session;
DROP VIEW acting;
DROP TABLE deputy, holding, password_history, person, post, unit, organisation;
DROP TYPE text_range;
