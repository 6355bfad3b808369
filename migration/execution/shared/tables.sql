-- Runs that workers share. `line` is a journal's line, byte for byte; `part` holds a run's files, those that only grow in several parts.
CREATE SCHEMA IF NOT EXISTS unless_runs;
CREATE TABLE IF NOT EXISTS unless_runs.format (number integer PRIMARY KEY);
CREATE TABLE IF NOT EXISTS unless_runs.run (
    name text PRIMARY KEY,
    is_wanted boolean NOT NULL DEFAULT false,
    is_to_stop boolean NOT NULL DEFAULT false,
    holder text NOT NULL DEFAULT '',
    epoch bigint NOT NULL DEFAULT 0,
    held_until timestamptz NOT NULL DEFAULT '-infinity',
    version bigint NOT NULL DEFAULT 0,
    made_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TABLE IF NOT EXISTS unless_runs.record (
    run text NOT NULL REFERENCES unless_runs.run (name),
    number integer NOT NULL,
    line bytea NOT NULL,
    PRIMARY KEY (run, number)
);
CREATE TABLE IF NOT EXISTS unless_runs.part (
    run text NOT NULL REFERENCES unless_runs.run (name),
    name text NOT NULL,
    at bigint NOT NULL,
    content bytea NOT NULL,
    PRIMARY KEY (run, name, at)
);
