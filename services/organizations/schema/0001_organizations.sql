-- Organizations and their activities. Columns follow the annotations of
-- proto/mostove/organizations/v1; how tables are laid out: libs/store/row.h.

CREATE TABLE organizations (
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
  legal_name TEXT NOT NULL,
  legal_name_sort BLOB NOT NULL,
  legal_form BIGINT,
  benefit_status BIGINT,
  kind BIGINT,
  refugee_leadership_board_share DOUBLE PRECISION,
  seat_country_code TEXT,
  seat_area_code TEXT,
  phase BIGINT,
  founding_date BIGINT,
  founding_date_sort BIGINT NOT NULL,
  state BIGINT,
  internal_note TEXT,
  network_note TEXT
);
CREATE INDEX organizations_by_name ON organizations (audience, deleted, name);
CREATE INDEX organizations_by_create_time ON organizations (audience, deleted, create_time, name);
CREATE INDEX organizations_by_legal_name_sort ON organizations (audience, deleted, legal_name_sort, name);
CREATE INDEX organizations_by_founding_date ON organizations (audience, deleted, founding_date_sort, name);
CREATE INDEX organizations_of_legal_name ON organizations (legal_name, audience, deleted, create_time, name);
CREATE INDEX organizations_of_legal_form ON organizations (legal_form, audience, deleted, create_time, name);
CREATE INDEX organizations_of_kind ON organizations (kind, audience, deleted, create_time, name);
CREATE INDEX organizations_of_seat_country ON organizations (seat_country_code, audience, deleted, create_time, name);
CREATE INDEX organizations_of_seat_area ON organizations (seat_area_code, audience, deleted, create_time, name);
CREATE INDEX organizations_of_state ON organizations (state, audience, deleted, create_time, name);

CREATE TABLE organizations_identifiers_value (
  value TEXT NOT NULL, audience BIGINT NOT NULL, deleted BIGINT NOT NULL,
  create_time BIGINT NOT NULL, legal_name_sort BLOB NOT NULL, founding_date_sort BIGINT NOT NULL, name TEXT NOT NULL);
CREATE INDEX organizations_identifiers_value_of ON organizations_identifiers_value (name);
CREATE INDEX organizations_identifiers_value_by_create_time
  ON organizations_identifiers_value (value, audience, deleted, create_time, name);
CREATE INDEX organizations_identifiers_value_by_name ON organizations_identifiers_value (value, audience, deleted, name);
CREATE INDEX organizations_identifiers_value_by_legal_name
  ON organizations_identifiers_value (value, audience, deleted, legal_name_sort, name);
CREATE INDEX organizations_identifiers_value_by_founding_date
  ON organizations_identifiers_value (value, audience, deleted, founding_date_sort, name);

CREATE TABLE organizations_themes_code (
  value TEXT NOT NULL, audience BIGINT NOT NULL, deleted BIGINT NOT NULL,
  create_time BIGINT NOT NULL, legal_name_sort BLOB NOT NULL, founding_date_sort BIGINT NOT NULL, name TEXT NOT NULL);
CREATE INDEX organizations_themes_code_of ON organizations_themes_code (name);
CREATE INDEX organizations_themes_code_by_create_time
  ON organizations_themes_code (value, audience, deleted, create_time, name);
CREATE INDEX organizations_themes_code_by_name ON organizations_themes_code (value, audience, deleted, name);
CREATE INDEX organizations_themes_code_by_legal_name
  ON organizations_themes_code (value, audience, deleted, legal_name_sort, name);
CREATE INDEX organizations_themes_code_by_founding_date
  ON organizations_themes_code (value, audience, deleted, founding_date_sort, name);

CREATE TABLE organizations_target_groups (
  value BIGINT NOT NULL, audience BIGINT NOT NULL, deleted BIGINT NOT NULL,
  create_time BIGINT NOT NULL, legal_name_sort BLOB NOT NULL, founding_date_sort BIGINT NOT NULL, name TEXT NOT NULL);
CREATE INDEX organizations_target_groups_of ON organizations_target_groups (name);
CREATE INDEX organizations_target_groups_by_create_time
  ON organizations_target_groups (value, audience, deleted, create_time, name);
CREATE INDEX organizations_target_groups_by_name ON organizations_target_groups (value, audience, deleted, name);
CREATE INDEX organizations_target_groups_by_legal_name
  ON organizations_target_groups (value, audience, deleted, legal_name_sort, name);
CREATE INDEX organizations_target_groups_by_founding_date
  ON organizations_target_groups (value, audience, deleted, founding_date_sort, name);

CREATE TABLE organizations_languages (
  value TEXT NOT NULL, audience BIGINT NOT NULL, deleted BIGINT NOT NULL,
  create_time BIGINT NOT NULL, legal_name_sort BLOB NOT NULL, founding_date_sort BIGINT NOT NULL, name TEXT NOT NULL);
CREATE INDEX organizations_languages_of ON organizations_languages (name);
CREATE INDEX organizations_languages_by_create_time
  ON organizations_languages (value, audience, deleted, create_time, name);
CREATE INDEX organizations_languages_by_name ON organizations_languages (value, audience, deleted, name);
CREATE INDEX organizations_languages_by_legal_name
  ON organizations_languages (value, audience, deleted, legal_name_sort, name);
CREATE INDEX organizations_languages_by_founding_date
  ON organizations_languages (value, audience, deleted, founding_date_sort, name);

CREATE TABLE activities (
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
  sector_code TEXT,
  sector_label TEXT,
  place_country_code TEXT,
  place_country_name TEXT,
  place_area_code TEXT,
  place_area_name TEXT,
  phase BIGINT,
  start_date BIGINT,
  start_date_sort BIGINT NOT NULL,
  end_date BIGINT,
  source TEXT
);
CREATE INDEX activities_by_name ON activities (audience, deleted, name);
CREATE INDEX activities_by_create_time ON activities (audience, deleted, create_time, name);
CREATE INDEX activities_by_start_date ON activities (audience, deleted, start_date_sort, name);
CREATE INDEX activities_below_by_name ON activities (parent, audience, deleted, name);
CREATE INDEX activities_below_by_create_time ON activities (parent, audience, deleted, create_time, name);
CREATE INDEX activities_below_by_start_date ON activities (parent, audience, deleted, start_date_sort, name);
CREATE INDEX activities_of_sector_code ON activities (sector_code, audience, deleted, create_time, name);
CREATE INDEX activities_of_sector_label ON activities (sector_label, audience, deleted, create_time, name);
CREATE INDEX activities_of_country ON activities (place_country_code, audience, deleted, create_time, name);
CREATE INDEX activities_of_area ON activities (place_area_code, audience, deleted, create_time, name);

CREATE TABLE activities_target_groups (
  value BIGINT NOT NULL, audience BIGINT NOT NULL, deleted BIGINT NOT NULL,
  create_time BIGINT NOT NULL, start_date_sort BIGINT NOT NULL, name TEXT NOT NULL);
CREATE INDEX activities_target_groups_of ON activities_target_groups (name);
CREATE INDEX activities_target_groups_by_create_time
  ON activities_target_groups (value, audience, deleted, create_time, name);
CREATE INDEX activities_target_groups_by_name ON activities_target_groups (value, audience, deleted, name);
CREATE INDEX activities_target_groups_by_start_date
  ON activities_target_groups (value, audience, deleted, start_date_sort, name);
