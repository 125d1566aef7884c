-- Made by mostove-schema from proto/mostove/identity/v1; how tables are laid out:
-- libs/store/row.h.

CREATE TABLE users (
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
CREATE INDEX users_by_name ON users (audience, deleted, name);
CREATE INDEX users_by_create_time ON users (audience, deleted, create_time, name);

CREATE TABLE users_owners (
  owner TEXT NOT NULL,
  audience BIGINT NOT NULL,
  deleted BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  name TEXT NOT NULL
);
CREATE INDEX users_owners_of ON users_owners (name);
CREATE INDEX users_owners_by_name ON users_owners (owner, audience, deleted, name);
CREATE INDEX users_owners_by_create_time
  ON users_owners (owner, audience, deleted, create_time, name);

CREATE TABLE api_clients (
  name TEXT NOT NULL PRIMARY KEY,
  parent TEXT NOT NULL,
  revision BIGINT NOT NULL,
  sequence BIGINT NOT NULL,
  deleted BIGINT NOT NULL,
  audience BIGINT NOT NULL,
  own_audience BIGINT NOT NULL,
  payload BLOB NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT,
  organization TEXT
);
CREATE INDEX api_clients_by_name ON api_clients (audience, deleted, name);
CREATE INDEX api_clients_by_create_time ON api_clients (audience, deleted, create_time, name);
CREATE INDEX api_clients_of_organization
  ON api_clients (organization, audience, deleted, create_time, name);

CREATE TABLE api_clients_owners (
  owner TEXT NOT NULL,
  audience BIGINT NOT NULL,
  deleted BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  name TEXT NOT NULL
);
CREATE INDEX api_clients_owners_of ON api_clients_owners (name);
CREATE INDEX api_clients_owners_by_name ON api_clients_owners (owner, audience, deleted, name);
CREATE INDEX api_clients_owners_by_create_time
  ON api_clients_owners (owner, audience, deleted, create_time, name);

CREATE TABLE role_grants (
  name TEXT NOT NULL PRIMARY KEY,
  parent TEXT NOT NULL,
  revision BIGINT NOT NULL,
  sequence BIGINT NOT NULL,
  deleted BIGINT NOT NULL,
  audience BIGINT NOT NULL,
  own_audience BIGINT NOT NULL,
  payload BLOB NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT,
  member TEXT,
  role BIGINT,
  resource TEXT
);
CREATE INDEX role_grants_by_name ON role_grants (audience, deleted, name);
CREATE INDEX role_grants_by_create_time ON role_grants (audience, deleted, create_time, name);
CREATE INDEX role_grants_of_member ON role_grants (member, audience, deleted, create_time, name);
CREATE INDEX role_grants_of_resource
  ON role_grants (resource, audience, deleted, create_time, name);

CREATE TABLE role_grants_owners (
  owner TEXT NOT NULL,
  audience BIGINT NOT NULL,
  deleted BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  name TEXT NOT NULL
);
CREATE INDEX role_grants_owners_of ON role_grants_owners (name);
CREATE INDEX role_grants_owners_by_name ON role_grants_owners (owner, audience, deleted, name);
CREATE INDEX role_grants_owners_by_create_time
  ON role_grants_owners (owner, audience, deleted, create_time, name);

CREATE TABLE sessions (
  name TEXT NOT NULL PRIMARY KEY,
  parent TEXT NOT NULL,
  revision BIGINT NOT NULL,
  sequence BIGINT NOT NULL,
  deleted BIGINT NOT NULL,
  audience BIGINT NOT NULL,
  own_audience BIGINT NOT NULL,
  payload BLOB NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT,
  subject TEXT,
  expire_time BIGINT
);
CREATE INDEX sessions_by_name ON sessions (audience, deleted, name);
CREATE INDEX sessions_by_create_time ON sessions (audience, deleted, create_time, name);
CREATE INDEX sessions_of_subject ON sessions (subject, audience, deleted, create_time, name);

CREATE TABLE sessions_owners (
  owner TEXT NOT NULL,
  audience BIGINT NOT NULL,
  deleted BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  name TEXT NOT NULL
);
CREATE INDEX sessions_owners_of ON sessions_owners (name);
CREATE INDEX sessions_owners_by_name ON sessions_owners (owner, audience, deleted, name);
CREATE INDEX sessions_owners_by_create_time
  ON sessions_owners (owner, audience, deleted, create_time, name);

CREATE TABLE invitations (
  name TEXT NOT NULL PRIMARY KEY,
  parent TEXT NOT NULL,
  revision BIGINT NOT NULL,
  sequence BIGINT NOT NULL,
  deleted BIGINT NOT NULL,
  audience BIGINT NOT NULL,
  own_audience BIGINT NOT NULL,
  payload BLOB NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT,
  organization TEXT
);
CREATE INDEX invitations_by_name ON invitations (audience, deleted, name);
CREATE INDEX invitations_by_create_time ON invitations (audience, deleted, create_time, name);
CREATE INDEX invitations_of_organization
  ON invitations (organization, audience, deleted, create_time, name);

CREATE TABLE invitations_owners (
  owner TEXT NOT NULL,
  audience BIGINT NOT NULL,
  deleted BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  name TEXT NOT NULL
);
CREATE INDEX invitations_owners_of ON invitations_owners (name);
CREATE INDEX invitations_owners_by_name ON invitations_owners (owner, audience, deleted, name);
CREATE INDEX invitations_owners_by_create_time
  ON invitations_owners (owner, audience, deleted, create_time, name);

CREATE TABLE feed_keys (
  name TEXT NOT NULL PRIMARY KEY,
  parent TEXT NOT NULL,
  revision BIGINT NOT NULL,
  sequence BIGINT NOT NULL,
  deleted BIGINT NOT NULL,
  audience BIGINT NOT NULL,
  own_audience BIGINT NOT NULL,
  payload BLOB NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT,
  owner TEXT
);
CREATE INDEX feed_keys_by_name ON feed_keys (audience, deleted, name);
CREATE INDEX feed_keys_by_create_time ON feed_keys (audience, deleted, create_time, name);
CREATE INDEX feed_keys_of_owner ON feed_keys (owner, audience, deleted, create_time, name);

CREATE TABLE feed_keys_owners (
  owner TEXT NOT NULL,
  audience BIGINT NOT NULL,
  deleted BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  name TEXT NOT NULL
);
CREATE INDEX feed_keys_owners_of ON feed_keys_owners (name);
CREATE INDEX feed_keys_owners_by_name ON feed_keys_owners (owner, audience, deleted, name);
CREATE INDEX feed_keys_owners_by_create_time
  ON feed_keys_owners (owner, audience, deleted, create_time, name);

CREATE TABLE signing_keys (
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
CREATE INDEX signing_keys_by_name ON signing_keys (audience, deleted, name);
CREATE INDEX signing_keys_by_create_time ON signing_keys (audience, deleted, create_time, name);
