-- Made by mostove-schema from proto/mostove/trainings/v1; how tables are laid out:
-- libs/store/row.h.

CREATE TABLE topics (
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
  ordinal BIGINT NOT NULL
);
CREATE INDEX topics_by_name ON topics (audience, deleted, name);
CREATE INDEX topics_by_create_time ON topics (audience, deleted, create_time, name);
CREATE INDEX topics_by_ordinal ON topics (audience, deleted, ordinal, name);

CREATE TABLE topics_criteria (
  value TEXT NOT NULL,
  audience BIGINT NOT NULL,
  deleted BIGINT NOT NULL,
  ordinal BIGINT NOT NULL,
  name TEXT NOT NULL
);
CREATE INDEX topics_criteria_of ON topics_criteria (name);
CREATE INDEX topics_criteria_by_value ON topics_criteria (value, audience, deleted, ordinal, name);

CREATE TABLE programs (
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
  kind BIGINT,
  start_date BIGINT,
  end_date BIGINT,
  publication BIGINT,
  start_date_sort BIGINT NOT NULL
);
CREATE INDEX programs_by_name ON programs (audience, deleted, name);
CREATE INDEX programs_by_create_time ON programs (audience, deleted, create_time, name);
CREATE INDEX programs_by_start_date ON programs (audience, deleted, start_date_sort, name);
CREATE INDEX programs_of_kind ON programs (kind, audience, deleted, create_time, name);
CREATE INDEX programs_of_publication
  ON programs (publication, audience, deleted, create_time, name);

CREATE TABLE programs_organizers (
  value TEXT NOT NULL,
  audience BIGINT NOT NULL,
  deleted BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  name TEXT NOT NULL
);
CREATE INDEX programs_organizers_of ON programs_organizers (name);
CREATE INDEX programs_organizers_by_value
  ON programs_organizers (value, audience, deleted, create_time, name);

CREATE TABLE programs_topics (
  value TEXT NOT NULL,
  audience BIGINT NOT NULL,
  deleted BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  name TEXT NOT NULL
);
CREATE INDEX programs_topics_of ON programs_topics (name);
CREATE INDEX programs_topics_by_value
  ON programs_topics (value, audience, deleted, create_time, name);

CREATE TABLE programs_owners (
  owner TEXT NOT NULL,
  audience BIGINT NOT NULL,
  deleted BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  start_date_sort BIGINT NOT NULL,
  name TEXT NOT NULL
);
CREATE INDEX programs_owners_of ON programs_owners (name);
CREATE INDEX programs_owners_by_name ON programs_owners (owner, audience, deleted, name);
CREATE INDEX programs_owners_by_create_time
  ON programs_owners (owner, audience, deleted, create_time, name);
CREATE INDEX programs_owners_by_start_date
  ON programs_owners (owner, audience, deleted, start_date_sort, name);

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
  topic TEXT,
  start_time BIGINT,
  end_time BIGINT,
  venue_country_code TEXT,
  venue_area_code TEXT,
  language TEXT,
  seats BIGINT,
  state BIGINT,
  start_time_sort BIGINT NOT NULL
);
CREATE INDEX sessions_by_name ON sessions (audience, deleted, name);
CREATE INDEX sessions_by_create_time ON sessions (audience, deleted, create_time, name);
CREATE INDEX sessions_by_start_time ON sessions (audience, deleted, start_time_sort, name);
CREATE INDEX sessions_below_by_name ON sessions (parent, audience, deleted, name);
CREATE INDEX sessions_below_by_create_time
  ON sessions (parent, audience, deleted, create_time, name);
CREATE INDEX sessions_below_by_start_time
  ON sessions (parent, audience, deleted, start_time_sort, name);
CREATE INDEX sessions_of_topic ON sessions (topic, audience, deleted, start_time_sort, name);
CREATE INDEX sessions_of_venue_area_code
  ON sessions (venue_area_code, audience, deleted, start_time_sort, name);
CREATE INDEX sessions_of_language ON sessions (language, audience, deleted, start_time_sort, name);
CREATE INDEX sessions_of_state ON sessions (state, audience, deleted, start_time_sort, name);

CREATE TABLE sessions_owners (
  owner TEXT NOT NULL,
  audience BIGINT NOT NULL,
  deleted BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  start_time_sort BIGINT NOT NULL,
  name TEXT NOT NULL
);
CREATE INDEX sessions_owners_of ON sessions_owners (name);
CREATE INDEX sessions_owners_by_name ON sessions_owners (owner, audience, deleted, name);
CREATE INDEX sessions_owners_by_create_time
  ON sessions_owners (owner, audience, deleted, create_time, name);
CREATE INDEX sessions_owners_by_start_time
  ON sessions_owners (owner, audience, deleted, start_time_sort, name);
