-- Exports and erasures.
CREATE TABLE operations (
  name TEXT NOT NULL PRIMARY KEY,
  parent TEXT NOT NULL,
  revision BIGINT NOT NULL,
  sequence BIGINT NOT NULL,
  deleted BIGINT NOT NULL,
  audience BIGINT NOT NULL,
  own_audience BIGINT NOT NULL,
  payload BLOB NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT
);
CREATE INDEX operations_by_name ON operations (audience, deleted, name);
CREATE INDEX operations_by_create_time ON operations (audience, deleted, create_time, name);

CREATE TABLE operations_owners (
  owner TEXT NOT NULL,
  audience BIGINT NOT NULL,
  deleted BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  name TEXT NOT NULL
);
CREATE INDEX operations_owners_of ON operations_owners (name);
CREATE INDEX operations_owners_by_name ON operations_owners (owner, audience, deleted, name);
CREATE INDEX operations_owners_by_create_time
  ON operations_owners (owner, audience, deleted, create_time, name);

-- Sessions are removed some time after their end.
CREATE INDEX sessions_by_expire_time ON sessions (expire_time);
