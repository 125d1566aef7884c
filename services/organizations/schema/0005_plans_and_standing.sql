-- Development plans, and what the law asks.

CREATE TABLE plans (
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
  start_date BIGINT,
  end_date BIGINT,
  assessment TEXT,
  state BIGINT
);
CREATE INDEX plans_by_name ON plans (audience, deleted, name);
CREATE INDEX plans_by_create_time ON plans (audience, deleted, create_time, name);
CREATE INDEX plans_below_by_name ON plans (parent, audience, deleted, name);
CREATE INDEX plans_below_by_create_time ON plans (parent, audience, deleted, create_time, name);

CREATE TABLE compliance_rules (
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
  schedule BIGINT
);
CREATE INDEX compliance_rules_by_name ON compliance_rules (audience, deleted, name);
CREATE INDEX compliance_rules_by_create_time
  ON compliance_rules (audience, deleted, create_time, name);

CREATE TABLE work_calendars (
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
  country_code TEXT,
  year BIGINT,
  year_sort BIGINT NOT NULL
);
CREATE INDEX work_calendars_by_name ON work_calendars (audience, deleted, name);
CREATE INDEX work_calendars_by_create_time ON work_calendars (audience, deleted, create_time, name);
CREATE INDEX work_calendars_by_year ON work_calendars (audience, deleted, year_sort, name);

CREATE TABLE obligations (
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
  rule TEXT,
  year BIGINT,
  due_date BIGINT,
  state BIGINT,
  due_date_sort BIGINT NOT NULL
);
CREATE INDEX obligations_by_name ON obligations (audience, deleted, name);
CREATE INDEX obligations_by_create_time ON obligations (audience, deleted, create_time, name);
CREATE INDEX obligations_by_due_date ON obligations (audience, deleted, due_date_sort, name);
CREATE INDEX obligations_below_by_name ON obligations (parent, audience, deleted, name);
CREATE INDEX obligations_below_by_create_time
  ON obligations (parent, audience, deleted, create_time, name);
CREATE INDEX obligations_below_by_due_date
  ON obligations (parent, audience, deleted, due_date_sort, name);
-- Of a rule and a year an organization has one.
CREATE UNIQUE INDEX obligations_once ON obligations (parent, rule, year) WHERE deleted = 0;
