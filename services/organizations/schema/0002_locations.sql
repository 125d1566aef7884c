-- Locations of organizations, found by their area. Rows from before have none.

CREATE TABLE organizations_locations_place_area_code (
  value TEXT NOT NULL, audience BIGINT NOT NULL, deleted BIGINT NOT NULL,
  create_time BIGINT NOT NULL, legal_name_sort BLOB NOT NULL, founding_date_sort BIGINT NOT NULL, name TEXT NOT NULL);
CREATE INDEX organizations_locations_place_area_code_of ON organizations_locations_place_area_code (name);
CREATE INDEX organizations_locations_place_area_code_by_create_time
  ON organizations_locations_place_area_code (value, audience, deleted, create_time, name);
CREATE INDEX organizations_locations_place_area_code_by_name
  ON organizations_locations_place_area_code (value, audience, deleted, name);
CREATE INDEX organizations_locations_place_area_code_by_legal_name
  ON organizations_locations_place_area_code (value, audience, deleted, legal_name_sort, name);
CREATE INDEX organizations_locations_place_area_code_by_founding_date
  ON organizations_locations_place_area_code (value, audience, deleted, founding_date_sort, name);
