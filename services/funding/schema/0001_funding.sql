-- Made by mostove-schema from proto/mostove/funding/v1; how tables are laid out:
-- libs/store/row.h.

CREATE TABLE donors (
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
  title TEXT,
  organization TEXT,
  recorded_by TEXT,
  type BIGINT,
  seat_country_code TEXT,
  publication BIGINT,
  title_sort BLOB NOT NULL
);
CREATE INDEX donors_by_name ON donors (audience, deleted, name);
CREATE INDEX donors_by_create_time ON donors (audience, deleted, create_time, name);
CREATE INDEX donors_by_title ON donors (audience, deleted, title_sort, name);
CREATE INDEX donors_of_title ON donors (title, audience, deleted, title_sort, name);
CREATE INDEX donors_of_organization ON donors (organization, audience, deleted, title_sort, name);
CREATE INDEX donors_of_type ON donors (type, audience, deleted, title_sort, name);
CREATE INDEX donors_of_seat_country_code
  ON donors (seat_country_code, audience, deleted, title_sort, name);
CREATE INDEX donors_of_publication ON donors (publication, audience, deleted, title_sort, name);

CREATE TABLE donors_identifiers_value (
  value TEXT NOT NULL,
  audience BIGINT NOT NULL,
  deleted BIGINT NOT NULL,
  title_sort BLOB NOT NULL,
  name TEXT NOT NULL
);
CREATE INDEX donors_identifiers_value_of ON donors_identifiers_value (name);
CREATE INDEX donors_identifiers_value_by_value
  ON donors_identifiers_value (value, audience, deleted, title_sort, name);

CREATE TABLE donors_owners (
  owner TEXT NOT NULL,
  audience BIGINT NOT NULL,
  deleted BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  title_sort BLOB NOT NULL,
  name TEXT NOT NULL
);
CREATE INDEX donors_owners_of ON donors_owners (name);
CREATE INDEX donors_owners_by_name ON donors_owners (owner, audience, deleted, name);
CREATE INDEX donors_owners_by_create_time
  ON donors_owners (owner, audience, deleted, create_time, name);
CREATE INDEX donors_owners_by_title ON donors_owners (owner, audience, deleted, title_sort, name);

CREATE TABLE grants (
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
  donor TEXT,
  donor_organization TEXT,
  recipient TEXT,
  parent_grant TEXT,
  mechanism BIGINT,
  earmarking BIGINT,
  budget_amount_units BIGINT,
  budget_amount_currency_code TEXT,
  start_date BIGINT,
  end_date BIGINT,
  status BIGINT,
  iati_identifier TEXT,
  agreement_number TEXT,
  publication BIGINT,
  start_date_sort BIGINT NOT NULL
);
CREATE INDEX grants_by_name ON grants (audience, deleted, name);
CREATE INDEX grants_by_create_time ON grants (audience, deleted, create_time, name);
CREATE INDEX grants_by_start_date ON grants (audience, deleted, start_date_sort, name);
CREATE INDEX grants_of_donor ON grants (donor, audience, deleted, create_time, name);
CREATE INDEX grants_of_donor_organization
  ON grants (donor_organization, audience, deleted, create_time, name);
CREATE INDEX grants_of_recipient ON grants (recipient, audience, deleted, create_time, name);
CREATE INDEX grants_of_parent_grant ON grants (parent_grant, audience, deleted, create_time, name);
CREATE INDEX grants_of_mechanism ON grants (mechanism, audience, deleted, create_time, name);
CREATE INDEX grants_of_earmarking ON grants (earmarking, audience, deleted, create_time, name);
CREATE INDEX grants_of_status ON grants (status, audience, deleted, create_time, name);
CREATE INDEX grants_of_publication ON grants (publication, audience, deleted, create_time, name);

CREATE TABLE grants_places_area_code (
  value TEXT NOT NULL,
  audience BIGINT NOT NULL,
  deleted BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  name TEXT NOT NULL
);
CREATE INDEX grants_places_area_code_of ON grants_places_area_code (name);
CREATE INDEX grants_places_area_code_by_value
  ON grants_places_area_code (value, audience, deleted, create_time, name);

CREATE TABLE grants_sectors_classification_code (
  value TEXT NOT NULL,
  audience BIGINT NOT NULL,
  deleted BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  name TEXT NOT NULL
);
CREATE INDEX grants_sectors_classification_code_of ON grants_sectors_classification_code (name);
CREATE INDEX grants_sectors_classification_code_by_value
  ON grants_sectors_classification_code (value, audience, deleted, create_time, name);

CREATE TABLE grants_owners (
  owner TEXT NOT NULL,
  audience BIGINT NOT NULL,
  deleted BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  start_date_sort BIGINT NOT NULL,
  name TEXT NOT NULL
);
CREATE INDEX grants_owners_of ON grants_owners (name);
CREATE INDEX grants_owners_by_name ON grants_owners (owner, audience, deleted, name);
CREATE INDEX grants_owners_by_create_time
  ON grants_owners (owner, audience, deleted, create_time, name);
CREATE INDEX grants_owners_by_start_date
  ON grants_owners (owner, audience, deleted, start_date_sort, name);

CREATE TABLE projects (
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
  start_date BIGINT,
  end_date BIGINT,
  status BIGINT,
  publication BIGINT,
  start_date_sort BIGINT NOT NULL
);
CREATE INDEX projects_by_name ON projects (audience, deleted, name);
CREATE INDEX projects_by_create_time ON projects (audience, deleted, create_time, name);
CREATE INDEX projects_by_start_date ON projects (audience, deleted, start_date_sort, name);
CREATE INDEX projects_of_organization
  ON projects (organization, audience, deleted, create_time, name);
CREATE INDEX projects_of_status ON projects (status, audience, deleted, create_time, name);
CREATE INDEX projects_of_publication
  ON projects (publication, audience, deleted, create_time, name);

CREATE TABLE projects_partners (
  value TEXT NOT NULL,
  audience BIGINT NOT NULL,
  deleted BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  name TEXT NOT NULL
);
CREATE INDEX projects_partners_of ON projects_partners (name);
CREATE INDEX projects_partners_by_value
  ON projects_partners (value, audience, deleted, create_time, name);

CREATE TABLE projects_grants (
  value TEXT NOT NULL,
  audience BIGINT NOT NULL,
  deleted BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  name TEXT NOT NULL
);
CREATE INDEX projects_grants_of ON projects_grants (name);
CREATE INDEX projects_grants_by_value
  ON projects_grants (value, audience, deleted, create_time, name);

CREATE TABLE projects_places_area_code (
  value TEXT NOT NULL,
  audience BIGINT NOT NULL,
  deleted BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  name TEXT NOT NULL
);
CREATE INDEX projects_places_area_code_of ON projects_places_area_code (name);
CREATE INDEX projects_places_area_code_by_value
  ON projects_places_area_code (value, audience, deleted, create_time, name);

CREATE TABLE projects_sectors_classification_code (
  value TEXT NOT NULL,
  audience BIGINT NOT NULL,
  deleted BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  name TEXT NOT NULL
);
CREATE INDEX projects_sectors_classification_code_of ON projects_sectors_classification_code (name);
CREATE INDEX projects_sectors_classification_code_by_value
  ON projects_sectors_classification_code (value, audience, deleted, create_time, name);

CREATE TABLE projects_owners (
  owner TEXT NOT NULL,
  audience BIGINT NOT NULL,
  deleted BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  start_date_sort BIGINT NOT NULL,
  name TEXT NOT NULL
);
CREATE INDEX projects_owners_of ON projects_owners (name);
CREATE INDEX projects_owners_by_name ON projects_owners (owner, audience, deleted, name);
CREATE INDEX projects_owners_by_create_time
  ON projects_owners (owner, audience, deleted, create_time, name);
CREATE INDEX projects_owners_by_start_date
  ON projects_owners (owner, audience, deleted, start_date_sort, name);
