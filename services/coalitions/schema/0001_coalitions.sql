-- Made by mostove-schema from proto/mostove/coalitions/v1; how tables are laid out:
-- libs/store/row.h.

CREATE TABLE coalitions (
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
  state BIGINT,
  start_date BIGINT,
  end_date BIGINT,
  publication BIGINT,
  start_date_sort BIGINT NOT NULL
);
CREATE INDEX coalitions_by_name ON coalitions (audience, deleted, name);
CREATE INDEX coalitions_by_create_time ON coalitions (audience, deleted, create_time, name);
CREATE INDEX coalitions_by_start_date ON coalitions (audience, deleted, start_date_sort, name);
CREATE INDEX coalitions_of_state ON coalitions (state, audience, deleted, create_time, name);
CREATE INDEX coalitions_of_publication
  ON coalitions (publication, audience, deleted, create_time, name);

CREATE TABLE coalitions_conveners (
  value TEXT NOT NULL,
  audience BIGINT NOT NULL,
  deleted BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  name TEXT NOT NULL
);
CREATE INDEX coalitions_conveners_of ON coalitions_conveners (name);
CREATE INDEX coalitions_conveners_by_value
  ON coalitions_conveners (value, audience, deleted, create_time, name);

CREATE TABLE coalitions_themes_code (
  value TEXT NOT NULL,
  audience BIGINT NOT NULL,
  deleted BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  name TEXT NOT NULL
);
CREATE INDEX coalitions_themes_code_of ON coalitions_themes_code (name);
CREATE INDEX coalitions_themes_code_by_value
  ON coalitions_themes_code (value, audience, deleted, create_time, name);

CREATE TABLE coalitions_places_area_code (
  value TEXT NOT NULL,
  audience BIGINT NOT NULL,
  deleted BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  name TEXT NOT NULL
);
CREATE INDEX coalitions_places_area_code_of ON coalitions_places_area_code (name);
CREATE INDEX coalitions_places_area_code_by_value
  ON coalitions_places_area_code (value, audience, deleted, create_time, name);

CREATE TABLE coalitions_owners (
  owner TEXT NOT NULL,
  audience BIGINT NOT NULL,
  deleted BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  start_date_sort BIGINT NOT NULL,
  name TEXT NOT NULL
);
CREATE INDEX coalitions_owners_of ON coalitions_owners (name);
CREATE INDEX coalitions_owners_by_name ON coalitions_owners (owner, audience, deleted, name);
CREATE INDEX coalitions_owners_by_create_time
  ON coalitions_owners (owner, audience, deleted, create_time, name);
CREATE INDEX coalitions_owners_by_start_date
  ON coalitions_owners (owner, audience, deleted, start_date_sort, name);

CREATE TABLE members (
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
  organization TEXT,
  role BIGINT,
  start_date BIGINT,
  end_date BIGINT,
  start_date_sort BIGINT NOT NULL
);
CREATE INDEX members_by_name ON members (audience, deleted, name);
CREATE INDEX members_by_create_time ON members (audience, deleted, create_time, name);
CREATE INDEX members_by_start_date ON members (audience, deleted, start_date_sort, name);
CREATE INDEX members_below_by_name ON members (parent, audience, deleted, name);
CREATE INDEX members_below_by_create_time ON members (parent, audience, deleted, create_time, name);
CREATE INDEX members_below_by_start_date
  ON members (parent, audience, deleted, start_date_sort, name);
CREATE INDEX members_of_organization
  ON members (organization, audience, deleted, create_time, name);
CREATE INDEX members_of_role ON members (role, audience, deleted, create_time, name);

CREATE TABLE members_owners (
  owner TEXT NOT NULL,
  audience BIGINT NOT NULL,
  deleted BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  start_date_sort BIGINT NOT NULL,
  name TEXT NOT NULL
);
CREATE INDEX members_owners_of ON members_owners (name);
CREATE INDEX members_owners_by_name ON members_owners (owner, audience, deleted, name);
CREATE INDEX members_owners_by_create_time
  ON members_owners (owner, audience, deleted, create_time, name);
CREATE INDEX members_owners_by_start_date
  ON members_owners (owner, audience, deleted, start_date_sort, name);

CREATE TABLE policy_processes (
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
  recorded_by TEXT,
  institution_organization TEXT,
  level BIGINT,
  kind BIGINT,
  stage BIGINT,
  start_date BIGINT,
  end_date BIGINT,
  decision_date BIGINT,
  place_area_code TEXT,
  publication BIGINT,
  start_date_sort BIGINT NOT NULL,
  end_date_sort BIGINT NOT NULL
);
CREATE INDEX policy_processes_by_name ON policy_processes (audience, deleted, name);
CREATE INDEX policy_processes_by_create_time
  ON policy_processes (audience, deleted, create_time, name);
CREATE INDEX policy_processes_by_start_date
  ON policy_processes (audience, deleted, start_date_sort, name);
CREATE INDEX policy_processes_by_end_date
  ON policy_processes (audience, deleted, end_date_sort, name);
CREATE INDEX policy_processes_of_recorded_by
  ON policy_processes (recorded_by, audience, deleted, create_time, name);
CREATE INDEX policy_processes_of_institution_organization
  ON policy_processes (institution_organization, audience, deleted, create_time, name);
CREATE INDEX policy_processes_of_level
  ON policy_processes (level, audience, deleted, create_time, name);
CREATE INDEX policy_processes_of_kind
  ON policy_processes (kind, audience, deleted, create_time, name);
CREATE INDEX policy_processes_of_stage
  ON policy_processes (stage, audience, deleted, create_time, name);
CREATE INDEX policy_processes_of_place_area_code
  ON policy_processes (place_area_code, audience, deleted, create_time, name);
CREATE INDEX policy_processes_of_publication
  ON policy_processes (publication, audience, deleted, create_time, name);

CREATE TABLE policy_processes_themes_code (
  value TEXT NOT NULL,
  audience BIGINT NOT NULL,
  deleted BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  name TEXT NOT NULL
);
CREATE INDEX policy_processes_themes_code_of ON policy_processes_themes_code (name);
CREATE INDEX policy_processes_themes_code_by_value
  ON policy_processes_themes_code (value, audience, deleted, create_time, name);

CREATE TABLE policy_processes_coalitions (
  value TEXT NOT NULL,
  audience BIGINT NOT NULL,
  deleted BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  name TEXT NOT NULL
);
CREATE INDEX policy_processes_coalitions_of ON policy_processes_coalitions (name);
CREATE INDEX policy_processes_coalitions_by_value
  ON policy_processes_coalitions (value, audience, deleted, create_time, name);

CREATE TABLE policy_processes_owners (
  owner TEXT NOT NULL,
  audience BIGINT NOT NULL,
  deleted BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  start_date_sort BIGINT NOT NULL,
  end_date_sort BIGINT NOT NULL,
  name TEXT NOT NULL
);
CREATE INDEX policy_processes_owners_of ON policy_processes_owners (name);
CREATE INDEX policy_processes_owners_by_name
  ON policy_processes_owners (owner, audience, deleted, name);
CREATE INDEX policy_processes_owners_by_create_time
  ON policy_processes_owners (owner, audience, deleted, create_time, name);
CREATE INDEX policy_processes_owners_by_start_date
  ON policy_processes_owners (owner, audience, deleted, start_date_sort, name);
CREATE INDEX policy_processes_owners_by_end_date
  ON policy_processes_owners (owner, audience, deleted, end_date_sort, name);
