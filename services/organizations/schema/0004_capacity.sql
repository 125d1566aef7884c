-- Frameworks of capacity and assessments by them.

CREATE TABLE capacity_frameworks (
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
  code TEXT NOT NULL,
  version BIGINT,
  state BIGINT
);
CREATE INDEX capacity_frameworks_by_name ON capacity_frameworks (audience, deleted, name);
CREATE INDEX capacity_frameworks_by_create_time
  ON capacity_frameworks (audience, deleted, create_time, name);
CREATE INDEX capacity_frameworks_by_code ON capacity_frameworks (audience, deleted, code, name);

CREATE TABLE assessments (
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
  framework TEXT,
  kind BIGINT,
  assess_date BIGINT,
  facilitator TEXT,
  state BIGINT,
  answers_digest TEXT,
  assess_date_sort BIGINT NOT NULL
);
CREATE INDEX assessments_by_name ON assessments (audience, deleted, name);
CREATE INDEX assessments_by_create_time ON assessments (audience, deleted, create_time, name);
CREATE INDEX assessments_by_assess_date ON assessments (audience, deleted, assess_date_sort, name);
CREATE INDEX assessments_below_by_name ON assessments (parent, audience, deleted, name);
CREATE INDEX assessments_below_by_create_time
  ON assessments (parent, audience, deleted, create_time, name);
CREATE INDEX assessments_below_by_assess_date
  ON assessments (parent, audience, deleted, assess_date_sort, name);

-- What was submitted stays: its answers, its place after a draft, and every byte
-- that is not written as a new revision.
-- only sqlite:
CREATE TRIGGER assessments_stay BEFORE UPDATE ON assessments
WHEN OLD.state >= 2 AND (NEW.answers_digest IS NOT OLD.answers_digest OR NEW.state IS NULL OR NEW.state < OLD.state
  OR (NEW.payload <> OLD.payload AND NEW.revision <= OLD.revision))
BEGIN
  SELECT RAISE(ABORT, 'a submitted assessment stays as it is');
END;
-- only postgresql:
CREATE FUNCTION refuse_submitted_assessment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a submitted assessment stays as it is' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER assessments_stay BEFORE UPDATE ON assessments FOR EACH ROW
WHEN (OLD.state >= 2 AND (NEW.answers_digest IS DISTINCT FROM OLD.answers_digest OR NEW.state IS NULL OR NEW.state < OLD.state
  OR (NEW.payload <> OLD.payload AND NEW.revision <= OLD.revision)))
EXECUTE FUNCTION refuse_submitted_assessment();
